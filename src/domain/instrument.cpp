// Instrument codes, values and grids. Pure; any thread.
#include "domain/instrument.h"

#include "base/text.h"
#include "domain/instrument_math.h"

namespace prom {

namespace {

constexpr std::size_t kMaxSymbol = 32;

std::optional<Venue> parse_venue(std::string_view text) {
  for (const Venue venue : {Venue::sim, Venue::binance, Venue::bybit, Venue::okx}) {
    if (venue_name(venue) == text) return venue;
  }
  return std::nullopt;
}

// The names that venues and data vendors use for the same thing: Binance's UM and CM futures, Bybit's linear and inverse, OKX's swaps.
std::optional<Payoff> parse_market(std::string_view text) {
  if (text == "spot") return Payoff::spot;
  if (text == "linear" || text == "perp" || text == "um" || text == "swap" || text == "futures") return Payoff::linear;
  if (text == "inverse" || text == "cm") return Payoff::inverse;
  return std::nullopt;
}

bool is_symbol_char(char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; }

wide::U128 power_of_ten(int exponent) { return static_cast<wide::U128>(detail::kPow10[exponent]); }

detail::Sign sign_of_units(std::int64_t units) { return units < 0 ? detail::Sign::minus : detail::Sign::plus; }

// quantity * contract_value: base units of a linear or spot quantity, quote units of an inverse one.
Decimal contracts_worth(const Instrument& instrument, QuantityUnits quantity) {
  if (instrument.contract_value == kDecimalOne && instrument.quantity_digits <= Decimal::kDigits) [[likely]]
    return Decimal::from_units(quantity.v, instrument.quantity_digits);
  return detail::mul_div(wide::magnitude(quantity.v), wide::magnitude(instrument.contract_value.mantissa()), power_of_ten(instrument.quantity_digits),
                         sign_of_units(quantity.v), Round::half_even);
}

}  // namespace

std::string_view venue_name(Venue venue) {
  switch (venue) {
    case Venue::sim: return "sim";
    case Venue::binance: return "binance";
    case Venue::bybit: return "bybit";
    case Venue::okx: return "okx";
  }
  PROM_UNREACHABLE();
}

std::string_view market_name(Payoff payoff) {
  switch (payoff) {
    case Payoff::spot: return "spot";
    case Payoff::linear: return "linear";
    case Payoff::inverse: return "inverse";
  }
  PROM_UNREACHABLE();
}

std::string instrument_code(const Instrument& instrument) {
  std::string out(venue_name(instrument.venue));
  out += ':';
  out += market_name(instrument.payoff);
  out += ':';
  out += instrument.symbol;
  return out;
}

std::expected<InstrumentCode, std::string> parse_instrument_code(std::string_view text) {
  const auto parts = split(trim(text), ':');
  const auto failed = [&](std::string_view why) {
    return std::unexpected("instrument '" + std::string(text) + "': " + std::string(why) + "; expected venue:market:SYMBOL, e.g. binance:linear:BTCUSDT");
  };
  if (parts.size() != 3) return failed("needs three parts");
  const auto venue = parse_venue(to_lower(parts[0]));
  if (!venue) return failed("venue must be sim, binance, bybit or okx");
  const auto payoff = parse_market(to_lower(parts[1]));
  if (!payoff) return failed("market must be spot, linear or inverse");
  std::string symbol = to_upper(parts[2]);
  if (symbol.empty() || symbol.size() > kMaxSymbol) return failed("symbol must have 1 to 32 characters");
  for (const char c : symbol) {
    if (!is_symbol_char(c)) return failed("symbol may hold letters, digits, - and _");
  }
  return InstrumentCode{*venue, *payoff, std::move(symbol)};
}

Decimal notional(const Instrument& instrument, PriceUnits price, QuantityUnits quantity) {
  const int digits = instrument.price_digits + instrument.quantity_digits;
  if (instrument.payoff != Payoff::inverse && instrument.contract_value == kDecimalOne && digits <= Decimal::kDigits) [[likely]] {
    Decimal::Mantissa product = 0;
    if (!__builtin_mul_overflow(Decimal::Mantissa{price.v} * quantity.v, Decimal::Mantissa{detail::kPow10[Decimal::kDigits - digits]}, &product)) [[likely]]
      return Decimal::from_mantissa(product);
  }
  return InstrumentMath::of(instrument).value_decimal(price, quantity);
}

Decimal notional_in_quote(const Instrument& instrument, PriceUnits price, QuantityUnits quantity) {
  return instrument.payoff == Payoff::inverse ? contracts_worth(instrument, quantity) : notional(instrument, price, quantity);
}

Decimal base_amount(const Instrument& instrument, QuantityUnits quantity, PriceUnits price) {
  return instrument.payoff == Payoff::inverse ? notional(instrument, price, quantity) : contracts_worth(instrument, quantity);
}

Decimal to_decimal(const Instrument& instrument, PriceUnits price) { return Decimal::from_units(price.v, instrument.price_digits); }
Decimal to_decimal(const Instrument& instrument, QuantityUnits quantity) { return Decimal::from_units(quantity.v, instrument.quantity_digits); }

std::expected<PriceUnits, AmountError> price_to_tick(const Instrument& instrument, Decimal price, Round round) {
  PROM_ASSERT(instrument.tick.v > 0, "tick must be positive");
  if (!price.is_positive()) return std::unexpected(AmountError::not_positive);
  const Decimal tick = to_decimal(instrument, instrument.tick);
  const auto units = round_to_step(price, tick, round).to_units(instrument.price_digits, Round::down);
  // Beyond int64 there is no grid point; rounding down to nothing leaves no price either.
  if (!units || *units <= 0) return std::unexpected(AmountError::not_positive);
  return PriceUnits{*units};
}

QuantityUnits quantity_to_step(const Instrument& instrument, Decimal quantity) {
  PROM_ASSERT(instrument.step.v > 0, "step must be positive");
  if (!quantity.is_positive()) return {};
  const auto units = quantity.to_units(instrument.quantity_digits, Round::down);
  const std::int64_t whole = units ? *units : INT64_MAX;  // more than int64 can hold: clipped, which is still down
  return {whole - whole % instrument.step.v};
}

const LeverageTier* tier_for(const Instrument& instrument, Decimal notional) {
  if (instrument.payoff == Payoff::spot || instrument.tiers.empty()) return nullptr;
  for (const LeverageTier& tier : instrument.tiers) {
    if (notional <= tier.notional_cap) return &tier;
  }
  return &instrument.tiers.back();
}

std::string_view describe(InstrumentFault fault) {
  switch (fault) {
    case InstrumentFault::none: return "nothing is wrong";
    case InstrumentFault::symbol_empty: return "symbol is empty";
    case InstrumentFault::digits_out_of_range: return "price and quantity digits must be 0 to 12";
    case InstrumentFault::grid_not_positive: return "tick, step and minimum quantity must be positive";
    case InstrumentFault::minimum_off_step: return "minimum and maximum quantity must be multiples of the step";
    case InstrumentFault::maximum_below_minimum: return "maximum quantity is below the minimum";
    case InstrumentFault::contract_value_out_of_range: return "contract value must be above 0 and at most 1e9";
    case InstrumentFault::contract_value_not_one: return "contract value must be 1 where the order unit is the base asset";
    case InstrumentFault::tiers_not_ascending: return "leverage tiers must ascend by notional cap, with leverage of at least 1 and a rate in [0, 1)";
    case InstrumentFault::fee_out_of_range: return "fees must lie between -5 % and 5 %";
  }
  PROM_UNREACHABLE();
}

InstrumentFault check_instrument(const Instrument& x) {
  using enum InstrumentFault;
  if (x.symbol.empty()) return symbol_empty;
  if (x.price_digits > Decimal::kDigits || x.quantity_digits > Decimal::kDigits) return digits_out_of_range;
  if (x.tick.v <= 0 || x.step.v <= 0 || x.min_quantity.v <= 0) return grid_not_positive;
  if (x.min_quantity.v % x.step.v != 0 || x.max_quantity.v % x.step.v != 0) return minimum_off_step;
  if (x.max_quantity.v != 0 && x.max_quantity < x.min_quantity) return maximum_below_minimum;
  if (!x.contract_value.is_positive() || x.contract_value > Decimal::from_int(1'000'000'000)) return contract_value_out_of_range;
  if (x.quantity_kind == QuantityKind::base && x.contract_value != kDecimalOne) return contract_value_not_one;
  Decimal cap;
  for (const LeverageTier& tier : x.tiers) {
    if (tier.notional_cap <= cap || tier.max_leverage < kDecimalOne || tier.maintenance_rate.is_negative() || tier.maintenance_rate >= kDecimalOne)
      return tiers_not_ascending;
    cap = tier.notional_cap;
  }
  using namespace literals;
  for (const Decimal fee : {x.fees.maker, x.fees.taker}) {
    if (fee.abs() > "0.05"_dec) return fee_out_of_range;
  }
  return none;
}

}  // namespace prom
