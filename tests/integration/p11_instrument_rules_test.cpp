// P11: precision and tick rejects. Over the venues' real instrument lists and the shipped one: every price that we emit is on the tick, every quantity on the
// step, and rounding never adds risk. The grid is checked with integers of 1e-12, apart from the code under test. One thread.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <set>

#include "adapters/feeds/archive/catalogue.h"
#include "base/prng.h"
#include "domain/sizing.h"
#include "recorded_rules.h"

namespace prom {
namespace {

__extension__ using Wide = __int128;
constexpr int kRounds = 400;

std::filesystem::path recorded_folder() {
  const char* shared = std::getenv("PROM_SHARED");
  return std::filesystem::path(shared != nullptr ? shared : PROM_SOURCE_DIR "/../shared") / "fixtures/venues";
}

// Text of a decimal to units of 1e-12, by hand.
Wide twelve_digits(const std::string& text) {
  Wide value = 0;
  int after = -1;
  for (const char c : text) {
    if (c == '.') {
      after = 0;
    } else if (after < 12) {
      value = value * 10 + (c - '0');
      if (after >= 0) ++after;
    }
  }
  for (int i = after < 0 ? 0 : after; i < 12; ++i) value *= 10;
  return value;
}

// A number between a thousandth of the grid and a million times it: its own mantissa may lie on the grid, a hair beside it, or anywhere.
Wide any_amount(Xoshiro256pp& random, Wide grid) {
  const Wide whole = grid * random.range(0, 1'000'000);
  switch (random.range(0, 3)) {
    case 0: return whole + grid;
    case 1: return whole + 1;
    case 2: return whole + grid - 1;
    default: return whole + random.range(1, static_cast<std::int64_t>(grid < 1'000'000'000'000'000 ? grid : 1'000'000'000'000'000));
  }
}

void check_prices(const Instrument& instrument, Wide tick, Xoshiro256pp& random) {
  for (int i = 0; i < kRounds; ++i) {
    const Wide price = any_amount(random, tick);
    const Decimal exact = Decimal::from_mantissa(price);
    const auto down = price_to_tick(instrument, exact, Round::floor);
    const auto up = price_to_tick(instrument, exact, Round::ceil);
    const Wide below = price / tick * tick;
    ASSERT_EQ(down.has_value(), below > 0);
    if (down) ASSERT_EQ(to_decimal(instrument, *down).mantissa(), below) << exact.to_string();
    ASSERT_TRUE(up.has_value());
    ASSERT_EQ(to_decimal(instrument, *up).mantissa(), (price + tick - 1) / tick * tick) << exact.to_string();
    for (const Round round : {Round::down, Round::up, Round::half_even, Round::half_up}) {
      const auto units = price_to_tick(instrument, exact, round);
      if (!units) continue;
      const Wide got = to_decimal(instrument, *units).mantissa();
      ASSERT_EQ(got % tick, 0);
      ASSERT_LT(got > price ? got - price : price - got, tick);
    }
  }
}

void check_quantities(const Instrument& instrument, Wide step, Xoshiro256pp& random) {
  for (int i = 0; i < kRounds; ++i) {
    const Wide quantity = any_amount(random, step);
    const QuantityUnits units = quantity_to_step(instrument, Decimal::from_mantissa(quantity));
    ASSERT_EQ(to_decimal(instrument, units).mantissa(), quantity / step * step);
    ASSERT_EQ(units.v % instrument.step.v, 0);
  }
  EXPECT_EQ(quantity_to_step(instrument, Decimal{}).v, 0);
  EXPECT_EQ(quantity_to_step(instrument, Decimal::from_int(-5)).v, 0);
}

// Loss between an entry and a stop on exact prices, in quote (linear, spot) or base (inverse), as a double: only the order of two losses is compared.
double loss(const Instrument& x, double entry, double stop, double quantity) {
  const double amount = quantity * x.contract_value.to_double();
  return x.payoff == Payoff::inverse ? std::abs(amount / entry - amount / stop) : std::abs(entry - stop) * amount;
}

// A plan with exact prices against the same plan on the venue's grid.
void check_risk(const Instrument& instrument, Wide tick, Wide step, Xoshiro256pp& random) {
  for (int i = 0; i < kRounds; ++i) {
    const Wide low = any_amount(random, tick) + 10 * tick;
    const Wide high = low + any_amount(random, tick) % low + 3 * tick;
    const Wide quantity = any_amount(random, step);
    for (const Side side : {Side::buy, Side::sell}) {
      const bool buy = side == Side::buy;
      const Decimal entry = Decimal::from_mantissa(buy ? high : low), stop = Decimal::from_mantissa(buy ? low : high);
      const auto entry_units = price_to_tick(instrument, entry, buy ? Round::floor : Round::ceil);
      const auto stop_units = price_to_tick(instrument, stop, buy ? Round::ceil : Round::floor);
      const QuantityUnits quantity_units = quantity_to_step(instrument, Decimal::from_mantissa(quantity));
      ASSERT_TRUE(entry_units && stop_units);
      const double planned = loss(instrument, entry.to_double(), stop.to_double(), Decimal::from_mantissa(quantity).to_double());
      const double sent = loss(instrument, to_decimal(instrument, *entry_units).to_double(), to_decimal(instrument, *stop_units).to_double(),
                               to_decimal(instrument, quantity_units).to_double());
      ASSERT_LE(sent, planned * (1 + 1e-9)) << instrument.symbol;
    }
  }
}

void check_sizes(const Instrument& instrument, Xoshiro256pp& random) {
  for (int i = 0; i < kRounds; ++i) {
    SizingRequest request;
    request.side = random.range(0, 1) == 0 ? Side::buy : Side::sell;
    const std::int64_t entry = random.range(1'000, 1'000'000), away = random.range(1, 900);
    request.entry = {entry * instrument.tick.v};
    request.stop = {(request.side == Side::buy ? entry - away : entry + away) * instrument.tick.v};
    request.equity = Decimal::from_int(random.range(1, 10'000'000));
    request.risk_fraction = Decimal::from_units(random.range(1, 50), 3);
    request.taker_fee = Decimal::from_units(random.range(0, 10), 4);
    request.slippage = Decimal::from_units(random.range(0, 10), 4);
    request.max_notional = Decimal::from_int(random.range(1, 10'000'000));
    const QuantityUnits size = size_by_risk(instrument, request);
    ASSERT_EQ(size.v % instrument.step.v, 0);
    if (size.v == 0) continue;
    ASSERT_GE(size.v, instrument.min_quantity.v);
    if (instrument.max_quantity.v > 0) ASSERT_LE(size.v, instrument.max_quantity.v);
    ASSERT_GE(notional_in_quote(instrument, request.entry, size), instrument.min_notional);
    const double amount = to_decimal(instrument, size).to_double(), first = to_decimal(instrument, request.entry).to_double(),
                 last = to_decimal(instrument, request.stop).to_double();
    const auto value = [&](double price) {
      return instrument.contract_value.to_double() * (instrument.payoff == Payoff::inverse ? amount / price : amount * price);
    };
    const double cost = loss(instrument, first, last, amount) + (request.taker_fee.to_double() + request.slippage.to_double()) * (value(first) + value(last));
    ASSERT_LE(cost, request.equity.to_double() * request.risk_fraction.to_double() * (1 + 1e-9)) << instrument.symbol;
  }
}

void check(const Instrument& instrument, Wide tick, Wide step, Xoshiro256pp& random) {
  ASSERT_EQ(check_instrument(instrument), InstrumentFault::none) << describe(check_instrument(instrument));
  check_prices(instrument, tick, random);
  check_quantities(instrument, step, random);
  check_risk(instrument, tick, step, random);
  check_sizes(instrument, random);
}

TEST(P11InstrumentRules, RecordedListsOfTheVenues) {
  const auto folder = recorded_folder();
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "the recorded instrument lists are not here: " << folder << " (set PROM_SHARED)";
  const test::RecordedRules recorded = test::read_recorded_rules(folder);
  std::set<std::string> origins;
  Xoshiro256pp random(11);
  for (const test::RecordedRule& rule : recorded.rules) {
    SCOPED_TRACE(rule.origin + " " + rule.symbol + " tick " + rule.tick + " step " + rule.step);
    origins.insert(rule.origin);
    check(rule.instrument, twelve_digits(rule.tick), twelve_digits(rule.step), random);
    if (HasFatalFailure()) return;
  }
  // A list that changes its form must not make the test empty.
  EXPECT_GE(recorded.rules.size(), 700U);
  EXPECT_GE(origins.size(), 12U);
  std::cout << recorded.rules.size() << " instruments of " << origins.size() << " lists; left out: " << recorded.left_out.size() << "\n";
  // One of them is finer than our numbers: an adapter has to trade it on a coarser grid, a multiple of its own, or not at all.
  for (const std::string& why : recorded.left_out)
    EXPECT_TRUE(why.ends_with("it has no price or lot filter") || why == "v5-market-get-instruments-info-spot.json USDTDAI: its grid is finer than 1e-12")
        << why;
}

TEST(P11InstrumentRules, ShippedList) {
  const auto catalogue = load_instruments(PROM_SOURCE_DIR "/assets/instruments.toml");
  ASSERT_TRUE(catalogue.has_value());
  Xoshiro256pp random(12);
  ASSERT_GE(catalogue->codes().size(), 10U);
  for (const std::string& code : catalogue->codes()) {
    SCOPED_TRACE(code);
    const Instrument& instrument = *catalogue->find(code);
    const auto mantissa = [](std::int64_t units, int digits) {
      Wide value = units;
      for (int i = digits; i < 12; ++i) value *= 10;
      return value;
    };
    check(instrument, mantissa(instrument.tick.v, instrument.price_digits), mantissa(instrument.step.v, instrument.quantity_digits), random);
  }
}

}  // namespace
}  // namespace prom
