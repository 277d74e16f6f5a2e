// The log lines: how often, what is news, what is not repeated. The clock is turned by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "app/view/demo_model.h"
#include "app/view/view_clock.h"

namespace prom::view {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

DurationNs g_now;
DurationNs test_clock() { return g_now; }

class PlainViewTest : public ::testing::Test {
 protected:
  PlainViewTest() {
    g_now = kMinute;
    view_ = make_plain_view_with(out_, &test_clock);
  }
  std::string take() {
    std::string text = out_.str();
    out_.str("");
    return text;
  }
  // Progress alone: no rows of any kind.
  static RunViewModel bare(std::uint64_t percent) {
    RunViewModel m = demo_model(0);
    m.bars_total = 100;
    m.bars_done = percent;
    m.decisions.clear();
    m.trades.clear();
    return m;
  }
  std::ostringstream out_;
  std::unique_ptr<RunView> view_;
};

TEST_F(PlainViewTest, BeginsWithModeRangeAndAgents) {
  view_->update(bare(0));
  const std::string text = take();
  EXPECT_THAT(text,
              HasSubstr("PAPER Replay of bundled data, 2025-05-04 to 2025-06-03, times in UTC; 9 of 14 agents have data; http://127.0.0.1:8081/health\n"));
  EXPECT_THAT(text, HasSubstr("equity 101,234.56 USDT (+1.23 %)"));
}

// It said "0 of 14 agents have data" before anybody had looked.
TEST_F(PlainViewTest, WhoHasDataIsSaidOnceItIsKnown) {
  RunViewModel m = bare(0);
  for (AgentRow& agent : m.agents) agent.state = AgentRow::State::abstains;
  view_->update(m);
  EXPECT_THAT(take(), Not(HasSubstr("agents have data")));
  view_->update(bare(0));
  EXPECT_THAT(take(), HasSubstr("  9 of 14 agents have data\n"));
  view_->update(bare(0));
  EXPECT_EQ(take(), "");
}

// "trades 35" were the fills, where the result of the same run says how many round trips were closed.
TEST_F(PlainViewTest, TradesAreRoundTrips) {
  view_->update(bare(0));
  EXPECT_THAT(take(), HasSubstr("  trades 17  denied 12"));
}

TEST_F(PlainViewTest, ProgressEveryFiveSecondsWithTwoPercentOrEveryTenPercent) {
  view_->update(bare(0));
  take();
  g_now += 4 * kSecond;
  view_->update(bare(5));
  EXPECT_EQ(take(), "");  // too early
  g_now += 2 * kSecond;
  view_->update(bare(1));
  EXPECT_EQ(take(), "");  // too little
  view_->update(bare(5));
  EXPECT_THAT(take(), HasSubstr("  5 %  equity"));
  view_->update(bare(15));
  EXPECT_THAT(take(), HasSubstr(" 15 %  equity"));  // at once: ten percent
  view_->update(bare(24));
  EXPECT_EQ(take(), "");
}

TEST_F(PlainViewTest, WholeRunStaysShort) {
  for (std::uint64_t percent = 0; percent <= 100; ++percent) {
    g_now += 100 * kMillisecond;
    view_->update(bare(percent));
  }
  const std::string text = take();
  EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 14);
  EXPECT_THAT(text, HasSubstr("100 %"));
}

TEST_F(PlainViewTest, EachTradeAndActingDecisionOnce) {
  RunViewModel m = demo_model(0.5);
  view_->update(m);
  std::string text = take();
  EXPECT_THAT(text, HasSubstr("32 earlier fills not shown\n"));
  EXPECT_THAT(text, HasSubstr("fill 35: sell 4.2 ETHUSDT at 2,510.25, realised +212.75 USDT\n"));
  EXPECT_THAT(text, HasSubstr("decision BTCUSDT denied: Correlated exposure would be 41 %, the limit is 40 %.\n"));
  EXPECT_THAT(text, Not(HasSubstr("No setup")));  // a hold
  view_->update(m);
  EXPECT_EQ(take(), "");
  m.trades.push_back({36, m.now, "XRPUSDT", "buy", Decimal::from_int(10), Decimal::from_int(2), std::nullopt});
  view_->update(m);
  EXPECT_THAT(take(), HasSubstr("fill 36: buy 10 XRPUSDT at 2.0000\n"));
}

TEST_F(PlainViewTest, StateAlertsAndNoticeAreSaidOnce) {
  RunViewModel m = bare(1);
  view_->update(m);
  take();
  m.trading = TradingState::breaker_open;
  m.trading_reason = "drawdown 5 %";
  m.alerts = {{m.now, "stop is missing at the venue"}};
  m.notice = "Stopping: settling orders";
  view_->update(m);
  const std::string text = take();
  EXPECT_THAT(text, HasSubstr("CIRCUIT BREAKER OPEN, no new risk: drawdown 5 %\n"));
  EXPECT_THAT(text, HasSubstr("ALERT stop is missing at the venue\n"));
  EXPECT_THAT(text, HasSubstr("Stopping: settling orders\n"));
  view_->update(m);
  EXPECT_EQ(take(), "");
  m.trading = TradingState::active;
  view_->update(m);
  EXPECT_THAT(take(), HasSubstr("trading is active again\n"));
}

// An alert of 20:15 stood behind a fill of 20:45.
TEST_F(PlainViewTest, LinesComeInTheOrderOfTheirTimes) {
  RunViewModel m = bare(1);
  view_->update(m);
  take();
  const TimeNs base = m.now;
  m.now = base + kHour;
  m.decisions = {{1'001, base + 30 * kMinute, "BTCUSDT", "buy", "second", DecisionRow::Kind::acts}};
  m.trades = {{1, base + 45 * kMinute, "BTCUSDT", "buy", Decimal::from_int(1), Decimal::from_int(2), std::nullopt}};
  m.alerts = {{base + 15 * kMinute, "first"}, {base + 50 * kMinute, "fourth"}, {base + 50 * kMinute, "fifth"}};
  view_->update(m);
  const std::string text = take();
  std::size_t last = 0;
  for (const char* word : {"ALERT first", "second", "fill 1:", "ALERT fourth", "ALERT fifth"}) {
    const std::size_t at = text.find(word);
    ASSERT_NE(at, std::string::npos) << word << " in " << text;
    EXPECT_GT(at, last) << word << " in " << text;
    last = at;
  }
  view_->update(m);
  EXPECT_EQ(take(), "") << "each is said once, also two of one instant";
}

TEST_F(PlainViewTest, DueTenTimesASecondAndNeverAfterTheEnd) {
  EXPECT_TRUE(view_->due());
  view_->update(bare(0));
  EXPECT_FALSE(view_->due());
  g_now += 99 * kMillisecond;
  EXPECT_FALSE(view_->due());
  g_now += kMillisecond;
  EXPECT_TRUE(view_->due());
  take();
  view_->finish({"Net result: +1", "Report: x.html"});
  EXPECT_EQ(take(), "Net result: +1\nReport: x.html\n");
  g_now += kMinute;
  EXPECT_FALSE(view_->due());
  view_->update(bare(99));
  view_->finish({"again"});
  EXPECT_EQ(take(), "");
}

}  // namespace
}  // namespace prom::view
