// Little-endian binary writing and bounds-checked reading for journal frames, snapshots and digests.
// One thread each object; a writer refers to a buffer that its owner keeps alive.
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "base/decimal.h"

namespace prom {

namespace detail {
template <class T>
constexpr T little_endian(T value) {
  if constexpr (std::endian::native == std::endian::little) return value;
  auto bytes = std::bit_cast<std::array<std::byte, sizeof(T)>>(value);
  std::reverse(bytes.begin(), bytes.end());
  return std::bit_cast<T>(bytes);
}
}  // namespace detail

// Appends to a std::vector<std::byte> (ByteWriter) or a std::string (StringWriter).
template <class Buffer>
class BasicByteWriter {
 public:
  explicit BasicByteWriter(Buffer& out) : out_(&out) {}

  void u8(std::uint8_t value) { number(value); }
  void u16(std::uint16_t value) { number(value); }
  void u32(std::uint32_t value) { number(value); }
  void u64(std::uint64_t value) { number(value); }
  void i64(std::int64_t value) { number(static_cast<std::uint64_t>(value)); }
  void i128(wide::I128 value) { number(static_cast<wide::U128>(value)); }
  // The bits of the double, NaN payload and sign of zero included.
  void f64(double value) { number(std::bit_cast<std::uint64_t>(value)); }
  void decimal(Decimal value) { i128(value.mantissa()); }
  // u32 length, then the bytes; text longer than 2^32-1 is a broken invariant.
  void string(std::string_view text) {
    PROM_ASSERT(text.size() <= UINT32_MAX, "string too long for the wire");
    u32(static_cast<std::uint32_t>(text.size()));
    raw(text.data(), text.size());
  }
  // The bytes alone, without a length.
  void bytes(std::span<const std::byte> data) { raw(data.data(), data.size()); }

  std::size_t size() const { return out_->size(); }
  // Overwrites four bytes written before, e.g. a length known only at the end; offset + 4 <= size().
  void patch_u32(std::size_t offset, std::uint32_t value) {
    PROM_ASSERT(offset <= out_->size() && out_->size() - offset >= sizeof value, "patch outside the buffer");
    value = detail::little_endian(value);
    std::memcpy(out_->data() + offset, &value, sizeof value);
  }

 private:
  template <class T>
  void number(T value) {
    value = detail::little_endian(value);
    raw(&value, sizeof value);
  }
  void raw(const void* data, std::size_t size) {
    if (size == 0) return;
    const auto* first = static_cast<const typename Buffer::value_type*>(data);
    out_->insert(out_->end(), first, first + size);
  }
  Buffer* out_;
};

using ByteWriter = BasicByteWriter<std::vector<std::byte>>;
using StringWriter = BasicByteWriter<std::string>;

// Reads what a writer wrote. The first read beyond the end makes ok() false for good; it and every later read give zero or empty.
// Views returned live as long as the bytes given to the constructor.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}
  explicit ByteReader(std::string_view text) : bytes_(std::as_bytes(std::span(text.data(), text.size()))) {}

  std::uint8_t u8() { return number<std::uint8_t>(); }
  std::uint16_t u16() { return number<std::uint16_t>(); }
  std::uint32_t u32() { return number<std::uint32_t>(); }
  std::uint64_t u64() { return number<std::uint64_t>(); }
  std::int64_t i64() { return static_cast<std::int64_t>(number<std::uint64_t>()); }
  wide::I128 i128() { return static_cast<wide::I128>(number<wide::U128>()); }
  double f64() { return std::bit_cast<double>(number<std::uint64_t>()); }
  Decimal decimal() { return Decimal::from_mantissa(i128()); }
  std::string_view string() {
    const std::uint32_t size = u32();
    const auto data = bytes(size);
    return {reinterpret_cast<const char*>(data.data()), data.size()};
  }
  std::span<const std::byte> bytes(std::size_t size) {
    if (!ok_ || size > remaining()) [[unlikely]] {
      ok_ = false;
      return {};
    }
    const auto out = bytes_.subspan(position_, size);
    position_ += size;
    return out;
  }

  bool ok() const { return ok_; }
  // Everything read and nothing failed.
  bool done() const { return ok_ && position_ == bytes_.size(); }
  std::size_t position() const { return position_; }
  std::size_t remaining() const { return bytes_.size() - position_; }
  // For callers that find a decoded value impossible.
  void fail() { ok_ = false; }

 private:
  template <class T>
  T number() {
    const auto data = bytes(sizeof(T));
    if (data.empty()) [[unlikely]]
      return 0;
    T value = 0;
    std::memcpy(&value, data.data(), sizeof value);
    return detail::little_endian(value);
  }
  std::span<const std::byte> bytes_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

}  // namespace prom
