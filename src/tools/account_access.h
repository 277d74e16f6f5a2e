// How tools read an account and turn arguments into prices, quantities and proposals on the instrument's grid. Pure over its context; any thread.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/decimal.h"
#include "domain/instrument.h"
#include "domain/sizing.h"
#include "tools/args.h"
#include "tools/market_access.h"
#include "tools/tool.h"

namespace prom {

/// Slippage expected at the entry and at the stop where a call does not say: 5 basis points of notional.
inline constexpr double kAssumedSlippageBps = 5;

/// Errors: none attached, or a view from after the call's instant.
std::expected<const AccountView*, ToolError> account_of(const ToolContext& context);
/// Equity in the reporting asset; unavailable while it is unknown.
std::expected<Decimal, ToolError> equity_of(const AccountView& account);
/// An amount of the reporting asset in the instrument's quote asset at this price; unavailable where that needs a conversion that is not at hand.
std::expected<Decimal, ToolError> in_quote(const AccountView& account, const Instrument& instrument, PriceUnits price, Decimal amount);
/// An amount of quote in the asset that sizes and losses of the instrument are counted in: quote, or base for inverse contracts.
Decimal quote_to_settle(const Instrument& instrument, PriceUnits price, Decimal amount);
std::string asset_name(const ToolContext& context, AssetIx asset);
ToolSource source_of(const AccountView& account);

/// The open position of an instrument (and leg, where one is wanted); null when there is none.
const PositionView* position_of(const AccountView& account, InstrumentIx instrument, std::optional<PositionLeg> leg = std::nullopt);
/// The open position of a call's instrument; bad_argument naming the open ones when there is none.
std::expected<const PositionView*, ToolError> open_position(const ToolContext& context, const AccountView& account, const Instrument& instrument);
/// The leg that an entry on this side belongs to: the pair's, else by the account's position mode.
PositionLeg entry_leg(const ToolContext& context, const AccountView& account, Side side);
/// The side of the open position: buy = long.
inline Side side_of(const Position& position) { return position.quantity.v >= 0 ? Side::buy : Side::sell; }
inline QuantityUnits size_of(const Position& position) { return position.quantity.v >= 0 ? position.quantity : -position.quantity; }
inline Side side_of(std::string_view text) { return text == "sell" ? Side::sell : Side::buy; }

/// A checked amount argument as a price on the tick, or a quantity on the step (rounded down).
std::expected<PriceUnits, ToolError> price_units(const Instrument& instrument, std::string_view name, const Value& amount, Round round);
std::expected<QuantityUnits, ToolError> quantity_units(const Instrument& instrument, std::string_view name, const Value& amount);
/// The last close as a price on the tick.
std::expected<PriceUnits, ToolError> last_price_units(const ToolContext& context, const Instrument& instrument);
/// A fraction from a checked argument, as exact decimal.
Decimal fraction_of(double x);

/// Equity and the tightest of the account's limits and the pair's budget, as size_by_risk() wants them: in quote, or base for inverse contracts.
struct Room {
  Decimal equity;
  Decimal max_notional;
  std::string_view limited_by;  ///< which limit max_notional comes from
};
/// Unavailable while equity is unknown or not convertible.
std::expected<Room, ToolError> room_for(const ToolContext& context, const AccountView& account, const Instrument& instrument, PriceUnits price);

/// Sum of |position| in quote, at mark; optionally of one instrument or one correlation group.
Decimal exposure_of(const ToolContext& context, const AccountView& account, std::optional<InstrumentIx> instrument = std::nullopt,
                    std::optional<std::uint16_t> group = std::nullopt);

std::string_view name_of(KillPhase phase);
std::string_view name_of(TradingState state);
std::string_view name_of(CoverageState state);

}  // namespace prom
