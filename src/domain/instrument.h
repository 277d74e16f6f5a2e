// What can be traded, and the venue's rules for it. Immutable once registered; the engine refers to it by index. Any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/decimal.h"
#include "base/fields.h"
#include "base/time.h"
#include "domain/amounts.h"
#include "domain/ids.h"

namespace prom {

/// How a position pays. spot: the coin itself. linear: contract settles in quote, value = quantity * contract_value * price.
/// inverse: settles in base, value in base = contracts * contract_value / price.
enum class Payoff : std::uint8_t { spot, linear, inverse };
/// What one order unit is: base coins, or contracts of `contract_value` each.
enum class QuantityKind : std::uint8_t { base, contracts };
/// Whether a figure was stated by the venue's own record or assumed by us; assumed figures are labelled wherever shown.
enum class Provenance : std::uint8_t { venue, assumed };

/// One step of the venue's margin schedule: positions up to `notional_cap` may use `max_leverage` and need `maintenance_rate` of notional.
struct LeverageTier {
  Decimal notional_cap;
  Decimal max_leverage;
  Decimal maintenance_rate;
  PROM_FIELDS(notional_cap, max_leverage, maintenance_rate)
};

struct FeeSchedule {
  Decimal maker;  ///< fraction of notional; negative = rebate
  Decimal taker;
  PROM_FIELDS(maker, taker)
};

struct Instrument {
  InstrumentIx ix{};
  Venue venue = Venue::sim;
  Payoff payoff = Payoff::spot;
  QuantityKind quantity_kind = QuantityKind::base;
  std::string symbol;        ///< our name, e.g. BTCUSDT
  std::string venue_symbol;  ///< the venue's name, e.g. BTC-USDT-SWAP
  AssetIx base{}, quote{}, settle{};
  std::uint8_t price_digits = 0;
  std::uint8_t quantity_digits = 0;
  PriceUnits tick{1};
  QuantityUnits step{1};
  QuantityUnits min_quantity{1};
  QuantityUnits max_quantity{};
  Decimal min_notional;    ///< in quote
  Decimal contract_value;  ///< base (linear) or quote (inverse) units per contract; 1 where the order unit is base
  FeeSchedule fees;
  std::vector<LeverageTier> tiers;  ///< ascending by notional_cap; empty on spot
  DurationNs funding_interval{};    ///< zero on spot
  Decimal assumed_funding_rate;     ///< per funding interval; charged where no recorded rate is known
  Provenance provenance = Provenance::assumed;
  std::uint16_t group = 0;  ///< correlation group for exposure limits
  PROM_FIELDS(ix, venue, payoff, quantity_kind, symbol, venue_symbol, base, quote, settle, price_digits, quantity_digits, tick, step, min_quantity,
              max_quantity, min_notional, contract_value, fees, tiers, funding_interval, assumed_funding_rate, provenance, group)
};

/// "binance:linear:BTCUSDT". Markets: spot, linear, inverse (perp, um, swap and futures are read as linear).
std::string instrument_code(const Instrument& instrument);

struct InstrumentCode {
  Venue venue;
  Payoff payoff;
  std::string symbol;
};
std::expected<InstrumentCode, std::string> parse_instrument_code(std::string_view text);
std::string_view venue_name(Venue venue);
std::string_view market_name(Payoff payoff);

// --- values. All are exact or rounded to 1e-12 as named. `quantity` must be non-negative unless said otherwise. ---

/// Value of `quantity` at `price` in the quote asset (linear, spot) or in the base asset (inverse); rounds half-even at 1e-12. Sign follows quantity.
Decimal notional(const Instrument& instrument, PriceUnits price, QuantityUnits quantity);
/// The same value in quote for every payoff (inverse: contracts * contract_value).
Decimal notional_in_quote(const Instrument& instrument, PriceUnits price, QuantityUnits quantity);
/// Amount of base asset in `quantity` order units (contracts are converted).
Decimal base_amount(const Instrument& instrument, QuantityUnits quantity, PriceUnits price);

Decimal to_decimal(const Instrument& instrument, PriceUnits price);
Decimal to_decimal(const Instrument& instrument, QuantityUnits quantity);

/// Rounds a price to the tick. The direction is the caller's: a buy limit rounds down, a sell stop's trigger rounds up (towards the market: never more risk).
std::expected<PriceUnits, AmountError> price_to_tick(const Instrument& instrument, Decimal price, Round round);
/// Rounds a quantity down to the step (never more risk); zero is a legal result.
QuantityUnits quantity_to_step(const Instrument& instrument, Decimal quantity);

/// What is wrong with an instrument's record; checked before it is registered, because values of a faulty one assert.
enum class InstrumentFault : std::uint8_t {
  none,
  symbol_empty,
  digits_out_of_range,
  grid_not_positive,
  minimum_off_step,
  maximum_below_minimum,
  contract_value_out_of_range,
  contract_value_not_one,
  tiers_not_ascending,
  fee_out_of_range
};
/// The first fault, or `none`. max_quantity 0 means that the venue states no maximum.
InstrumentFault check_instrument(const Instrument& instrument);
std::string_view describe(InstrumentFault fault);

/// The tier that holds for a position of this notional (the last when above all caps). Null on spot.
const LeverageTier* tier_for(const Instrument& instrument, Decimal notional);

}  // namespace prom
