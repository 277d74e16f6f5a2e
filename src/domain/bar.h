// Bars: one closed interval of trading, as a value and as columns. Columns are built once at load and read by any thread afterwards.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/fields.h"
#include "base/time.h"
#include "domain/amounts.h"

namespace prom {

/// One closed bar. Known at open_time + interval, never earlier. Prices and volume in the instrument's units; low <= open, close <= high.
struct Bar {
  TimeNs open_time;
  PriceUnits open, high, low, close;
  /// Traded quantity, in the instrument's order units (base or contracts) at quantity_digits; rounded down when the source is finer.
  QuantityUnits volume;
  PROM_FIELDS(open_time, open, high, low, close, volume)
  friend bool operator==(const Bar&, const Bar&) = default;
};

/// Bars of one instrument and interval as aligned columns, ascending by open_time_ns, no duplicates; gaps are allowed and listed by `gaps()`.
/// Integer columns are at 10^-price_digits and 10^-quantity_digits; the double columns hold the same values, converted once.
struct BarColumns {
  int price_digits = 0;
  int quantity_digits = 0;
  DurationNs interval{};
  std::vector<std::int64_t> open_time_ns;
  std::vector<std::int64_t> open, high, low, close, volume;
  /// Empty when the source does not tell the taker side; then delta volume and CVD are unavailable.
  std::vector<std::int64_t> taker_buy_volume;
  std::vector<double> open_f, high_f, low_f, close_f, volume_f, taker_buy_volume_f;

  std::size_t size() const { return open_time_ns.size(); }
  bool empty() const { return open_time_ns.empty(); }
  Bar at(std::size_t i) const { return {TimeNs{open_time_ns[i]}, {open[i]}, {high[i]}, {low[i]}, {close[i]}, {volume[i]}}; }
  /// Fills the double columns from the integer ones.
  void make_floats();
  /// Index of the first bar with open_time >= time (size() when none).
  std::size_t lower_bound(TimeNs time) const;
};

struct BarGap {
  TimeNs from;  ///< open time of the first missing bar
  TimeNs to;    ///< open time of the next bar that is present
  std::uint64_t missing = 0;
};

/// Missing ranges inside the columns, in time order. Empty when every bar from first to last is present.
std::vector<BarGap> gaps(const BarColumns& columns);

enum class BarFault : std::uint8_t { none, price_not_positive, high_below_low, open_outside, close_outside, volume_negative, time_off_grid };

/// What is wrong with a bar of this interval, or `none`.
BarFault check_bar(const Bar& bar, DurationNs interval);

/// Aggregates to a coarser interval (a multiple of the source's). Only complete target bars are produced: one whose last source bar is missing from the end
/// is left out; inner gaps make a bar from what there is. Sums of volume stop at the largest int64. Buckets align to the UTC epoch (weeks to Monday).
BarColumns resample(const BarColumns& source, DurationNs interval);

}  // namespace prom
