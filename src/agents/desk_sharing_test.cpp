// A thousand users on one instrument cost one analysis: what the desk reads of the market for the second user and for the thousandth.
#include <gtest/gtest.h>

#include "agents/desk.h"
#include "agents/test_support.h"

namespace prom {
namespace {

using namespace prom::testing;

/// Passes on, and counts what is read.
class CountingMarket final : public MarketView {
 public:
  explicit CountingMarket(const MarketView& inner) : inner_(inner) {}
  std::span<const Instrument> instruments() const override { return inner_.instruments(); }
  BarWindow bars(InstrumentIx instrument, DurationNs interval, std::size_t count, TimeNs as_of) const override {
    BarWindow window = inner_.bars(instrument, interval, count, as_of);
    ++reads;
    bars_read += window.size();
    return window;
  }
  std::optional<FundingView> funding(InstrumentIx instrument, TimeNs as_of) const override { return inner_.funding(instrument, as_of); }
  std::string source(InstrumentIx instrument) const override { return inner_.source(instrument); }

  mutable std::size_t reads = 0, bars_read = 0;

 private:
  const MarketView& inner_;
};

std::int64_t ticking_clock() {
  static std::int64_t now = 0;
  return now += 250;
}

TEST(RuleDesk, each_agent_and_tool_is_measured_and_nothing_is_decided_by_it) {
  World world(kUp);
  const auto record_with = [&](ToolClock clock) {
    RuleDesk desk(built_in_profiles(), {.asset_names = {}, .clock = clock});
    TradingPair pair = pair_of(world.instrument, 0);
    AccountView account = paper_account("100000"_dec);
    DecisionRequest q = world.request(600, 1);
    account.as_of = q.as_of;
    q.pair = pair.ix;
    q.trading_pair = &pair;
    q.account = &account;
    return std::get<DecisionRecorded>(desk.decide(q).inputs.front()).record;
  };
  const DecisionRecord measured = record_with(ticking_clock), plain = record_with(nullptr);
  EXPECT_EQ(digest_of(measured), digest_of(plain));
  ASSERT_EQ(measured.verdicts.size(), static_cast<std::size_t>(kAgentCount));
  for (const Verdict& verdict : measured.verdicts) {
    std::int64_t calls = 0;
    for (const ReasoningStep& step : verdict.steps) calls += step.duration_ns;
    EXPECT_GT(verdict.latency_ns, calls) << name_of(verdict.role) << ": its calls, and what lies between them";
  }
  for (const Verdict& verdict : plain.verdicts) EXPECT_EQ(verdict.latency_ns, 0);
}

TEST(RuleDesk, a_thousand_users_of_one_instrument_cost_one_analysis) {
  World world(kUp);
  const CountingMarket market(world.market);
  RuleDesk desk(built_in_profiles());
  const auto decide = [&](std::uint32_t user, std::size_t bars) {
    TradingPair pair = pair_of(world.instrument, user);
    AccountView account = paper_account("100000"_dec);
    DecisionRequest q = world.request(bars, user + 1);
    account.as_of = q.as_of;
    q.market = &market;
    q.pair = pair.ix;
    q.trading_pair = &pair;
    q.account = &account;
    market.reads = market.bars_read = 0;
    return desk.decide(q);
  };
  decide(0, 600);
  const std::size_t whole = market.bars_read, reads = market.reads;
  decide(1, 600);
  const std::size_t own = market.bars_read;
  EXPECT_LT(own * 4, whole) << "what a user's own agents read is the smaller part by far";
  EXPECT_LT(market.reads * 2, reads);
  for (std::uint32_t user = 2; user < 1'000; ++user) {
    decide(user, 600);
    ASSERT_EQ(market.bars_read, own) << "user " << user << " reads what the second did";
  }
  decide(0, 601);
  EXPECT_GT(market.bars_read, own * 4) << "a new instant is analysed anew, once";
  decide(1, 601);
  EXPECT_LE(market.bars_read, own);
}

}  // namespace
}  // namespace prom
