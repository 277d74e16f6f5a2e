// Bar columns: conversion, search, gaps, checks and aggregation. Pure; any thread.
#include "domain/bar.h"

#include <algorithm>
#include <limits>

#include "base/assert.h"

namespace prom {

namespace {

// Division by the power of ten, both exact in double, gives the double nearest to the decimal value for mantissas below 2^53.
void convert(const std::vector<std::int64_t>& from, int digits, std::vector<double>& to) {
  const auto divisor = static_cast<double>(detail::kPow10[digits]);
  to.resize(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) to[i] = static_cast<double>(from[i]) / divisor;
}

std::int64_t add_clipped(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<std::int64_t>::max() : sum;
}

void append_bucket(const BarColumns& source, std::size_t first, std::size_t last, TimeNs open_time, BarColumns& out) {
  std::int64_t high = source.high[first];
  std::int64_t low = source.low[first];
  std::int64_t volume = 0;
  for (std::size_t i = first; i < last; ++i) {
    high = std::max(high, source.high[i]);
    low = std::min(low, source.low[i]);
    volume = add_clipped(volume, source.volume[i]);
  }
  out.open_time_ns.push_back(open_time.ns);
  out.open.push_back(source.open[first]);
  out.high.push_back(high);
  out.low.push_back(low);
  out.close.push_back(source.close[last - 1]);
  out.volume.push_back(volume);
  if (source.taker_buy_volume.empty()) return;
  std::int64_t taker = 0;
  for (std::size_t i = first; i < last; ++i) taker = add_clipped(taker, source.taker_buy_volume[i]);
  out.taker_buy_volume.push_back(taker);
}

}  // namespace

void BarColumns::make_floats() {
  convert(open, price_digits, open_f);
  convert(high, price_digits, high_f);
  convert(low, price_digits, low_f);
  convert(close, price_digits, close_f);
  convert(volume, quantity_digits, volume_f);
  convert(taker_buy_volume, quantity_digits, taker_buy_volume_f);
}

std::size_t BarColumns::lower_bound(TimeNs time) const {
  return static_cast<std::size_t>(std::lower_bound(open_time_ns.begin(), open_time_ns.end(), time.ns) - open_time_ns.begin());
}

std::vector<BarGap> gaps(const BarColumns& columns) {
  PROM_ASSERT(columns.interval.ns > 0, "columns have an interval");
  std::vector<BarGap> out;
  const std::int64_t step = columns.interval.ns;
  for (std::size_t i = 1; i < columns.size(); ++i) {
    const std::int64_t expected = columns.open_time_ns[i - 1] + step;
    const std::int64_t found = columns.open_time_ns[i];
    if (found <= expected) continue;
    out.push_back({TimeNs{expected}, TimeNs{found}, static_cast<std::uint64_t>((found - expected + step - 1) / step)});
  }
  return out;
}

BarFault check_bar(const Bar& bar, DurationNs interval) {
  PROM_ASSERT(interval.ns > 0, "bars have an interval");
  if (bar.open.v <= 0 || bar.high.v <= 0 || bar.low.v <= 0 || bar.close.v <= 0) return BarFault::price_not_positive;
  if (bar.high < bar.low) return BarFault::high_below_low;
  if (bar.open < bar.low || bar.open > bar.high) return BarFault::open_outside;
  if (bar.close < bar.low || bar.close > bar.high) return BarFault::close_outside;
  if (bar.volume.v < 0) return BarFault::volume_negative;
  if (bar_open(bar.open_time, interval) != bar.open_time) return BarFault::time_off_grid;
  return BarFault::none;
}

BarColumns resample(const BarColumns& source, DurationNs interval) {
  PROM_ASSERT(source.interval.ns > 0 && interval.ns > 0 && interval.ns % source.interval.ns == 0, "the target interval is a multiple of the source's");
  BarColumns out;
  out.price_digits = source.price_digits;
  out.quantity_digits = source.quantity_digits;
  out.interval = interval;
  std::size_t first = 0;
  while (first < source.size()) {
    const TimeNs bucket = bar_open(TimeNs{source.open_time_ns[first]}, interval);
    const std::int64_t end = (bucket + interval).ns;
    std::size_t last = first + 1;
    while (last < source.size() && source.open_time_ns[last] < end) ++last;
    // Only the end of the source can cut a bucket short; whatever follows proves that time has passed it.
    const bool closed = last < source.size() || source.open_time_ns[last - 1] + source.interval.ns >= end;
    if (closed) append_bucket(source, first, last, bucket, out);
    first = last;
  }
  if (!source.open_f.empty()) out.make_floats();
  return out;
}

}  // namespace prom
