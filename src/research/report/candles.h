// Bars merged into few enough candles for a chart, kept with a stored run so that its report can be made again without the data. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/fields.h"
#include "base/time.h"
#include "domain/ids.h"
#include "research/dataset/dataset.h"

namespace prom {

/// Candles of one instrument at equal steps; prices as integers at the instrument's scale. Intervals without a bar are absent.
struct CandleSeries {
  InstrumentIx instrument{};
  DurationNs interval{};
  std::uint8_t price_digits = 0;
  std::vector<std::int64_t> open_time_ns;  ///< ascending multiples of interval
  std::vector<std::int64_t> open, high, low, close;
  PROM_FIELDS(instrument, interval, price_digits, open_time_ns, open, high, low, close)
};

inline constexpr std::size_t kMaxCandles = 1'500;

/// Every series of `data` at the shortest of 1m 5m 15m 30m 1h 2h 4h 8h 12h 1d 1w (not below the data's own interval) that gives at most `max_candles`.
std::vector<CandleSeries> make_candles(const Dataset& data, std::size_t max_candles = kMaxCandles);

}  // namespace prom
