// A seeded random walk of a million bars for the indicator benches. One thread.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "analysis/columns.h"
#include "base/prng.h"

namespace prom::bench {

struct Columns {
  std::vector<std::int64_t> time;
  std::vector<double> open, high, low, close, volume;
  explicit Columns(std::size_t n) {
    Xoshiro256pp rng(1);
    const auto unit = [&] { return static_cast<double>(rng.below(1u << 20)) / (1u << 20); };
    double price = 50'000;
    for (std::size_t i = 0; i < n; ++i) {
      const double next = price * (1 + 0.001 * (2 * unit() - 1));
      time.push_back(static_cast<std::int64_t>(i) * 60'000'000'000), open.push_back(price), close.push_back(next);
      high.push_back(std::max(price, next) + 20 * unit()), low.push_back(std::min(price, next) - 20 * unit());
      volume.push_back(1 + unit());
      price = next;
    }
  }
  [[nodiscard]] OhlcvView view() const { return {time, open, high, low, close, volume, {}}; }
};

inline const Columns& million() {
  static const Columns kColumns(1'000'000);
  return kColumns;
}

}  // namespace prom::bench
