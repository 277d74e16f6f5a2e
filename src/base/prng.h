// Seeded pseudo-random integers, the same on every machine: SplitMix64 (seeding, streams) and xoshiro256++ (everything else).
// Source: D. Blackman, S. Vigna, prng.di.unimi.it (public domain). Not for secrets. One thread each object.
#pragma once
#include <array>
#include <cstdint>

#include "base/assert.h"

namespace prom {

class SplitMix64 {
 public:
  constexpr explicit SplitMix64(std::uint64_t seed) : state_(seed) {}
  constexpr std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t state_;
};

class Xoshiro256pp {
 public:
  // The four state words come from SplitMix64(seed), as the authors advise.
  constexpr explicit Xoshiro256pp(std::uint64_t seed) {
    SplitMix64 mix(seed);
    for (auto& word : state_) word = mix.next();
  }

  constexpr std::uint64_t next() {
    const std::uint64_t result = rotate(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotate(state_[3], 45);
    return result;
  }

  // Uniform in 0..n-1, n > 0, without bias (D. Lemire, "Fast Random Integer Generation in an Interval", 2019).
  constexpr std::uint64_t below(std::uint64_t n) {
    PROM_ASSERT(n > 0, "below(0)");
    __extension__ using Wide = unsigned __int128;
    Wide product = Wide{next()} * n;
    if (static_cast<std::uint64_t>(product) < n) {
      const std::uint64_t threshold = (0 - n) % n;
      while (static_cast<std::uint64_t>(product) < threshold) product = Wide{next()} * n;
    }
    return static_cast<std::uint64_t>(product >> 64);
  }

  // Uniform in low..high, both included; low <= high.
  constexpr std::int64_t range(std::int64_t low, std::int64_t high) {
    PROM_ASSERT(low <= high, "empty range");
    const std::uint64_t span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
    const std::uint64_t offset = span == UINT64_MAX ? next() : below(span + 1);
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + offset);
  }

  // True with probability numerator/denominator; denominator > 0.
  constexpr bool chance(std::uint64_t numerator, std::uint64_t denominator) { return below(denominator) < numerator; }

  // The engine's four words, to save and restore a stream.
  constexpr const std::array<std::uint64_t, 4>& state() const { return state_; }
  constexpr void restore(const std::array<std::uint64_t, 4>& state) {
    PROM_ASSERT((state[0] | state[1] | state[2] | state[3]) != 0, "xoshiro cannot leave the all-zero state");
    state_ = state;
  }

 private:
  static constexpr std::uint64_t rotate(std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace prom
