// Made-up markets for the strategies' tests. Any thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/prng.h"
#include "domain/bar.h"
#include "strategies/strategy.h"

namespace prom::strategies::test_support {

inline constexpr std::int64_t kStart = 1'704'067'200'000'000'000;  // 2024-01-01, a Monday

/// A reproducible walk with trends and reversals; prices in whole cents. A bar is missing with the given chance.
inline std::vector<StrategyBar> random_bars(std::uint64_t seed, int n, int missing_percent, DurationNs interval = kMinute) {
  Xoshiro256pp random(seed);
  std::vector<StrategyBar> out;
  std::int64_t price = 100'000, drift = 0;
  for (int i = 0; i < n; ++i) {
    if (i % 300 == 0) drift = random.range(-40, 40) + (100'000 - price) / 1'000;  // pulled back, so that prices stay sane
    const std::int64_t open = price;
    price = std::max<std::int64_t>(price + drift + random.range(-300, 300), 1'000);
    const std::int64_t high = std::max(open, price) + random.range(0, 150);
    const std::int64_t low = std::max<std::int64_t>(std::min(open, price) - random.range(0, 150), 500);
    if (random.below(100) < static_cast<std::uint64_t>(missing_percent)) continue;
    const auto cents = [](std::int64_t x) { return static_cast<double>(x) / 100.0; };
    out.push_back({kStart + interval.ns * i, cents(open), cents(high), cents(low), cents(price), static_cast<double>(random.range(1, 1000))});
  }
  return out;
}

/// A bar for each close; open is the previous close, wicks of `wick` on both sides.
inline std::vector<StrategyBar> bars_of(const std::vector<double>& closes, double wick, DurationNs interval) {
  std::vector<StrategyBar> out;
  double open = closes.front();
  for (std::size_t i = 0; i < closes.size(); ++i) {
    const double close = closes[i];
    out.push_back({kStart + interval.ns * static_cast<std::int64_t>(i), open, std::max(open, close) + wick, std::min(open, close) - wick, close, 1.0});
    open = close;
  }
  return out;
}

inline BarColumns columns_of(const std::vector<StrategyBar>& bars) {
  BarColumns out;
  out.price_digits = 2;
  out.interval = kMinute;
  const auto cents = [](double x) { return static_cast<std::int64_t>(std::llround(x * 100)); };
  for (const auto& bar : bars) {
    out.open_time_ns.push_back(bar.open_time_ns);
    out.open.push_back(cents(bar.open));
    out.high.push_back(cents(bar.high));
    out.low.push_back(cents(bar.low));
    out.close.push_back(cents(bar.close));
    out.volume.push_back(static_cast<std::int64_t>(bar.volume));
  }
  out.make_floats();
  return out;
}

}  // namespace prom::strategies::test_support
