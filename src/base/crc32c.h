// CRC-32C (Castagnoli, reflected polynomial 0x82f63b78) as in iSCSI, RFC 3720 B.4; guards journal frames against torn and flipped bits.
// Any thread; pure.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace prom {

// `crc` continues an earlier result: crc32c(b, crc32c(a)) == crc32c(a followed by b).
std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t crc = 0);
std::uint32_t crc32c(std::string_view text, std::uint32_t crc = 0);

namespace detail {
// The portable path, used where the CPU's instruction is not in the build's baseline; always compiled so that tests compare the two.
std::uint32_t crc32c_table(std::span<const std::byte> bytes, std::uint32_t crc);
}  // namespace detail

}  // namespace prom
