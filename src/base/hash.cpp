// See hash.h for the design.
#include "base/hash.h"

#include <algorithm>

namespace prom {
namespace {

std::uint64_t load64(const std::byte* from) {
  std::uint64_t word = 0;
  std::memcpy(&word, from, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

void store64(std::byte* to, std::uint64_t word) {
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  std::memcpy(to, &word, sizeof word);
}

// Finaliser of SplitMix64 (Stafford's variant 13 of MurmurHash3's).
std::uint64_t finalise(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

}  // namespace

void BlockHash::mix_block(const std::byte* block) { mix(load64(block), load64(block + 8), load64(block + 16), load64(block + 24)); }

void BlockHash::update(std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  length_ += bytes.size();
  if (pending_ != 0) {
    const std::size_t take = std::min(kBlock - pending_, bytes.size());
    std::memcpy(buffer_.data() + pending_, bytes.data(), take);
    pending_ += take;
    bytes = bytes.subspan(take);
    if (pending_ < kBlock) return;
    mix_block(buffer_.data());
    pending_ = 0;
  }
  for (; bytes.size() >= kBlock; bytes = bytes.subspan(kBlock)) mix_block(bytes.data());
  if (!bytes.empty()) std::memcpy(buffer_.data(), bytes.data(), bytes.size());
  pending_ = bytes.size();
}

void BlockHash::update_words_buffered(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d) {
  std::array<std::byte, kBlock> block;
  store64(block.data(), a);
  store64(block.data() + 8, b);
  store64(block.data() + 16, c);
  store64(block.data() + 24, d);
  update(block);
}

std::uint64_t BlockHash::digest() const {
  BlockHash last = *this;
  if (pending_ != 0) {
    std::fill(last.buffer_.begin() + static_cast<std::ptrdiff_t>(pending_), last.buffer_.end(), std::byte{0});
    last.mix_block(last.buffer_.data());
  }
  std::uint64_t out = finalise(length_ + 0x9e3779b97f4a7c15ULL);
  for (const std::uint64_t lane : last.lanes_) out = finalise(out ^ lane) + 0x9e3779b97f4a7c15ULL;
  return finalise(out);
}

std::uint64_t hash_bytes(std::span<const std::byte> bytes, std::uint64_t seed) {
  BlockHash hash(seed);
  hash.update(bytes);
  return hash.digest();
}

std::uint64_t hash_bytes(std::string_view text, std::uint64_t seed) { return hash_bytes(std::as_bytes(std::span(text.data(), text.size())), seed); }

}  // namespace prom
