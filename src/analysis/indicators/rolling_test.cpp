// Rolling windows against direct recomputation, and their error after a million hostile steps.
#include "analysis/indicators/rolling.h"

#include <gtest/gtest.h>

#include <deque>

#include "analysis/indicators/volatility.h"
#include "analysis/test_support.h"

namespace prom::indicators {
namespace {

TEST(Rolling, extremes_equal_a_scan) {
  Xoshiro256pp rng(1);
  for (const std::size_t n : {1u, 2u, 3u, 7u, 50u}) {
    RollingMax high(n);
    RollingMin low(n);
    RollingExtremeAge<Extreme::maximum> aged(n);
    std::deque<double> window;
    for (int i = 0; i < 3000; ++i) {
      const double x = static_cast<double>(rng.below(20));
      high.push(x), low.push(x), aged.push(x), window.push_back(x);
      if (window.size() > n) window.pop_front();
      ASSERT_EQ(high.value(), *std::max_element(window.begin(), window.end()));
      ASSERT_EQ(low.value(), *std::min_element(window.begin(), window.end()));
      ASSERT_EQ(aged.value(), high.value());
      ASSERT_EQ(aged.age(), static_cast<std::size_t>(std::max_element(window.rbegin(), window.rend()) - window.rbegin()));
      ASSERT_EQ(high.full(), window.size() == n);
    }
  }
}

TEST(Rolling, totals_equal_a_sum) {
  Xoshiro256pp rng(4);
  for (const std::size_t n : {1u, 2u, 3u, 20u}) {
    RollingTotal total(n);
    std::deque<double> window;
    for (int i = 0; i < 2000; ++i) {
      const double x = static_cast<double>(rng.below(1000)) - 500;  // integers: every order of adding is exact
      total.push(x), window.push_back(x);
      if (window.size() > n) window.pop_front();
      double sum = 0;
      for (const double y : window) sum += y;
      ASSERT_EQ(total.value(), sum) << n << ' ' << i;
    }
  }
}

// Zeros after numbers whose running sum keeps a rounding error: a ratio over the sum would be noise.
TEST(Rolling, a_sum_of_zeros_is_zero) {
  Xoshiro256pp rng(3);
  RollingTotal sum(9);
  for (int i = 0; i < 1000; ++i) {
    const bool silent = i % 40 >= 20;
    sum.push(silent ? 0.0 : 1e-3 + 1e5 * test::uniform(rng));
    if (i % 40 >= 28) ASSERT_EQ(sum.value(), 0.0) << i;
    if (i % 40 == 27) ASSERT_GT(sum.value(), 0.0) << i;
  }
}

// Spikes of 1e12 pass through a window of values near 1: a plain running sum would keep an error of about 1e-4 for ever.
TEST(Rolling, a_passed_spike_leaves_no_trace) {
  Xoshiro256pp rng(2);
  RollingSum sum(20);
  auto bands = *Bollinger::make({20, 2});
  for (int i = 0; i < 1'000'000; ++i) {
    const double x = i % 1000 == 500 ? 1e12 : 1 + test::uniform(rng);
    sum.push(x);
    bands.update(x);
    if (i % 1000 != 521 && i % 1000 != 499) continue;
    if (i < 20) continue;
    long double exact = 0, square = 0;
    for (const double y : sum.values()) exact += y;
    const long double mean = exact / 20;
    for (const double y : sum.values()) square += (y - mean) * (y - mean);
    ASSERT_NEAR(sum.mean(), static_cast<double>(mean), 1e-15);
    const auto row = *bands.value();
    ASSERT_NEAR((row.upper - row.lower) / 4, static_cast<double>(std::sqrt(square / 20)), 1e-15);
  }
}

// Two magnitudes at once are more than a sum with one carried error can hold: ones are lost beside 1e40 and 1e20. The rebuild ends that.
TEST(Rolling, even_a_lost_carry_lasts_one_window_only) {
  RollingSum sum(20);
  for (int i = 0; i < 200; ++i) {
    sum.push(i == 100 ? 1e40 : i == 105 ? 1e20 : 1.0 + i % 7);
    if (i < 146) continue;
    double exact = 0;
    for (const double x : sum.values()) exact += x;
    ASSERT_EQ(sum.sum(), exact) << i;
  }
}

}  // namespace
}  // namespace prom::indicators
