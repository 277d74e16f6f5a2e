// Position sizing by bisection over the exact loss, so that rounding of value, fee and slippage can never push the loss above the limit. Pure; any thread.
#include "domain/sizing.h"

#include <algorithm>
#include <limits>

#include "domain/instrument_math.h"

namespace prom {

namespace {

Decimal loss(const InstrumentMath& math, const SizingRequest& request, QuantityUnits quantity) {
  const Decimal at_entry = math.value_decimal(request.entry, quantity);
  const Decimal at_stop = math.value_decimal(request.stop, quantity);
  const Decimal cost_rate = max(request.taker_fee, kDecimalZero) + max(request.slippage, kDecimalZero);
  return (at_entry - at_stop).abs() + mul(cost_rate, at_entry + at_stop, Round::up);
}

/// Steps that value and loss allow in proportion to those of a probe: near the answer, on either side of it.
std::int64_t first_guess(const InstrumentMath& math, const Instrument& instrument, const SizingRequest& request, Decimal allowed, std::int64_t most) {
  constexpr std::int64_t kProbe = 1'024;
  constexpr wide::I128 kLargest = wide::I128{1} << 115;  // times the probe stays inside 128 bits
  if (most < kProbe || allowed.mantissa() > kLargest || request.max_notional.mantissa() > kLargest) return 1;
  const QuantityUnits probe{kProbe * instrument.step.v};
  const wide::I128 value = math.value(request.entry, probe);
  const wide::I128 risk = loss(math, request, probe).mantissa();
  if (value <= 0 || risk <= 0) return 1;
  const wide::I128 steps = std::min(request.max_notional.mantissa() * kProbe / value, allowed.mantissa() * kProbe / risk);
  return static_cast<std::int64_t>(std::min<wide::I128>(steps, most));
}

bool large_enough(const Instrument& instrument, PriceUnits price, QuantityUnits quantity) {
  return quantity >= instrument.min_quantity && notional_in_quote(instrument, price, quantity) >= instrument.min_notional;
}

}  // namespace

Decimal loss_at_stop(const Instrument& instrument, const SizingRequest& request, QuantityUnits quantity) {
  return loss(InstrumentMath::of(instrument), request, quantity);
}

QuantityUnits size_by_risk(const Instrument& instrument, const SizingRequest& request) {
  const QuantityUnits quantity = largest_by_risk(instrument, InstrumentMath::of(instrument), request);
  return large_enough(instrument, request.entry, quantity) ? quantity : QuantityUnits{};
}

QuantityUnits largest_by_risk(const Instrument& instrument, const InstrumentMath& math, const SizingRequest& request) {
  if (request.entry.v <= 0 || request.stop.v <= 0) return {};
  const bool stop_fits = request.side == Side::buy ? request.stop < request.entry : request.stop > request.entry;
  if (!stop_fits || !request.equity.is_positive() || !request.risk_fraction.is_positive() || !request.max_notional.is_positive()) return {};
  const Decimal allowed = mul(request.equity, request.risk_fraction, Round::down);
  const auto fits = [&](std::int64_t steps) {
    const QuantityUnits quantity{steps * instrument.step.v};
    return math.value_decimal(request.entry, quantity) <= request.max_notional && loss(math, request, quantity) <= allowed;
  };
  // `low` fits (or is nothing) and `high` does not or is beyond the maximum. Value and loss grow with the quantity all but in proportion, so a division says
  // where to look; only the exact comparison decides.
  const std::int64_t maximum = instrument.max_quantity.v > 0 ? instrument.max_quantity.v : std::numeric_limits<std::int64_t>::max() - 1;
  const std::int64_t most = maximum / instrument.step.v;
  const std::int64_t guess = first_guess(math, instrument, request, allowed, most);
  const auto twice = [](std::int64_t width) {
    return width > std::numeric_limits<std::int64_t>::max() / 2 ? std::numeric_limits<std::int64_t>::max() : width * 2;
  };
  std::int64_t low = std::max<std::int64_t>(guess - 1, 0);
  std::int64_t high = low;
  for (std::int64_t width = 1; low > 0 && !fits(low); width = twice(width)) {
    high = low;
    low = std::max<std::int64_t>(low - width, 0);
  }
  if (high == low) high = low + 1;
  for (std::int64_t width = 1; high <= most && fits(high); width = twice(width)) {
    low = high;
    high = width > most - high ? most + 1 : high + width;
  }
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    (fits(middle) ? low : high) = middle;
  }
  return {low * instrument.step.v};
}

bool smallest_exit_ok(const Instrument& instrument, QuantityUnits quantity, PriceUnits stop, std::span<const TargetLevel> targets) {
  if (quantity.v <= 0) return false;
  // The stop may have to take off everything.
  if (!large_enough(instrument, stop, quantity)) return false;
  const Decimal whole = to_decimal(instrument, quantity);
  QuantityUnits left = quantity;
  for (const TargetLevel& target : targets) {
    const QuantityUnits part = std::min(quantity_to_step(instrument, mul(whole, target.fraction, Round::down)), left);
    if (!large_enough(instrument, target.price, part)) return false;
    left = left - part;
    if (left.v > 0 && !large_enough(instrument, stop, left)) return false;
  }
  return true;
}

}  // namespace prom
