// Prices, many holders: the engine looks at an account only when a price leaves the band in which nothing can happen to it. Whatever the bands say, after every
// bar each user's peak, breakers, watermarks and trailing stops must be what plain arithmetic over all accounts demands.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/prng.h"
#include "engine/engine.h"
#include "engine/risk/equity.h"
#include "research/simulation/test_data.h"

namespace prom {
namespace {

constexpr std::size_t kFutures = 4;
constexpr std::size_t kUsers = 40;

/// Users of one or two accounts with futures and coins, long and short, limits tight and wide; positions come and go by fills that no order explains.
class Crowd {
 public:
  explicit Crowd(std::uint64_t seed) : random_(seed) {
    take(AssetRegistered{AssetIx{0}, "USDT"});
    for (std::size_t i = 0; i <= kFutures; ++i) take(AssetRegistered{AssetIx{static_cast<std::uint16_t>(i + 1)}, "COIN" + std::to_string(i)});
    for (std::size_t i = 0; i <= kFutures; ++i) {
      Instrument instrument = test_data::perpetual(i);
      if (i == kFutures) {
        instrument.payoff = Payoff::spot;
        instrument.tiers.clear();
        instrument.funding_interval = {};
      }
      take(InstrumentRegistered{instrument});
      price_.push_back(10'000);
      bar(i, 10'000, 10'000, 10'000);
    }
    std::uint32_t account = 0;
    for (std::uint32_t u = 0; u < kUsers; ++u) {
      User user;
      user.ix = UserIx{u};
      user.limits = limits_for(RiskLevel::moderate);
      user.limits.max_daily_drawdown = Decimal::from_units(random_.range(5, 200), 3);
      user.limits.max_drawdown = Decimal::from_units(random_.range(10, 400), 3);
      if (u % 7 == 0) user.limits.circuit_breaker = Switch::off;
      take(UserRegistered{user});
      for (std::int64_t n = random_.range(1, 2); n > 0; --n) {
        Account a;
        a.ix = AccountIx{account++};
        a.user = UserIx{u};
        take(AccountRegistered{a});
        take(TransferBooked{a.ix, Money{AssetIx{0}, Decimal::from_int(random_.range(10'000, 200'000))}});
      }
    }
    accounts_ = account;
  }

  void trade() {
    Fill fill;
    fill.trade = VenueTradeId{++trade_};
    fill.account = AccountIx{static_cast<std::uint32_t>(random_.below(accounts_))};
    const auto instrument = static_cast<std::uint16_t>(random_.below(kFutures + 1));
    fill.instrument = InstrumentIx{instrument};
    const Holding* holding = engine_.state().find_holding(fill.account, fill.instrument, PositionLeg::net);
    const std::int64_t held = holding != nullptr ? holding->position.quantity.v : 0;
    const bool closes = held != 0 && random_.range(0, 1) == 0;
    fill.side = closes ? (held > 0 ? Side::sell : Side::buy) : instrument == kFutures || random_.range(0, 1) == 0 ? Side::buy : Side::sell;
    fill.quantity = {closes ? std::abs(held) : random_.range(1, 40'000)};
    fill.price = {price_[instrument]};
    fill.fee = {AssetIx{0}, Decimal::from_units(random_.range(0, 500), 2)};
    fill.source = FillSource::liquidation;  // booked without an order of ours
    fill.time = now_;
    take(VenueFilled{fill});
  }

  void move() {
    const std::size_t i = random_.below(kFutures + 1);
    const std::int64_t step = random_.range(0, 9) == 0 ? 400 : 25;
    const std::int64_t before = price_[i];
    price_[i] = std::max<std::int64_t>(500, before + random_.range(-step, step));
    bar(i, std::max(before, price_[i]) + random_.range(0, step), std::max<std::int64_t>(1, std::min(before, price_[i]) - random_.range(0, step)), price_[i]);
  }

  Engine& engine() { return engine_; }

 private:
  void take(InputBody body) { engine_.step(Input{now_, ++seq_, std::move(body)}, frame_); }
  void bar(std::size_t i, std::int64_t high, std::int64_t low, std::int64_t close) {
    now_ = now_ + DurationNs{7'000'000'000};
    const InstrumentIx ix{static_cast<std::uint16_t>(i)};
    before_ = engine_.state();
    engine_.step_bar(ix, {high}, {low}, {close}, now_, frame_);
    if (seq_ > kUsers) check(ix, {high}, {low});
  }

  static bool open(const std::vector<BreakerTripped>& breakers, BreakerKind kind) {
    return std::any_of(breakers.begin(), breakers.end(), [&](const BreakerTripped& b) { return b.kind == kind; });
  }

  /// What standing checks promise, from equity alone.
  void check(InstrumentIx ix, PriceUnits high, PriceUnits low) {
    const EngineState& state = engine_.state();
    for (const AccountIx account : state.holders[ix.v]) {
      const UserIx owner = state.accounts[account.v].account.user;
      const UserState& user = state.users[owner.v];
      std::int64_t net = 0;
      for (const Holding& holding : state.accounts[account.v].holdings) {
        if (holding.position.instrument != ix || holding.position.is_flat()) continue;
        net += holding.position.quantity.v;
        EXPECT_GE(holding.best, high);
        EXPECT_LE(holding.worst, low);
      }
      const auto equity = equity_of(state, owner);
      const auto adverse = equity_of(state, owner, PriceOverride{ix, net >= 0 ? low : high});
      ASSERT_TRUE(equity && adverse);
      EXPECT_GE(user.peak_equity, *equity) << "a new peak went unseen";
      if (user.user.limits.circuit_breaker == Switch::off) continue;
      // The limits as they stood when the bar came: its own new peak binds from the next price on.
      const UserState& then = before_.users[owner.v];
      if (then.day_start != user.day_start || then.samples.size() != user.samples.size()) continue;  // a timer moved the bases in this very frame
      expect_tripped(user, BreakerKind::daily_loss, then.day_start_equity + then.day_transfers, user.user.limits.max_daily_drawdown, *adverse);
      expect_tripped(user, BreakerKind::drawdown, then.peak_equity, user.user.limits.max_drawdown, *adverse);
    }
  }
  void expect_tripped(const UserState& user, BreakerKind kind, Decimal base, Decimal fraction, Decimal adverse) {
    if (base <= Decimal{} || base - adverse <= mul(base, fraction, Round::down)) return;
    EXPECT_TRUE(open(user.breakers, kind)) << name_of(kind) << " of user " << user.user.ix.v << " at " << adverse.to_string();
    ++crossings;
  }

 public:
  std::uint64_t crossings = 0;

 private:
  Xoshiro256pp random_;
  Engine engine_;
  EngineState before_;
  Frame frame_;
  TimeNs now_{1'746'316'800'000'000'000};
  std::uint64_t seq_ = 0, trade_ = 0;
  std::size_t accounts_ = 0;
  std::vector<std::int64_t> price_;
};

TEST(StandingPrices, no_limit_peak_or_watermark_is_missed_among_many_holders) {
  std::uint64_t crossings = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    Crowd crowd(seed);
    for (int i = 0; i < 60; ++i) crowd.trade();
    for (int i = 0; i < 3'000; ++i) {
      crowd.move();
      if (i % 40 == 0) crowd.trade();
      if (testing::Test::HasFailure()) FAIL() << "seed " << seed << " step " << i;
    }
    crossings += crowd.crossings;
  }
  EXPECT_GT(crossings, 1'000U) << "limits must be crossed for this to show anything";
}

}  // namespace
}  // namespace prom
