// Candles for charts. Any thread.
#include "research/report/candles.h"

#include <algorithm>
#include <array>

namespace prom {
namespace {

constexpr std::array<DurationNs, 11> kSteps{kMinute, 5 * kMinute, 15 * kMinute, 30 * kMinute, kHour, 2 * kHour, 4 * kHour, 8 * kHour, 12 * kHour, kDay, kWeek};

DurationNs step_for(const BarColumns& bars, std::size_t max_candles) {
  const DurationNs span = TimeNs{bars.open_time_ns.back()} - TimeNs{bars.open_time_ns.front()};
  for (const DurationNs step : kSteps) {
    // One more than fits: the first and the last candle may each be cut by the range.
    if (step >= bars.interval && static_cast<std::size_t>(span / step) + 2 <= max_candles) return step;
  }
  return std::max(kSteps.back(), bars.interval);
}

CandleSeries merge(const InstrumentData& data, std::size_t max_candles) {
  const BarColumns& bars = data.bars;
  CandleSeries out;
  out.instrument = data.instrument.ix;
  out.price_digits = static_cast<std::uint8_t>(bars.price_digits);
  if (bars.open_time_ns.empty()) return out;
  out.interval = step_for(bars, max_candles);
  for (std::size_t i = 0; i < bars.open_time_ns.size(); ++i) {
    const std::int64_t at = floor_to(TimeNs{bars.open_time_ns[i]}, out.interval).ns;
    if (out.open_time_ns.empty() || out.open_time_ns.back() != at) {
      out.open_time_ns.push_back(at);
      out.open.push_back(bars.open[i]);
      out.high.push_back(bars.high[i]);
      out.low.push_back(bars.low[i]);
      out.close.push_back(bars.close[i]);
    } else {
      out.high.back() = std::max(out.high.back(), bars.high[i]);
      out.low.back() = std::min(out.low.back(), bars.low[i]);
      out.close.back() = bars.close[i];
    }
  }
  return out;
}

}  // namespace

std::vector<CandleSeries> make_candles(const Dataset& data, std::size_t max_candles) {
  std::vector<CandleSeries> out;
  for (const InstrumentData& series : data.series) out.push_back(merge(series, max_candles));
  return out;
}

}  // namespace prom
