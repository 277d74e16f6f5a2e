// The verdict's sentences for hand-made results. Expected words are written by hand from the figures given.
#include "research/verdict/verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "research/verdict/money_text.h"

namespace prom {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Decimal money(std::string_view text) { return Decimal::parse(text).value(); }

RunResult run(std::string_view net) {
  RunResult r;
  r.quote = "USDT";
  r.summary.opening_cash = money("10000");
  r.summary.net = money(net);
  r.summary.closing_equity = r.summary.opening_cash + r.summary.net;
  r.summary.trades = 61;
  r.summary.fills = 130;
  r.summary.days = 30;
  return r;
}

std::string said(const RunResult& r, VerdictTopic topic) {
  for (const VerdictSentence& s : verdict_of(r))
    if (s.topic == topic) return s.text;
  return {};
}

TEST(Verdict, loss_is_told_as_plainly_as_a_gain) {
  EXPECT_EQ(said(run("-412.36"), VerdictTopic::headline), "This run lost 412.36 USDT (-4.12 %): 10,000.00 USDT became 9,587.64 USDT in 30.0 days.");
  EXPECT_EQ(said(run("1412.364"), VerdictTopic::headline), "This run gained 1,412.36 USDT (+14.12 %): 10,000.00 USDT became 11,412.36 USDT in 30.0 days.");
  EXPECT_EQ(verdict_of(run("-1")).front().topic, VerdictTopic::headline);
}

TEST(Verdict, no_trades) {
  RunResult r = run("0");
  r.summary.trades = r.summary.fills = 0;
  EXPECT_THAT(said(r, VerdictTopic::headline), HasSubstr("No trade was made"));
  EXPECT_EQ(said(r, VerdictTopic::costs), "");
  EXPECT_THAT(said(r, VerdictTopic::caution), HasSubstr("0 trades (fewer than 100)"));
}

TEST(Verdict, too_little_to_conclude_by_either_limit) {
  RunResult r = run("5");
  r.summary.trades = 99;
  r.summary.days = 90;
  EXPECT_EQ(said(r, VerdictTopic::caution),
            "This is too little to conclude anything: 99 trades (fewer than 100). Chance alone can give a result like this one.");
  r.summary.trades = 100;
  EXPECT_EQ(said(r, VerdictTopic::caution), "");
  r.summary.days = 89.9;
  EXPECT_THAT(said(r, VerdictTopic::caution), HasSubstr("89.9 days (fewer than 90)"));
  r.summary.trades = 1;
  EXPECT_THAT(said(r, VerdictTopic::caution), HasSubstr("1 trade (fewer than 100) and 89.9 days"));
}

TEST(Verdict, beside_holding_and_strategies) {
  RunResult r = run("100");
  r.benchmarks = {{"buy and hold BTCUSDT", money("512"), 0.1, 1, {}},
                  {"buy and hold ETHUSDT", money("-40.5"), 0.2, 1, {}},
                  {"buy and hold, equal parts", money("235.75"), 0.1, 2, {}},
                  {"strategy breakout", money("100"), 0.1, 9, {}}};
  EXPECT_EQ(said(r, VerdictTopic::holding),
            "Beside buying and holding, this run did worse than BTCUSDT (+512.00 USDT) and the equal-weight basket (+235.75 USDT); better "
            "than ETHUSDT (-40.50 "
            "USDT).");
  EXPECT_EQ(said(r, VerdictTopic::strategies), "Beside each strategy alone, this run did the same as breakout (+100.00 USDT).");
  EXPECT_EQ(said(r, VerdictTopic::other), "");
}

TEST(Verdict, random_entries_are_read_at_the_five_percent_edges) {
  RunResult r = run("100");
  EXPECT_EQ(said(r, VerdictTopic::chance), "");
  r.random_entries = RandomEntries{1000, 7, money("-120"), money("-900"), money("610"), 0.374};
  EXPECT_EQ(said(r, VerdictTopic::chance),
            "Beside 1,000 random-entry runs with the same number of trades, sides and holding times, it beat 37.4 % of them: its timing "
            "cannot be told from "
            "chance. Their median is -120.00 USDT; nine in ten lie between -900.00 USDT and +610.00 USDT.");
  r.random_entries->beaten = 0.96;
  EXPECT_THAT(said(r, VerdictTopic::chance), HasSubstr("chance seldom gives"));
  r.random_entries->beaten = 0.02;
  EXPECT_THAT(said(r, VerdictTopic::chance), HasSubstr("worse than nearly any"));
}

TEST(Verdict, costs_apart_and_funding_either_way) {
  RunResult r = run("-412.36");
  r.summary.gross = money("120");
  r.summary.fees = money("400");
  r.summary.slippage = money("120");
  r.summary.funding = money("-12.36");
  EXPECT_EQ(said(r, VerdictTopic::costs), "Before costs it made 120.00 USDT. Fees took 400.00 USDT, slippage 120.00 USDT; funding took 12.36 USDT.");
  r.summary.gross = money("-5");
  r.summary.funding = money("3");
  EXPECT_THAT(said(r, VerdictTopic::costs), HasSubstr("it lost 5.00 USDT"));
  EXPECT_THAT(said(r, VerdictTopic::costs), HasSubstr("funding brought 3.00 USDT"));
}

TEST(Verdict, interval_says_whether_it_includes_zero) {
  RunResult r = run("-412.36");
  EXPECT_THAT(said(r, VerdictTopic::sample), HasSubstr("too short for a bootstrap interval"));
  r.summary.net_interval = Interval{-912.4, 120.3};
  EXPECT_THAT(said(r, VerdictTopic::sample), HasSubstr("is -912 to +120 USDT, which includes zero"));
  r.summary.net_interval = Interval{12, 120};
  EXPECT_THAT(said(r, VerdictTopic::sample), HasSubstr("+12.00 to +120 USDT, all of it above zero"));
}

TEST(Verdict, paper_currency_and_assumptions_are_stated) {
  RunResult r = run("1");
  EXPECT_EQ(said(r, VerdictTopic::mode), "PAPER: the venue was simulated and no real money was traded. All amounts are in USDT, which is not US dollars.");
  EXPECT_EQ(said(r, VerdictTopic::assumptions), "");
  Instrument instrument;
  instrument.symbol = "BTCUSDT";
  r.instruments = {instrument};
  r.summary.funding_note = "Funding of BTCUSDT is assumed at 0.01 % per 8 h";
  EXPECT_EQ(said(r, VerdictTopic::assumptions),
            "Funding of BTCUSDT is assumed at 0.01 % per 8 h. Fees, leverage tiers and order filters of BTCUSDT are assumed, not asked of "
            "the venue.");
  r.quote = "USD";
  EXPECT_THAT(said(r, VerdictTopic::mode), Not(HasSubstr("not US dollars")));
}

TEST(Verdict, open_positions_are_told_apart) {
  RunResult r = run("100");
  EXPECT_EQ(said(r, VerdictTopic::open), "");
  r.summary.open_unrealised = money("-31.5");
  EXPECT_THAT(said(r, VerdictTopic::open), HasSubstr("-31.50 USDT of the net result is not closed yet"));
}

TEST(MoneyText, rounds_groups_and_never_shows_minus_zero) {
  EXPECT_EQ(money_text(money("1234567.891"), "USDT"), "1,234,567.89 USDT");
  EXPECT_EQ(money_text(money("-123.455"), "USDT"), "-123.46 USDT");
  EXPECT_EQ(money_text(money("-0.004"), "USDT", SignShown::always), "0.00 USDT");
  EXPECT_EQ(money_text(money("0.5"), "BTC", SignShown::always), "+0.50000000 BTC");
  EXPECT_EQ(percent_text(-0.0412), "-4.12 %");
  EXPECT_EQ(estimate_text(-1234.6), "-1,235");
  EXPECT_EQ(minute_text(TimeNs{1'746'316'800'000'000'000}), "2025-05-04 00:00 UTC");
  EXPECT_EQ(count_text(1'000, "run", "runs"), "1,000 runs");
}

}  // namespace
}  // namespace prom
