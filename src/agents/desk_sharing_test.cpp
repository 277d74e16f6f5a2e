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
