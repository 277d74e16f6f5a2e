// The order in which a block bootstrap draws a series, shared by every test that resamples. Any thread; the generator belongs to the caller.
#pragma once
#include <cstddef>

#include "analysis/statistics/intervals.h"
#include "base/prng.h"

namespace prom::statistics {

// Calls use(i, index) for i = 0..n-1: the i-th element of the resample is element `index` of the series, which is closed to a circle.
template <class Use>
void draw_blocks(std::size_t n, const BootstrapParams& params, Xoshiro256pp& rng, Use use) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const bool begins = i == 0 || (params.kind == BootstrapKind::circular ? i % params.block_length == 0 : rng.below(params.block_length) == 0);
    at = begins ? static_cast<std::size_t>(rng.below(n)) : at + 1 == n ? 0 : at + 1;
    use(i, at);
  }
}

}  // namespace prom::statistics
