// Tools that propose entries: single, bracket, ladder, and adding to a position. They validate and hand back a proposal; nothing here acts. Pure.
#include "tools/order_tools.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace prom {

namespace {

struct EntryCall {
  const AccountView* account = nullptr;
  const Instrument* instrument = nullptr;
};

std::expected<EntryCall, ToolError> entry_call(const ToolContext& context, const ToolArgs& args) {
  const auto account = account_of(context);
  if (!account) return std::unexpected(account.error());
  const auto instrument = pick_instrument(context, args);
  if (!instrument) return std::unexpected(instrument.error());
  return EntryCall{*account, *instrument};
}

ToolResult propose(const ToolContext& context, const ToolArgs& args, const AccountView& account, const EntryRequest& entry) {
  auto proposal = entry_proposal(context, args, account, entry);
  if (!proposal) return std::unexpected(proposal.error());
  ValueObject result = describe_proposal(*entry.instrument, *proposal, entry.reference);
  return proposing_output(account, std::move(result), std::move(*proposal));
}

}  // namespace

ToolResult run_place_order(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kPlaceOrderArgs, arguments.object);
  const auto call = entry_call(context, args);
  if (!call) return std::unexpected(call.error());
  const auto entry = read_entry(context, args, *call->instrument, side_of(args.text("side")));
  if (!entry) return std::unexpected(entry.error());
  return propose(context, args, *call->account, *entry);
}

ToolResult run_place_bracket_order(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kBracketArgs, arguments.object);
  const auto call = entry_call(context, args);
  if (!call) return std::unexpected(call.error());
  const auto entry = read_entry(context, args, *call->instrument, side_of(args.text("side")));
  if (!entry) return std::unexpected(entry.error());
  auto proposal = entry_proposal(context, args, *call->account, *entry);
  if (!proposal) return std::unexpected(proposal.error());
  if (!smallest_exit_ok(*call->instrument, proposal->quantity, *entry->stop, entry->targets)) {
    return std::unexpected(bad_argument("a planned exit would be below the venue's minimum quantity or notional", "use fewer targets or a larger quantity"));
  }
  ValueObject result = describe_proposal(*call->instrument, *proposal, entry->reference);
  return proposing_output(*call->account, std::move(result), std::move(*proposal));
}

ToolResult run_place_ladder_order(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kLadderArgs, arguments.object);
  const auto call = entry_call(context, args);
  if (!call) return std::unexpected(call.error());
  const Instrument& instrument = *call->instrument;
  const Side side = side_of(args.text("side"));
  std::vector<PriceUnits> prices;
  for (const Value& item : args.list("prices")) {
    const auto price = price_units(instrument, "prices", item, side == Side::buy ? Round::floor : Round::ceil);
    if (!price) return std::unexpected(price.error());
    if (!prices.empty() && !(side == Side::buy ? *price < prices.back() : prices.back() < *price)) {
      return std::unexpected(bad_argument("`prices` must fall for a buy and rise for a sell, and differ by a tick at least"));
    }
    prices.push_back(*price);
  }
  if (prices.size() < 2) return std::unexpected(bad_argument("a ladder needs at least two `prices`", "place_order takes one"));
  auto entry = read_entry(context, args, instrument, side, prices.front());
  if (!entry) return std::unexpected(entry.error());
  entry->ladder.assign(prices.begin() + 1, prices.end());
  // Every rung must keep the stop and the targets on their sides.
  for (const PriceUnits rung : prices) {
    entry->reference = rung;
    if (auto fault = check_entry_sides(*entry)) return std::unexpected(std::move(*fault));
  }
  entry->reference = prices.front();
  return propose(context, args, *call->account, *entry);
}

ToolResult run_add_to_position(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kAddArgs, arguments.object);
  const auto call = entry_call(context, args);
  if (!call) return std::unexpected(call.error());
  const auto held = open_position(context, *call->account, *call->instrument);
  if (!held) return std::unexpected(held.error());
  const Side side = side_of((*held)->position);
  const auto entry = read_entry(context, args, *call->instrument, side);
  if (!entry) return std::unexpected(entry.error());
  if (!entry->stop && !(*held)->stop) return std::unexpected(bad_argument("the position has no stop yet: give `stop`"));
  const auto quantity = entry_quantity(context, args, *call->account, *entry);
  if (!quantity) return std::unexpected(quantity.error());
  TradeProposal proposal = new_proposal(context, args, *call->account, *call->instrument, side);
  proposal.intent = Intent::add;
  proposal.leg = (*held)->position.leg;
  proposal.position_version = (*held)->position.version;
  proposal.quantity = *quantity;
  proposal.limit = entry->limit;
  proposal.stop = entry->stop ? entry->stop : (*held)->stop;
  ValueObject result = describe_proposal(*call->instrument, proposal, entry->reference);
  return proposing_output(*call->account, std::move(result), std::move(proposal));
}

}  // namespace prom
