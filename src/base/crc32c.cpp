// CRC-32C by the SSE4.2 instruction where the build's baseline has it (x86-64-v2 does), by a table elsewhere; the same results.
#include "base/crc32c.h"

#include <array>
#include <cstring>

#if defined(__SSE4_2__)
#include <nmmintrin.h>
#endif

namespace prom {
namespace {

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78U : 0U);
    table[i] = crc;
  }
  return table;
}
constexpr auto kTable = make_table();

#if defined(__SSE4_2__)
std::uint32_t crc32c_hardware(std::span<const std::byte> bytes, std::uint32_t crc) {
  std::uint64_t state = ~crc;
  const std::byte* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    state = _mm_crc32_u64(state, word);
  }
  auto state32 = static_cast<std::uint32_t>(state);
  for (; left > 0; ++at, --left) state32 = _mm_crc32_u8(state32, static_cast<unsigned char>(*at));
  return ~state32;
}
#endif

}  // namespace

namespace detail {

std::uint32_t crc32c_table(std::span<const std::byte> bytes, std::uint32_t crc) {
  std::uint32_t state = ~crc;
  for (const std::byte byte : bytes) state = (state >> 8) ^ kTable[(state ^ static_cast<std::uint32_t>(byte)) & 0xff];
  return ~state;
}

}  // namespace detail

std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t crc) {
#if defined(__SSE4_2__)
  return crc32c_hardware(bytes, crc);
#else
  return detail::crc32c_table(bytes, crc);
#endif
}

std::uint32_t crc32c(std::string_view text, std::uint32_t crc) { return crc32c(std::as_bytes(std::span(text.data(), text.size())), crc); }

}  // namespace prom
