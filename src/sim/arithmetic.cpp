// The venue's own arithmetic of prices, fees and positions. Pure functions; any thread.
#include "sim/arithmetic.h"

#include <algorithm>

#include "base/assert.h"

namespace prom::sim {
namespace {

__extension__ using Exact = __int128;

}  // namespace

std::int64_t worse_of(std::int64_t a, std::int64_t b, Side side) { return side == Side::buy ? std::max(a, b) : std::min(a, b); }

std::int64_t worsened(std::int64_t price, Side side, Decimal slippage, std::int64_t tick, PriceRange range) {
  if (!slippage.is_zero()) {
    // Rounded away from the price, so that the least slippage is one unit worse, never better.
    const Exact exact = Exact{price} * slippage.mantissa();
    const auto delta = static_cast<std::int64_t>((exact + Decimal::kScale - 1) / Decimal::kScale);
    if (side == Side::buy) {
      price += delta;
      if (const std::int64_t over = price % tick; over != 0) price += tick - over;
    } else {
      price -= delta;
      price -= price % tick;
    }
  }
  return std::clamp(price, std::max<std::int64_t>(range.low, 1), range.high);
}

Decimal slippage_cost(const Instrument& instrument, Side side, std::int64_t price, std::int64_t reference, std::int64_t quantity) {
  if (price == reference) return {};
  const Decimal worse = Decimal::from_units((price - reference) * sign_of(side), instrument.price_digits);
  return mul(worse, base_amount(instrument, {quantity}, {price}), Round::half_even);
}

Decimal proportion(Decimal cost, std::int64_t part, std::int64_t whole) {
  PROM_ASSERT(whole > 0 && part >= 0 && part <= whole, "a part lies within its whole");
  // cost = a * whole + r, so cost * part / whole = a * part + r * part / whole, where r * part stays below 2^126.
  const Exact mantissa = cost.mantissa();
  const Exact magnitude = mantissa < 0 ? -mantissa : mantissa;
  const Exact left_over = (magnitude % whole) * part;
  Exact result = (magnitude / whole) * part + left_over / whole;
  const Exact twice = 2 * (left_over % whole);
  if (twice > whole || (twice == whole && (result & 1) != 0)) ++result;
  return Decimal::from_mantissa(mantissa < 0 ? -result : result);
}

PositionStep step_position(const Instrument& instrument, std::int64_t quantity, Decimal cost, Side side, PriceUnits price, std::int64_t fill) {
  PositionStep step{quantity, cost, {}, fill};
  const std::int64_t direction = sign_of(side);
  if (quantity != 0 && (quantity > 0) != (direction > 0)) {
    const std::int64_t held = quantity < 0 ? -quantity : quantity;
    const std::int64_t closed = std::min(held, fill);
    const Decimal removed = closed == held ? cost : proportion(cost, closed, held);
    const Decimal value = notional(instrument, price, {quantity < 0 ? -closed : closed});
    step.realised = instrument.payoff == Payoff::inverse ? removed - value : value - removed;
    step.cost = cost - removed;
    step.opened = fill - closed;
    // The opened part takes the rest of the fill's value, so that both parts add up to it.
    if (step.opened > 0) step.cost = notional(instrument, price, {direction * fill}) + value;
  } else {
    step.cost += notional(instrument, price, {direction * fill});
  }
  step.quantity = quantity + direction * fill;
  return step;
}

Decimal unrealised(const Instrument& instrument, std::int64_t quantity, Decimal cost, std::int64_t mark) {
  const Decimal value = notional(instrument, {mark}, {quantity});
  return instrument.payoff == Payoff::inverse ? cost - value : value - cost;
}

}  // namespace prom::sim
