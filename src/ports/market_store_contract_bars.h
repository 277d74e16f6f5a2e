// Bars that tests and benches of market stores put and recompute. Tests only; pure.
#pragma once

#include <cstdint>

#include "domain/bar.h"

namespace prom {

/// Whether the made bars say how much the takers bought.
enum class TakerSide : std::uint8_t { known, unknown };

/// `count` sound one-minute bars from `first_minute` after the epoch, values a function of the minute, so that any range can be recomputed.
inline BarColumns contract_bars(std::int64_t first_minute, std::int64_t count, TakerSide taker, int price_digits = 2) {
  BarColumns out;
  out.price_digits = price_digits;
  out.quantity_digits = 3;
  out.interval = kMinute;
  for (std::int64_t m = first_minute; m < first_minute + count; ++m) {
    out.open_time_ns.push_back(m * kMinute.ns);
    out.open.push_back(10'000 + m % 97);
    out.high.push_back(10'200 + m % 89);
    out.low.push_back(9'900 - m % 83);
    out.close.push_back(10'000 + m % 79);
    out.volume.push_back(5'000 + m % 73);
    if (taker == TakerSide::known) out.taker_buy_volume.push_back(2'000 + m % 71);
  }
  return out;
}

}  // namespace prom
