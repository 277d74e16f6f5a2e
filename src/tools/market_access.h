// How tools reach market data: which instrument and timeframe a call means, the bars that are closed at its instant, the indicator view of them, and the
// source line that every number carries. Pure over its context; any thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>

#include "analysis/columns.h"
#include "analysis/params.h"
#include "tools/args.h"
#include "tools/tool.h"

namespace prom {

/// The instrument and timeframe of a call.
struct MarketPick {
  const Instrument* instrument = nullptr;
  DurationNs timeframe{};
};
/// Reads `instrument` and `timeframe` where given, else the context's. Errors: no market attached; unknown or ambiguous instrument, with the nearest name.
std::expected<MarketPick, ToolError> pick_market(const ToolContext& context, const ToolArgs& args);
std::expected<const Instrument*, ToolError> pick_instrument(const ToolContext& context, const ToolArgs& args);
/// The instrument with this text as symbol or code.
std::expected<const Instrument*, ToolError> find_instrument(const ToolContext& context, std::string_view text);
/// Null when the view does not have it.
const Instrument* instrument_at(const ToolContext& context, InstrumentIx ix);

/// `fresh`: bars that ended long before the instant are refused. `any`: for tools that tell the time of what they show beside it.
enum class BarAge : std::uint8_t { fresh, any };
/// Closed bars at the context's instant, newest `count`; not_enough_data when fewer than `needed`, when the newest of them closed more than four intervals (at least an hour)
/// before the instant, or when more are missing among the newest `needed` than are there: what is computed over such a hole is of no market. (Closed days of other markets,
/// weekends and holidays, are no such hole.) Asserts that the view shows nothing later.
std::expected<BarWindow, ToolError> closed_bars(const ToolContext& context, const MarketPick& pick, std::size_t count, std::size_t needed = 1,
                                                BarAge age = BarAge::fresh);
/// Bars that are missing between the first and the last of the newest `count`.
std::int64_t missing_bars(const BarWindow& window, std::size_t count = SIZE_MAX);
/// The close of the newest closed bar of the finest interval at hand, and when that was.
struct LastPrice {
  double price = 0;
  TimeNs time{};
  DurationNs interval{};
};
std::expected<LastPrice, ToolError> last_price(const ToolContext& context, const Instrument& instrument);

/// Symbols of tokens that are redeemable for an ounce of gold and trade all week: Paxos Gold, Tether Gold.
inline constexpr std::string_view kGoldTokens[] = {"PAXG", "XAUT"};
inline bool is_gold_token(std::string_view symbol) {
  return std::ranges::any_of(kGoldTokens, [&](std::string_view token) { return symbol.starts_with(token); });
}
inline constexpr FeedNeed kGoldNeed{"market.gold", "", "Binance's PAXGUSDT (promtrade data import)"};

OhlcvView ohlcv_of(const BarWindow& window);
TimeNs close_time(const BarWindow& window, std::size_t i);
inline TimeNs last_close_time(const BarWindow& window) { return close_time(window, window.size() - 1); }
/// "<the view's source>, 1h bars", with how many are missing where some are, at the newest bar's close.
ToolSource source_of(const ToolContext& context, const MarketPick& pick, const BarWindow& window);

/// A parameter that analysis refused, in the words of a tool.
ToolError parameter_error(const ParamError& error);
/// The error for an absent taker side.
ToolError no_taker_volume(const ToolContext& context, const Instrument& instrument);

/// null instead of a double that is not finite.
Value number_or_null(double x);
Value number_or_null(std::optional<double> x);
/// 100 * (a / b - 1), null when b is not positive.
Value percent_from(double a, double b);

}  // namespace prom
