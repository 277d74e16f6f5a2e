// Rows from plain structs: the columns, parameters and values of a struct with PROM_FIELDS, nested structs flattened as outer_inner, times with the suffix
// _ns, enums and decimals as text. So a table's columns cannot drift from its struct unnoticed. Include from .cpp files only. Any thread.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>

#include "base/decimal.h"
#include "base/time.h"
#include "domain/codec/field_codec.h"
#include "domain/enum_text.h"
#include "io/sqlite/database.h"

namespace prom::ledger_rows {

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

/// Binds values one after another, from parameter 1. Unsigned 64-bit values keep their bits.
class Binder {
 public:
  explicit Binder(sqlite::Statement& statement) : statement_(&statement) {}
  template <class T>
  Binder& put(const T& value) {
    if constexpr (codec::HasFields<T>) {
      T::visit_fields(value, [this](const char*, const auto& field) { this->put(field); });
    } else if constexpr (kIsOptional<T>) {
      if (value) {
        put(*value);
      } else {
        statement_->bind_null(next_++);
      }
    } else if constexpr (std::same_as<T, Decimal>) {
      statement_->bind(next_++, std::string_view(value.to_string()));
    } else if constexpr (std::is_enum_v<T>) {
      statement_->bind(next_++, enum_text(value));
    } else if constexpr (codec::IsStrongId<T> || codec::IsUnits<T>) {
      statement_->bind(next_++, static_cast<std::int64_t>(value.v));
    } else if constexpr (codec::IsTime<T>) {
      statement_->bind(next_++, value.ns);
    } else if constexpr (std::same_as<T, double>) {
      statement_->bind(next_++, value);
    } else if constexpr (std::integral<T>) {
      statement_->bind(next_++, static_cast<std::int64_t>(value));
    } else if constexpr (std::convertible_to<const T&, std::string_view>) {
      statement_->bind(next_++, std::string_view(value));
    } else {
      statement_->bind(next_++, std::span<const std::byte>(value));
    }
    return *this;
  }

 private:
  sqlite::Statement* statement_;
  int next_ = 1;
};

/// Reads columns one after another, from column 0. ok() is false once a text was no decimal or no name of its enum: the row is corrupt.
class Columns {
 public:
  explicit Columns(const sqlite::Statement& statement) : statement_(&statement) {}
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
    } else if constexpr (kIsOptional<T>) {
      if (statement_->column_is_null(next_)) {
        value.reset();
        ++next_;
      } else {
        read(value.emplace());
      }
    } else if constexpr (std::same_as<T, Decimal>) {
      const auto parsed = Decimal::parse(statement_->column_text(next_++));
      ok_ = ok_ && parsed.has_value();
      if (parsed) value = *parsed;
    } else if constexpr (std::is_enum_v<T>) {
      const auto parsed = parse_enum<T>(statement_->column_text(next_++));
      ok_ = ok_ && parsed.has_value();
      if (parsed) value = *parsed;
    } else if constexpr (codec::IsStrongId<T> || codec::IsUnits<T>) {
      value.v = static_cast<decltype(value.v)>(statement_->column_int(next_++));
    } else if constexpr (codec::IsTime<T>) {
      value.ns = statement_->column_int(next_++);
    } else if constexpr (std::same_as<T, double>) {
      value = statement_->column_double(next_++);
    } else if constexpr (std::integral<T>) {
      value = static_cast<T>(statement_->column_int(next_++));
    } else if constexpr (std::same_as<T, std::string>) {
      value = std::string(statement_->column_text(next_++));
    } else {
      const auto blob = statement_->column_blob(next_++);
      value.assign(blob.begin(), blob.end());
    }
  }

 private:
  const sqlite::Statement* statement_;
  int next_ = 0;
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

/// `INSERT OR REPLACE INTO table (columns, extra) VALUES (?, ...)`; `extra` is a list of `extra_count` further columns.
template <class T>
std::string insert_sql(const std::string& table, const std::string& extra = {}, int extra_count = 0) {
  const std::string& columns = columns_of<T>();
  int count = 1 + extra_count;
  for (const char c : columns) count += c == ',' ? 1 : 0;
  std::string marks = "?";
  for (int i = 1; i < count; ++i) marks += ", ?";
  return "INSERT OR REPLACE INTO " + table + " (" + columns + (extra.empty() ? "" : ", " + extra) + ") VALUES (" + marks + ")";
}

}  // namespace prom::ledger_rows
