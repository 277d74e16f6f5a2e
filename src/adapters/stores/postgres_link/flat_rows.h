// Parameters and columns of PostgreSQL's statements, in text form, from and to plain structs, in the form of ledger_rows/cells.h. Include from .cpp files only.
// Any thread.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "adapters/stores/ledger_rows/cells.h"
#include "adapters/stores/postgres_link/pg_connection.h"
#include "base/decimal.h"
#include "base/time.h"
#include "domain/codec/field_codec.h"
#include "domain/enum_text.h"

namespace prom::postgres::flat_rows {

/// Seventeen digits: every double comes back as it was.
std::string double_text(double value);
std::string bytea_text(std::span<const std::byte> bytes);  ///< \\x and hexadecimal digits
std::optional<std::vector<std::byte>> bytea_bytes(std::string_view text);

/// Values for the parameters of a statement, one after another, in PostgreSQL's text form. Unsigned 64-bit values keep their bits.
class Parameters {
 public:
  const std::vector<Value>& values() const { return values_; }
  template <class T>
  Parameters& put(const T& value) {
    if constexpr (codec::HasFields<T>) {
      T::visit_fields(value, [this](const char*, const auto& field) { this->put(field); });
    } else if constexpr (ledger_rows::kIsOptional<T>) {
      if (value) {
        put(*value);
      } else {
        values_.emplace_back();
      }
    } else if constexpr (std::same_as<T, Decimal>) {
      values_.emplace_back(value.to_string());
    } else if constexpr (std::is_enum_v<T>) {
      values_.emplace_back(std::string(enum_text(value)));
    } else if constexpr (codec::IsStrongId<T> || codec::IsUnits<T>) {
      values_.emplace_back(std::to_string(static_cast<std::int64_t>(value.v)));
    } else if constexpr (codec::IsTime<T>) {
      values_.emplace_back(std::to_string(value.ns));
    } else if constexpr (std::same_as<T, double>) {
      values_.emplace_back(double_text(value));
    } else if constexpr (std::integral<T>) {
      values_.emplace_back(std::to_string(static_cast<std::int64_t>(value)));
    } else if constexpr (std::convertible_to<const T&, std::string_view>) {
      values_.emplace_back(std::string(std::string_view(value)));
    } else {
      values_.emplace_back(bytea_text(value));
    }
    return *this;
  }

 private:
  std::vector<Value> values_;
};

/// Reads columns one after another, from column 0. ok() is false once a value was missing, no number, no decimal or no name of its enum: the row is corrupt.
class Columns {
 public:
  explicit Columns(const std::vector<Value>& row) : row_(&row) {}
  bool ok() const { return ok_; }
  template <class T>
  T get() {
    T value{};
    read(value);
    return value;
  }
  template <class T>
  void read(T& value) {
    if constexpr (codec::HasFields<T>) {
      T::visit_fields(value, [this](const char*, auto& field) { this->read(field); });
    } else if constexpr (ledger_rows::kIsOptional<T>) {
      if (next_ < row_->size() && !(*row_)[next_]) {
        value.reset();
        ++next_;
      } else {
        read(value.emplace());
      }
    } else if constexpr (std::same_as<T, Decimal>) {
      keep(value, Decimal::parse(text()));
    } else if constexpr (std::is_enum_v<T>) {
      keep(value, parse_enum<T>(text()));
    } else if constexpr (codec::IsStrongId<T> || codec::IsUnits<T>) {
      value.v = static_cast<decltype(value.v)>(number<std::int64_t>());
    } else if constexpr (codec::IsTime<T>) {
      value.ns = number<std::int64_t>();
    } else if constexpr (std::same_as<T, double>) {
      value = number<double>();
    } else if constexpr (std::integral<T>) {
      value = static_cast<T>(number<std::int64_t>());
    } else if constexpr (std::same_as<T, std::string>) {
      value = std::string(text());
    } else {
      const auto bytes = bytea_bytes(text());
      ok_ = ok_ && bytes.has_value();
      if (bytes) value.assign(bytes->begin(), bytes->end());
    }
  }

 private:
  std::string_view text() {
    if (next_ < row_->size() && (*row_)[next_]) return *(*row_)[next_++];
    ok_ = false;
    ++next_;
    return {};
  }
  template <class N>
  N number() {
    const std::string_view from = text();
    N value{};
    const auto [end, error] = std::from_chars(from.data(), from.data() + from.size(), value);
    ok_ = ok_ && error == std::errc() && end == from.data() + from.size();
    return value;
  }
  template <class T, class Parsed>
  void keep(T& value, const Parsed& parsed) {
    ok_ = ok_ && parsed.has_value();
    if (parsed) value = *parsed;
  }
  const std::vector<Value>* row_;
  std::size_t next_ = 0;
  bool ok_ = true;
};

}  // namespace prom::postgres::flat_rows
