// Liquidation at cross margin: an account whose equity falls to its maintenance margin loses its positions. Most bars are answered by a band of prices
// within which no account can get there; only a bar that leaves it is computed. One thread.
#include <algorithm>

#include "base/assert.h"
#include "sim/venue_core.h"

namespace prom::sim {
namespace {

std::int64_t size_of(const VenueHolding& holding) { return holding.quantity < 0 ? -holding.quantity : holding.quantity; }

Decimal maintenance_rate(const Instrument& instrument, Decimal value) {
  const LeverageTier* tier = tier_for(instrument, value);
  return tier == nullptr ? Decimal{} : tier->maintenance_rate;
}

// mark * numerator / denominator in price units; the quotient is rounded towards the mark and kept within half and double of it.
std::int64_t scaled_price(std::int64_t mark, Decimal numerator, Decimal denominator, Round round) {
  if (!denominator.is_positive()) return numerator.is_positive() ? 2 * mark : mark;
  const Decimal ratio = div(numerator, denominator, round);
  const Decimal bounded = max(min(ratio, Decimal::from_int(2)), Decimal::from_mantissa(Decimal::kScale / 2));
  __extension__ using Wide = __int128;
  const Wide product = Wide{mark} * bounded.mantissa();
  return static_cast<std::int64_t>(round == Round::floor ? product / Decimal::kScale : (product + Decimal::kScale - 1) / Decimal::kScale);
}

}  // namespace

Decimal VenueCore::cushion(const VenueAccount& account, AssetIx settle, const VenueInstrument* inst, std::int64_t price) const {
  Decimal sum = balance_of(account, settle);
  for (const std::uint32_t slot : account.holdings) {
    const VenueHolding& holding = holdings[slot];
    const VenueInstrument& own = instruments[holding.instrument.v];
    if (holding.quantity == 0 || own.spec.payoff == Payoff::spot || own.spec.settle != settle) continue;
    const std::int64_t at = &own == inst ? price : own.mark;
    const Decimal value = notional(own.spec, {at}, {size_of(holding)});
    sum += unrealised(own.spec, holding.quantity, holding.cost, at) - mul(value, maintenance_rate(own.spec, value), Round::up);
  }
  return sum;
}

// Sets for each position of the account the prices between which it cannot be liquidated whatever the others do inside theirs: each may use up an equal
// share of the cushion. Tiers rise with the value, so the rate of twice the value holds up to twice the price.
void VenueCore::rebuild_safety(std::uint32_t account_index, AssetIx settle) {
  const VenueAccount& account = accounts[account_index];
  std::int64_t open = 0;
  Decimal sum = balance_of(account, settle);
  for (const std::uint32_t slot : account.holdings) {
    const VenueHolding& holding = holdings[slot];
    const VenueInstrument& inst = instruments[holding.instrument.v];
    if (holding.quantity == 0 || inst.spec.payoff == Payoff::spot || inst.spec.settle != settle) continue;
    ++open;
    const Decimal value = notional(inst.spec, {inst.mark}, {size_of(holding)});
    const Decimal rate = maintenance_rate(inst.spec, value + value);
    sum += unrealised(inst.spec, holding.quantity, holding.cost, inst.mark) - mul(value, rate, Round::up);
  }
  const Decimal share = open == 0 ? Decimal{} : div(max(sum, Decimal{}), Decimal::from_int(open), Round::down);
  for (const std::uint32_t slot : account.holdings) {
    VenueHolding& holding = holdings[slot];
    VenueInstrument& inst = instruments[holding.instrument.v];
    if (inst.spec.payoff == Payoff::spot || inst.spec.settle != settle) continue;
    holding.safe_low = 0;
    holding.safe_high = INT64_MAX;
    if (holding.quantity != 0) {
      const Decimal value = notional(inst.spec, {inst.mark}, {size_of(holding)});
      const Decimal loaded = value + mul(value, maintenance_rate(inst.spec, value + value), Round::up);
      const bool is_long = holding.quantity > 0;
      holding.safe_high = 2 * inst.mark;
      holding.safe_low = inst.spec.payoff == Payoff::inverse ? inst.mark / 2 + 1 : 0;
      if (inst.spec.payoff == Payoff::inverse) {
        // In base: a long at price p has lost value * (mark / p - 1), a short value * (1 - mark / p); maintenance grows as the price falls.
        if (is_long) holding.safe_low = scaled_price(inst.mark, loaded, loaded + share, Round::ceil);
        if (!is_long && share < value) holding.safe_high = scaled_price(inst.mark, value, value - share, Round::floor);
      } else {
        if (is_long && share < value) {
          __extension__ using Wide = __int128;
          const Decimal left = value.is_zero() ? kDecimalOne : div(value - share, value, Round::ceil);
          holding.safe_low = static_cast<std::int64_t>((Wide{inst.mark} * left.mantissa() + Decimal::kScale - 1) / Decimal::kScale);
        }
        if (!is_long) holding.safe_high = scaled_price(inst.mark, loaded + share, loaded, Round::floor);
      }
    }
    collect_safety(inst);
  }
}

void VenueCore::collect_safety(VenueInstrument& inst) {
  inst.unsafe_low = INT64_MIN;
  inst.unsafe_high = INT64_MAX;
  for (const std::uint32_t slot : inst.holdings) {
    const VenueHolding& holding = holdings[slot];
    if (holding.quantity == 0 || inst.spec.payoff == Payoff::spot) continue;
    inst.unsafe_low = std::max(inst.unsafe_low, holding.safe_low);
    inst.unsafe_high = std::min(inst.unsafe_high, holding.safe_high);
  }
  refresh_touch(inst);
}

std::optional<std::int64_t> VenueCore::liquidation_price(std::uint32_t account_index, const VenueInstrument& inst, const Phase& phase) const {
  const VenueAccount& account = accounts[account_index];
  std::int64_t net = 0;
  for (const std::uint32_t slot : inst.holdings) {
    if (holdings[slot].account_slot == account_index) net += holdings[slot].quantity;
  }
  const auto dead_at = [&](std::int64_t price) { return cushion(account, inst.spec.settle, &inst, price) <= Decimal{}; };
  const bool low = dead_at(phase.low);
  const bool high = dead_at(phase.high);
  if (!low && !high) return std::nullopt;
  if (dead_at(phase.open)) return phase.open;
  // Between the safe open and the dead extreme lies the first price that meets the maintenance margin.
  std::int64_t dead = low && (net >= 0 || !high) ? phase.low : phase.high;
  std::int64_t alive = phase.open;
  while (dead - alive > 1 || alive - dead > 1) {
    const std::int64_t middle = alive + (dead - alive) / 2;
    (dead_at(middle) ? dead : alive) = middle;
  }
  return dead;
}

void VenueCore::check_liquidation(VenueInstrument& inst, const Phase& phase) {
  if (phase.low > inst.unsafe_low && phase.high < inst.unsafe_high) return;
  std::vector<std::uint32_t> threatened;
  for (const std::uint32_t slot : inst.holdings) {
    const VenueHolding& holding = holdings[slot];
    if (holding.quantity == 0 || (phase.low > holding.safe_low && phase.high < holding.safe_high)) continue;
    if (std::find(threatened.begin(), threatened.end(), holding.account_slot) == threatened.end()) threatened.push_back(holding.account_slot);
  }
  for (const std::uint32_t account : threatened) {
    if (const auto price = liquidation_price(account, inst, phase)) liquidate(account, inst, *price, phase);
    rebuild_safety(account, inst.spec.settle);
  }
}

void VenueCore::liquidate(std::uint32_t account, VenueInstrument& inst, std::int64_t price, const Phase& phase) {
  const auto close = [&](VenueInstrument& target, std::int64_t at, PriceRange range) {
    const auto slots = target.holdings;
    // Working entries go first: they would open the position again. Exits fall with the position.
    for (std::uint32_t slot = 0; slot < orders.size(); ++slot) {
      const WorkingOrder& order = orders[slot];
      if (order.seq == 0 || order.account != account || order.spec.instrument != target.spec.ix || reduces_only(order.spec)) continue;
      cancel(slot, CancelCause::venue, phase.instant);
    }
    for (const std::uint32_t slot : slots) {
      if (holdings[slot].account_slot != account || holdings[slot].quantity == 0) continue;
      const Side side = holdings[slot].quantity > 0 ? Side::sell : Side::buy;
      liquidation_fill(slot, worsened(at, side, config.slippage, target.spec.tick.v, range), at, phase.instant);
      void_exits(slot, phase.instant);
    }
  };
  close(inst, price, {phase.fill_low, phase.fill_high});
  // If what remains cannot stand on its own, the other positions follow at their last known prices.
  for (VenueInstrument& other : instruments) {
    if (&other == &inst || other.spec.payoff == Payoff::spot || other.spec.settle != inst.spec.settle || other.mark == 0) continue;
    const bool open = std::any_of(other.holdings.begin(), other.holdings.end(),
                                  [&](std::uint32_t slot) { return holdings[slot].account_slot == account && holdings[slot].quantity != 0; });
    if (open && cushion(accounts[account], inst.spec.settle, nullptr, 0) <= Decimal{}) close(other, other.mark, {});
  }
}

}  // namespace prom::sim
