// A stop that comes for what the bar's range opened: the price went on, and the account gets the worse of what may have been.
#include <filesystem>

#include "sim/test_support.h"

namespace prom::sim_test {
namespace {

constexpr TimeNs last_of(std::int64_t n) { return TimeNs{(n + 1) * kBarLength.ns - 1}; }

/// A buy at 99.0 waits and fills in bar 1, which goes from 100.0 down to 96.0 and back.
struct Filled {
  explicit Filled(SimVenueConfig config = {}) : world(World::funded(std::move(config))) {
    entry = world.place(world.trader.limit(kPerp, Side::buy, 1'000, 990), at_bar(0));
    world.play(kPerp, bar(0, 1'000, 1'000, 1'000, 1'000));
    world.play(kPerp, fall);
  }
  OrderSpec stop_at(std::int64_t price) { return world.place(world.trader.exit(kPerp, Side::sell, 1'000, OrderType::stop_market, price), last_of(1)); }
  bool rest() { return world.venue->on_bar_rest(kPerp, fall, kBarLength); }

  Bar fall = bar(1, 1'000, 1'000, 960, 1'000);
  World world;
  OrderSpec entry;
};

TEST(LateStops, OneThatTheBarWentOnToIsHit) {
  Filled f;
  ASSERT_EQ(f.world.position(kPerp), 1'000);
  f.stop_at(970);
  EXPECT_TRUE(f.rest());
  EXPECT_EQ(f.world.position(kPerp), 0);
  EXPECT_EQ(f.world.fills().back().price.v, 970);
  EXPECT_EQ(f.world.fills().back().time, last_of(1));
}

TEST(LateStops, OneBeyondTheBarRests) {
  Filled f;
  f.stop_at(955);
  f.rest();
  EXPECT_EQ(f.world.position(kPerp), 1'000);
}

TEST(LateStops, ATargetOfTheSameBarIsNotHit) {
  Filled f;
  f.world.place(f.world.trader.exit(kPerp, Side::sell, 1'000, OrderType::limit, 995), last_of(1));
  f.rest();
  EXPECT_EQ(f.world.position(kPerp), 1'000);
}

TEST(LateStops, WhatWasHeldBeforeTheBarHasNone) {
  World world = World::funded();
  world.place(world.trader.order(kPerp, Side::buy, 1'000), at_bar(0));
  world.play(kPerp, bar(0, 1'000, 1'000, 1'000, 1'000));
  world.play(kPerp, bar(1, 1'000, 1'000, 960, 1'000));
  world.place(world.trader.exit(kPerp, Side::sell, 1'000, OrderType::stop_market, 970), last_of(1));
  EXPECT_FALSE(world.venue->on_bar_rest(kPerp, bar(1, 1'000, 1'000, 960, 1'000), kBarLength)) << "the stop came after the price did";
  EXPECT_EQ(world.position(kPerp), 1'000);
}

TEST(LateStops, ARestartBetweenRangeAndRestChangesNothingAndASecondLookHitsNothing) {
  const std::string file = (std::filesystem::path(::testing::TempDir()) / "late_stops_test").string();
  std::filesystem::remove(file);
  SimVenueConfig config;
  config.file = file;
  {
    Filled f(config);
    f.stop_at(970);
  }
  {
    World again(config);
    again.play(kPerp, bar(1, 1'000, 1'000, 960, 1'000));  // ignored: it was played
    ASSERT_EQ(again.position(kPerp), 1'000);
    EXPECT_TRUE(again.venue->on_bar_rest(kPerp, bar(1, 1'000, 1'000, 960, 1'000), kBarLength));
    EXPECT_EQ(again.position(kPerp), 0);
    OrderSpec other = again.trader.limit(kPerp, Side::buy, 1'000, 990);
    other.id = OrderId{50};
    other.client_id.sequence = OrderId{50};
    again.place(other, last_of(1));
  }
  World third(config);
  third.venue->on_bar_rest(kPerp, bar(1, 1'000, 1'000, 960, 1'000), kBarLength);
  EXPECT_EQ(third.position(kPerp), 0);
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace prom::sim_test
