// Many accounts in one shard, and a shard that is taken over while the market has gone on: the venue did what rested there, the books agree, stops stand.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/prng.h"
#include "engine/risk/equity.h"
#include "memory_journal.h"
#include "research/simulation/test_data.h"
#include "strategies/breakout.h"
#include "strategies/mean_reversion.h"
#include "strategies/trend_following.h"

namespace prom {
namespace {

using MakeStrategy = std::function<std::unique_ptr<Strategy>(DurationNs timeframe)>;

std::unique_ptr<Strategy> trend_following(DurationNs timeframe) {
  strategies::TrendFollowing::Params params;
  params.timeframe = timeframe;
  return std::make_unique<strategies::TrendFollowing>(params);
}

/// `count` users from `first` on. Each trades one of the series at a speed of its own.
SimulationConfig accounts(const Dataset& data, std::uint32_t first, std::uint32_t count, const MakeStrategy& make = trend_following) {
  SimulationConfig config = test_data::trend_config(data);
  config.pairs.clear();
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t user = first + i;
    config.user.name = "test";
    if (i > 0) config.others.push_back({config.user, config.cash});
    SimulatedPair pair;
    pair.series = user % data.series.size();
    pair.account = i;
    pair.decider = "trend_following";
    pair.leverage = Decimal::from_int(2);
    StrategyHostConfig host;
    host.pair = PairIx{i};
    host.expected_slippage = config.venue.slippage;
    pair.strategy = std::make_shared<StrategyHost>(make(DurationNs{(1 + user % 5) * kMinute.ns}), host);
    config.pairs.push_back(std::move(pair));
  }
  return config;
}

void expect_equal_books(const Simulation& simulation, const std::string& when) {
  for (std::uint32_t a = 0; a < simulation.state().accounts.size(); ++a) {
    const AccountState& account = simulation.state().accounts[a];
    for (const Money& money : simulation.venue().balances(AccountIx{a})) EXPECT_EQ(balance_of(account, money.asset), money.amount) << when << ", account " << a;
    for (const SimPosition& position : simulation.venue().positions(AccountIx{a})) {
      const Holding* holding = simulation.state().find_holding(position.account, position.instrument, position.leg);
      ASSERT_NE(holding, nullptr) << when;
      EXPECT_EQ(holding->position.quantity, position.quantity) << when << ", account " << a;
      if (position.quantity.v == 0) continue;
      const std::vector<VenueOpenOrder> open = simulation.venue().open_orders(AccountIx{a});
      EXPECT_TRUE(std::ranges::any_of(open, [](const VenueOpenOrder& order) { return order.type == OrderType::stop_market; }))
          << when << ": account " << a << " holds a position without a stop";
    }
  }
}

TEST(Takeover, AnAccountFaresTheSameInWhateverCompany) {
  const Dataset data = test_data::wave(3, 4'000, 23);
  const auto closing = [&](std::uint32_t first, std::uint32_t count) {
    auto simulation = std::move(Simulation::create(data, accounts(data, first, count), {}).value());
    EXPECT_TRUE(simulation->begin().has_value());
    EXPECT_TRUE(simulation->run({}).has_value());
    expect_equal_books(*simulation, "at the end");
    std::vector<Decimal> out;
    for (const AccountState& account : simulation->state().accounts) out.push_back(balance_of(account, AssetIx{0}));
    return out;
  };
  const std::vector<Decimal> together = closing(0, 12);
  ASSERT_EQ(together.size(), 12U);
  EXPECT_NE(together[0], together[1]) << "they do not all trade the same";
  std::vector<Decimal> apart;
  for (const std::uint32_t first : {0U, 4U, 8U})
    for (const Decimal balance : closing(first, 4)) apart.push_back(balance);
  EXPECT_EQ(apart, together);
}

TEST(Takeover, ARunThatWasStoppedHasTheEquityCurveOfOneThatWasNot) {
  const Dataset data = test_data::wave(3, 4'000, 37);
  const std::string file = (std::filesystem::path(::testing::TempDir()) / "takeover_test_curve").string();
  const auto whole = [&] {
    auto simulation = std::move(Simulation::create(data, accounts(data, 0, 3), {}).value());
    EXPECT_TRUE(simulation->begin().has_value());
    EXPECT_TRUE(simulation->run({}).has_value());
    return simulation->result();
  }();
  ASSERT_GT(whole.equity.size(), 60U);
  for (const std::int64_t tenure : {7, 61, 173, 1'000}) {
    std::filesystem::remove(file);
    MemoryJournal journal;
    for (bool done = false; !done;) {
      SimulationConfig config = accounts(data, 0, 3);
      config.venue.file = file;
      SimulationParts parts;
      parts.journal = &journal;
      auto simulation = std::move(Simulation::create(data, std::move(config), parts).value());
      if (journal.frames.empty()) {
        ASSERT_TRUE(simulation->begin().has_value());
      } else {
        ASSERT_TRUE(journal.read(1, [&](const RecordedFrame& frame) {
          simulation->recover(frame);
          return true;
        }));
        ASSERT_TRUE(simulation->resume({}).has_value());
      }
      SimulationHooks hooks;
      std::int64_t played = 0;
      done = true;
      hooks.pace = [&](const Progress&) {
        if (++played < tenure * 7) return Flow::go_on;
        done = false;
        return Flow::stop;
      };
      ASSERT_TRUE(simulation->run(hooks).has_value());
      if (!done) continue;
      const RunResult result = simulation->result();
      ASSERT_EQ(result.equity.size(), whole.equity.size()) << "stopped every " << tenure * 7;
      for (std::size_t i = 0; i < whole.equity.size(); ++i) {
        EXPECT_EQ(result.equity[i].time, whole.equity[i].time) << i;
        EXPECT_EQ(result.equity[i].equity, whole.equity[i].equity) << "stopped every " << tenure * 7 << ", sample " << i;
      }
      EXPECT_EQ(result.digest, whole.digest);
    }
  }
  std::filesystem::remove(file);
}

/// Fills as lines, sorted: of several accounts' fills at one instant a restart may hear one's before the other's.
std::vector<std::string> lines_of(const std::vector<Fill>& fills) {
  std::vector<std::string> lines;
  for (const Fill& fill : fills)
    lines.push_back(std::to_string(fill.time.ns) + " account " + std::to_string(fill.account.v) + " instrument " + std::to_string(fill.instrument.v) +
                    (fill.side == Side::buy ? " buy " : " sell ") + std::to_string(fill.quantity.v) + " at " + std::to_string(fill.price.v));
  std::ranges::sort(lines);
  return lines;
}

/// Ends a run before and after each of the frames around every proposal, goes on, and compares with the run that nothing ended. How often it turned: closed one side
/// and opened again a bar later.
std::size_t end_between_frames(const MakeStrategy& make) {
  const Dataset data = test_data::wave(2, 400, 37);
  const std::string file = (std::filesystem::path(::testing::TempDir()) / "takeover_test_frames").string();
  MemoryJournal journal;
  const auto open = [&] {
    SimulationConfig config = accounts(data, 0, 3, make);
    config.user.limits.max_consecutive_losses = 1'000;
    config.venue.file = file;
    SimulationParts parts;
    parts.journal = &journal;
    return std::move(Simulation::create(data, std::move(config), parts).value());
  };
  const auto begin_anew = [&](std::size_t room) {
    std::filesystem::remove(file);
    journal.frames.clear();
    journal.room = room;
    auto simulation = open();
    EXPECT_TRUE(simulation->begin().has_value());
    return simulation;
  };
  std::vector<std::string> fills;
  {
    auto simulation = begin_anew(SIZE_MAX);
    EXPECT_TRUE(simulation->run({}).has_value());
    fills = lines_of(simulation->result().fills);
  }
  std::set<std::size_t> ends;
  std::size_t turns = 0;
  std::map<std::uint32_t, TimeNs> closed;
  EXPECT_TRUE(journal.read(1, [&](const RecordedFrame& frame) {
    const auto* posted = std::get_if<ProposalPosted>(&frame.input.body);
    if (posted == nullptr) return true;
    for (std::size_t at = frame.seq - 3; at <= frame.seq + 4; ++at) ends.insert(at);
    const auto before = closed.find(posted->proposal.pair.v);
    if (posted->proposal.intent == Intent::close) closed[posted->proposal.pair.v] = frame.input.available_at;
    if (posted->proposal.intent == Intent::open && before != closed.end() && frame.input.available_at - before->second <= kMinute) ++turns;
    return true;
  }));
  const std::size_t frames = journal.frames.size();
  for (const std::size_t end : ends) {
    if (end >= frames) continue;
    EXPECT_FALSE(begin_anew(end)->run({}).has_value());
    journal.room = SIZE_MAX;
    auto simulation = open();
    EXPECT_TRUE(journal.read(1, [&](const RecordedFrame& frame) {
      simulation->recover(frame);
      return true;
    }));
    EXPECT_TRUE(simulation->resume({}).has_value()) << end;
    EXPECT_TRUE(simulation->run({}).has_value()) << end;
    EXPECT_EQ(lines_of(simulation->result().fills), fills) << "the journal ended after frame " << end << " of " << frames;
  }
  std::filesystem::remove(file);
  return turns;
}

// A journal's write may end between any two of its frames: bars and what a strategy made of them, a turn's close and the opening that waits for it.
TEST(Takeover, AProcessThatEndsBetweenAnyTwoFramesOfATrendFollowersDecisionLosesNothing) {
  end_between_frames([](DurationNs timeframe) {
    strategies::TrendFollowing::Params params;
    params.timeframe = timeframe;
    params.fast = 3;
    params.slow = 8;
    return std::make_unique<strategies::TrendFollowing>(params);
  });
}
TEST(Takeover, NorOneOfAStrategyThatTurns) {
  const std::size_t turns = end_between_frames([](DurationNs timeframe) {
    strategies::Breakout::Params params;
    params.timeframe = timeframe;
    params.entry = params.exit = 4;
    params.atr_period = 5;
    return std::make_unique<strategies::Breakout>(params);
  });
  EXPECT_GT(turns, 5U) << "some close one side to open the other a bar later";
}
TEST(Takeover, NorOneOfAStrategyThatLooksAtItsPosition) {
  end_between_frames([](DurationNs timeframe) {
    strategies::MeanReversion::Params params;
    params.timeframe = timeframe;
    params.period = 8;
    params.width = 1.2;
    params.rsi_period = 5;
    params.oversold = 45;
    params.atr_period = 5;
    return std::make_unique<strategies::MeanReversion>(params);
  });
}

/// As a full disk: writes beyond so many bytes fail.
class FilesEndAt {
 public:
  explicit FilesEndAt(rlim_t bytes) {
    before_ = std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit_);
    const rlimit less{bytes, limit_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &less);
  }
  FilesEndAt(const FilesEndAt&) = delete;
  FilesEndAt& operator=(const FilesEndAt&) = delete;
  ~FilesEndAt() {
    setrlimit(RLIMIT_FSIZE, &limit_);
    std::signal(SIGXFSZ, before_);
  }

 private:
  rlimit limit_{};
  void (*before_)(int) = nullptr;
};

TEST(Takeover, AVenueFileThatCannotBeWrittenEndsTheRunAndTheNextOneGoesOn) {
  const Dataset data = test_data::wave(2, 900, 37);
  const std::string file = (std::filesystem::path(::testing::TempDir()) / "takeover_test_full").string();
  for (const rlim_t bytes : {1'500U, 4'000U, 6'003U, 9'001U}) {
    std::filesystem::remove(file);
    MemoryJournal journal;
    const auto open = [&] {
      SimulationConfig config = accounts(data, 0, 4);
      config.venue.file = file;
      SimulationParts parts;
      parts.journal = &journal;
      return std::move(Simulation::create(data, std::move(config), parts).value());
    };
    {
      auto simulation = open();
      const FilesEndAt limit(bytes);
      auto begun = simulation->begin();
      ASSERT_TRUE(begun.has_value());
      const auto ended = simulation->run({});
      ASSERT_FALSE(ended.has_value()) << bytes;
      EXPECT_EQ(ended.error().fault, ShardFault::venue);
      EXPECT_NE(ended.error().venue.find("File too large"), std::string::npos) << ended.error().venue;
    }
    auto simulation = open();
    ASSERT_TRUE(journal.read(1, [&](const RecordedFrame& frame) {
      simulation->recover(frame);
      return true;
    }));
    ASSERT_TRUE(simulation->resume({}).has_value());
    expect_equal_books(*simulation, "resumed after " + std::to_string(bytes));
    ASSERT_TRUE(simulation->run({}).has_value());
    expect_equal_books(*simulation, "at the end");
  }
  std::filesystem::remove(file);
}

TEST(Takeover, WhatRestsAtTheVenueWorksWhileNobodyIsThereAndTheNextHolderFindsItsBooks) {
  const Dataset data = test_data::wave(3, 3'000, 29);
  const std::string file = (std::filesystem::path(::testing::TempDir()) / "takeover_test_venue").string();
  std::uint64_t worked_alone = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    std::filesystem::remove(file);
    Xoshiro256pp rng{seed};
    MemoryJournal journal;
    const auto open = [&] {
      SimulationConfig config = accounts(data, 0, 9);
      config.venue.file = file;
      SimulationParts parts;
      parts.journal = &journal;
      return std::move(Simulation::create(data, std::move(config), parts).value());
    };
    TimeNs left = data.first();
    for (int tenure = 0; tenure < 4; ++tenure) {
      const std::string when = "seed " + std::to_string(seed) + ", tenure " + std::to_string(tenure);
      auto simulation = open();
      if (tenure == 0) {
        ASSERT_TRUE(simulation->begin().has_value());
      } else {
        ASSERT_TRUE(journal.read(1, [&](const RecordedFrame& frame) {
          simulation->recover(frame);
          return true;
        }));
        const std::uint64_t known = journal.frames.size();
        const TimeNs market = left + DurationNs{rng.range(0, 600) * kMinute.ns + rng.range(0, kMinute.ns - 1)};
        ASSERT_TRUE(simulation->resume(market).has_value());
        EXPECT_GE(simulation->state().now + kMinute, market) << "it stands where the market does";
        expect_equal_books(*simulation, when + ", taken over");
        ASSERT_TRUE(journal.read(known + 1, [&](const RecordedFrame& frame) {
          for (const Event& event : frame.events)
            if (const auto* applied = std::get_if<FillApplied>(&event); applied != nullptr && applied->fill.time > left && applied->fill.time < market)
              ++worked_alone;
          return true;
        }));
      }
      const std::int64_t bars = rng.range(1, 500);
      SimulationHooks hooks;
      std::int64_t played = 0;
      hooks.pace = [&](const Progress&) { return ++played < bars ? Flow::go_on : Flow::stop; };
      ASSERT_TRUE(simulation->run(hooks).has_value());
      expect_equal_books(*simulation, when);
      left = simulation->state().now;
    }
  }
  EXPECT_GT(worked_alone, 10U) << "stops and targets filled while nobody was there";
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace prom
