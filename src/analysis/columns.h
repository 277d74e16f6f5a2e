// Columns of bars as analysis sees them, and one bar as an operator is fed. No domain type, so that any source of bars can be analysed.
// Plain values: any thread may use its own copy; a view must not outlive the columns it points at.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace prom {

// Equal-length columns, one element a bar, oldest first; open_time_ns strictly ascending, UTC nanoseconds since 1970.
// Prices are in quote units, volumes in base units; all finite. taker_buy_volume is empty where the source does not know it.
struct OhlcvView {
  std::span<const std::int64_t> open_time_ns;
  std::span<const double> open, high, low, close, volume;
  std::span<const double> taker_buy_volume;

  [[nodiscard]] std::size_t size() const { return close.size(); }

  // Bars [first, first + count); the caller keeps within size().
  [[nodiscard]] OhlcvView slice(std::size_t first, std::size_t count) const {
    return {open_time_ns.subspan(first, count),
            open.subspan(first, count),
            high.subspan(first, count),
            low.subspan(first, count),
            close.subspan(first, count),
            volume.subspan(first, count),
            taker_buy_volume.empty() ? taker_buy_volume : taker_buy_volume.subspan(first, count)};
  }
};

// One closed bar.
struct OhlcvBar {
  std::int64_t open_time_ns = 0;
  double open = 0, high = 0, low = 0, close = 0, volume = 0;
  std::optional<double> taker_buy_volume;
};

inline OhlcvBar bar_at(const OhlcvView& view, std::size_t i) {
  OhlcvBar bar{view.open_time_ns[i], view.open[i], view.high[i], view.low[i], view.close[i], view.volume[i], std::nullopt};
  if (!view.taker_buy_volume.empty()) bar.taker_buy_volume = view.taker_buy_volume[i];
  return bar;
}

// (high + low + close) / 3.
inline double typical_price(const OhlcvBar& bar) { return (bar.high + bar.low + bar.close) / 3.0; }

}  // namespace prom
