// Parameters and columns of SQLite's statements from and to plain structs, in the form of ledger_rows/cells.h. Include from .cpp files only. Any thread.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>

#include "adapters/stores/ledger_rows/cells.h"
#include "base/decimal.h"
#include "base/time.h"
#include "domain/codec/field_codec.h"
#include "domain/enum_text.h"
#include "io/sqlite/database.h"

namespace prom::ledger_rows {

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

}  // namespace prom::ledger_rows
