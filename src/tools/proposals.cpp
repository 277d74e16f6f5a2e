// Proposals on the instrument's grid, with the sides of stops and targets checked. Pure; any thread.
#include "tools/proposals.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace prom {

namespace {

std::string price_text(const Instrument& instrument, PriceUnits price) { return to_decimal(instrument, price).to_string(); }

std::string_view name_of_intent(Intent intent) {
  switch (intent) {
    case Intent::open: return "open";
    case Intent::add: return "add";
    case Intent::reduce: return "reduce";
    case Intent::close: return "close";
  }
  PROM_UNREACHABLE();
}

/// A protective stop rounds towards the market, so that it never risks more than was said.
Round stop_rounding(Side side) { return side == Side::buy ? Round::ceil : Round::floor; }
/// An entry limit rounds away from the market: it never pays more than was said.
Round limit_rounding(Side side) { return side == Side::buy ? Round::floor : Round::ceil; }

std::expected<std::vector<TargetLevel>, ToolError> read_targets(const ToolArgs& args, const Instrument& instrument) {
  std::vector<TargetLevel> targets;
  Decimal sum;
  for (const Value& item : args.list("targets")) {
    const auto* object = std::get_if<ValueObject>(&item.storage());
    if (object == nullptr) continue;  // the schema allows objects alone
    const auto price = price_units(instrument, "targets.price", *member(*object, "price"), Round::half_even);
    if (!price) return std::unexpected(price.error());
    targets.push_back({*price, fraction_of(member(*object, "fraction")->number().value_or(0))});
    sum += targets.back().fraction;
  }
  if (sum > kDecimalOne) return std::unexpected(bad_argument(fmt::format("the fractions of `targets` sum to {}, more than 1", sum.to_string())));
  return targets;
}

}  // namespace

std::optional<ToolError> check_entry_sides(const EntryRequest& entry) {
  const Instrument& instrument = *entry.instrument;
  const auto below = [&](PriceUnits price) { return price < entry.reference; };
  const auto above = [&](PriceUnits price) { return entry.reference < price; };
  const bool buys = entry.side == Side::buy;
  if (entry.stop && !(buys ? below(*entry.stop) : above(*entry.stop))) {
    return bad_argument(fmt::format("`stop` {} must be {} the entry at {} for a {}", price_text(instrument, *entry.stop), buys ? "below" : "above",
                                    price_text(instrument, entry.reference), buys ? "buy" : "sell"));
  }
  for (const TargetLevel& target : entry.targets) {
    if (buys ? above(target.price) : below(target.price)) continue;
    return bad_argument(fmt::format("target {} must be {} the entry at {} for a {}", price_text(instrument, target.price), buys ? "above" : "below",
                                    price_text(instrument, entry.reference), buys ? "buy" : "sell"));
  }
  return std::nullopt;
}

std::expected<EntryRequest, ToolError> read_entry(const ToolContext& context, const ToolArgs& args, const Instrument& instrument, Side side,
                                                  std::optional<PriceUnits> reference) {
  EntryRequest entry;
  entry.instrument = &instrument;
  entry.side = side;
  if (reference) {
    entry.limit = reference;
    entry.reference = *reference;
  } else if (args.has("limit")) {
    const auto limit = price_units(instrument, "limit", *args.given("limit"), limit_rounding(entry.side));
    if (!limit) return std::unexpected(limit.error());
    entry.limit = *limit;
    entry.reference = *limit;
  } else {
    const auto last = last_price_units(context, instrument);
    if (!last) return std::unexpected(last.error());
    entry.reference = *last;
  }
  if (args.has("stop")) {
    const auto stop = price_units(instrument, "stop", *args.given("stop"), stop_rounding(entry.side));
    if (!stop) return std::unexpected(stop.error());
    entry.stop = *stop;
  }
  auto targets = read_targets(args, instrument);
  if (!targets) return std::unexpected(targets.error());
  entry.targets = std::move(*targets);
  if (auto fault = check_entry_sides(entry)) return std::unexpected(std::move(*fault));
  return entry;
}

SizingRequest sizing_of(const EntryRequest& entry, PriceUnits stop) {
  SizingRequest request;
  request.entry = entry.reference;
  request.stop = stop;
  request.side = entry.side;
  request.taker_fee = entry.instrument->fees.taker;
  request.slippage = fraction_of(kAssumedSlippageBps / 10'000);
  return request;
}

std::expected<QuantityUnits, ToolError> entry_quantity(const ToolContext& context, const ToolArgs& args, const AccountView& account,
                                                       const EntryRequest& entry) {
  const Instrument& instrument = *entry.instrument;
  if (args.has("quantity") == args.has("risk_fraction")) return std::unexpected(bad_argument("give either `quantity` or `risk_fraction`"));
  QuantityUnits quantity{};
  if (args.has("quantity")) {
    const auto given = quantity_units(instrument, "quantity", *args.given("quantity"));
    if (!given) return given;
    quantity = *given;
  } else {
    if (!entry.stop) return std::unexpected(bad_argument("`risk_fraction` needs `stop`: the size follows from the loss there"));
    const auto room = room_for(context, account, instrument, entry.reference);
    if (!room) return std::unexpected(room.error());
    SizingRequest request = sizing_of(entry, *entry.stop);
    request.equity = room->equity;
    request.risk_fraction = fraction_of(args.number("risk_fraction"));
    request.max_notional = room->max_notional;
    quantity = size_by_risk(instrument, request);
    if (quantity.v == 0) {
      return std::unexpected(bad_argument(fmt::format("the size that this risk and `{}` allow is below the minimum of {}", room->limited_by, instrument.symbol),
                                          "calculate_position_size shows the numbers"));
    }
  }
  // Every rung takes as much as the others, on the step.
  const auto rungs = static_cast<std::int64_t>(entry.ladder.size()) + 1;
  if (quantity.v / rungs < std::max(instrument.min_quantity.v, instrument.step.v)) {
    return std::unexpected(bad_argument(fmt::format("quantity {}{} is below the minimum {} of {}", to_decimal(instrument, quantity).to_string(),
                                                    rungs > 1 ? fmt::format(" over {} prices", rungs) : "",
                                                    to_decimal(instrument, instrument.min_quantity).to_string(), instrument.symbol)));
  }
  quantity.v -= quantity.v % (instrument.step.v * rungs);
  if (instrument.max_quantity.v > 0 && instrument.max_quantity < quantity) {
    return std::unexpected(bad_argument(fmt::format("quantity {} is above the maximum {} of {}", to_decimal(instrument, quantity).to_string(),
                                                    to_decimal(instrument, instrument.max_quantity).to_string(), instrument.symbol)));
  }
  return quantity;
}

TradeProposal new_proposal(const ToolContext& context, const ToolArgs& args, const AccountView& account, const Instrument& instrument, Side side) {
  TradeProposal proposal;
  proposal.as_of = context.as_of;
  proposal.source = ProposalSource::agents;
  proposal.expires_at = context.as_of.time + kMinute * args.integer("expires_minutes");
  proposal.account = account.account.ix;
  proposal.pair = context.pair;
  proposal.instrument = instrument.ix;
  proposal.side = side;
  proposal.decider = "agents";
  proposal.reason = std::string(args.text("reason"));
  return proposal;
}

std::expected<TradeProposal, ToolError> entry_proposal(const ToolContext& context, const ToolArgs& args, const AccountView& account,
                                                       const EntryRequest& entry) {
  const auto quantity = entry_quantity(context, args, account, entry);
  if (!quantity) return std::unexpected(quantity.error());
  TradeProposal proposal = new_proposal(context, args, account, *entry.instrument, entry.side);
  proposal.leg = entry_leg(context, account, entry.side);
  if (const PositionView* held = position_of(account, entry.instrument->ix, proposal.leg)) {
    if (side_of(held->position) != entry.side) {
      return std::unexpected(
          bad_argument(fmt::format("a position on the other side is open in {}", entry.instrument->symbol), "close_position closes it first"));
    }
    proposal.intent = Intent::add;
    proposal.position_version = held->position.version;
    if (!entry.stop) proposal.stop = held->stop;
  }
  proposal.quantity = *quantity;
  proposal.limit = entry.limit;
  if (entry.stop) proposal.stop = entry.stop;
  proposal.targets = entry.targets;
  proposal.ladder = entry.ladder;
  return proposal;
}

ValueObject describe_proposal(const Instrument& instrument, const TradeProposal& proposal, PriceUnits reference) {
  const bool entering = proposal.intent == Intent::open || proposal.intent == Intent::add;
  Value stop, loss;
  if (proposal.stop) {
    stop = Value(to_decimal(instrument, *proposal.stop));
    EntryRequest entry;
    entry.instrument = &instrument;
    entry.side = proposal.side;
    entry.reference = reference;
    if (entering) loss = Value(loss_at_stop(instrument, sizing_of(entry, *proposal.stop), proposal.quantity));
  }
  return {{"status", kProposed},
          {"intent", name_of_intent(proposal.intent)},
          {"instrument", instrument_code(instrument)},
          {"side", name_of(proposal.side)},
          {"quantity", to_decimal(instrument, proposal.quantity)},
          {"price", to_decimal(instrument, reference)},
          {"notional", notional_in_quote(instrument, reference, proposal.quantity)},
          {"stop", std::move(stop)},
          {"loss_at_stop", std::move(loss)},
          {"expires_at", proposal.expires_at}};
}

ToolOutput proposing_output(const AccountView& account, ValueObject result, ToolAction action) {
  ToolOutput out;
  out.result = Value(std::move(result));
  out.sources.push_back(source_of(account));
  out.actions.push_back(std::move(action));
  return out;
}

}  // namespace prom
