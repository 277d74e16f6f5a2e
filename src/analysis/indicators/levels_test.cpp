// Swings, Fibonacci levels, sessions and volume profile on hand-made bars; swings also against the smart-money-concepts reference.
#include "analysis/indicators/levels.h"

#include <gtest/gtest.h>

#include "analysis/indicators/volume_profile.h"
#include "analysis/test_support.h"

namespace prom::indicators {
namespace {

std::vector<Swing> all_swings(const OhlcvView& view, const SwingDetector::Params& params) {
  auto detector = *SwingDetector::make(params);
  std::vector<Swing> out;
  for (std::size_t i = 0; i < view.size(); ++i) {
    const auto found = detector.update(bar_at(view, i));
    if (found.high) out.push_back(*found.high);
    if (found.low) out.push_back(*found.low);
  }
  return out;
}

TEST(Swings, confirmed_exactly_right_bars_later) {
  test::Bars bars;
  for (const double p : {1.0, 2.0, 5.0, 3.0, 2.0, 1.0, 4.0, 6.0}) bars.push(p, p + 0.5, p - 0.5, p);
  const auto swings = all_swings(bars.view(), {2, 2});
  ASSERT_EQ(swings.size(), 2u);
  EXPECT_EQ(swings[0], (Swing{SwingKind::high, 2, 4, 5.5}));
  EXPECT_EQ(swings[1], (Swing{SwingKind::low, 5, 7, 0.5}));
}

TEST(Swings, equal_tops_are_both_swings_and_a_flat_market_has_none) {
  test::Bars bars, flat;
  for (const double p : {1.0, 5.0, 2.0, 5.0, 1.0}) bars.push(p, p, p, p);
  int highs = 0;
  for (const auto& swing : all_swings(bars.view(), {1, 1})) highs += swing.kind == SwingKind::high ? 1 : 0;
  EXPECT_EQ(highs, 2);
  for (int i = 0; i < 20; ++i) flat.push(1, 1, 1, 1);
  EXPECT_TRUE(all_swings(flat.view(), {2, 2}).empty());
}

// The reference marks bar i >= 9 when it is the extreme of [i-4, i+5], then keeps the most extreme of consecutive swings of one kind
// (which looks ahead). Ours with left 4 and right 5, reduced the same way here, must give the same list.
TEST(Swings, equal_the_reference_after_its_reduction) {
  const auto quotes = test::load_fixture("smc/eurusd_15m.csv");
  const auto truth = test::load_fixture("smc/swings.csv");
  test::Bars bars;
  for (std::size_t i = 0; i < quotes.at("close").size(); ++i) {
    bars.push(quotes.at("open")[i], quotes.at("high")[i], quotes.at("low")[i], quotes.at("close")[i]);
  }
  std::vector<Swing> kept;
  for (const auto& swing : all_swings(bars.view(), {4, 5})) {
    if (swing.index < 9) continue;
    if (kept.empty() || kept.back().kind != swing.kind) {
      kept.push_back(swing);
    } else if (swing.kind == SwingKind::high ? swing.price > kept.back().price : swing.price < kept.back().price) {
      kept.back() = swing;
    }
  }
  // Its first row is an artificial bound, and the cut-off end may lack confirmation.
  ASSERT_GT(kept.size(), 300u);
  for (std::size_t i = 0; i + 3 < kept.size(); ++i) {
    ASSERT_EQ(static_cast<double>(kept[i].index), truth.at("index")[i + 1]) << i;
    ASSERT_EQ(kept[i].kind == SwingKind::high ? 1.0 : -1.0, truth.at("kind")[i + 1]) << i;
    ASSERT_EQ(kept[i].price, truth.at("level")[i + 1]) << i;
  }
}

TEST(Fibonacci, retraces_the_last_confirmed_leg) {
  test::Bars bars;
  for (const double p : {20.0, 15.0, 10.0, 60.0, 110.0, 80.0, 70.0}) bars.push(p, p, p, p);
  const auto rows = *evaluate<Fibonacci>({1, 1}, bars.view());
  EXPECT_TRUE(std::isnan(rows[4].r0));  // the high at bar 4 is confirmed by bar 5
  EXPECT_DOUBLE_EQ(rows[5].r0, 110);
  EXPECT_DOUBLE_EQ(rows[5].r382, 110 - 0.382 * 100);
  EXPECT_DOUBLE_EQ(rows[5].r618, 110 - 0.618 * 100);
  EXPECT_DOUBLE_EQ(rows[5].r1000, 10);
  EXPECT_DOUBLE_EQ(fibonacci_level(*rows[5].from, *rows[5].to, 1.272), 110 - 127.2);
}

TEST(Sessions, weeks_begin_on_monday_and_months_on_the_first) {
  const std::int64_t sunday = days_from_civil({2024, 3, 31}) * kDay.ns, monday = sunday + kDay.ns;
  EXPECT_NE(session_number(Session::utc_week, sunday), session_number(Session::utc_week, monday));
  EXPECT_EQ(session_number(Session::utc_week, monday), session_number(Session::utc_week, sunday + 7 * kDay.ns));
  EXPECT_NE(session_number(Session::utc_month, sunday), session_number(Session::utc_month, monday));
  EXPECT_EQ(session_number(Session::utc_day, sunday), session_number(Session::utc_day, monday - 1));
  EXPECT_EQ(utc_day_of(-1), -1);
}

TEST(VolumeProfile, point_of_control_and_value_area_by_hand) {
  // Ten bins of width 1 over [0, 10]; volumes placed in single bins, except one bar spread evenly over all.
  test::Bars bars;
  const auto add = [&](double low, double high, double volume) {
    bars.push(low, high, low, high);
    bars.volume.back() = volume;
  };
  add(0, 10, 10);  // 1 a bin
  add(4.25, 4.75, 30);
  add(5.25, 5.75, 20);
  add(3.25, 3.75, 10);
  add(8.25, 8.75, 5);
  const auto profile = *volume_profile(bars.view(), {10, 0.70});
  EXPECT_DOUBLE_EQ(profile.total, 75);
  EXPECT_DOUBLE_EQ(profile.volumes[4], 31);
  EXPECT_DOUBLE_EQ(profile.volumes[9], 1);
  EXPECT_DOUBLE_EQ(profile.point_of_control, 4.5);
  // 31 + 21 = 52 < 52.5, so the 11 below comes too.
  EXPECT_DOUBLE_EQ(profile.value_area_low, 3);
  EXPECT_DOUBLE_EQ(profile.value_area_high, 6);
}

TEST(VolumeProfile, keeps_all_volume_and_refuses_nothing_to_count) {
  const auto bars = test::random_bars(3, 500);
  double volume = 0;
  for (const double v : bars.volume) volume += v;
  EXPECT_NEAR(volume_profile(bars.view())->total, volume, 1e-9 * volume);
  EXPECT_EQ(volume_profile({}).error().code, ParamErrorCode::empty_input);
  EXPECT_EQ(volume_profile(bars.view(), {0, 0.7}).error().parameter, "bins");
  test::Bars still;
  still.push(5, 5, 5, 5);
  EXPECT_DOUBLE_EQ(volume_profile(still.view())->point_of_control, 5);
  still.volume = {0};
  EXPECT_EQ(volume_profile(still.view()).error().parameter, "volume");
}

}  // namespace
}  // namespace prom::indicators
