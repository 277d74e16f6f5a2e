// The stream detectors on streams written by hand: what is reported, when, and what is not; bounds, copies and bad events.
#include <gtest/gtest.h>

#include "analysis/orderflow/iceberg.h"
#include "analysis/orderflow/spoofing.h"
#include "analysis/orderflow/stream_absorption.h"
#include "analysis/test_support.h"

namespace prom::orderflow {
namespace {

constexpr std::int64_t kMs = 1'000'000;
constexpr auto kBid = BookSideKind::bid, kAsk = BookSideKind::ask;
constexpr auto kBuy = Aggressor::buyer, kSell = Aggressor::seller;

IcebergDetector warm_iceberg(IcebergDetector::Params params) {
  params.mean_trades = 10;
  auto detector = *IcebergDetector::make(params);
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(detector.update(TradePrint{0, 50, 1, kSell}));
  return detector;
}

TEST(Iceberg, is_reported_at_the_refill_that_completes_it) {
  auto d = warm_iceberg({.min_refills = 3});
  ASSERT_TRUE(d.update(BestPrice{0, kBid, 100, 7}));
  std::int64_t t = 0;
  for (int refill = 1; refill <= 5; ++refill) {
    // The tip of 4 is sold into in two bites; 10 ms later it stands there again.
    EXPECT_FALSE(d.update(TradePrint{t += 100 * kMs, 100, 1.5, kSell}));
    EXPECT_FALSE(*d.update(BestPrice{t, kBid, 100, 5.5}));
    EXPECT_FALSE(d.update(TradePrint{t, 100, 2.5, kSell}));
    EXPECT_FALSE(*d.update(BestPrice{t, kBid, 100, 3}));
    const auto found = *d.update(BestPrice{t += 10 * kMs, kBid, 100, 7});
    ASSERT_EQ(found.has_value(), refill == 3) << refill;
    if (found) {
      EXPECT_EQ(found->time_ns, t);
      EXPECT_EQ(found->side, kBid);
      EXPECT_EQ(found->price, 100);
      EXPECT_DOUBLE_EQ(found->tip, 4);
      EXPECT_EQ(found->refills, 3);
      EXPECT_DOUBLE_EQ(found->executed, 12);
    }
  }
}

TEST(Iceberg, a_refill_in_the_same_instant_shows_as_a_quantity_that_does_not_fall) {
  auto d = warm_iceberg({.min_refills = 2});
  ASSERT_TRUE(d.update(BestPrice{0, kAsk, 100, 5}));
  EXPECT_FALSE(d.update(TradePrint{kMs, 100, 3, kBuy}));
  EXPECT_FALSE(*d.update(BestPrice{kMs, kAsk, 100, 5}));
  EXPECT_FALSE(d.update(TradePrint{2 * kMs, 100, 3, kBuy}));
  EXPECT_TRUE(*d.update(BestPrice{2 * kMs, kAsk, 100, 5}));
}

TEST(Iceberg, other_additions_are_none) {
  // Equal additions without trades, too late after them, larger than what was traded, of the other side, at a new price, or of small size.
  const struct {
    double trade, addition;
    std::int64_t delay_ns;
    Aggressor aggressor;
    double price_step;
  } cases[] = {{0, 4, kMs, kSell, 0}, {4, 4, 60 * kMs, kSell, 0}, {3, 4, kMs, kSell, 0},
               {4, 4, kMs, kBuy, 0},  {4, 4, kMs, kSell, 1},      {1.5, 1.5, kMs, kSell, 0}};
  for (const auto& c : cases) {
    auto d = warm_iceberg({.min_refills = 2});
    double price = 100, shown = 50;
    std::int64_t t = kMs;
    ASSERT_TRUE(d.update(BestPrice{t, kBid, price, shown}));
    for (int i = 0; i < 10; ++i) {
      if (c.trade > 0) {
        EXPECT_FALSE(d.update(TradePrint{t += 200 * kMs, price, c.trade, c.aggressor}));
        if (c.aggressor == kSell) shown -= c.trade;
        EXPECT_FALSE(*d.update(BestPrice{t, kBid, price, shown}));
      }
      price += c.price_step;
      shown += c.addition;
      EXPECT_FALSE(*d.update(BestPrice{t += c.delay_ns, kBid, price, shown})) << c.trade << " " << c.addition << " " << i;
    }
  }
}

SpoofDetector warm_spoof(SpoofDetector::Params params = {}) {
  params.mean_additions = 10;
  auto d = *SpoofDetector::make(params);
  EXPECT_TRUE(d.update(BestPrice{0, kBid, 10'000, 1}));
  EXPECT_TRUE(d.update(BestPrice{0, kAsk, 10'001, 1}));
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(d.update(LevelChange{0, kAsk, 10'010.0 + i, 1}));
  return d;
}

TEST(Spoof, is_reported_once_it_can_no_longer_have_been_moved) {
  auto d = warm_spoof();
  EXPECT_TRUE(d.update(LevelChange{kMs, kBid, 9'995, 2})->empty());
  EXPECT_TRUE(d.update(LevelChange{10 * kMs, kBid, 9'995, 52})->empty());  // 50 against a mean near 1
  EXPECT_TRUE(d.update(TradePrint{500 * kMs, 9'995, 3, kSell})->empty());
  EXPECT_TRUE(d.update(LevelChange{1000 * kMs, kBid, 9'995, 4})->empty());  // 48 gone
  EXPECT_TRUE(d.update(BestPrice{1200 * kMs, kBid, 10'000, 2})->empty());
  const auto found = *d.update(BestPrice{1201 * kMs, kBid, 10'000, 1});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].placed_ns, 10 * kMs);
  EXPECT_EQ(found[0].withdrawn_ns, 1000 * kMs);
  EXPECT_EQ(found[0].time_ns, 1201 * kMs);
  EXPECT_EQ(found[0].side, kBid);
  EXPECT_DOUBLE_EQ(found[0].quantity, 50);
  EXPECT_DOUBLE_EQ(found[0].executed, 3);
  EXPECT_DOUBLE_EQ(found[0].distance_bps, 5);
  EXPECT_NEAR(found[0].multiple, 50 / 1.1, 2);
  EXPECT_TRUE(d.update(BestPrice{5000 * kMs, kBid, 10'000, 2})->empty());
}

TEST(Spoof, what_traded_stayed_flickered_moved_or_stood_at_the_touch_is_none) {
  enum class Case { traded, stayed, flickered, moved_after, moved_before, at_touch, far, small };
  for (const auto c : {Case::traded, Case::stayed, Case::flickered, Case::moved_after, Case::moved_before, Case::at_touch, Case::far, Case::small}) {
    auto d = warm_spoof();
    const double price = c == Case::at_touch ? 10'000 : c == Case::far ? 9'900 : 9'995;
    std::int64_t t = kMs;
    std::size_t found = 0;
    const auto feed = [&](const auto& event) { found += d.update(event)->size(); };
    feed(LevelChange{t, kBid, price, c == Case::small ? 9.0 : 50.0});
    if (c == Case::traded) feed(TradePrint{t += kMs, price, 20, kSell});
    t += c == Case::stayed ? 6000 * kMs : c == Case::flickered ? 50 * kMs : 1000 * kMs;
    if (c == Case::moved_before) feed(LevelChange{t - 100 * kMs, kBid, 9'993, 50});
    feed(LevelChange{t, kBid, price, 0});
    if (c == Case::moved_after) feed(LevelChange{t += 150 * kMs, kBid, 9'997, 50});
    feed(BestPrice{t += 300 * kMs, kBid, 10'000, 2});
    EXPECT_EQ(found, 0u) << static_cast<int>(c);
  }
}

TEST(Spoof, memory_is_bounded_whatever_the_feed_does) {
  auto d = warm_spoof();
  for (int i = 1; i < 20'000; ++i) {
    ASSERT_TRUE(d.update(LevelChange{i * kMs / 100, kBid, 10'000 - i * 0.01, 100.0 * i}));
    ASSERT_TRUE(d.update(LevelChange{i * kMs / 100, kAsk, 10'002 + i * 0.01, 100.0 * i}));
    ASSERT_LE(d.levels_held(), 2 * SpoofDetector::kMaxLevels);
    ASSERT_LE(d.orders_watched(), SpoofDetector::kMaxWatched);
  }
  EXPECT_EQ(d.levels_held(), 2 * SpoofDetector::kMaxLevels);
}

// Two trades of 1 a second for 22 s, then ten of 2 within a second: 20 against a usual 4.
AbsorptionDetector warm_absorption(std::int64_t& t) {
  auto d = *AbsorptionDetector::make({});
  EXPECT_FALSE(d.update(BestPrice{0, kBid, 10'000, 1}));
  EXPECT_FALSE(d.update(BestPrice{0, kAsk, 10'001, 1}));
  for (int i = 0; i < 46; ++i) EXPECT_FALSE(*d.update(TradePrint{t += 500 * kMs, 10'000, 1, i % 2 == 0 ? kSell : kBuy}));
  return d;
}

TEST(Absorption, much_selling_that_moves_nothing_is_reported_once) {
  std::int64_t t = 0;
  auto d = warm_absorption(t);
  int reports = 0;
  for (int i = 1; i <= 10; ++i) {
    const auto found = *d.update(TradePrint{t += 100 * kMs, 10'000, 2.5, kSell});
    if (!found) continue;
    ++reports;
    EXPECT_EQ(i, 6);  // 15 and the one sold before in the window, against four times 4
    EXPECT_EQ(found->absorber, Absorber::buyers);
    EXPECT_EQ(found->price, 10'000);
    EXPECT_GE(found->multiple, 4);
    EXPECT_EQ(found->progress_bps, 0);
  }
  EXPECT_EQ(reports, 1);
}

TEST(Absorption, selling_that_moves_the_price_and_two_sided_trade_are_none) {
  for (const bool moves : {true, false}) {
    std::int64_t t = 0;
    auto d = warm_absorption(t);
    for (int i = 1; i <= 10; ++i) {
      if (moves) EXPECT_FALSE(d.update(BestPrice{t, kBid, 10'000.0 - i, 1}));
      EXPECT_FALSE(*d.update(TradePrint{t += 100 * kMs, 10'000, 2.5, kSell}));
      if (!moves) EXPECT_FALSE(*d.update(TradePrint{t, 10'001, 2.5, kBuy}));
    }
  }
}

// A copy taken in the middle of a pattern goes on exactly as the original does.
TEST(Streams, copies_go_on) {
  auto ice = warm_iceberg({.min_refills = 3});
  ASSERT_TRUE(ice.update(BestPrice{0, kAsk, 100, 5}));
  std::optional<IcebergDetector> other_ice;
  for (int i = 1; i <= 4; ++i) {
    EXPECT_FALSE(ice.update(TradePrint{i * kMs, 100, 4, kBuy}));
    if (other_ice) EXPECT_FALSE(other_ice->update(TradePrint{i * kMs, 100, 4, kBuy}));
    const auto found = *ice.update(BestPrice{i * kMs, kAsk, 100, 5});
    EXPECT_EQ(found.has_value(), i == 3);
    if (other_ice) EXPECT_EQ(other_ice->update(BestPrice{i * kMs, kAsk, 100, 5})->has_value(), i == 3);
    if (i == 2) other_ice = ice;
  }
  auto spoof = warm_spoof();
  EXPECT_TRUE(spoof.update(LevelChange{kMs, kBid, 9'995, 50})->empty());
  auto other_spoof = spoof;
  for (auto* d : {&spoof, &other_spoof}) {
    EXPECT_TRUE(d->update(LevelChange{900 * kMs, kBid, 9'995, 0})->empty());
    EXPECT_EQ(d->update(BestPrice{2000 * kMs, kBid, 10'000, 2})->size(), 1u);
  }
  std::int64_t t = 0;
  auto absorption = warm_absorption(t);
  for (int i = 1; i <= 5; ++i) EXPECT_FALSE(*absorption.update(TradePrint{t += 100 * kMs, 10'000, 2.5, kSell}));
  auto other_absorption = absorption;
  t += 100 * kMs;
  const auto a = *absorption.update(TradePrint{t, 10'000, 2.5, kSell}), b = *other_absorption.update(TradePrint{t, 10'000, 2.5, kSell});
  ASSERT_TRUE(a && b);
  EXPECT_EQ(a->multiple, b->multiple);
}

TEST(Streams, bad_events_are_named_and_change_nothing) {
  auto ice = *IcebergDetector::make({});
  auto spoof = *SpoofDetector::make({});
  auto absorption = *AbsorptionDetector::make({});
  EXPECT_TRUE(ice.update(BestPrice{10, kBid, 100, 1}) && spoof.update(BestPrice{10, kBid, 100, 1}));
  EXPECT_FALSE(absorption.update(BestPrice{10, kBid, 100, 1}));
  EXPECT_EQ(ice.update(BestPrice{9, kBid, 100, 1}).error().parameter, "time_ns");
  EXPECT_EQ(ice.update(TradePrint{11, 100, -1, kBuy})->parameter, "quantity");
  EXPECT_EQ(spoof.update(LevelChange{11, kBid, 0, 1}).error().parameter, "price");
  EXPECT_EQ(spoof.update(LevelChange{11, kBid, 100, NAN}).error().code, ParamErrorCode::not_finite);
  EXPECT_EQ(spoof.seed(LevelChange{11, kBid, INFINITY, 1})->parameter, "price");
  EXPECT_EQ(absorption.update(TradePrint{9, 100, 1, kBuy}).error().code, ParamErrorCode::below_minimum);
  EXPECT_TRUE(ice.update(BestPrice{10, kBid, 100, 1}) && spoof.update(BestPrice{10, kBid, 100, 1}));
  EXPECT_EQ(IcebergDetector::make({.min_refills = 1}).error().parameter, "min_refills");
  EXPECT_EQ(SpoofDetector::make({.size_multiple = 0}).error().parameter, "size_multiple");
  EXPECT_EQ(SpoofDetector::make({.min_life_ns = 10'000 * kMs}).error().parameter, "min_life_ns");
  EXPECT_EQ(AbsorptionDetector::make({.one_sided = 0.4}).error().parameter, "one_sided");
}

}  // namespace
}  // namespace prom::orderflow
