// What a batch of bars must fulfil before it may enter the store, and how its numbers move between scales. Pure; any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "ports/market_store.h"

namespace prom::market_rows {

inline constexpr std::int64_t kMsNs = 1'000'000;

/// Aligned columns, strictly ascending whole-millisecond times, sound bars, the key's interval. `bad_argument` names the first bar that is not.
StoreResult<void> check(const SeriesKey& key, const BarColumns& bars);

/// The batch with its integers at finer digits (digits not below the batch's own); `conflict` where a value does not fit 64 bits.
StoreResult<BarColumns> at_digits(const BarColumns& bars, int price_digits, int quantity_digits);

/// The first whole millisecond at or after `time`.
std::int64_t ceil_ms(TimeNs time);

}  // namespace prom::market_rows
