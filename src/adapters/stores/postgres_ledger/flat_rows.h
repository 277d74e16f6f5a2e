// Rows from plain structs: the columns, parameters and values of a struct with PROM_FIELDS, nested structs flattened as outer_inner, times with the suffix
// _ns, enums and decimals as text. So a table's columns cannot drift from its struct unnoticed. Include from .cpp files only. Any thread.
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

#include "adapters/stores/postgres_ledger/pg_connection.h"
#include "base/decimal.h"
#include "base/time.h"
#include "domain/codec/field_codec.h"
#include "domain/enum_text.h"

namespace prom::postgres::ledger_rows {

/// Seventeen digits: every double comes back as it was.
std::string double_text(double value);
std::string bytea_text(std::span<const std::byte> bytes);  ///< \\x and hexadecimal digits
std::optional<std::vector<std::byte>> bytea_bytes(std::string_view text);

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

/// Values for the parameters of a statement, one after another, in PostgreSQL's text form. Unsigned 64-bit values keep their bits.
class Parameters {
 public:
  const std::vector<Value>& values() const { return values_; }
  template <class T>
  Parameters& put(const T& value) {
    if constexpr (codec::HasFields<T>) {
      T::visit_fields(value, [this](const char*, const auto& field) { this->put(field); });
    } else if constexpr (kIsOptional<T>) {
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
    } else if constexpr (kIsOptional<T>) {
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

inline std::string marks_for(const std::string& columns) {
  std::string marks = "?";
  for (const char c : columns) marks += c == ',' ? ", ?" : "";
  return marks;
}

/// `INSERT INTO table (columns, extra) VALUES (?, ...)` for rows that only ever are added.
template <class T>
std::string insert_sql(const std::string& table, const std::string& extra = {}) {
  const std::string columns = columns_of<T>() + (extra.empty() ? "" : ", " + extra);
  return "INSERT INTO " + table + " (" + columns + ") VALUES (" + marks_for(columns) + ")";
}

/// The same, and where a row with these keys is there all its other columns are set.
std::string upsert_sql(const std::string& table, const std::string& columns, const std::string& keys);

}  // namespace prom::postgres::ledger_rows
