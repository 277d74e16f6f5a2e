// Random values of any struct with PROM_FIELDS, and a text of all their leaves for comparison: independent of the codec under test. Tests only.
#pragma once

#include <bit>
#include <string>

#include "base/prng.h"
#include "domain/codec/field_codec.h"

namespace prom::testing {

class RandomFields {
 public:
  explicit RandomFields(std::uint64_t seed) : random_(seed) {}

  template <class T>
    requires std::is_integral_v<T>
  void fill(T& value) {
    value = static_cast<T>(random_.next() >> random_.below(64));
  }
  void fill(double& value) { value = std::bit_cast<double>(random_.next()); }
  void fill(float& value) { value = std::bit_cast<float>(static_cast<std::uint32_t>(random_.next())); }
  void fill(Decimal& value) {
    const auto bits = wide::join(random_.next() >> random_.below(64), random_.next());
    value = Decimal::from_mantissa(static_cast<wide::I128>(random_.chance(1, 2) ? bits : ~bits));
  }
  template <class T>
    requires std::is_enum_v<T>
  void fill(T& value) {
    value = static_cast<T>(random_.below(kEnumCount<T>));
  }
  template <codec::IsStrongId T>
  void fill(T& value) {
    fill(value.v);
  }
  template <codec::IsUnits T>
  void fill(T& value) {
    fill(value.v);
  }
  template <codec::IsTime T>
  void fill(T& value) {
    fill(value.ns);
  }
  void fill(std::string& text) {
    text.resize(random_.chance(1, 20) ? random_.below(2'000) : random_.below(20));
    for (char& c : text) c = static_cast<char>(random_.next());
  }
  template <class T>
  void fill(std::optional<T>& value) {
    value.reset();
    if (random_.chance(1, 2)) fill(value.emplace());
  }
  template <class T>
  void fill(std::vector<T>& list) {
    list.clear();
    list.resize(random_.below(4));
    for (T& item : list) fill(item);
  }
  template <class... T>
  void fill(std::variant<T...>& value) {
    fill_alternative(value, random_.below(sizeof...(T)), std::index_sequence_for<T...>{});
  }
  template <codec::HasFields T>
  void fill(T& value) {
    T::visit_fields(value, [this](const char*, auto& field) { this->fill(field); });
  }
  void fill(Input& input) {
    fill(input.available_at);
    fill(input.source_seq);
    fill(input.body);
  }

  template <class... T, std::size_t... I>
  void fill_alternative(std::variant<T...>& value, std::size_t index, std::index_sequence<I...>) {
    (void)((I == index ? (fill(value.template emplace<I>()), true) : false) || ...);
  }
  Xoshiro256pp& random() { return random_; }

 private:
  Xoshiro256pp random_;
};

/// Every leaf as text, in order.
class Dump {
 public:
  template <class T>
    requires std::is_integral_v<T>
  void put(T value) {
    out_ += std::to_string(value) + ' ';
  }
  void put(double value) { put(std::bit_cast<std::uint64_t>(value)); }
  void put(float value) { put(std::bit_cast<std::uint32_t>(value)); }
  void put(Decimal value) { out_ += value.to_string() + ' '; }
  template <class T>
    requires std::is_enum_v<T>
  void put(T value) {
    put(static_cast<int>(value));
  }
  template <codec::IsStrongId T>
  void put(T value) {
    put(value.v);
  }
  template <codec::IsUnits T>
  void put(T value) {
    put(value.v);
  }
  template <codec::IsTime T>
  void put(T value) {
    put(value.ns);
  }
  void put(const std::string& text) { out_ += '"' + text + "\" "; }
  template <class T>
  void put(const std::optional<T>& value) {
    out_ += value ? '+' : '-';
    if (value) put(*value);
  }
  template <class T>
  void put(const std::vector<T>& list) {
    out_ += '[';
    for (const T& item : list) put(item);
    out_ += ']';
  }
  template <class... T>
  void put(const std::variant<T...>& value) {
    out_ += '<' + std::to_string(value.index()) + ':';
    std::visit([this](const auto& alternative) { this->put(alternative); }, value);
    out_ += '>';
  }
  template <codec::HasFields T>
  void put(const T& value) {
    T::visit_fields(value, [this](const char* name, const auto& field) {
      out_ += name;
      out_ += '=';
      this->put(field);
    });
  }
  void put(const Input& input) {
    put(input.available_at);
    put(input.source_seq);
    put(input.body);
  }
  void put(const RecordedFrame& frame) {
    put(frame.seq);
    put(frame.input);
    put(frame.events);
    put(frame.commands);
  }
  const std::string& text() const { return out_; }

 private:
  std::string out_;
};

}  // namespace prom::testing
