// Executions at the simulated venue, their bookings, and what follows: siblings cancelled, exits of a flat position void. One thread.
#include <algorithm>

#include "base/assert.h"
#include "domain/enum_text.h"
#include "sim/venue_core.h"

namespace prom::sim {

Money VenueCore::fee_for(const VenueInstrument& inst, Side side, std::int64_t price, std::int64_t quantity, Liquidity liquidity) const {
  const FeeSchedule& fees = config.fees ? *config.fees : inst.spec.fees;
  const Decimal rate = liquidity == Liquidity::maker ? fees.maker : fees.taker;
  if (inst.spec.payoff == Payoff::spot && config.fee_asset == FeeAsset::received && side == Side::buy)
    return {inst.spec.base, mul(Decimal::from_units(quantity, inst.spec.quantity_digits), rate, Round::half_even)};
  const AssetIx asset = inst.spec.payoff == Payoff::spot ? inst.spec.quote : inst.spec.settle;
  return {asset, mul(notional(inst.spec, {price}, {quantity}), rate, Round::half_even)};
}

std::int64_t VenueCore::fillable(const WorkingOrder& order) const {
  std::int64_t quantity = order.remaining();
  if (const OcoGroup* group = group_of(order)) quantity = std::min(quantity, order.spec.quantity.v - group->filled);
  if (reduces_only(order.spec)) quantity = std::min(quantity, reducible(holdings[order.position], order.spec.side));
  return quantity;
}

std::int64_t VenueCore::capacity(const VenueInstrument& inst) const {
  if (!config.participation) return INT64_MAX;
  return inst.capacity_left - inst.capacity_left % inst.spec.step.v;
}

std::int64_t VenueCore::execute(std::uint32_t slot, const Phase& phase, const Execution& execution) {
  const OrderSpec spec = orders[slot].spec;
  VenueInstrument& inst = instruments[spec.instrument.v];
  std::int64_t quantity = fillable(orders[slot]);
  if (quantity <= 0) {
    const bool void_exit = reduces_only(spec) && reducible(holdings[orders[slot].position], spec.side) == 0;
    cancel(slot, void_exit ? CancelCause::reduce_only_void : CancelCause::oco_sibling, execution.time);
    return 0;
  }
  quantity = std::min(quantity, capacity(inst));
  if (spec.time_in_force == TimeInForce::fok && quantity < orders[slot].remaining()) {
    expire(slot, execution.time);
    return 0;
  }
  if (quantity == 0) return 0;
  const bool exempt = reduces_only(spec) && inst.spec.payoff != Payoff::spot;
  if (spec.type == OrderType::market && orders[slot].filled.v == 0 && !exempt &&
      notional_in_quote(inst.spec, {execution.price}, {orders[slot].remaining()}) < inst.spec.min_notional) {
    refuse(slot, RejectCode::min_notional, "below the minimum notional", execution.time);
    return 0;
  }
  const Money fee = fee_for(inst, spec.side, execution.price, quantity, execution.liquidity);
  // A resting limit on futures fills whatever has become of the account: its margin was reserved when it came.
  const bool reserved = execution.liquidity == Liquidity::maker && inst.spec.payoff != Payoff::spot;
  if (!reserved && !affordable(orders[slot], execution.price, quantity, fee)) {
    refuse(slot, RejectCode::insufficient_balance, "the account cannot pay for it at the market's price", execution.time);
    return 0;
  }
  const std::uint32_t holding = orders[slot].position;
  if (phase.kind == Phase::Kind::range && opening_part(holdings[holding], spec.side, quantity) > 0) inst.grew_at = holdings[holding].grew_at = phase.instant.ns;
  Fill fill;
  fill.trade = VenueTradeId{last_trade + 1};
  fill.order = spec.id;
  fill.account = spec.account;
  fill.instrument = spec.instrument;
  fill.leg = spec.leg;
  fill.side = spec.side;
  fill.price = {execution.price};
  fill.quantity = {quantity};
  fill.fee = fee;
  fill.slippage = slippage_cost(inst.spec, spec.side, execution.price, execution.reference, quantity);
  fill.liquidity = execution.liquidity;
  fill.time = execution.time;
  book_fill(fill, slot);
  return quantity;
}

void VenueCore::book_fill(const Fill& fill, std::uint32_t slot) {
  const WorkingOrder* order = slot == kNoSlot ? nullptr : &orders[slot];
  const std::uint32_t holding = order != nullptr ? order->position : holding_slot(account_slot(fill.account), fill.instrument, fill.leg);
  const std::uint32_t account = holdings[holding].account_slot;
  const bool complete = order != nullptr && order->remaining() == fill.quantity.v;
  const std::optional<std::uint64_t> group = order != nullptr && complete ? order->spec.oco_group : std::nullopt;
  if (file.is_open()) {
    LineBuilder line("fill");
    line.add(fill.trade.v).add(order != nullptr ? to_text(order->spec.client_id) : "-").add(fill.order.v).add(fill.account.v).add(fill.instrument.v);
    line.add(enum_text(fill.leg)).add(enum_text(fill.side)).add(fill.price.v).add(fill.quantity.v).add(fill.fee.asset.v).add(fill.fee.amount);
    line.add(fill.slippage).add(enum_text(fill.liquidity)).add(enum_text(fill.source)).add(fill.time);
    file.append(line);
  }
  apply_fill(fill, slot);
  VenueInstrument& inst = instruments[fill.instrument.v];
  if (config.participation && fill.source != FillSource::liquidation) inst.capacity_left -= fill.quantity.v;
  replies.push_answer(FaultSubject::fill, replies.count(FaultSubject::fill), fill.order, delivered(fill.time), VenueFilled{fill});
  if (group) {
    // What is left of the group's members: one filling cancels the others.
    const auto& groups = accounts[account].groups;
    const auto it = std::find_if(groups.begin(), groups.end(), [&](const OcoGroup& g) { return g.id == *group; });
    if (it != groups.end()) {
      const std::vector<std::uint32_t> siblings = it->members;
      for (const std::uint32_t sibling : siblings) cancel(sibling, CancelCause::oco_sibling, fill.time);
    }
  }
  const VenueHolding& after = holdings[holding];
  if (!after.exits.empty() && reducible(after, Side::sell) == 0 && reducible(after, Side::buy) == 0) void_exits(holding, fill.time);
}

void VenueCore::void_exits(std::uint32_t holding, TimeNs time) {
  const auto& exits = holdings[holding].exits;
  for (std::size_t i = 0; i < exits.size();) {
    const auto [seq, slot] = exits[i];
    if (orders[slot].seq == seq) {
      cancel(slot, CancelCause::reduce_only_void, time);  // takes it out of the list
    } else {
      ++i;
    }
  }
}

void VenueCore::liquidation_fill(std::uint32_t holding_index, std::int64_t price, std::int64_t reference, TimeNs time) {
  const VenueHolding& holding = holdings[holding_index];
  const VenueInstrument& inst = instruments[holding.instrument.v];
  Fill fill;
  fill.trade = VenueTradeId{last_trade + 1};
  fill.account = holding.account;
  fill.instrument = holding.instrument;
  fill.leg = holding.leg;
  fill.side = holding.quantity > 0 ? Side::sell : Side::buy;
  fill.price = {price};
  fill.quantity = {holding.quantity > 0 ? holding.quantity : -holding.quantity};
  fill.fee = fee_for(inst, fill.side, price, fill.quantity.v, Liquidity::taker);
  fill.slippage = slippage_cost(inst.spec, fill.side, price, reference, fill.quantity.v);
  fill.source = FillSource::liquidation;
  fill.time = time;
  book_fill(fill, kNoSlot);
}

void VenueCore::remember(VenueAccount& account, const VenueRecord& record) {
  if (account.records.size() == kMaxRecords) account.records.pop_front();
  TimeNs latest = time_of(record);
  if (!account.records.empty()) latest = std::max(latest, account.records.back().latest);
  account.records.emplace_back(record, latest);
}

void VenueCore::apply_fill(const Fill& fill, std::uint32_t slot) {
  last_trade = fill.trade.v;
  const std::uint32_t account_index = account_slot(fill.account);
  const std::uint32_t holding_index = holding_slot(account_index, fill.instrument, fill.leg);
  VenueAccount& account = accounts[account_index];
  VenueHolding& holding = holdings[holding_index];
  VenueInstrument& inst = instruments[fill.instrument.v];
  if (inst.mark == 0) inst.mark = fill.price.v;
  const PositionStep step = step_position(inst.spec, holding.quantity, holding.cost, fill.side, fill.price, fill.quantity.v);
  if (inst.spec.payoff == Payoff::spot) {
    const std::int64_t sign = sign_of(fill.side);
    balance(account, inst.spec.quote).total -= notional(inst.spec, fill.price, {sign * fill.quantity.v});
    balance(account, inst.spec.base).total += Decimal::from_units(sign * fill.quantity.v, inst.spec.quantity_digits);
  } else {
    balance(account, inst.spec.settle).total += step.realised;
  }
  balance(account, fill.fee.asset).total -= fill.fee.amount;
  const bool was_open = holding.quantity != 0;
  holding.quantity = step.quantity;
  holding.cost = step.cost;
  const bool is_open = holding.quantity != 0;
  inst.open_holdings = inst.open_holdings + (is_open ? 1U : 0U) - (was_open ? 1U : 0U);
  remember(account, fill);
  if (slot != kNoSlot) {
    orders[slot].filled.v += fill.quantity.v;
    find_ref(orders[slot].spec.client_id)->filled = orders[slot].filled;
    if (OcoGroup* group = group_of(orders[slot])) group->filled += fill.quantity.v;
    if (orders[slot].remaining() == 0) {
      apply_finished(slot, FoundState::filled);
    } else {
      relock(slot, lock_for(orders[slot]));
    }
  }
  rebuild_safety(account_index, inst.spec.settle);
  refresh_touch(inst);
}

}  // namespace prom::sim
