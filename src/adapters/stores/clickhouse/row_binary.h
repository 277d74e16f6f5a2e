// ClickHouse's RowBinary, written by hand: values without names or separators, little endian. Pure; one thread at a time each object.
// Source: ClickHouse documentation, "Formats / RowBinary".
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "base/decimal.h"

namespace prom::clickhouse {

/// Appends values in the order of the statement's columns.
class RowWriter {
 public:
  explicit RowWriter(std::string& out) : out_(out) {}
  RowWriter& u8(std::uint8_t value) { return raw(&value, 1); }
  RowWriter& u64(std::uint64_t value) { return raw(&value, 8); }
  RowWriter& i64(std::int64_t value) { return raw(&value, 8); }  ///< also DateTime64 in its own ticks
  RowWriter& f64(double value) { return raw(&value, 8); }
  /// Decimal(38, 12).
  RowWriter& decimal(Decimal value) {
    const Decimal::Mantissa mantissa = value.mantissa();
    return raw(&mantissa, 16);
  }
  /// Length as LEB128, then the bytes.
  RowWriter& text(std::string_view value) {
    length(value.size());
    return raw(value.data(), value.size());
  }
  RowWriter& length(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_.push_back(static_cast<char>(value | 0x80));
    out_.push_back(static_cast<char>(value));
    return *this;
  }
  /// The mark before a Nullable's value, or alone for NULL.
  RowWriter& present() { return u8(0); }
  RowWriter& null() { return u8(1); }
  RowWriter& maybe_i64(std::optional<std::int64_t> value) { return value ? present().i64(*value) : null(); }
  RowWriter& maybe_f64(std::optional<double> value) { return value ? present().f64(*value) : null(); }

 private:
  RowWriter& raw(const void* data, std::size_t size) {
    out_.append(static_cast<const char*>(data), size);
    return *this;
  }
  std::string& out_;
};

/// Takes values in order. Reading beyond the end gives zeros and leaves `broken()` true.
class RowReader {
 public:
  explicit RowReader(std::string_view bytes) : rest_(bytes) {}
  bool at_end() const { return rest_.empty(); }
  bool broken() const { return broken_; }
  std::uint8_t u8() { return fixed<std::uint8_t>(); }
  std::uint64_t u64() { return fixed<std::uint64_t>(); }
  std::int64_t i64() { return fixed<std::int64_t>(); }
  double f64() { return fixed<double>(); }
  Decimal decimal() { return Decimal::from_mantissa(fixed<Decimal::Mantissa>()); }
  std::string text() {
    std::uint64_t size = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const std::uint8_t part = u8();
      size |= std::uint64_t{part & 0x7FU} << shift;
      if ((part & 0x80) == 0) break;
    }
    if (size > rest_.size()) return fail(), std::string();
    std::string out(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return out;
  }
  std::optional<std::int64_t> maybe_i64() { return u8() != 0 ? std::nullopt : std::optional(i64()); }
  std::optional<double> maybe_f64() { return u8() != 0 ? std::nullopt : std::optional(f64()); }

 private:
  void fail() {
    broken_ = true;
    rest_ = {};
  }
  template <class T>
  T fixed() {
    T out{};
    if (rest_.size() < sizeof(T)) return fail(), out;
    std::memcpy(&out, rest_.data(), sizeof(T));
    rest_.remove_prefix(sizeof(T));
    return out;
  }
  std::string_view rest_;
  bool broken_ = false;
};

}  // namespace prom::clickhouse
