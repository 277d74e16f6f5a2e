// Value trees, names, profiles, denials and sizing.
#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "base/prng.h"
#include "base/proof_test_support.h"
#include "domain/account.h"
#include "domain/denial.h"
#include "domain/enum_text.h"
#include "domain/event.h"
#include "domain/memory.h"
#include "domain/sizing.h"
#include "domain/test_support.h"
#include "domain/value.h"
#include "domain/verdict.h"

namespace prom {
namespace {

using namespace literals;

TEST(EnumText, CountsAndNames) {
  EXPECT_EQ(kEnumCount<Side>, 2U);
  EXPECT_EQ(kEnumCount<OrderState>, static_cast<std::size_t>(kOrderStateCount));
  EXPECT_EQ(kEnumCount<OrderEventKind>, static_cast<std::size_t>(kOrderEventKindCount));
  EXPECT_EQ(kEnumCount<DenialCode>, static_cast<std::size_t>(kDenialCodeCount));
  EXPECT_EQ(kEnumCount<AgentRole>, static_cast<std::size_t>(kAgentCount));
  EXPECT_EQ(kEnumCount<BreakerKind>, 6U);
  EXPECT_EQ(enum_text(Side::sell), "sell");
  EXPECT_EQ(enum_text(static_cast<Side>(2)), "");
  EXPECT_EQ(name_of(AgentRole::smc_analyst), "smc_analyst");
  EXPECT_EQ(name_of(BreakerKind::data_feed), "data_feed");
  EXPECT_EQ(name_of(PostingKind::realised_pnl), "realised_pnl");
  EXPECT_EQ(name_of(RiskLevel::moderate), "moderate");
  EXPECT_EQ(parse_agent_role("orchestrator"), AgentRole::orchestrator);
  EXPECT_FALSE(parse_agent_role("Orchestrator").has_value());
  EXPECT_EQ(parse_memory_kind("lesson"), MemoryKind::lesson);
  EXPECT_FALSE(parse_memory_kind("").has_value());
}

TEST(Value, FindsByPath) {
  const Value tree(ValueObject{{"bands", ValueObject{{"upper", 1.5}, {"name", "bb"}}},
                               {"levels", ValueList{ValueObject{{"price", "65000.1"_dec}}, ValueObject{{"price", 7}}}}});
  EXPECT_EQ(tree.number("bands.upper"), 1.5);
  EXPECT_EQ(tree.number("levels.0.price"), 65000.1);
  EXPECT_EQ(tree.number("levels.1.price"), 7.0);
  EXPECT_EQ(tree.text("bands.name"), "bb");
  EXPECT_FALSE(tree.number("bands.name").has_value());
  EXPECT_FALSE(tree.text("bands.upper").has_value());
  for (const auto* missing : {"band", "bands.lower", "bands.upper.x", "levels.2.price", "levels.-1", "levels.x", "bands."}) {
    EXPECT_EQ(tree.find(missing), nullptr) << missing;
  }
  EXPECT_EQ(tree.find(""), &tree);
}

TEST(Value, PrintsCompactJson) {
  const Value tree(ValueObject{{"b", true},
                               {"a", Value()},
                               {"i", -3},
                               {"d", 0.1},
                               {"nan", std::numeric_limits<double>::quiet_NaN()},
                               {"inf", -std::numeric_limits<double>::infinity()},
                               {"money", "1.50"_dec},
                               {"t", TimeNs{1'000'000'000}},
                               {"s", "x\"y\\\n"},
                               {"list", ValueList{1, "two", ValueList{}}},
                               {"o", ValueObject{}}});
  EXPECT_EQ(to_json(tree), R"({"b":true,"a":null,"i":-3,"d":0.1,"nan":null,"inf":null,"money":"1.5","t":"1970-01-01T00:00:01Z","s":"x\"y\\\n",)"
                           R"("list":[1,"two",[]],"o":{}})");
}

TEST(RiskProfiles, StatedDefaultsAndOrder) {
  const RiskLimits moderate = limits_for(RiskLevel::moderate);
  EXPECT_EQ(moderate.risk_per_trade, "0.02"_dec);
  EXPECT_EQ(moderate.max_daily_drawdown, "0.05"_dec);
  EXPECT_EQ(moderate.max_consecutive_losses, 3U);
  EXPECT_EQ(moderate.max_positions, 20U);
  EXPECT_EQ(moderate.max_leverage, "5"_dec);
  const RiskLimits low = limits_for(RiskLevel::conservative);
  const RiskLimits high = limits_for(RiskLevel::aggressive);
  for (const auto member : {&RiskLimits::risk_per_trade, &RiskLimits::max_position, &RiskLimits::max_instrument_exposure, &RiskLimits::max_group_exposure,
                            &RiskLimits::max_total_exposure, &RiskLimits::max_leverage, &RiskLimits::max_daily_drawdown, &RiskLimits::max_drawdown}) {
    EXPECT_LT(low.*member, moderate.*member);
    EXPECT_LT(moderate.*member, high.*member);
    EXPECT_TRUE((low.*member).is_positive());
  }
  for (const auto& limits : {low, moderate, high}) {
    EXPECT_LE(limits.max_position, limits.max_instrument_exposure);
    EXPECT_LE(limits.max_instrument_exposure, limits.max_group_exposure);
    EXPECT_LE(limits.max_group_exposure, limits.max_total_exposure);
    EXPECT_LT(limits.max_daily_drawdown, limits.max_drawdown);
    EXPECT_EQ(limits.mandatory_stop, Switch::on);
    EXPECT_EQ(limits.circuit_breaker, Switch::on);
  }
}

TEST(Denials, EveryCodeHasItsOwnSentence) {
  std::set<std::string> sentences;
  for (int i = 0; i < kDenialCodeCount; ++i) {
    const std::string text = explain({static_cast<DenialCode>(i), {}, {}});
    EXPECT_TRUE(text.ends_with(".")) << text;
    EXPECT_TRUE(sentences.insert(text).second) << text;
    EXPECT_FALSE(name_of(static_cast<DenialCode>(i)).empty());
  }
  EXPECT_EQ(explain({DenialCode::trade_risk_above_limit, "200"_dec, "250.5"_dec}),
            "The loss at the stop is above the limit for one trade (limit 200, actual 250.5).");
  EXPECT_EQ(explain({DenialCode::price_outside_collar, "0.05"_dec, "0.0731"_dec}), "The limit price is too far from the market (limit 5 %, actual 7.31 %).");
}

SizingRequest long_request() {
  return {.entry = {1'000'000},
          .stop = {980'000},
          .side = Side::buy,
          .equity = "10000"_dec,
          .risk_fraction = "0.02"_dec,
          .taker_fee = {},
          .slippage = {},
          .max_notional = "100000"_dec};
}

TEST(Sizing, KnownSizes) {
  const Instrument x = testing::spot_btc();  // price 10 000.00, step 0.00001
  // 2 % of 10 000 is 200; 200 a coin is lost at the stop: one coin.
  EXPECT_EQ(size_by_risk(x, long_request()).v, 100'000);
  // Fee 0.1 % and slippage 0.1 % of 10 000 and 9 800 add 39.6: 200 / 239.6 = 0.83472...
  SizingRequest request = long_request();
  request.taker_fee = "0.001"_dec;
  request.slippage = "0.001"_dec;
  EXPECT_EQ(size_by_risk(x, request).v, 83'472);
  EXPECT_LE(loss_at_stop(x, request, {83'472}), "200"_dec);
  EXPECT_GT(loss_at_stop(x, request, {83'473}), "200"_dec);
  // 3 000 of notional are 0.3 coins.
  request.max_notional = "3000"_dec;
  EXPECT_EQ(size_by_risk(x, request).v, 30'000);
  // A short is symmetrical.
  request = long_request();
  request.side = Side::sell;
  request.stop = {1'020'000};
  EXPECT_EQ(size_by_risk(x, request).v, 100'000);
}

// What nautilus_trader's own tests expect of its FixedRiskSizer (tests/unit_tests/risk/test_risk_sizing.py): prices with five digits, whole units in
// batches; its hard limit as the venue's maximum, one of n units as an n-th of the risk.
TEST(Sizing, AsTheFixedRiskSizerOfNautilusTrader) {
  struct Row {
    std::int64_t entry, stop;
    Decimal equity, risk;
    std::int64_t batch, most, expected;
  };
  const Row rows[] = {
      {100'100, 100'000, "0"_dec, "0.001"_dec, 1'000, 0, 0},
      {100'100, 100'100, "0"_dec, "0.001"_dec, 1'000, 0, 0},
      {100'100, 100'000, "1000000"_dec, "0.001"_dec, 1'000, 0, 1'000'000},
      {300'000, 100'000, "100000"_dec, "0.01"_dec, 1'000, 0, 0},
      {100'010, 100'000, "1000000"_dec, "0.01"_dec, 1'000, 500'000, 500'000},
      {100'010, 100'000, "1000000"_dec, "0.000333333333"_dec, 1'000, 0, 3'333'000},  // a third of 0.1 %: one of three units
      {100'087, 100'000, "1000000"_dec, "0.00025"_dec, 25'000, 0, 275'000},          // one of four
  };
  for (const Row& row : rows) {
    Instrument x = testing::spot_btc();
    x.price_digits = 5;
    x.quantity_digits = 0;
    x.step = x.min_quantity = {row.batch};
    x.max_quantity = {row.most};
    x.min_notional = {};
    SizingRequest request = long_request();
    request.entry = {row.entry};
    request.stop = {row.stop};
    request.equity = row.equity;
    request.risk_fraction = row.risk;
    request.max_notional = "1000000000000"_dec;
    EXPECT_EQ(size_by_risk(x, request).v, row.expected) << row.entry << " to " << row.stop << " with " << row.equity.to_string();
  }
  test::record_proof(
      {"calculate_position_size", test::ProofKind::outside, "nautilus_trader, the values its own tests expect of FixedRiskSizer", "quantity", std::size(rows),
       0, "without its commission and exchange rate: there a commission lowers the money at risk, here fees of entry and stop are part of the loss"});
}

TEST(Sizing, EveryStepThatCanBeCountedMayFit) {
  Instrument x = testing::spot_btc();
  x.price_digits = 4;
  x.quantity_digits = 12;  // what a thousand steps may lose is below the smallest decimal: the search begins at one step and doubles up to the end
  x.step = {1};
  x.min_quantity = {1};
  x.max_quantity = {};
  SizingRequest request = long_request();
  request.entry = {2};
  request.stop = {1};
  request.equity = "1000000"_dec;
  EXPECT_EQ(size_by_risk(x, request).v, std::numeric_limits<std::int64_t>::max() - 1);
}

TEST(Sizing, ZeroWhereNothingFits) {
  const Instrument x = testing::spot_btc();
  SizingRequest request = long_request();
  request.stop = {1'000'000};
  EXPECT_EQ(size_by_risk(x, request).v, 0);
  request.stop = {1'010'000};
  EXPECT_EQ(size_by_risk(x, request).v, 0);
  request = long_request();
  request.equity = "-1"_dec;
  EXPECT_EQ(size_by_risk(x, request).v, 0);
  request = long_request();
  request.max_notional = "4.99"_dec;  // the venue's minimum is 5
  EXPECT_EQ(size_by_risk(x, request).v, 0);
  request.max_notional = "5"_dec;
  EXPECT_EQ(size_by_risk(x, request).v, 50);
  Instrument coarse = x;
  coarse.min_quantity = {200'000};
  EXPECT_EQ(size_by_risk(coarse, long_request()).v, 0);
  coarse.min_quantity = {1};
  coarse.max_quantity = {77'777};
  coarse.step = {10};
  EXPECT_EQ(size_by_risk(coarse, long_request()).v, 77'770);
}

TEST(Sizing, LargestThatKeepsTheLimit) {
  Xoshiro256pp random(21);
  for (int i = 0; i < 2'000; ++i) {
    Instrument x = random.chance(1, 3) ? testing::inverse_btc() : random.chance(1, 2) ? testing::okx_swap() : testing::spot_btc();
    x.step = {random.range(1, 20)};
    x.min_quantity = x.step;
    x.max_quantity = {};
    x.min_notional = {};
    SizingRequest request;
    request.side = random.chance(1, 2) ? Side::buy : Side::sell;
    request.entry = {random.range(10'000, 1'000'000)};
    const std::int64_t distance = request.entry.v / random.range(5, 500);
    request.stop = {request.side == Side::buy ? request.entry.v - distance : request.entry.v + distance};
    request.equity = Decimal::from_units(random.range(1, 100'000'000), 4);
    request.risk_fraction = Decimal::from_units(random.range(1, 300), 4);
    request.taker_fee = Decimal::from_units(random.range(0, 10), 4);
    request.slippage = Decimal::from_units(random.range(0, 10), 4);
    request.max_notional = Decimal::from_units(random.range(1, 1'000'000'000), 3);
    const QuantityUnits size = size_by_risk(x, request);
    ASSERT_EQ(size.v % x.step.v, 0);
    const Decimal allowed = mul(request.equity, request.risk_fraction, Round::down);
    const auto fits = [&](QuantityUnits q) { return loss_at_stop(x, request, q) <= allowed && notional(x, request.entry, q) <= request.max_notional; };
    ASSERT_TRUE(size.v == 0 || fits(size)) << i;
    ASSERT_FALSE(fits(size + x.step)) << i;
  }
}

TEST(Sizing, PlannedExitsMustBeTradable) {
  const Instrument x = testing::spot_btc();           // minimum notional 5
  const PriceUnits stop{900'000};                     // 9 000
  EXPECT_TRUE(smallest_exit_ok(x, {100}, stop, {}));  // 0.001 at 9 000 = 9
  EXPECT_FALSE(smallest_exit_ok(x, {55}, stop, {}));  // 4.95
  const TargetLevel half{{1'100'000}, "0.5"_dec};
  EXPECT_FALSE(smallest_exit_ok(x, {100}, stop, std::vector{half}));  // the other half at the stop: 4.5
  EXPECT_TRUE(smallest_exit_ok(x, {120}, stop, std::vector{half}));   // 6.6 and 5.4
  EXPECT_TRUE(smallest_exit_ok(x, {120}, stop, std::vector{half, half}));
  EXPECT_FALSE(smallest_exit_ok(x, {400}, stop, std::vector{TargetLevel{{1'100'000}, "0.1"_dec}}));  // a tenth: 4.4
  EXPECT_FALSE(smallest_exit_ok(x, {0}, stop, {}));
}

}  // namespace
}  // namespace prom
