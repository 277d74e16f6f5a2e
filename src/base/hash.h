// A fast 64-bit hash for determinism digests: the same bytes give the same digest on every machine, however they are cut into updates.
// Not for secrets and not against an adversary (use base/sha256.h). One thread each object.
//
// Design: four 64-bit lanes; each 32-byte block (little endian) updates lane i by lane = (lane ^ word) * K; lane ^= lane >> 32, a bijection
// of the lane for every word, so that a change in one word of a block is never lost inside its lane. The four chains are independent, so
// they run side by side in the CPU. The last block is filled with zeros; the length and the lanes are folded by SplitMix64's finaliser.
#pragma once
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace prom {

class BlockHash {
 public:
  static constexpr std::size_t kBlock = 32;

  constexpr explicit BlockHash(std::uint64_t seed = 0)
      : lanes_{seed ^ 0x243f6a8885a308d3ULL, seed ^ 0x13198a2e03707344ULL, seed ^ 0xa4093822299f31d0ULL, seed ^ 0x082efa98ec4e6c89ULL} {}

  void update(std::span<const std::byte> bytes);
  void update(std::string_view text) { update(std::as_bytes(std::span(text.data(), text.size()))); }

  // As update() of the 32 bytes of the four words in little-endian order, without the detour through memory.
  void update_words(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d) {
    if (pending_ != 0) [[unlikely]]
      return update_words_buffered(a, b, c, d);
    mix(a, b, c, d);
    length_ += kBlock;
  }

  // The digest of all bytes so far; the object may go on.
  std::uint64_t digest() const;
  std::uint64_t length() const { return length_; }

 private:
  void mix(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d) {
    lanes_[0] = step(lanes_[0], a);
    lanes_[1] = step(lanes_[1], b);
    lanes_[2] = step(lanes_[2], c);
    lanes_[3] = step(lanes_[3], d);
  }
  static constexpr std::uint64_t step(std::uint64_t lane, std::uint64_t word) {
    lane = (lane ^ word) * 0x9fb21c651e98df25ULL;
    return lane ^ (lane >> 32);
  }
  void mix_block(const std::byte* block);
  void update_words_buffered(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d);

  std::array<std::uint64_t, 4> lanes_;
  std::uint64_t length_ = 0;
  std::size_t pending_ = 0;  // bytes waiting in buffer_
  std::array<std::byte, kBlock> buffer_{};
};

std::uint64_t hash_bytes(std::span<const std::byte> bytes, std::uint64_t seed = 0);
std::uint64_t hash_bytes(std::string_view text, std::uint64_t seed = 0);

}  // namespace prom
