// An entry that waits, filled inside a bar that goes on beyond its stop: a simulated run loses what the market would have taken, in that bar and at the stop.
#include <filesystem>

#include "house.h"
#include "memory_journal.h"
#include "runtime/hosts/bar_decider.h"

namespace prom::scenario {
namespace {

/// Asks once, after the first bar, for one coin at 99.00 with a stop at 97.00.
class OnceBelow final : public BarDecider {
 public:
  std::optional<TradeProposal> on_bar(const EngineState& state, const StrategyBar&) override { return propose(state); }
  bool begin(const EngineState&) override { return false; }
  Ran run(const BarColumns&, std::size_t, std::size_t to) override { return {to, Cause::none}; }
  std::optional<TradeProposal> propose(const EngineState& state) override {
    if (std::exchange(asked_, true)) return std::nullopt;
    TradeProposal proposal;
    proposal.as_of = {state.seq, state.now};
    proposal.expires_at = state.now + kMinute;
    proposal.quantity = {1'000};
    proposal.limit = PriceUnits{9'900};
    proposal.stop = PriceUnits{9'700};
    return proposal;
  }
  void warm(const EngineState&, const StrategyBar&, Held) override { asked_ = true; }

 private:
  bool asked_ = false;
};

/// Ten bars at 100.00, the fifth of which goes down to 96.00 and back.
Dataset dip() {
  Dataset data = test_data::wave(1, 10, 1);
  BarColumns& bars = data.series[0].bars;
  for (std::size_t i = 0; i < bars.size(); ++i) bars.open[i] = bars.high[i] = bars.low[i] = bars.close[i] = 10'000;
  bars.low[4] = 9'600;
  bars.make_floats();
  return data;
}

SimulationConfig waiting(const Dataset& data) {
  SimulationConfig config = test_data::trend_config(data);
  config.venue.slippage = Decimal{};
  config.pairs[0].strategy = std::make_shared<OnceBelow>();
  return config;
}

TEST(SameBar, AStopThatTheBarWentOnToIsHitInIt) {
  const Dataset data = dip();
  auto simulation = std::move(Simulation::create(data, waiting(data), {}).value());
  ASSERT_TRUE(simulation->begin().has_value());
  ASSERT_TRUE(simulation->run({}).has_value());
  const auto result = simulation->result();
  ASSERT_EQ(result.fills.size(), 2U);
  const TimeNs dips{data.series[0].bars.open_time_ns[4]};
  for (const Fill& fill : result.fills) {
    EXPECT_GE(fill.time, dips);
    EXPECT_LT(fill.time, dips + kMinute);
  }
  EXPECT_EQ(result.fills[0].price, PriceUnits{9'900});
  EXPECT_EQ(result.fills[1].price, PriceUnits{9'700});
}

TEST(SameBar, AProcessThatEndsBetweenAnyTwoFramesLosesNothing) {
  const Dataset data = dip();
  const std::string file = (std::filesystem::path(::testing::TempDir()) / "same_bar_test_venue").string();
  MemoryJournal journal;
  const auto open = [&] {
    SimulationConfig config = waiting(data);
    config.venue.file = file;
    SimulationParts parts;
    parts.journal = &journal;
    return std::move(Simulation::create(data, std::move(config), parts).value());
  };
  std::size_t ended = 0;
  for (std::size_t room = 1;; ++room) {
    std::filesystem::remove(file);
    journal.frames.clear();
    journal.room = SIZE_MAX;
    auto first = open();
    ASSERT_TRUE(first->begin().has_value());
    journal.room = journal.frames.size() + room;
    if (first->run({}).has_value()) break;
    first.reset();
    journal.room = SIZE_MAX;
    auto second = open();
    ASSERT_TRUE(journal.read(1, [&](const RecordedFrame& frame) {
      second->recover(frame);
      return true;
    }));
    ASSERT_TRUE(second->resume({}).has_value()) << room;
    ASSERT_TRUE(second->run({}).has_value()) << room;
    const auto result = second->result();
    ASSERT_EQ(result.fills.size(), 2U) << "the journal ended after frame " << room;
    EXPECT_EQ(result.fills[1].price, PriceUnits{9'700}) << "the journal ended after frame " << room;
    ++ended;
  }
  EXPECT_GT(ended, 10U);
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace prom::scenario
