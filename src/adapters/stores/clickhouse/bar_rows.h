// Bars as rows of the table ohlcv. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ports/market_store.h"

namespace prom::clickhouse {

inline constexpr std::string_view kBarTable = "ohlcv";
inline constexpr std::string_view kBarColumns =
    "instrument, interval_ms, open_time, open, high, low, close, volume, taker_buy, price_digits, quantity_digits, origin, put";

/// Appends every bar; `put` as the column says (0: visible at once).
void append_bars(std::string& out, const SeriesKey& key, const BarColumns& bars, std::string_view origin, std::uint64_t put);

/// What a run played: not mixed with what was imported, which later runs begin with.
inline constexpr std::string_view kRunBarTable = "run_bars";
inline constexpr std::string_view kRunBarColumns =
    "run, instrument, interval_ms, open_time, open, high, low, close, volume, taker_buy, price_digits, quantity_digits";
/// Appends the bar at `index` as a row of it.
void append_run_bar(std::string& out, std::string_view run, const SeriesKey& key, const BarColumns& bars, std::size_t index);

/// Rows (open_time in ms, open, high, low, close, volume, taker_buy, price_digits, quantity_digits), newest first, to ascending columns at no less than the given digits.
/// `corrupt` where the bytes are not such rows, `conflict` where a value does not fit the finest scale.
StoreResult<BarColumns> read_bars(std::string_view rows, DurationNs interval, int price_digits, int quantity_digits);

}  // namespace prom::clickhouse
