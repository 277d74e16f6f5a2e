// Regimes on markets made to show each of them, hysteresis, and the properties of every operator.
#include "analysis/regime/market_regime.h"

#include <gtest/gtest.h>

#include "analysis/test_support.h"

namespace prom::regime {
namespace {

// Bars of a market whose drift, noise, closing place and volume are set a phase at a time.
struct Maker {
  test::Bars bars;
  Xoshiro256pp rng{5};
  double price = 1000;

  // place: where the close lies in its bar, 0 = low, 1 = high, applied to the wicks only.
  void phase(int n, double drift, double noise, double place, double volume = 100) {
    for (int i = 0; i < n; ++i) {
      const double open = price;
      const double target = price + drift + noise * (2 * test::uniform(rng) - 1);
      const double wick = std::max(noise, std::fabs(drift)) * 2;
      bars.push(open, std::max(open, target) + wick * (1 - place), std::min(open, target) - wick * place, target);
      bars.volume.back() = volume * (0.9 + 0.2 * test::uniform(rng));
      price = target;
    }
  }
  // Price returns to where it began, bar by bar.
  void pinned(int n, double noise, double place, double volume = 100) {
    const double home = price;
    for (int i = 0; i < n; ++i) phase(1, (home - price) * 0.9, noise, place, volume);
  }
  [[nodiscard]] std::vector<RegimeValue> rows() const { return *evaluate<MarketRegime>({}, bars.view()); }
  [[nodiscard]] Regime last() const { return rows().back().regime; }
};

TEST(Regime, trends) {
  Maker up, down;
  up.pinned(150, 1, 0.5);
  up.phase(60, 2, 1, 0.5);
  EXPECT_EQ(up.last(), Regime::trend_up);
  down.pinned(150, 1, 0.5);
  down.phase(60, -2, 1, 0.5);
  EXPECT_EQ(down.last(), Regime::trend_down);
}

TEST(Regime, volume_that_is_missing_is_no_volume_of_zero) {
  Maker silent;
  silent.pinned(300, 1, 0.9, 0);
  const auto rows = silent.rows();
  EXPECT_EQ(rows.back().regime, Regime::range) << "without volume there is no flow";
  EXPECT_TRUE(std::isnan(rows.back().features.relative_volume));
  EXPECT_TRUE(std::isnan(rows.back().features.money_flow));
  Maker traded;
  traded.pinned(300, 1, 0.9);
  const auto same = traded.rows();
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(std::isnan(rows[i].columns()[0]), std::isnan(same[i].columns()[0])) << "warm-up, row " << i;
}

TEST(Regime, range_accumulation_and_distribution_differ_by_flow) {
  Maker range, in, out;
  range.pinned(300, 1, 0.5);
  in.pinned(300, 1, 0.9);
  out.pinned(300, 1, 0.1);
  EXPECT_EQ(range.last(), Regime::range);
  EXPECT_EQ(in.last(), Regime::accumulation);
  EXPECT_EQ(out.last(), Regime::distribution);
}

TEST(Regime, volatile_after_calm) {
  Maker m;
  m.pinned(200, 1, 0.5);
  m.pinned(40, 30, 0.5);
  EXPECT_EQ(m.last(), Regime::volatile_);
}

TEST(Regime, breakout_is_taken_at_once_and_needs_volume) {
  Maker m;
  m.pinned(220, 3, 0.5);
  m.pinned(60, 1, 0.5);
  Maker silent = m;
  m.phase(1, 30, 1, 0.9, 400);
  EXPECT_EQ(m.last(), Regime::breakout);
  EXPECT_EQ(m.rows().back().bars_in_regime, 1u);
  silent.phase(1, 30, 1, 0.9, 100);
  EXPECT_NE(silent.last(), Regime::breakout);
  m.phase(1, -40, 1, 0.5, 100);  // back inside: the breakout failed, and another candidate begins its confirmation
  EXPECT_NE(m.rows().back().candidate, Regime::breakout);
}

TEST(Regime, breakout_ends_after_its_bars) {
  Maker m;
  m.pinned(220, 3, 0.5);
  m.pinned(60, 1, 0.5);
  m.phase(1, 30, 1, 0.9, 400);
  m.phase(14, 3, 1, 0.9);
  EXPECT_EQ(m.last(), Regime::trend_up);
}

TEST(Regime, changes_are_rarer_than_candidates_and_confirmed) {
  const auto rows = *evaluate<MarketRegime>({}, test::random_bars(21, 4000).view());
  int changes = 0, candidates = 0;
  std::set<Regime> seen;
  for (std::size_t i = 200; i < rows.size(); ++i) {
    seen.insert(rows[i].regime);
    candidates += rows[i].candidate != rows[i - 1].candidate ? 1 : 0;
    if (rows[i].regime == rows[i - 1].regime) continue;
    ++changes;
    ASSERT_EQ(rows[i].bars_in_regime, 1u);
    ASSERT_EQ(rows[i].regime, rows[i].candidate);
    if (rows[i].regime == Regime::breakout) continue;
    ASSERT_EQ(rows[i - 1].candidate, rows[i].candidate);
    ASSERT_EQ(rows[i - 2].candidate, rows[i].candidate);
  }
  EXPECT_GT(changes, 10);
  EXPECT_LT(changes * 2, candidates);
  EXPECT_GE(seen.size(), 5u);
}

int kept(bool was_the_regime) {
  EXPECT_TRUE(was_the_regime) << "begun below its entering threshold";
  return 1;
}

// Between the two thresholds a regime is kept but never begun.
TEST(Regime, thresholds_differ_for_entering_and_staying) {
  int kept_volatile = 0, kept_trend = 0, kept_flow = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto rows = *evaluate<MarketRegime>({}, test::random_bars(seed, 4000).view());
    for (std::size_t i = 200; i < rows.size(); ++i) {
      const auto& now = rows[i];
      const bool was = rows[i - 1].regime == now.candidate;
      if (now.candidate == Regime::volatile_ && now.features.volatility_rank < 0.90) kept_volatile += kept(was);
      if (now.candidate == Regime::trend_up && now.features.adx < 25) kept_trend += kept(was);
      if (now.candidate == Regime::accumulation && now.features.money_flow < 0.10) kept_flow += kept(was);
    }
  }
  EXPECT_GT(kept_volatile, 20);
  EXPECT_GT(kept_trend, 20);
  EXPECT_GT(kept_flow, 5);
}

TEST(Regime, operator_properties_and_names) {
  test::check_operator<MarketRegime>({}, 113);
  EXPECT_EQ(name_of(Regime::volatile_), "volatile");
  EXPECT_EQ(MarketRegime::make({.rank_period = 5}).error().parameter, "rank_period");
}

}  // namespace
}  // namespace prom::regime
