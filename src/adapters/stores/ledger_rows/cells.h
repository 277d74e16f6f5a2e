// Rows as plain values: the columns and cells of a struct with PROM_FIELDS, nested structs flattened as outer_inner, times with the suffix _ns, enums and decimals
// as text. So a table's columns cannot drift from its struct unnoticed. Include from .cpp files only. Any thread.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/decimal.h"
#include "base/time.h"
#include "domain/codec/field_codec.h"
#include "domain/enum_text.h"

namespace prom::ledger_rows {

/// A value of a column; monostate is NULL. Unsigned 64-bit values keep their bits.
using Cell = std::variant<std::monostate, std::int64_t, double, std::string, std::vector<std::byte>>;
using Cells = std::vector<Cell>;

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

template <class T>
void append_cell(Cells& out, const T& value) {
  if constexpr (codec::HasFields<T>) {
    T::visit_fields(value, [&out](const char*, const auto& field) { append_cell(out, field); });
  } else if constexpr (kIsOptional<T>) {
    if (value) {
      append_cell(out, *value);
    } else {
      out.emplace_back();
    }
  } else if constexpr (std::same_as<T, Decimal>) {
    out.emplace_back(value.to_string());
  } else if constexpr (std::is_enum_v<T>) {
    out.emplace_back(std::string(enum_text(value)));
  } else if constexpr (codec::IsStrongId<T> || codec::IsUnits<T>) {
    out.emplace_back(static_cast<std::int64_t>(value.v));
  } else if constexpr (codec::IsTime<T>) {
    out.emplace_back(value.ns);
  } else if constexpr (std::same_as<T, double>) {
    out.emplace_back(value);
  } else if constexpr (std::integral<T>) {
    out.emplace_back(static_cast<std::int64_t>(value));
  } else if constexpr (std::convertible_to<const T&, std::string_view>) {
    out.emplace_back(std::string(std::string_view(value)));
  } else {
    out.emplace_back(std::vector<std::byte>(value.begin(), value.end()));
  }
}

template <class... Values>
Cells cells_of(const Values&... values) {
  Cells out;
  (append_cell(out, values), ...);
  return out;
}

/// Reads cells one after another. ok() is false once a value was missing, of another type, no decimal or no name of its enum: the row is corrupt.
class CellReader {
 public:
  explicit CellReader(const Cells& cells) : cells_(&cells) {}
  bool ok() const { return ok_; }
  template <class T>
  T get() {
    T value{};
    if constexpr (std::same_as<T, Decimal>) {
      keep(value, Decimal::parse(text()));
    } else if constexpr (std::is_enum_v<T>) {
      keep(value, parse_enum<T>(text()));
    } else if constexpr (codec::IsStrongId<T> || codec::IsUnits<T>) {
      value.v = static_cast<decltype(value.v)>(number());
    } else if constexpr (std::integral<T>) {
      value = static_cast<T>(number());
    } else if constexpr (std::same_as<T, std::string>) {
      value = text();
    } else {
      value = bytes();
    }
    return value;
  }

 private:
  template <class T>
  const T* next() {
    const T* value = at_ < cells_->size() ? std::get_if<T>(&(*cells_)[at_]) : nullptr;
    ++at_;
    ok_ = ok_ && value != nullptr;
    return value;
  }
  std::string text() {
    const auto* value = next<std::string>();
    return value != nullptr ? *value : std::string();
  }
  std::int64_t number() {
    const auto* value = next<std::int64_t>();
    return value != nullptr ? *value : 0;
  }
  std::vector<std::byte> bytes() {
    const auto* value = next<std::vector<std::byte>>();
    return value != nullptr ? *value : std::vector<std::byte>();
  }
  template <class T, class Parsed>
  void keep(T& value, const Parsed& parsed) {
    ok_ = ok_ && parsed.has_value();
    if (parsed) value = *parsed;
  }
  const Cells* cells_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

template <class T>
void append_columns(std::string& out, const std::string& prefix = {}) {
  T probe{};
  T::visit_fields(probe, [&](const char* name, const auto& field) {
    using Field = std::decay_t<decltype(field)>;
    if constexpr (codec::HasFields<Field>) {
      append_columns<Field>(out, prefix + name + "_");
    } else {
      if (!out.empty()) out += ", ";
      out += '"' + prefix + name + (codec::IsTime<Field> ? "_ns" : "") + '"';
    }
  });
}

/// `"trade", "order", ..., "fee_asset", "fee_amount", ...`
template <class T>
const std::string& columns_of() {
  static const std::string text = [] {
    std::string out;
    append_columns<T>(out);
    return out;
  }();
  return text;
}

}  // namespace prom::ledger_rows
