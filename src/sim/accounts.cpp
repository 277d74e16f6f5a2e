// Accounts at the simulated venue: balances, locks, margin. The engine keeps its own; the two meet only in reconciliation. One thread.
#include <algorithm>

#include "sim/venue_core.h"

namespace prom::sim {

std::uint32_t VenueCore::account_slot(AccountIx ix) {
  const auto [it, added] = account_slots.try_emplace(ix.v, static_cast<std::uint32_t>(accounts.size()));
  if (added) accounts.emplace_back().ix = ix;
  return it->second;
}

std::uint32_t VenueCore::holding_slot(std::uint32_t account, InstrumentIx instrument, PositionLeg leg) {
  for (const std::uint32_t slot : accounts[account].holdings) {
    if (holdings[slot].instrument == instrument && holdings[slot].leg == leg) return slot;
  }
  const auto slot = static_cast<std::uint32_t>(holdings.size());
  VenueHolding& holding = holdings.emplace_back();
  holding.account = accounts[account].ix;
  holding.account_slot = account;
  holding.instrument = instrument;
  holding.leg = leg;
  accounts[account].holdings.push_back(slot);
  // Sorted, so that the order in which accounts are served does not depend on what they once tried.
  auto& list = instruments[instrument.v].holdings;
  list.insert(std::upper_bound(list.begin(), list.end(), slot,
                               [&](std::uint32_t a, std::uint32_t b) {
                                 return std::pair(holdings[a].account, holdings[a].leg) < std::pair(holdings[b].account, holdings[b].leg);
                               }),
              slot);
  return slot;
}

VenueBalance& VenueCore::balance(VenueAccount& account, AssetIx asset) {
  const auto it = std::lower_bound(account.balances.begin(), account.balances.end(), asset, [](const VenueBalance& b, AssetIx a) { return b.asset < a; });
  if (it != account.balances.end() && it->asset == asset) return *it;
  return *account.balances.insert(it, VenueBalance{asset, {}, {}});
}

Decimal VenueCore::balance_of(const VenueAccount& account, AssetIx asset) const {
  for (const VenueBalance& b : account.balances) {
    if (b.asset == asset) return b.total;
  }
  return {};
}

Decimal VenueCore::locked_of(const VenueAccount& account, AssetIx asset) const {
  for (const VenueBalance& b : account.balances) {
    if (b.asset == asset) return b.locked;
  }
  return {};
}

Decimal VenueCore::leverage_of(const VenueAccount& account, InstrumentIx instrument) const {
  for (const auto& [ix, leverage] : account.leverage) {
    if (ix == instrument) return leverage;
  }
  return kDecimalOne;
}

void VenueCore::apply_leverage(AccountIx account, InstrumentIx instrument, Decimal leverage) {
  auto& list = accounts[account_slot(account)].leverage;
  const auto it = std::find_if(list.begin(), list.end(), [&](const auto& entry) { return entry.first == instrument; });
  if (it == list.end()) {
    list.emplace_back(instrument, leverage);
  } else {
    it->second = leverage;
  }
}

Decimal VenueCore::initial_margin(const VenueAccount& account, const VenueInstrument& inst, std::int64_t price, std::int64_t quantity) const {
  const Decimal value = notional(inst.spec, {price}, {quantity});
  Decimal leverage = leverage_of(account, inst.spec.ix);
  if (const LeverageTier* tier = tier_for(inst.spec, value)) leverage = min(leverage, max(tier->max_leverage, kDecimalOne));
  return leverage == kDecimalOne ? value : div(value, leverage, Round::up);
}

Decimal VenueCore::available(const VenueAccount& account, AssetIx asset, Use use) const {
  Decimal unrealised_sum;
  Decimal in_use = locked_of(account, asset);
  for (const std::uint32_t slot : account.holdings) {
    const VenueHolding& holding = holdings[slot];
    const VenueInstrument& inst = instruments[holding.instrument.v];
    if (holding.quantity == 0 || inst.spec.payoff == Payoff::spot || inst.spec.settle != asset) continue;
    unrealised_sum += unrealised(inst.spec, holding.quantity, holding.cost, inst.mark);
    in_use += initial_margin(account, inst, inst.mark, holding.quantity < 0 ? -holding.quantity : holding.quantity);
  }
  if (use == Use::spend) unrealised_sum = min(unrealised_sum, Decimal{});
  return balance_of(account, asset) + unrealised_sum - in_use;
}

bool VenueCore::reduces_only(const OrderSpec& spec) const {
  return spec.effect == Effect::reduce_only || (spec.leg == PositionLeg::long_leg && spec.side == Side::sell) ||
         (spec.leg == PositionLeg::short_leg && spec.side == Side::buy);
}

std::int64_t VenueCore::opening_part(const VenueHolding& holding, Side side, std::int64_t quantity) const {
  const std::int64_t against = side == Side::buy ? -holding.quantity : holding.quantity;
  return against <= 0 ? quantity : std::max<std::int64_t>(quantity - against, 0);
}

std::int64_t VenueCore::reducible(const VenueHolding& holding, Side side) const {
  const std::int64_t held = std::max<std::int64_t>(side == Side::sell ? holding.quantity : -holding.quantity, 0);
  const VenueInstrument& inst = instruments[holding.instrument.v];
  if (inst.spec.payoff != Payoff::spot || held == 0) return held;
  // On spot a fee paid in the coin leaves less of it than was bought.
  const auto coins = balance_of(accounts[holding.account_slot], inst.spec.base).to_units(inst.spec.quantity_digits, Round::floor);
  const std::int64_t owned = std::max<std::int64_t>(coins.value_or(held), 0);
  return std::min(held, owned - owned % inst.spec.step.v);
}

std::optional<Money> VenueCore::lock_for(const WorkingOrder& order) const {
  const VenueInstrument& inst = instrument_of(order);
  const VenueAccount& account = accounts[order.account];
  const OrderSpec& spec = order.spec;
  if (spec.type == OrderType::market || order.remaining() == 0) return std::nullopt;
  if (inst.spec.payoff == Payoff::spot && spec.side == Side::sell) {
    Decimal coins = Decimal::from_units(order.remaining(), inst.spec.quantity_digits);
    // An exit locks what there is: a fee in the coin must not make the position impossible to protect.
    if (reduces_only(spec)) coins = min(coins, max(available(account, inst.spec.base, Use::spend) + own_lock(order, inst.spec.base), Decimal{}));
    return Money{inst.spec.base, coins};
  }
  if (reduces_only(spec)) return std::nullopt;
  std::int64_t price = order.level;
  if (spec.limit) price = spec.limit->v;
  if (price == 0) return std::nullopt;
  if (!spec.limit) price = worsened(price, spec.side, config.slippage, inst.spec.tick.v, {});
  std::int64_t quantity = order.remaining();
  if (inst.spec.payoff != Payoff::spot) quantity = opening_part(holdings[order.position], spec.side, quantity);
  if (quantity == 0) return std::nullopt;
  const Decimal needed = inst.spec.payoff == Payoff::spot ? notional(inst.spec, {price}, {quantity}) : initial_margin(account, inst, price, quantity);
  const AssetIx asset = inst.spec.payoff == Payoff::spot ? inst.spec.quote : inst.spec.settle;
  const Money fee = fee_for(inst, spec.side, price, quantity, Liquidity::taker);
  return Money{asset, fee.asset == asset ? needed + max(fee.amount, Decimal{}) : needed};
}

Decimal VenueCore::own_lock(const WorkingOrder& order, AssetIx asset) const {
  if (const OcoGroup* group = group_of(order)) {
    for (const Money& money : group->locked) {
      if (money.asset == asset) return money.amount;
    }
    return {};
  }
  return order.lock && order.lock->asset == asset ? order.lock->amount : Decimal{};
}

bool VenueCore::affordable(const WorkingOrder& order, std::int64_t price, std::int64_t quantity, const Money& fee) const {
  const VenueInstrument& inst = instrument_of(order);
  const VenueAccount& account = accounts[order.account];
  const Side side = order.spec.side;
  if (inst.spec.payoff == Payoff::spot) {
    const AssetIx asset = side == Side::buy ? inst.spec.quote : inst.spec.base;
    Decimal needed = side == Side::buy ? notional(inst.spec, {price}, {quantity}) : Decimal::from_units(quantity, inst.spec.quantity_digits);
    if (fee.asset == asset) needed += fee.amount;
    return needed <= available(account, asset, Use::spend) + own_lock(order, asset);
  }
  const VenueHolding& holding = holdings[order.position];
  const std::int64_t opened = opening_part(holding, side, quantity);
  if (opened == 0) return true;
  const Decimal needed = initial_margin(account, inst, price, opened) + fee.amount;
  Decimal free = available(account, inst.spec.settle, Use::margin) + own_lock(order, inst.spec.settle);
  // A turn closes what is held first, and that margin is free again.
  if (opened < quantity) free += initial_margin(account, inst, inst.mark, quantity - opened);
  return needed <= free;
}

void VenueCore::relock(std::uint32_t slot, std::optional<Money> lock) {
  WorkingOrder& order = orders[slot];
  VenueAccount& account = accounts[order.account];
  OcoGroup* group = group_of(order);
  if (group == nullptr) {
    if (order.lock) balance(account, order.lock->asset).locked -= order.lock->amount;
    order.lock = lock;
    if (order.lock) balance(account, order.lock->asset).locked += order.lock->amount;
    return;
  }
  order.lock = lock;
  for (const Money& money : group->locked) balance(account, money.asset).locked -= money.amount;
  group->locked.clear();
  for (const std::uint32_t member : group->members) {
    const auto& held = orders[member].lock;
    if (!held) continue;
    const auto it = std::find_if(group->locked.begin(), group->locked.end(), [&](const Money& m) { return m.asset == held->asset; });
    if (it == group->locked.end()) {
      group->locked.push_back(*held);
    } else {
      it->amount = max(it->amount, held->amount);
    }
  }
  for (const Money& money : group->locked) balance(account, money.asset).locked += money.amount;
}

}  // namespace prom::sim
