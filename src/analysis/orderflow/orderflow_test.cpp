// Order flow on hand-made trades, bars and books; causality on random bars.
#include <gtest/gtest.h>

#include "analysis/orderflow/book.h"
#include "analysis/orderflow/trades.h"
#include "analysis/orderflow/volume_delta.h"
#include "analysis/test_support.h"

namespace prom::orderflow {
namespace {

constexpr auto kBuy = Aggressor::buyer, kSell = Aggressor::seller;

struct Trades {
  std::vector<std::int64_t> time;
  std::vector<double> price, quantity;
  std::vector<Aggressor> side;
  void add(double seconds, double p, double q, Aggressor a) {
    time.push_back(static_cast<std::int64_t>(seconds * 1e9)), price.push_back(p), quantity.push_back(q), side.push_back(a);
  }
  [[nodiscard]] TradesView view() const { return {time, price, quantity, side}; }
};

TEST(TradeImbalance, counts_volume_value_and_sign) {
  Trades t;
  t.add(0, 100, 3, kBuy), t.add(1, 101, 1, kSell), t.add(2, 102, 4, kBuy);
  const auto i = trade_imbalance(t.view());
  EXPECT_EQ(i.buys, 2u);
  EXPECT_EQ(i.sells, 1u);
  EXPECT_DOUBLE_EQ(i.buy_volume, 7);
  EXPECT_DOUBLE_EQ(i.sell_value, 101);
  EXPECT_DOUBLE_EQ(i.imbalance, 6.0 / 8);
  EXPECT_EQ(trade_imbalance({}).imbalance, 0);
}

TEST(WhalePrints, large_in_itself_and_for_the_market) {
  Trades t;
  for (int i = 0; i < 10; ++i) t.add(i, 100, 1, kBuy);
  t.add(10, 100, 15, kSell);  // 1,500: 15 times the mean
  t.add(11, 100, 60, kSell);  // 6,000 against a mean of 9 * 100 + 1,500 over 10 = 240
  const auto prints = *whale_prints(t.view(), {1000, 20, 10});
  ASSERT_EQ(prints.size(), 1u);
  EXPECT_EQ(prints[0].index, 11u);
  EXPECT_EQ(prints[0].aggressor, kSell);
  EXPECT_DOUBLE_EQ(prints[0].multiple, 25);
  EXPECT_EQ(whale_prints(t.view(), {5000, 1, 100})->size(), 1u);  // the window never fills: the floor alone decides
  EXPECT_EQ(whale_prints(t.view(), {1000, 0.5, 10}).error().parameter, "multiple");
}

TEST(TickSpeed, against_its_own_past_and_blind_to_the_future) {
  Trades t;
  for (int i = 1; i <= 40; ++i) t.add(i, 100, 2, kBuy);              // one a second
  for (int i = 1; i <= 30; ++i) t.add(40 + i / 3.0, 100, 1, kSell);  // three a second until 50
  const auto calm = *tick_speed(t.view(), 40'000'000'000, {10'000'000'000, 3});
  EXPECT_DOUBLE_EQ(calm.trades_per_second, 1);
  EXPECT_DOUBLE_EQ(calm.volume_per_second, 2);
  EXPECT_DOUBLE_EQ(*calm.relative, 1);
  const auto fast = *tick_speed(t.view(), 50'000'000'000, {10'000'000'000, 3});
  EXPECT_DOUBLE_EQ(fast.trades_per_second, 3);
  EXPECT_DOUBLE_EQ(*fast.relative, 3);
  EXPECT_FALSE(tick_speed(t.view(), 5'000'000'000, {10'000'000'000, 3})->relative);
  EXPECT_EQ(tick_speed(t.view(), 0, {0, 3}).error().parameter, "window_ns");
}

TEST(TickSpeed, time_before_the_recording_is_no_window_without_trades) {
  Trades t;
  for (int i = 1; i <= 40; ++i) t.add(100 + i, 100, 2, kBuy);  // one a second, recorded since second 100
  const auto at = [&](std::int64_t second) { return tick_speed(t.view(), second * 1'000'000'000, {10'000'000'000, 30, 100'000'000'000})->relative; };
  EXPECT_DOUBLE_EQ(*at(140), 1) << "three whole windows before it";
  EXPECT_DOUBLE_EQ(*at(139), 1) << "two";
  EXPECT_DOUBLE_EQ(*at(120), 1) << "one";
  EXPECT_FALSE(at(119)) << "none is whole";
  EXPECT_FALSE(at(100));
}

TEST(Cvd, sums_and_stops_where_taker_volume_is_unknown) {
  test::check_operator<Cvd>({}, 0);
  auto cvd = *Cvd::make({});
  OhlcvBar bar{0, 1, 1, 1, 1, 10, 7.0};
  cvd.update(bar);
  bar.taker_buy_volume = 4.0;
  cvd.update(bar);
  EXPECT_DOUBLE_EQ(*cvd.value(), 2);
  bar.taker_buy_volume.reset();
  cvd.update(bar);
  bar.taker_buy_volume = 5.0;
  cvd.update(bar);
  EXPECT_FALSE(cvd.value());
}

TEST(Divergence, higher_high_on_less_buying) {
  test::Bars bars;
  const double price[] = {10, 12, 11, 9, 11, 13, 12}, taker[] = {1, 1, 0, 0, 1, 0.5, 0.5};
  for (int i = 0; i < 7; ++i) {
    bars.push(price[i], price[i], price[i], price[i]);
    bars.taker.back() = taker[i];
  }
  // CVD 1 2 1 0 1 1 1: at the highs 12 and 13 it is 2 and 1.
  const auto found = *cvd_divergences(bars.view(), {1, 1});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind, DivergenceKind::bearish);
  EXPECT_EQ(found[0].second.index, 5u);
  EXPECT_EQ(found[0].second.confirmed_index, 6u);
  EXPECT_DOUBLE_EQ(found[0].first_cvd, 2);
  bars.taker.clear();
  EXPECT_EQ(cvd_divergences(bars.view()).error().code, ParamErrorCode::missing_column);
}

TEST(Absorption, heavy_selling_that_moves_nothing) {
  test::Bars bars;
  for (int i = 0; i < 30; ++i) bars.push(100, 101, 99, 100);
  bars.push(100, 100.5, 99, 100.1);
  bars.volume.back() = 5, bars.taker.back() = 1;  // delta -3
  auto zones = *absorption_zones(bars.view());
  ASSERT_EQ(zones.size(), 1u);
  EXPECT_EQ(zones[0].index, 30u);
  EXPECT_EQ(zones[0].absorber, Absorber::buyers);
  EXPECT_DOUBLE_EQ(zones[0].delta, -3);
  EXPECT_DOUBLE_EQ(zones[0].relative_volume, 5);
  EXPECT_NEAR(zones[0].progress_atr, 0.05, 1e-12);
  bars.close.back() = 99;  // the sellers got half an ATR: not absorbed
  EXPECT_TRUE(absorption_zones(bars.view())->empty());
}

TEST(Causality, events_do_not_depend_on_what_follows) {
  for (const std::size_t cut : {120u, 400u, 650u}) {
    const auto bars = test::random_bars(9, 700), altered = test::random_bars(9, 700, cut);
    const auto known = [cut](const test::Bars& b, std::size_t n) {
      std::vector<double> out;
      for (const auto& d : *cvd_divergences(b.view(n), {2, 2})) {
        if (d.second.confirmed_index < cut) out.insert(out.end(), {static_cast<double>(d.second.index), d.first_cvd, d.second_cvd});
      }
      for (const auto& z : *absorption_zones(b.view(n), {1.2, 0.1, 0.5, 20, 14})) {
        if (z.index < cut) out.insert(out.end(), {static_cast<double>(z.index), z.delta, z.relative_volume, z.progress_atr});
      }
      return out;
    };
    EXPECT_GT(known(bars, cut).size(), 20u);
    EXPECT_EQ(known(bars, 700), known(bars, cut));
    EXPECT_EQ(known(altered, 700), known(bars, cut));
  }
}

TEST(Book, imbalance_microprice_and_depth) {
  const std::vector<double> bid{100, 99, 90}, bid_size{3, 1, 100}, ask{101, 102}, ask_size{1, 1};
  const Book book{{bid, bid_size}, {ask, ask_size}};
  const auto two = *book_imbalance_by_levels(book, 2);
  EXPECT_DOUBLE_EQ(two.imbalance, (4.0 - 2) / 6);
  EXPECT_DOUBLE_EQ(two.mid, 100.5);
  EXPECT_DOUBLE_EQ(two.microprice, (100 * 1 + 101 * 3) / 4.0);
  EXPECT_NEAR(two.spread_bps, 1 / 100.5 * 1e4, 1e-9);
  EXPECT_DOUBLE_EQ(book_imbalance_by_distance(book, 50)->imbalance, 0.5);  // 0.5025 reaches the best levels only
  EXPECT_DOUBLE_EQ(book_imbalance_by_distance(book, 2000)->bid_quantity, 104);
  EXPECT_EQ(book_imbalance_by_levels({{bid, bid_size}, {}}, 2).error().parameter, "asks");
  EXPECT_EQ(book_imbalance_by_levels({{bid, ask_size}, {ask, ask_size}}, 2).error().code, ParamErrorCode::length_mismatch);
  EXPECT_EQ(book_imbalance_by_levels({{ask, ask_size}, {bid, bid_size}}, 2).error().code, ParamErrorCode::not_below_other);
}

}  // namespace
}  // namespace prom::orderflow
