// The leverage of a pair is asked of the venue before its first entry, so that the gate and the venue reckon with the same margin.
#include <filesystem>

#include "house.h"
#include "memory_journal.h"
#include "runtime/views/account_view.h"

namespace prom::scenario {
using namespace literals;
namespace {

Decimal asked(const House& house) { return house.venue.leverages.empty() ? Decimal{} : house.venue.leverages.back().leverage; }

TEST(Leverage, EachEpochAsksForItOnce) {
  House house(2);
  ASSERT_EQ(house.venue.leverages.size(), 2U);
  EXPECT_EQ(house.venue.leverages[0].leverage, "2"_dec);
  EXPECT_EQ(house.venue.leverages[1].instrument, InstrumentIx{1});
  house.take(EpochStarted{2});
  EXPECT_EQ(house.venue.leverages.size(), 4U) << "what the last process sent may never have left";
}

TEST(Leverage, APairRegisteredAgainWithAnotherAsksForThat) {
  House house;
  TradingPair pair = house.state().pairs[0].pair;
  house.take(PairRegistered{pair});
  EXPECT_EQ(house.venue.leverages.size(), 1U) << "nothing changed";
  pair.leverage = "3"_dec;
  house.take(PairRegistered{pair});
  EXPECT_EQ(asked(house), "3"_dec);
  pair.leverage = kDecimalOne;
  house.take(PairRegistered{pair});
  EXPECT_EQ(house.venue.leverages.size(), 3U);
  EXPECT_EQ(asked(house), kDecimalOne);
}

TEST(Leverage, APairBroughtBackToOnceIsAskedForAgainAfterARestart) {
  House house;
  TradingPair pair = house.state().pairs[0].pair;
  pair.leverage = kDecimalOne;
  house.take(PairRegistered{pair});
  house.venue.leverages.clear();
  house.take(EpochStarted{2});
  ASSERT_EQ(house.venue.leverages.size(), 1U) << "what was sent before the process ended may never have left";
  EXPECT_EQ(asked(house), kDecimalOne);
}

TEST(Leverage, PairsOfOneInstrumentAskForTheHighest) {
  House house;
  TradingPair other = house.state().pairs[0].pair;
  other.ix = PairIx{1};
  other.leverage = "5"_dec;
  house.take(PairRegistered{other});
  EXPECT_EQ(asked(house), "5"_dec);
  house.take(EpochStarted{2});
  EXPECT_EQ(house.venue.leverages.size(), 3U);
  EXPECT_EQ(asked(house), "5"_dec);
}

TEST(Leverage, SpotAsksForNone) {
  House house(1, Payoff::spot);
  EXPECT_TRUE(house.venue.leverages.empty());
}

/// The usual trend run with limits that allow positions of several times the equity.
SimulationConfig leveraged(const Dataset& data, Decimal leverage) {
  SimulationConfig config = test_data::trend_config(data);
  RiskLimits& limits = config.user.limits;
  limits = limits_for(RiskLevel::aggressive);
  limits.risk_per_trade = "0.2"_dec;
  limits.max_position = limits.max_instrument_exposure = limits.max_group_exposure = limits.max_total_exposure = "5"_dec;
  limits.max_consecutive_losses = 100;
  limits.max_daily_drawdown = limits.max_drawdown = "0.9"_dec;
  for (SimulatedPair& pair : config.pairs) pair.leverage = leverage;
  return config;
}

/// What a run did, by its frames.
struct Seen {
  std::uint64_t rejected = 0, beyond_cash = 0;
  void note(const Simulation& simulation, const Frame& frame) {
    for (const Event& event : frame.events) {
      if (const auto* moved = std::get_if<OrderMoved>(&event); moved != nullptr && moved->kind == OrderEventKind::rejected) ++rejected;
      if (const auto* set = std::get_if<PositionSet>(&event);
          set != nullptr && set->position.cost.abs() > balance_of(simulation.state().accounts[0], AssetIx{0}))
        ++beyond_cash;
    }
  }
};

TEST(Leverage, AtThreeTimesNoEntryIsRejectedForMoneyThatLeverageCovers) {
  const Dataset data = test_data::wave(1, 4'000, 31);
  auto simulation = std::move(Simulation::create(data, leveraged(data, "3"_dec), {}).value());
  ASSERT_TRUE(simulation->begin().has_value());
  Seen seen;
  SimulationHooks hooks;
  hooks.on_frame = [&](const Frame& frame) { seen.note(*simulation, frame); };
  ASSERT_TRUE(simulation->run(hooks).has_value());
  EXPECT_EQ(seen.rejected, 0U);
  EXPECT_GT(seen.beyond_cash, 5U) << "positions that the cash alone would not pay for";
  EXPECT_EQ(simulation->venue().leverage(AccountIx{0}, InstrumentIx{0}), "3"_dec);
}

TEST(Leverage, ARunAtOnceAsksForNothing) {
  const Dataset data = test_data::wave(1, 1'000, 31);
  std::uint64_t asked = 0;
  MemoryJournal journal;
  SimulationParts parts;
  parts.journal = &journal;
  auto simulation = std::move(Simulation::create(data, leveraged(data, kDecimalOne), parts).value());
  ASSERT_TRUE(simulation->begin().has_value());
  ASSERT_TRUE(simulation->run({}).has_value());
  ASSERT_TRUE(journal.read(1, [&](const RecordedFrame& frame) {
    for (const RecordedCommand& command : frame.commands) asked += std::holds_alternative<LeverageSpec>(command) ? 1U : 0U;
    return true;
  }));
  EXPECT_EQ(asked, 0U);
}

TEST(Leverage, AKillAndAResumeKeepIt) {
  const Dataset data = test_data::wave(1, 4'000, 31);
  const std::string file = (std::filesystem::path(::testing::TempDir()) / "leverage_test_venue").string();
  std::filesystem::remove(file);
  MemoryJournal journal;
  const auto open = [&] {
    SimulationConfig config = leveraged(data, "3"_dec);
    config.venue.file = file;
    SimulationParts parts;
    parts.journal = &journal;
    return std::move(Simulation::create(data, std::move(config), parts).value());
  };
  Seen seen;
  for (int tenure = 0; tenure < 4; ++tenure) {
    auto simulation = open();
    if (tenure == 0) {
      ASSERT_TRUE(simulation->begin().has_value());
    } else {
      EXPECT_EQ(simulation->venue().leverage(AccountIx{0}, InstrumentIx{0}), "3"_dec) << "from the venue's own file";
      ASSERT_TRUE(journal.read(1, [&](const RecordedFrame& frame) {
        simulation->recover(frame);
        return true;
      }));
      ASSERT_TRUE(simulation->resume({}).has_value());
    }
    SimulationHooks hooks;
    std::int64_t played = 0;
    hooks.on_frame = [&](const Frame& frame) { seen.note(*simulation, frame); };
    hooks.pace = [&](const Progress&) { return ++played < 1'000 ? Flow::go_on : Flow::stop; };
    ASSERT_TRUE(simulation->run(hooks).has_value());
    EXPECT_EQ(simulation->venue().leverage(AccountIx{0}, InstrumentIx{0}), "3"_dec);
  }
  EXPECT_EQ(seen.rejected, 0U);
  EXPECT_GT(seen.beyond_cash, 5U);
  std::filesystem::remove(file);
}

TEST(Leverage, TheLiquidationPriceFollowsThePositionThatItPaysFor) {
  House house;
  TradingPair pair = house.state().pairs[0].pair;
  pair.leverage = "4"_dec;
  house.take(PairRegistered{pair});
  RiskLimits limits = house.user().user.limits;
  limits.risk_per_trade = "0.5"_dec;
  limits.max_position = limits.max_instrument_exposure = limits.max_group_exposure = limits.max_total_exposure = "5"_dec;
  house.take(LimitsSet{UserIx{0}, limits});
  house.open(2'500'000);  // 2,500 coins at 100: 250,000 on 100,000 of cash
  ASSERT_NE(house.holding(), nullptr);
  ASSERT_EQ(house.holding()->position.quantity.v, 2'500'000) << (house.last_denial() ? std::string(name_of(house.last_denial()->code)) : "");
  const AccountView view = make_account_view(house.state(), AccountIx{0});
  ASSERT_TRUE(view.positions.at(0).liquidation.has_value());
  // (cost - cash) / (quantity * (1 - maintenance)), with 125 of fees: (250,000 - 99,875) / (2,500 * 0.995)
  EXPECT_NEAR(view.positions[0].liquidation->to_double(), 150'125.0 / 2'487.5, 0.011);
}

}  // namespace
}  // namespace prom::scenario
