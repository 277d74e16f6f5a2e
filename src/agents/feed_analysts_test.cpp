// Sentiment, macro and on-chain analysts where their feeds speak: which way they lean, what they cite, and that one feed is enough. Single thread.
#include "agents/desk.h"

#include <span>

#include "agents/provenance.h"
#include "agents/test_support.h"
#include "ports/observation_table.h"

namespace prom {
namespace {

using namespace prom::testing;

constexpr std::size_t kBars = 600;

Observation said(std::string_view series, std::string subject, double value, DurationNs ago, std::string text = "") {
  const TimeNs at = after_bars(kBars) - ago;
  return {std::string(series), std::move(subject), "test", std::string(text.substr(0, 20)), at, std::min(at, after_bars(kBars)), TrustTier::publisher, value,
          std::move(text)};
}

DecisionRecord decided(std::vector<Observation> rows) {
  World world(kUp);
  const ObservationTable table(std::move(rows));
  RuleDesk desk = new_desk();
  DecisionRequest request = world.request(kBars);
  request.observations = &table;
  const DecisionRecord record = record_of(desk.decide(request));
  EXPECT_TRUE(check_provenance(record, world.instrument).has_value());
  return record;
}

TEST(FeedAnalysts, fear_leans_long_and_greed_short_and_the_middle_says_nothing) {
  struct Case {
    double index;
    Stance stance;
  };
  for (const Case c : {Case{8, Stance::bullish}, Case{50, Stance::neutral}, Case{79, Stance::neutral}, Case{95, Stance::bearish}}) {
    const DecisionRecord record = decided({said(series::kFearGreed, "", c.index, kHour)});
    const Verdict& verdict = verdict_of(record, AgentRole::sentiment_analyst);
    EXPECT_EQ(verdict.stance, c.stance) << c.index << ": " << verdict.summary;
    EXPECT_GT(verdict.weight, 0);
    ASSERT_FALSE(verdict.evidence.empty());
    EXPECT_EQ(verdict.evidence.front().value, c.index);
  }
}

TEST(FeedAnalysts, a_release_ahead_takes_weight_from_the_others_and_has_no_direction) {
  const auto weight = [](DurationNs ahead) {
    Observation release = said(series::kReleaseImportance, "United States", 3, -ahead, "Non Farm Payrolls");
    release.available_at = after_bars(kBars) - kDay;
    const DecisionRecord record = decided({release});
    const Verdict& verdict = verdict_of(record, AgentRole::macro_analyst);
    EXPECT_EQ(verdict.stance, Stance::neutral) << verdict.summary;
    return verdict.weight;
  };
  EXPECT_GT(weight(kHour), weight(kHour * 12));
  EXPECT_GT(weight(kHour * 12), 0);
  EXPECT_EQ(weight(kDay * 3), 0);
}

TEST(FeedAnalysts, coins_that_leave_exchanges_lean_long_and_dear_coins_short) {
  const auto stance = [](std::vector<Observation> rows) {
    const DecisionRecord record = decided(std::move(rows));
    return verdict_of(record, AgentRole::onchain_analyst).stance;
  };
  const std::string coin = "asset:1";  // as World's tools name it
  EXPECT_EQ(stance({said(series::kExchangeInflow, coin, 100, kDay), said(series::kExchangeOutflow, coin, 200, kDay)}), Stance::bullish);
  EXPECT_EQ(stance({said(series::kExchangeInflow, coin, 200, kDay), said(series::kExchangeOutflow, coin, 100, kDay)}), Stance::bearish);
  EXPECT_EQ(stance({said(series::kMvrv, coin, 5, kDay)}), Stance::bearish);
  EXPECT_EQ(stance({said(series::kMvrv, coin, 0.7, kDay)}), Stance::bullish);
  EXPECT_EQ(stance({said(series::kSopr, coin, 1.0, kDay)}), Stance::neutral);
}

/// A recording whose book and takers lean the same way, from ten seconds before the decision on.
Tape recording(double bids, double asks, BookHalf taken, DurationNs late = {}) {
  Tape tape{.instrument = "binance:linear:BTCUSDT", .source = "made", .tells_trades = true, .tells_book = true, .events = {}};
  const TimeNs at = after_bars(kBars) - kSecond * 10;
  const auto tell = [&](TapeKind kind, BookHalf side, double price, double quantity) { tape.events.push_back({at, kind, side, price, quantity, late}); };
  tell(TapeKind::clear, BookHalf::bid, 0, 0);
  for (int level = 1; level <= 20; ++level) {
    tell(TapeKind::seed, BookHalf::bid, 1000.0 - level, bids);
    tell(TapeKind::seed, BookHalf::ask, 1000.0 + level, asks);
  }
  for (int k = 0; k < 1000; ++k) tell(TapeKind::trade, taken, 1000, 0.01);
  tell(TapeKind::trade, taken, 1000, 500);
  return tape;
}

Verdict order_flow(const Tape& tape) {
  World world(kUp);
  RuleDesk desk = new_desk();
  DecisionRequest request = world.request(kBars);
  request.tapes = std::span(&tape, 1);
  const DecisionRecord record = record_of(desk.decide(request));
  EXPECT_TRUE(check_provenance(record, world.instrument).has_value());
  return verdict_of(record, AgentRole::orderflow_analyst);
}

TEST(FeedAnalysts, order_flow_reads_the_recorded_book_and_trades) {
  const Verdict buyers = order_flow(recording(9, 1, BookHalf::ask)), sellers = order_flow(recording(1, 9, BookHalf::bid));
  EXPECT_EQ(buyers.stance, Stance::bullish) << buyers.summary;
  EXPECT_EQ(sellers.stance, Stance::bearish) << sellers.summary;
  EXPECT_NE(buyers.summary.find("book"), std::string::npos) << buyers.summary;
  EXPECT_NE(buyers.summary.find("large prints"), std::string::npos) << buyers.summary;
}

TEST(FeedAnalysts, order_flow_abstains_while_the_recording_has_not_come) {
  const Verdict later = order_flow(recording(9, 1, BookHalf::ask, kSecond * 11));
  EXPECT_EQ(later.stance, Stance::abstain) << later.summary;
  EXPECT_NE(later.summary.find("No order flow"), std::string::npos) << "as if there were no recording: " << later.summary;
}

TEST(FeedAnalysts, what_was_not_known_yet_changes_nothing) {
  Observation later = said(series::kFearGreed, "", 5, kHour);
  later.available_at = after_bars(kBars) + kNanosecond;
  const DecisionRecord record = decided({later});
  EXPECT_EQ(verdict_of(record, AgentRole::sentiment_analyst).stance, Stance::abstain);
}

}  // namespace
}  // namespace prom
