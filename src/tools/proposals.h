// Builds trade proposals for the trading tools and describes them in their results. Tools propose, the risk engine decides. Pure; any thread.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "tools/account_access.h"
#include "tools/spec.h"

namespace prom {

inline constexpr std::string_view kProposed = "proposed; the risk engine decides";
inline constexpr std::string_view kSideNames[] = {"buy", "sell"};
inline constexpr ArgSpec kSideArg = required(choice_arg("side", "buy opens long, sell opens short", kSideNames));
inline constexpr ArgSpec kReasonArg = required(text_arg("reason", "one sentence for a person", 400));
inline constexpr ArgSpec kExpiresArg = integer_arg("expires_minutes", "minutes until the proposal lapses", 1, 1440, 5);
inline constexpr ArgSpec kQuantityArg = amount_arg("quantity", "order quantity in the instrument's units (base or contracts); rounded down to the step");
inline constexpr ArgSpec kRiskArg = number_arg("risk_fraction", "instead of quantity: share of equity lost at the stop, costs included", 0.0001, 0.1);
inline constexpr ArgSpec kLimitPriceArg = amount_arg("limit", "limit price, quote per base; without it the order is a market order");
inline constexpr ArgSpec kStopArg = amount_arg("stop", "protective stop price, quote per base");

/// The members of every proposing order tool's result.
inline constexpr ResultField kProposalResults[] = {
    {"status", ResultType::text, "proposed; the risk engine decides"},
    {"intent", ResultType::text, "open, add, reduce or close"},
    {"instrument", ResultType::text, "venue:market:symbol"},
    {"side", ResultType::text, "of the order: buy or sell"},
    {"quantity", ResultType::amount, "order quantity on the step"},
    {"price", ResultType::amount, "limit, or the last price for a market order, quote per base"},
    {"notional", ResultType::amount, "quote"},
    {"stop", ResultType::amount, "protective stop, quote per base", ResultPresence::may_be_null},
    {"loss_at_stop", ResultType::amount, "with fees and 5 bp slippage on both sides, settle asset", ResultPresence::may_be_null},
    {"expires_at", ResultType::time, "when the proposal lapses"}};

/// An entry as an agent asks for it, already on the grid.
struct EntryRequest {
  const Instrument* instrument = nullptr;
  Side side = Side::buy;
  std::optional<PriceUnits> limit;
  PriceUnits reference{};  ///< the limit, or the last price
  std::optional<PriceUnits> stop;
  std::vector<TargetLevel> targets;
  std::vector<PriceUnits> ladder;
};

/// Reads limit, stop and targets; errors where a stop or target stands on the wrong side of the reference price: `reference` where given (a ladder's
/// first rung), else the limit, else the last price.
std::expected<EntryRequest, ToolError> read_entry(const ToolContext& context, const ToolArgs& args, const Instrument& instrument, Side side,
                                                  std::optional<PriceUnits> reference = std::nullopt);
std::optional<ToolError> check_entry_sides(const EntryRequest& entry);
/// `quantity`, or the size that loses `risk_fraction` of equity at the stop within the account's limits; at least the venue's minimum, and rounded down to what a ladder's
/// rungs can share on the step.
std::expected<QuantityUnits, ToolError> entry_quantity(const ToolContext& context, const ToolArgs& args, const AccountView& account, const EntryRequest& entry);

/// A proposal with everything but prices and quantity filled in.
TradeProposal new_proposal(const ToolContext& context, const ToolArgs& args, const AccountView& account, const Instrument& instrument, Side side);
/// The proposal of an entry: `open` when flat, `add` beside a position of the same side; an opposite position is an error.
std::expected<TradeProposal, ToolError> entry_proposal(const ToolContext& context, const ToolArgs& args, const AccountView& account, const EntryRequest& entry);
SizingRequest sizing_of(const EntryRequest& entry, PriceUnits stop);
ValueObject describe_proposal(const Instrument& instrument, const TradeProposal& proposal, PriceUnits reference);
/// A result with one action.
ToolOutput proposing_output(const AccountView& account, ValueObject result, ToolAction action);

}  // namespace prom
