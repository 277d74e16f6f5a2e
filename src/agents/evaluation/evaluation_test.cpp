// The rule of probation, disabling and return on tables worked by hand, and shadow trades played by hand. Single thread.
#include <gtest/gtest.h>

#include <vector>

#include "agents/evaluation/evaluate.h"
#include "agents/evaluation/shadow.h"
#include "agents/test_support.h"

namespace prom {
namespace {

using namespace prom::testing;

const Evaluation kNone = evaluate({});

std::vector<double> repeated(std::vector<double> pattern, std::size_t times) {
  std::vector<double> out;
  for (std::size_t i = 0; i < times; ++i) out.insert(out.end(), pattern.begin(), pattern.end());
  return out;
}

TEST(Evaluation, figures_of_a_table_worked_by_hand) {
  // +3 -1 -1 +2 -2: net 1, wins 2 of 5, gross 5 against 4, running 3 2 1 3 1: falls from 3 to 1 twice.
  const std::vector<double> nets{3, -1, -1, 2, -2};
  const Evaluation e = evaluate(nets);
  EXPECT_EQ(e.trades, 5U);
  EXPECT_EQ(e.wins, 2U);
  EXPECT_NEAR(e.net, 1, 1e-12);
  EXPECT_DOUBLE_EQ(*e.win_rate, 0.4);
  EXPECT_DOUBLE_EQ(*e.average_win, 2.5);
  EXPECT_NEAR(*e.average_loss, 4.0 / 3, 1e-12);
  EXPECT_DOUBLE_EQ(*e.profit_factor, 1.25);
  EXPECT_NEAR(*e.expectancy, 0.2, 1e-12);
  EXPECT_NEAR(e.max_drawdown, 2, 1e-12);
  // Squares about 0.2: 7.84 + 1.44 + 1.44 + 3.24 + 4.84 = 18.8; /4 = 4.7; sd = 2.16795. t(0.90, 4) = 1.533206.
  EXPECT_NEAR(*e.sharpe, 0.2 / 2.1679483, 1e-7);
  EXPECT_NEAR(*e.expectancy_upper, 0.2 + 1.533206 * 2.1679483 / 2.2360680, 1e-5);
  EXPECT_FALSE(kNone.win_rate || kNone.expectancy || kNone.expectancy_upper);
}

TEST(Judgement, below_ten_trades_nothing_changes) {
  EXPECT_EQ(judge(evaluate(repeated({-1}, 9)), DeciderStatus::active, kNone, {}).status, DeciderStatus::active);
  EXPECT_EQ(judge(evaluate(repeated({1}, 9)), DeciderStatus::probation, kNone, {}).status, DeciderStatus::probation);
}

TEST(Judgement, from_ten_trades_each_of_the_three_rules_gives_probation) {
  // Negative expectancy: 5 x +1, 5 x -1.1.
  EXPECT_EQ(judge(evaluate(repeated({1, -1.1}, 5)), DeciderStatus::active, kNone, {}).status, DeciderStatus::probation);
  // Win rate 30 % with a profit: 3 x +10, 7 x -1.
  const auto low_rate = judge(evaluate({{10, 10, 10, -1, -1, -1, -1, -1, -1, -1}}), DeciderStatus::active, kNone, {});
  EXPECT_EQ(low_rate.status, DeciderStatus::probation);
  EXPECT_NE(low_rate.reason.find("win rate is below 35"), std::string::npos);
  // 40 % and a profit factor of 1.33: in order.
  EXPECT_EQ(judge(evaluate(repeated({2, 2, -1, -1, -1}, 2)), DeciderStatus::active, kNone, {}).status, DeciderStatus::active);
  // Ten wins have no profit factor and no fault.
  EXPECT_EQ(judge(evaluate(repeated({1}, 10)), DeciderStatus::active, kNone, {}).status, DeciderStatus::active);
}

TEST(Judgement, probation_ends_when_the_figures_recover) {
  EXPECT_EQ(judge(evaluate(repeated({2, -1}, 5)), DeciderStatus::probation, kNone, {}).status, DeciderStatus::active);
}

TEST(Judgement, from_thirty_trades_disabled_only_when_the_upper_bound_is_below_zero) {
  // 29 clear losses are too few; 30 suffice.
  const auto losses = repeated({-1, -2}, 15);
  EXPECT_EQ(judge(evaluate(std::span(losses).first(29)), DeciderStatus::active, kNone, {}).status, DeciderStatus::probation);
  const auto disabled = judge(evaluate(losses), DeciderStatus::active, kNone, {});
  EXPECT_EQ(disabled.status, DeciderStatus::disabled);
  EXPECT_NE(disabled.reason.find("upper bound"), std::string::npos);
  // A small negative mean in wide results: mean -0.1, sd about 2.0; bound = -0.1 + 1.311 * 2.03 / 5.48 > 0.
  EXPECT_EQ(judge(evaluate(repeated({1.9, -2.1}, 15)), DeciderStatus::active, kNone, {}).status, DeciderStatus::probation);
}

TEST(Judgement, a_low_win_rate_alone_never_disables) {
  // One win of 12 to nine losses of 1: win rate 10 %, expectancy +0.3, a hundred trades.
  const auto follower = repeated({12, -1, -1, -1, -1, -1, -1, -1, -1, -1}, 10);
  EXPECT_EQ(judge(evaluate(follower), DeciderStatus::active, kNone, {}).status, DeciderStatus::probation);
}

TEST(Judgement, a_disabled_desk_returns_on_probation_by_its_shadow) {
  const Evaluation bad = evaluate(repeated({-1, -2}, 15));
  EXPECT_EQ(judge(bad, DeciderStatus::disabled, evaluate(repeated({1, -0.5}, 4)), {}).status, DeciderStatus::disabled);   // eight: too few
  EXPECT_EQ(judge(bad, DeciderStatus::disabled, evaluate(repeated({0.5, -1}, 10)), {}).status, DeciderStatus::disabled);  // losing
  EXPECT_EQ(judge(bad, DeciderStatus::disabled, evaluate(repeated({1, -0.5}, 5)), {}).status, DeciderStatus::probation);
}

/// Hourly bars from (open, high, low, close).
struct Bars {
  std::vector<std::int64_t> times;
  std::vector<double> open, high, low, close, volume;
  void add(double o, double h, double l, double c) {
    times.push_back(kWorldStart.ns + static_cast<std::int64_t>(times.size()) * kHour.ns);
    open.push_back(o);
    high.push_back(h);
    low.push_back(l);
    close.push_back(c);
    volume.push_back(1);
  }
  BarWindow window() const { return {kHour, times, open, high, low, close, volume, {}}; }
};

TradeProposal plan(Side side, std::int64_t stop, std::int64_t target) {
  TradeProposal p;
  p.as_of.time = kWorldStart;
  p.side = side;
  p.stop = PriceUnits{stop * 100};
  p.targets = {{PriceUnits{target * 100}, "0.5"_dec}};
  return p;
}
// Costs a side: taker 0.05 % and 0.05 % slippage.
constexpr double kCost = 0.001;

TEST(Shadow, half_at_the_target_and_the_rest_at_the_stop) {
  ShadowLedger ledger;
  ledger.open(linear(0, "BTCUSDT"), plan(Side::buy, 900, 1200), {100'000});
  Bars bars;
  bars.add(1000, 1210, 950, 1100);  // target 1200
  bars.add(1100, 1150, 890, 900);   // stop 900
  ledger.play(bars.window());
  ASSERT_EQ(ledger.trades().size(), 1U);
  EXPECT_FALSE(ledger.is_open());
  const double expected = -kCost + 0.5 * (0.2 - kCost * 1.2) + 0.5 * (-0.1 - kCost * 0.9);
  EXPECT_NEAR(ledger.nets()[0], expected, 1e-12);
}

TEST(Shadow, inside_a_bar_the_stop_comes_first_and_a_gap_fills_at_the_open) {
  ShadowLedger ledger;
  ledger.open(linear(0, "BTCUSDT"), plan(Side::buy, 900, 1200), {100'000});
  Bars both;
  both.add(1000, 1300, 850, 1200);
  ledger.play(both.window());
  EXPECT_NEAR(ledger.nets()[0], -kCost - 0.1 - kCost * 0.9, 1e-12);
  ShadowLedger gap;
  gap.open(linear(0, "BTCUSDT"), plan(Side::sell, 1100, 800), {100'000});
  Bars bars;
  bars.add(1150, 1160, 1140, 1150);
  gap.play(bars.window());
  EXPECT_NEAR(gap.nets()[0], -kCost - 0.15 - kCost * 1.15, 1e-12);
}

TEST(Shadow, after_one_r_the_stop_follows_from_the_next_bar_on) {
  ShadowLedger ledger;
  ledger.open(linear(0, "BTCUSDT"), plan(Side::buy, 900, 2000), {100'000}, ShadowTrail{1, 1.5});
  Bars bars;
  bars.add(1000, 1200, 950, 1180);   // best 1200 is 2 R: the stop goes to 1200 - 150 = 1050 at the close
  bars.add(1180, 1190, 1040, 1060);  // and is hit
  ledger.play(bars.window());
  ASSERT_EQ(ledger.trades().size(), 1U);
  EXPECT_NEAR(ledger.nets()[0], -kCost + 0.05 - kCost * 1.05, 1e-12);
}

TEST(Shadow, bars_are_played_once_and_a_turn_closes_at_the_last_close) {
  ShadowLedger ledger;
  ledger.open(linear(0, "BTCUSDT"), plan(Side::buy, 900, 2000), {100'000});
  Bars bars;
  bars.add(1000, 1060, 990, 1050);
  ledger.play(bars.window());
  ledger.play(bars.window());
  EXPECT_TRUE(ledger.is_open());
  ledger.close(kWorldStart + kHour);
  EXPECT_NEAR(ledger.nets()[0], -kCost + 0.05 - kCost * 1.05, 1e-12);
  ledger.open(linear(0, "BTCUSDT"), plan(Side::buy, 900, 2000), {100'000});
  EXPECT_TRUE(ledger.is_open());
}

}  // namespace
}  // namespace prom
