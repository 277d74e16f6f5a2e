// Fills of a run as rows of the table run_fills. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "domain/fill.h"
#include "domain/instrument.h"

namespace prom::clickhouse {

inline constexpr std::string_view kRunFillTable = "run_fills";
inline constexpr std::string_view kRunFillColumns =
    "run, instrument, filled_at, frame, trade, order_id, side, liquidity, price, quantity, fee, fee_asset, slippage";

/// Which run and which of its journal's frames a fill belongs to.
struct FillPlace {
  std::string_view run;
  std::uint64_t frame = 0;
};
/// Appends the fill; `fee_asset` is the asset's name. Price and quantity exact, at the instrument's scales.
void append_run_fill(std::string& out, const FillPlace& place, const Instrument& instrument, const Fill& fill, std::string_view fee_asset);

}  // namespace prom::clickhouse
