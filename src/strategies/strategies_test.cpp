// Each strategy fires where a hand-made market or an independent computation says; all are causal, deterministic and go on after save and load.
#include <gtest/gtest.h>

#include <cmath>

#include "analysis/columns.h"
#include "analysis/indicators/momentum.h"
#include "analysis/indicators/moving_averages.h"
#include "analysis/indicators/volatility.h"
#include "base/prng.h"
#include "domain/bar.h"
#include "strategies/breakout.h"
#include "strategies/mean_reversion.h"
#include "strategies/registry.h"
#include "strategies/smc_retest.h"
#include "strategies/test_support.h"
#include "strategies/trend_following.h"
#include "strategies/vol_momentum.h"

namespace prom {
namespace {

using namespace strategies;
using namespace strategies::test_support;
struct Fired {
  std::size_t index;
  Signal signal;
  bool operator==(const Fired&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Fired& fired) { return out << fired.index << ':' << static_cast<int>(fired.signal); }

Held after(Signal signal, Held held) {
  switch (signal) {
    case Signal::none: return held;
    case Signal::go_long: return Held::long_side;
    case Signal::go_short: return Held::short_side;
    case Signal::go_flat: return Held::flat;
  }
  return held;
}

/// Runs with a host that obeys every signal; signals with a defective intent fail the test.
std::vector<Fired> run(Strategy& strategy, const std::vector<StrategyBar>& bars, Shorting shorting, DurationNs base = kMinute) {
  std::vector<Fired> out;
  StrategyContext context{base, shorting, Held::flat};
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const Signal signal = strategy.on_bar(bars[i], context);
    if (signal == Signal::none) continue;
    out.push_back({i, signal});
    context.held = after(signal, context.held);
    const SignalIntent intent = strategy.intent();
    EXPECT_EQ(intent.signal, signal);
    EXPECT_FALSE(intent.reason.empty());
    EXPECT_EQ(intent.reason.find("{}"), std::string::npos);
    EXPECT_GT(intent.size_fraction, 0.0);
    EXPECT_LE(intent.size_fraction, 1.0);
    EXPECT_EQ(intent.stop_price.has_value(), signal != Signal::go_flat) << strategy.name();
    if (signal == Signal::go_long) {
      EXPECT_LT(*intent.stop_price, intent.price);
    }
    if (signal == Signal::go_short) {
      EXPECT_GT(*intent.stop_price, intent.price);
      EXPECT_EQ(shorting, Shorting::allowed);
    }
  }
  return out;
}

std::unique_ptr<Strategy> make(std::string_view name, std::vector<StrategyParameter> parameters = {}) {
  auto made = make_strategy(name, parameters);
  EXPECT_TRUE(made.has_value()) << name << ": " << (made ? "" : describe(made.error()));
  return std::move(*made);
}

/// Every strategy on 5-minute bars, so that a few thousand minutes give many signals.
std::vector<std::unique_ptr<Strategy>> all_fast() {
  std::vector<std::unique_ptr<Strategy>> out;
  for (const auto& spec : all_strategies()) out.push_back(make(spec.name, {{"timeframe", "5m"}}));
  return out;
}

// --- operators ---

TEST(Strategies, FireOnBothKindsOfMarket) {
  const auto bars = random_bars(1, 40'000, 2);
  for (const Shorting shorting : {Shorting::forbidden, Shorting::allowed}) {
    for (auto& strategy : all_fast()) {
      const auto fired = run(*strategy, bars, shorting);
      EXPECT_GE(fired.size(), 10U) << strategy->name();
      bool shorted = false;
      for (const auto& one : fired) shorted = shorted || one.signal == Signal::go_short;
      EXPECT_EQ(shorted, shorting == Shorting::allowed && strategy->name() != "trend_following") << strategy->name();
    }
  }
}

TEST(Strategies, NothingBeforeWarmUp) {
  const auto bars = random_bars(2, 4'000, 0);
  for (auto& strategy : all_fast()) {
    const auto fired = run(*strategy, bars, Shorting::allowed);
    ASSERT_FALSE(fired.empty()) << strategy->name();
    EXPECT_GE(static_cast<std::int64_t>(fired.front().index) + 1, strategy->warm_up_bars() * 5) << strategy->name();
  }
}

TEST(Strategies, LaterBarsChangeNothing) {
  const auto bars = random_bars(4, 6'000, 2);
  auto other = bars;
  for (std::size_t i = 4'000; i < other.size(); ++i) {
    other[i].high *= 1.5;
    other[i].low *= 0.5;
    other[i].close = i % 2 == 0 ? other[i].high : other[i].low;
  }
  const auto cut = [](std::vector<Fired> fired) {
    std::erase_if(fired, [](const Fired& one) { return one.index >= 4'000; });
    return fired;
  };
  auto first = all_fast(), second = all_fast();
  for (std::size_t s = 0; s < first.size(); ++s) {
    const auto a = run(*first[s], bars, Shorting::allowed);
    EXPECT_EQ(cut(a), cut(run(*second[s], other, Shorting::allowed))) << first[s]->name();
    EXPECT_FALSE(cut(a).empty());
  }
}

TEST(Strategies, CloneAndStateGoOnExactly) {
  const auto bars = random_bars(5, 6'000, 2);
  for (const std::size_t cut : {0U, 1U, 703U, 3'001U}) {
    auto originals = all_fast(), restored = all_fast();
    for (std::size_t s = 0; s < originals.size(); ++s) {
      StrategyContext context{kMinute, Shorting::allowed, Held::flat};
      for (std::size_t i = 0; i < cut; ++i) context.held = after(originals[s]->on_bar(bars[i], context), context.held);
      std::vector<std::byte> bytes;
      ByteWriter writer(bytes);
      originals[s]->save(writer);
      ByteReader reader(bytes);
      ASSERT_FALSE(restored[s]->load(reader).has_value()) << originals[s]->name();
      ASSERT_TRUE(reader.done());
      const auto clone = originals[s]->clone();
      EXPECT_EQ(restored[s]->intent().reason, originals[s]->intent().reason);
      int fired = 0;
      for (std::size_t i = cut; i < bars.size(); ++i) {
        const Signal signal = originals[s]->on_bar(bars[i], context);
        ASSERT_EQ(restored[s]->on_bar(bars[i], context), signal) << originals[s]->name() << ' ' << i;
        ASSERT_EQ(clone->on_bar(bars[i], context), signal) << originals[s]->name() << ' ' << i;
        context.held = after(signal, context.held);
        fired += signal != Signal::none;
      }
      EXPECT_GT(fired, 0) << originals[s]->name();
      std::vector<std::byte> a, b;
      ByteWriter wa(a), wb(b);
      originals[s]->save(wa);
      restored[s]->save(wb);
      EXPECT_EQ(a, b);
    }
  }
}

TEST(Strategies, StateOfAnotherIsRefused) {
  const auto bars = random_bars(6, 3'000, 0);
  auto all = all_fast();
  for (auto& strategy : all) run(*strategy, bars, Shorting::allowed);
  for (std::size_t s = 0; s < all.size(); ++s) {
    std::vector<std::byte> bytes;
    ByteWriter writer(bytes);
    all[s]->save(writer);
    ByteReader wrong(bytes);
    EXPECT_EQ(all[(s + 1) % all.size()]->load(wrong), StateFault::wrong_strategy);
    ByteReader other_parameters(bytes);
    EXPECT_EQ(make(all[s]->name(), {{"timeframe", "15m"}})->load(other_parameters), StateFault::wrong_parameters);
    for (std::size_t size = 0; size < bytes.size(); size += 7) {
      ByteReader cut(std::span(bytes).first(size));
      EXPECT_EQ(all[s]->load(cut), StateFault::truncated) << all[s]->name() << ' ' << size;
    }
    std::vector<std::byte> again;
    ByteWriter rewriter(again);
    all[s]->save(rewriter);
    EXPECT_EQ(again, bytes) << "a refused state must change nothing";
  }
}

// --- one by one ---

TEST(TrendFollowing, CrossesAreThoseOfIndependentAverages) {
  for (const int missing : {0, 10}) {
    const auto bars = random_bars(9, 30'000, missing);
    // Averages from scratch over resampled closes, in long double.
    const BarColumns columns = resample(columns_of(bars), kMinute * 15);
    const auto average = [&](int period) {
      std::vector<long double> out;
      long double value = 0;
      for (std::size_t i = 0; i < columns.size(); ++i) {
        if (i < static_cast<std::size_t>(period)) {
          value += columns.close_f[i] / static_cast<long double>(period);
        } else {
          value = value + (columns.close_f[i] - value) * 2.0L / static_cast<long double>(period + 1);
        }
        out.push_back(value);
      }
      return out;
    };
    const auto fast = average(12), slow = average(26);
    std::vector<std::pair<std::int64_t, Signal>> expected;
    for (std::size_t i = 26; i < columns.size(); ++i) {
      const bool now = fast[i] > slow[i], before = fast[i - 1] > slow[i - 1];
      if (now != before) expected.emplace_back(columns.open_time_ns[i], now ? Signal::go_long : Signal::go_flat);
    }
    ASSERT_GT(expected.size(), 20U);
    TrendFollowing strategy({.timeframe = kMinute * 15, .fast = 12, .slow = 26});
    std::size_t at = 0;
    for (const auto& one : run(strategy, bars, Shorting::allowed)) {
      ASSERT_LT(at, expected.size());
      EXPECT_EQ(one.signal, expected[at].second) << at;
      // Known at the close of the timeframe bar, or at the next base bar where its last one is missing.
      const std::int64_t known = bars[one.index].open_time_ns + kMinute.ns;
      EXPECT_GE(known, expected[at].first + 15 * kMinute.ns);
      if (missing == 0) {
        EXPECT_EQ(known, expected[at].first + 15 * kMinute.ns);
      }
      ++at;
    }
    EXPECT_EQ(at, expected.size());
  }
}

TEST(TrendFollowing, StopIsRangesBelowTheClose) {
  // Falls by 1 for 40 bars, then rises by 1: with wicks of 0.5 every true range is 2.
  std::vector<double> closes;
  for (int i = 0; i < 40; ++i) closes.push_back(200.0 - i);
  for (int i = 0; i < 30; ++i) closes.push_back(161.0 + i + 1);
  TrendFollowing strategy({.timeframe = kMinute, .fast = 3, .slow = 8, .atr_period = 5, .stop_atr = 1.5});
  const auto bars = bars_of(closes, 0.5, kMinute);
  const auto fired = run(strategy, bars, Shorting::forbidden);
  ASSERT_EQ(fired.size(), 1U);
  EXPECT_EQ(fired[0].signal, Signal::go_long);
  EXPECT_NEAR(*strategy.intent().stop_price, bars[fired[0].index].close - 3.0, 1e-9);
  EXPECT_TRUE(strategy.intent().reason.starts_with("EMA(3)")) << strategy.intent().reason;
}

TEST(MeanReversion, BuysTheCrashAndLeavesAtTheMiddle) {
  // Closes alternate 100, 101 (mean 100.5, deviation about 0.5), crash to 93 (Wilder's RSI: gain 0.48, loss 1.02: 32), then return.
  std::vector<double> closes;
  for (int i = 0; i < 40; ++i) closes.push_back(i % 2 == 0 ? 100 : 101);
  closes.insert(closes.end(), {93, 95, 98, 101});
  MeanReversion strategy({.timeframe = kMinute, .oversold = 35});
  const auto fired = run(strategy, bars_of(closes, 0.1, kMinute), Shorting::forbidden);
  // The middle at 98 is (17 closes of about 100.5 + 93 + 95 + 98) / 20 = 99.7, and at 101 much the same: 101 is the bar that leaves.
  EXPECT_EQ(fired, (std::vector<Fired>{{40, Signal::go_long}, {43, Signal::go_flat}}));
  // The mirror image is sold where shorts are allowed, and left alone where they are not.
  for (double& close : closes) close = 201.0 - close;
  MeanReversion allowed({.timeframe = kMinute, .oversold = 35}), forbidden({.timeframe = kMinute, .oversold = 35});
  EXPECT_EQ(run(allowed, bars_of(closes, 0.1, kMinute), Shorting::allowed), (std::vector<Fired>{{40, Signal::go_short}, {43, Signal::go_flat}}));
  EXPECT_TRUE(run(forbidden, bars_of(closes, 0.1, kMinute), Shorting::forbidden).empty());
}

TEST(Breakout, ChannelsAreOfTheBarsBefore) {
  // 30 bars at 100 with highs of 101 and lows of 99; a close of 100.9 is inside, one of 101.5 outside; then up to 110 and down through the low of ten bars.
  std::vector<double> closes(30, 100.0);
  closes.insert(closes.end(), {100.9, 101.5});
  for (int i = 0; i < 12; ++i) closes.push_back(103.0 + i);
  closes.insert(closes.end(), {108.0, 104.5, 103.5, 101.9, 98.0, 90.0});
  const auto bars = bars_of(closes, 1.0, kMinute);
  // The bar of 100.9 has a high of 101.9: 101.5 stays below it. The first close above every high of the 20 bars before is 103 (bar 32).
  Breakout longs({.timeframe = kMinute});
  const auto fired = run(longs, bars, Shorting::forbidden);
  ASSERT_EQ(fired.size(), 2U);
  EXPECT_EQ(fired[0], (Fired{32, Signal::go_long}));
  // Exit: the first close below every low of the ten bars before it, worked out directly.
  std::size_t expected = 0;
  for (std::size_t i = 33; i < bars.size() && expected == 0; ++i) {
    double floor = 1e9;
    for (std::size_t j = i - 10; j < i; ++j) floor = std::min(floor, bars[j].low);
    if (bars[i].close < floor) expected = i;
  }
  EXPECT_EQ(fired[1], (Fired{expected, Signal::go_flat}));
  // With shorts the fall below the low of twenty bars goes short at once or after the exit.
  Breakout both({.timeframe = kMinute});
  const auto with_shorts = run(both, bars, Shorting::allowed);
  EXPECT_EQ(with_shorts.back().signal, Signal::go_short);
}

TEST(VolMomentum, FollowsTheSignAndScales) {
  // 60 days up by 1 % a day: no volatility about the mean, full size. Then down by 1 % a day: flat when the 28-day return turns negative.
  std::vector<double> closes{100.0};
  for (int i = 0; i < 60; ++i) closes.push_back(closes.back() * 1.01);
  for (int i = 0; i < 40; ++i) closes.push_back(closes.back() * 0.99);
  VolMomentum strategy({});
  const auto bars = bars_of(closes, 0.1, kDay);
  const auto fired = run(strategy, bars, Shorting::forbidden, kDay);
  ASSERT_EQ(fired.size(), 2U);
  EXPECT_EQ(fired[0], (Fired{28, Signal::go_long}));
  // After k falls the 28-day return is 1.01^(28-k) * 0.99^k - 1: positive at k = 13, negative at k = 14 (0.9999^14 < 1).
  EXPECT_EQ(fired[1], (Fired{60 + 14, Signal::go_flat}));
  // Alternating +6 %, -4 % a day: log returns 0.0583 and -0.0408, deviation about 0.0495 a day, 0.947 a year: size near 0.4 / 0.947.
  std::vector<double> wild{100.0};
  for (int i = 0; i < 400; ++i) wild.push_back(wild.back() * (i % 2 == 0 ? 1.06 : 0.96));
  VolMomentum scaled({.rebalance = 1});
  StrategyContext context{kDay, Shorting::forbidden, Held::flat};
  Signal last = Signal::none;
  for (const auto& bar : bars_of(wild, 0.1, kDay)) last = scaled.on_bar(bar, context);  // a host that never buys is told again and again
  EXPECT_EQ(last, Signal::go_long);
  EXPECT_NEAR(scaled.intent().size_fraction, 0.4 / (0.0495 * std::sqrt(365.25)), 0.02);
}

TEST(SmcRetest, FirstTouchOfTheGapInARisingStructure) {
  // A swing high at 103, a pullback, a break of it that leaves a gap, and the return into the gap.
  std::vector<StrategyBar> bars;
  const auto add = [&](double open, double high, double low, double close) {
    bars.push_back({kStart + kHour.ns * static_cast<std::int64_t>(bars.size()), open, high, low, close, 10});
  };
  for (int i = 0; i < 10; ++i) add(100, 100.6, 99.4, 100.1);  // quiet: true range 1.2
  add(100, 101.2, 99.9, 101);
  add(101, 103.2, 100.9, 103);  // 11: swing high 103.2
  add(103, 103.1, 101.8, 102);
  add(102, 102.1, 100.9, 101);  // two bars to the right: the swing is known
  add(101, 101.6, 100.8, 101.5);
  add(101.5, 102.7, 101.4, 102.6);  // 15
  add(102.6, 106.2, 102.5, 106);    // 16: closes above 103.2: the structure turns up
  add(106, 108.2, 105, 108);        // 17: low 105 above the high 102.7 of bar 15: gap 102.7 to 105
  add(108, 108.9, 106.1, 108.5);    // overlaps bar 16: no second gap
  add(108.5, 108.6, 106.8, 107);    // comes back, does not touch
  add(107, 107.2, 104.4, 105.5);    // 20: first touch of 105
  add(105.5, 105.6, 104.2, 105.4);  // touches again: no second entry
  SmcRetest strategy({.timeframe = kHour, .window = 50, .swing = 2, .min_gap = 0.001, .atr_period = 5, .buffer_atr = 0.5, .reward = 3});
  StrategyContext context{kHour, Shorting::forbidden, Held::flat};
  std::vector<Fired> fired;
  SignalIntent intent;
  double atr = 0;
  auto atr_ref = *indicators::Atr::make({.period = 5});
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const Signal signal = strategy.on_bar(bars[i], context);
    atr_ref.update(OhlcvBar{bars[i].open_time_ns, bars[i].open, bars[i].high, bars[i].low, bars[i].close, bars[i].volume, std::nullopt});
    if (signal == Signal::none) continue;
    fired.push_back({i, signal});
    intent = strategy.intent();
    atr = *atr_ref.value();
  }
  ASSERT_EQ(fired, (std::vector<Fired>{{20, Signal::go_long}}));
  EXPECT_NEAR(*intent.stop_price, 102.7 - 0.5 * atr, 1e-9);
  ASSERT_EQ(intent.targets.size(), 1U);
  EXPECT_NEAR(intent.targets[0].price, 105.5 + 3 * (105.5 - *intent.stop_price), 1e-9);
  EXPECT_NE(intent.reason.find("fair value gap"), std::string::npos) << intent.reason;
}

}  // namespace
}  // namespace prom
