// Places in a lane's columns. Internal to research/simulation; pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "domain/bar.h"

namespace prom {

/// Index of the first bar in [from, to) that opens after `instant`; `to` when there is none. Bars are at least `interval` apart.
inline std::size_t first_after(const BarColumns& bars, std::size_t from, std::size_t to, std::int64_t instant, std::int64_t interval) {
  const std::int64_t* open = bars.open_time_ns.data();
  if (from == to || open[from] > instant) return from;
  // Without a gap it stands where the grid says.
  const std::size_t most = std::min(from + static_cast<std::size_t>((instant - open[from]) / interval) + 1, to);
  if (open[most - 1] <= instant) return most;
  return static_cast<std::size_t>(std::upper_bound(open + from, open + most, instant) - open);
}

/// The bar at `end` will be played in full, with columns that the stretch before it does not touch: their memory is asked for now.
inline void fetch_ahead(const BarColumns& bars, std::size_t end) {
  if (end >= bars.size()) return;
  for (const auto* column : {&bars.open, &bars.high, &bars.low, &bars.close, &bars.volume, &bars.open_time_ns}) __builtin_prefetch(column->data() + end);
}

/// The same for a stretch up to `end`, and for where the one after it ends, `usual` bars later: this one may be over too soon.
inline void fetch_ahead(const BarColumns& bars, std::size_t end, std::size_t usual) {
  fetch_ahead(bars, end);
  const std::size_t then = end + usual;
  if (then >= bars.size()) return;
  for (const auto* column : {&bars.open, &bars.high, &bars.low, &bars.close, &bars.volume, &bars.open_time_ns}) __builtin_prefetch(column->data() + then);
}

}  // namespace prom
