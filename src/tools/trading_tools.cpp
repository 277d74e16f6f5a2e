// Balance, positions, cancelling, closing and protection; and the list of all trading tools. Proposing tools hand back an action, nothing here acts. Pure.
#include <fmt/format.h>

#include <utility>

#include "domain/position.h"
#include "tools/balance_tool.h"
#include "tools/order_tools.h"

namespace prom {

namespace {

constexpr std::span<const ArgSpec> kNoArgs{};
constexpr ArgSpec kInstrumentOnly[] = {kInstrumentArg};
constexpr ResultField kStatus{"status", ResultType::text, "proposed; the risk engine decides"};

Value price_or_null(const Instrument& instrument, const std::optional<PriceUnits>& price) { return price ? Value(to_decimal(instrument, *price)) : Value(); }

ValueObject describe_position(const Instrument& instrument, const PositionView& view) {
  const Position& position = view.position;
  const auto entry = average_price(instrument, position.quantity, position.cost);
  ValueList targets;
  for (const TargetLevel& target : view.targets) {
    targets.emplace_back(ValueObject{{"price", to_decimal(instrument, target.price)}, {"fraction", target.fraction}});
  }
  return {{"instrument", instrument_code(instrument)},
          {"side", position.quantity.v > 0 ? "long" : "short"},
          {"quantity", to_decimal(instrument, size_of(position))},
          {"entry", entry ? Value(*entry) : Value()},
          {"mark", to_decimal(instrument, view.mark)},
          {"notional", notional_in_quote(instrument, view.mark, size_of(position))},
          {"unrealised", view.unrealised},
          {"realised", position.realised},
          {"fees", position.fees},
          {"funding", position.funding},
          {"stop", price_or_null(instrument, view.stop)},
          {"trailing_distance", price_or_null(instrument, view.trailing_distance)},
          {"targets", std::move(targets)},
          {"coverage", name_of(view.coverage)},
          {"liquidation", view.liquidation ? Value(*view.liquidation) : Value()},
          {"opened_at", position.opened_at}};
}

constexpr ResultField kPositionsResults[] = {
    {"count", ResultType::integer, "open positions"},
    {"positions", ResultType::list, "instrument, side (long or short), quantity, entry, mark, notional, unrealised, stop, targets, coverage, liquidation, ..."},
    {"open_orders", ResultType::list, "id, instrument, side, type, purpose, state, quantity, filled, limit, trigger; at most 50"}};
ToolResult run_get_positions(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kInstrumentOnly, arguments.object);
  const auto account = account_of(context);
  if (!account) return std::unexpected(account.error());
  std::optional<InstrumentIx> wanted;
  if (args.has("instrument")) {
    const auto instrument = pick_instrument(context, args);
    if (!instrument) return std::unexpected(instrument.error());
    wanted = (*instrument)->ix;
  }
  constexpr std::size_t kMostOrders = 50;
  ValueList positions, orders;
  for (const PositionView& view : (*account)->positions) {
    const Instrument* instrument = instrument_at(context, view.position.instrument);
    if (instrument == nullptr || (wanted && instrument->ix != *wanted)) continue;
    positions.emplace_back(describe_position(*instrument, view));
  }
  for (const Order& order : (*account)->open_orders) {
    const Instrument* instrument = instrument_at(context, order.spec.instrument);
    if (instrument == nullptr || (wanted && instrument->ix != *wanted) || orders.size() >= kMostOrders) continue;
    orders.emplace_back(ValueObject{{"id", static_cast<std::int64_t>(order.spec.id.v)},
                                    {"instrument", instrument_code(*instrument)},
                                    {"side", name_of(order.spec.side)},
                                    {"type", name_of(order.spec.type)},
                                    {"purpose", name_of(order.spec.purpose)},
                                    {"state", name_of(order.state)},
                                    {"quantity", to_decimal(*instrument, order.spec.quantity)},
                                    {"filled", to_decimal(*instrument, order.filled)},
                                    {"limit", price_or_null(*instrument, order.spec.limit)},
                                    {"trigger", price_or_null(*instrument, order.spec.trigger)}});
  }
  const auto count = static_cast<std::int64_t>(positions.size());
  return ToolOutput{.result = Value(ValueObject{{"count", count}, {"positions", std::move(positions)}, {"open_orders", std::move(orders)}}),
                    .sources = {source_of(**account)},
                    .actions = {},
                    .series = {}};
}

bool adds_risk(const Order& order) { return order.spec.purpose == OrderPurpose::entry || order.spec.purpose == OrderPurpose::ladder; }

constexpr ResultField kCancelResults[] = {
    kStatus, {"orders", ResultType::integer, "working entry orders that this covers"}, {"instrument", ResultType::text, "venue:market:symbol, or all"}};
ToolResult cancel(const AccountView& account, const Instrument* instrument) {
  std::int64_t orders = 0;
  for (const Order& order : account.open_orders) {
    if (adds_risk(order) && (instrument == nullptr || order.spec.instrument == instrument->ix)) ++orders;
  }
  CancelRequested request{account.account.ix, std::nullopt};
  if (instrument != nullptr) request.instrument = instrument->ix;
  return proposing_output(account, {{"status", kProposed}, {"orders", orders}, {"instrument", instrument == nullptr ? "all" : instrument_code(*instrument)}},
                          request);
}

constexpr ArgSpec kCancelOrderArgs[] = {
    {.name = "order_id", .type = ArgType::integer, .description = "id shown by get_positions", .need = ArgNeed::required, .minimum = 0, .maximum = 9e15}};
ToolResult run_cancel_order(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kCancelOrderArgs, arguments.object);
  const auto account = account_of(context);
  if (!account) return std::unexpected(account.error());
  const auto id = static_cast<std::uint64_t>(args.integer("order_id"));
  const Order* found = nullptr;
  for (const Order& order : (*account)->open_orders) {
    if (order.spec.id.v == id) found = &order;
  }
  if (found == nullptr) return std::unexpected(bad_argument(fmt::format("order {} is not open", id), "get_positions lists the open orders"));
  if (!adds_risk(*found)) return std::unexpected(bad_argument(fmt::format("order {} protects or closes a position and stays", id)));
  std::size_t entries = 0;
  for (const Order& order : (*account)->open_orders) {
    if (adds_risk(order) && order.spec.instrument == found->spec.instrument) ++entries;
  }
  if (entries > 1) {
    return std::unexpected(
        tool_unavailable(fmt::format("{} entry orders work in that instrument and the engine cancels an instrument's entries together", entries),
                         "cancel_all_orders with `instrument` cancels all of them"));
  }
  const Instrument* instrument = instrument_at(context, found->spec.instrument);
  if (instrument == nullptr) return std::unexpected(bad_argument("the order's instrument is not part of this market view"));
  return cancel(**account, instrument);
}

ToolResult run_cancel_all_orders(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kInstrumentOnly, arguments.object);
  const auto account = account_of(context);
  if (!account) return std::unexpected(account.error());
  if (!args.has("instrument")) return cancel(**account, nullptr);
  const auto instrument = pick_instrument(context, args);
  if (!instrument) return std::unexpected(instrument.error());
  return cancel(**account, *instrument);
}

TradeProposal close_proposal(const ToolContext& context, const ToolArgs& args, const AccountView& account, const Instrument& instrument,
                             const PositionView& held, QuantityUnits quantity) {
  TradeProposal proposal = new_proposal(context, args, account, instrument, opposite(side_of(held.position)));
  proposal.intent = quantity == size_of(held.position) ? Intent::close : Intent::reduce;
  proposal.leg = held.position.leg;
  proposal.position_version = held.position.version;
  proposal.quantity = quantity;
  return proposal;
}

constexpr ArgSpec kCloseArgs[] = {kInstrumentArg, number_arg("fraction", "of the position to close", 0.01, 1, 1), kLimitPriceArg, kExpiresArg, kReasonArg};
ToolResult run_close_position(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kCloseArgs, arguments.object);
  const auto account = account_of(context);
  if (!account) return std::unexpected(account.error());
  const auto picked = pick_instrument(context, args);
  if (!picked) return std::unexpected(picked.error());
  const Instrument& instrument = **picked;
  const auto held = open_position(context, **account, instrument);
  if (!held) return std::unexpected(held.error());
  QuantityUnits quantity = size_of((*held)->position);
  if (args.number("fraction") < 1) {
    quantity = quantity_to_step(instrument, mul(to_decimal(instrument, quantity), fraction_of(args.number("fraction")), Round::down));
    if (quantity.v == 0) return std::unexpected(bad_argument("that fraction of the position is below one step", "close all of it"));
  }
  TradeProposal proposal = close_proposal(context, args, **account, instrument, **held, quantity);
  PriceUnits reference = (*held)->mark;
  if (args.has("limit")) {
    const auto limit = price_units(instrument, "limit", *args.given("limit"), proposal.side == Side::buy ? Round::floor : Round::ceil);
    if (!limit) return std::unexpected(limit.error());
    proposal.limit = *limit;
    reference = *limit;
  }
  ValueObject result = describe_proposal(instrument, proposal, reference);
  return proposing_output(**account, std::move(result), std::move(proposal));
}

constexpr ArgSpec kCloseAllArgs[] = {kExpiresArg, kReasonArg};
constexpr ResultField kCloseAllResults[] = {kStatus,
                                            {"count", ResultType::integer, "positions proposed to be closed"},
                                            {"proposals", ResultType::list, "one a position, as close_position describes it"}};
ToolResult run_close_all_positions(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kCloseAllArgs, arguments.object);
  const auto account = account_of(context);
  if (!account) return std::unexpected(account.error());
  ToolOutput out;
  ValueList proposals;
  for (const PositionView& held : (*account)->positions) {
    const Instrument* instrument = instrument_at(context, held.position.instrument);
    if (instrument == nullptr || held.position.is_flat()) continue;
    TradeProposal proposal = close_proposal(context, args, **account, *instrument, held, size_of(held.position));
    proposals.emplace_back(describe_proposal(*instrument, proposal, held.mark));
    out.actions.emplace_back(std::move(proposal));
  }
  const auto count = static_cast<std::int64_t>(proposals.size());
  out.result = Value(ValueObject{{"status", kProposed}, {"count", count}, {"proposals", std::move(proposals)}});
  out.sources.push_back(source_of(**account));
  return out;
}

constexpr ResultField kProtectionResults[] = {
    kStatus,
    {"instrument", ResultType::text, "venue:market:symbol"},
    {"stop", ResultType::amount, "new stop, quote per base", ResultPresence::may_be_null},
    {"trailing_distance", ResultType::amount, "kept from the best price, quote per base", ResultPresence::may_be_null},
    {"mark", ResultType::amount, "price of the position now"}};
ToolOutput protect(const AccountView& account, const Instrument& instrument, const PositionView& held, ProtectionRequested request) {
  request.account = account.account.ix;
  request.instrument = instrument.ix;
  request.leg = held.position.leg;
  ValueObject result{{"status", kProposed},
                     {"instrument", instrument_code(instrument)},
                     {"stop", price_or_null(instrument, request.stop)},
                     {"trailing_distance", price_or_null(instrument, request.trailing_distance)},
                     {"mark", to_decimal(instrument, held.mark)}};
  return proposing_output(account, std::move(result), std::move(request));
}

constexpr ArgSpec kBreakevenArgs[] = {kInstrumentArg, number_arg("offset_percent", "beyond the entry in the position's favour, to cover costs", 0, 5, 0),
                                      kReasonArg};
ToolResult run_move_sl_to_breakeven(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kBreakevenArgs, arguments.object);
  const auto account = account_of(context);
  if (!account) return std::unexpected(account.error());
  const auto picked = pick_instrument(context, args);
  if (!picked) return std::unexpected(picked.error());
  const Instrument& instrument = **picked;
  const auto held = open_position(context, **account, instrument);
  if (!held) return std::unexpected(held.error());
  const bool is_long = (*held)->position.quantity.v > 0;
  const auto entry = average_price(instrument, (*held)->position.quantity, (*held)->position.cost);
  if (!entry) return std::unexpected(tool_unavailable("the position has no average price"));
  const Decimal offset = mul(*entry, fraction_of(args.number("offset_percent") / 100), Round::up);
  const auto stop = price_to_tick(instrument, is_long ? *entry + offset : *entry - offset, is_long ? Round::ceil : Round::floor);
  if (!stop) return std::unexpected(bad_argument("`offset_percent` leaves no positive price"));
  if (!(is_long ? *stop < (*held)->mark : (*held)->mark < *stop)) {
    return std::unexpected(bad_argument(fmt::format("price {} has not passed the break-even {}: the stop would trigger at once",
                                                    to_decimal(instrument, (*held)->mark).to_string(), to_decimal(instrument, *stop).to_string())));
  }
  if ((*held)->stop && !(is_long ? *(*held)->stop < *stop : *stop < *(*held)->stop)) {
    return std::unexpected(bad_argument(
        fmt::format("the stop at {} is already as tight: a stop moves only towards the market", to_decimal(instrument, *(*held)->stop).to_string())));
  }
  ProtectionRequested request;
  request.stop = *stop;
  request.reason = std::string(args.text("reason"));
  return protect(**account, instrument, **held, std::move(request));
}

constexpr ArgSpec kTrailingArgs[] = {kInstrumentArg, amount_arg("distance", "kept from the best price, quote per base"),
                                     number_arg("distance_percent", "instead of distance: percent of the price now", 0.05, 50), kReasonArg};
ToolResult run_set_trailing_stop(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kTrailingArgs, arguments.object);
  const auto account = account_of(context);
  if (!account) return std::unexpected(account.error());
  const auto picked = pick_instrument(context, args);
  if (!picked) return std::unexpected(picked.error());
  const Instrument& instrument = **picked;
  const auto held = open_position(context, **account, instrument);
  if (!held) return std::unexpected(held.error());
  if (args.has("distance") == args.has("distance_percent")) return std::unexpected(bad_argument("give either `distance` or `distance_percent`"));
  // Rounded down: a trailing stop is never further away than was said, but at least one tick.
  Decimal wanted;
  if (args.has("distance_percent")) wanted = mul(to_decimal(instrument, (*held)->mark), fraction_of(args.number("distance_percent") / 100), Round::down);
  const auto distance = args.has("distance") ? price_units(instrument, "distance", *args.given("distance"), Round::floor)
                                             : price_units(instrument, "distance_percent", Value(wanted.to_string()), Round::floor);
  if (!distance) return std::unexpected(distance.error());
  if (!(*distance < (*held)->mark)) return std::unexpected(bad_argument("`distance` must be smaller than the price"));
  ProtectionRequested request;
  request.trailing_distance = *distance;
  request.reason = std::string(args.text("reason"));
  return protect(**account, instrument, **held, std::move(request));
}

constexpr ToolCategory kTrading = ToolCategory::trading;
constexpr ToolAccess kPropose = ToolAccess::proposing;
constexpr ToolSpec kTools[] = {
    {.name = "get_balance",
     .category = kTrading,
     .description = "Equity, free balance and holdings of the account, in each asset.",
     .arguments = kNoArgs,
     .results = kBalanceResults,
     .run = run_get_balance},
    {.name = "get_positions",
     .category = kTrading,
     .description = "Open positions with their protection, and open orders.",
     .arguments = kInstrumentOnly,
     .results = kPositionsResults,
     .run = run_get_positions},
    {.name = "place_order",
     .category = kTrading,
     .access = kPropose,
     .description = "Proposes an entry: market, or limit where a limit price is given.",
     .arguments = kPlaceOrderArgs,
     .results = kProposalResults,
     .run = run_place_order},
    {.name = "place_bracket_order",
     .category = kTrading,
     .access = kPropose,
     .description = "Proposes an entry with its stop and targets.",
     .arguments = kBracketArgs,
     .results = kProposalResults,
     .run = run_place_bracket_order},
    {.name = "place_ladder_order",
     .category = kTrading,
     .access = kPropose,
     .description = "Proposes an entry spread evenly over several limit prices; what they cannot share evenly on the step is left out.",
     .arguments = kLadderArgs,
     .results = kProposalResults,
     .run = run_place_ladder_order},
    {.name = "place_iceberg_order",
     .category = kTrading,
     .access = kPropose,
     .description = "Proposes an entry that shows only a part of its size.",
     .arguments = kPlaceOrderArgs,
     .unavailable = "hidden slices come with the execution algorithms; place_ladder_order spreads an entry over prices"},
    {.name = "cancel_order",
     .category = kTrading,
     .access = kPropose,
     .description = "Proposes to cancel one working entry order.",
     .arguments = kCancelOrderArgs,
     .results = kCancelResults,
     .run = run_cancel_order},
    {.name = "cancel_all_orders",
     .category = kTrading,
     .access = kPropose,
     .description = "Proposes to cancel all entry orders, of one instrument where named; protection stays.",
     .arguments = kInstrumentOnly,
     .results = kCancelResults,
     .run = run_cancel_all_orders},
    {.name = "close_position",
     .category = kTrading,
     .access = kPropose,
     .description = "Proposes to close a position or a fraction of it.",
     .arguments = kCloseArgs,
     .results = kProposalResults,
     .run = run_close_position},
    {.name = "close_all_positions",
     .category = kTrading,
     .access = kPropose,
     .description = "Proposes to close every open position at market.",
     .arguments = kCloseAllArgs,
     .results = kCloseAllResults,
     .run = run_close_all_positions},
    {.name = "set_leverage",
     .category = kTrading,
     .access = kPropose,
     .description = "Proposes a leverage for an instrument.",
     .arguments = kInstrumentOnly,
     .unavailable = "leverage is set at a venue and comes with the venue adapters; on paper the trading pair's configured leverage holds"},
    {.name = "set_margin_mode",
     .category = kTrading,
     .access = kPropose,
     .description = "Proposes cross or isolated margin.",
     .arguments = kInstrumentOnly,
     .unavailable = "margin mode is set at a venue and comes with the venue adapters; on paper the account's configured mode holds"},
    {.name = "move_sl_to_breakeven",
     .category = kTrading,
     .access = kPropose,
     .description = "Proposes to move a position's stop to its entry price.",
     .arguments = kBreakevenArgs,
     .results = kProtectionResults,
     .run = run_move_sl_to_breakeven},
    {.name = "set_trailing_stop",
     .category = kTrading,
     .access = kPropose,
     .description = "Proposes a trailing stop for a position.",
     .arguments = kTrailingArgs,
     .results = kProtectionResults,
     .run = run_set_trailing_stop},
    {.name = "add_to_position",
     .category = kTrading,
     .access = kPropose,
     .description = "Proposes to add to an open position.",
     .arguments = kAddArgs,
     .results = kProposalResults,
     .run = run_add_to_position},
};

}  // namespace

std::span<const ToolSpec> trading_tools() { return kTools; }

}  // namespace prom
