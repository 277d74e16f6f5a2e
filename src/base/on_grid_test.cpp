// The door from double: exact multiples of the grid, the rounding named, refusals.
#include "base/on_grid.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/prng.h"

namespace prom {
namespace {

TEST(OnGrid, RoundsByPurpose) {
  EXPECT_EQ(on_grid(65'000.37, 10, 2, Round::down), 6'500'030);
  EXPECT_EQ(on_grid(65'000.37, 10, 2, Round::up), 6'500'040);
  EXPECT_EQ(on_grid(-65'000.37, 10, 2, Round::down), -6'500'030);
  EXPECT_EQ(on_grid(-65'000.37, 10, 2, Round::up), -6'500'040);
  EXPECT_EQ(on_grid(-65'000.37, 10, 2, Round::floor), -6'500'040);
  EXPECT_EQ(on_grid(-65'000.37, 10, 2, Round::ceil), -6'500'030);
  EXPECT_EQ(on_grid(65'000.37, 10, 2, Round::floor), 6'500'030);
  EXPECT_EQ(on_grid(65'000.37, 10, 2, Round::ceil), 6'500'040);
  EXPECT_EQ(on_grid(65'000.34, 10, 2, Round::half_even), 6'500'030);
  EXPECT_EQ(on_grid(65'000.36, 10, 2, Round::half_up), 6'500'040);
  // Ties that a double holds exactly: 0.5, 1.5, 2.5 whole units.
  EXPECT_EQ(on_grid(0.5, 1, 0, Round::half_even), 0);
  EXPECT_EQ(on_grid(1.5, 1, 0, Round::half_even), 2);
  EXPECT_EQ(on_grid(2.5, 1, 0, Round::half_even), 2);
  EXPECT_EQ(on_grid(2.5, 1, 0, Round::half_up), 3);
  EXPECT_EQ(on_grid(-2.5, 1, 0, Round::half_up), -3);
  EXPECT_EQ(on_grid(-2.5, 1, 0, Round::half_even), -2);
}

TEST(OnGrid, BinaryFormOfAGridPointIsThatPoint) {
  EXPECT_EQ(on_grid(0.3, 1, 1, Round::down), 3);      // the double is below 3/10
  EXPECT_EQ(on_grid(0.1 + 0.2, 1, 1, Round::up), 3);  // and this one above
  EXPECT_EQ(on_grid(1.1 * 3, 1, 1, Round::ceil), 33);
  EXPECT_EQ(on_grid(0.0, 5, 3, Round::up), 0);
  EXPECT_EQ(on_grid(-0.0, 5, 3, Round::up), 0);
  EXPECT_EQ(on_grid(0.300001, 1, 1, Round::up), 4);  // near is not on
}

// Every grid point of a price range, as a division in double gives it, comes back as itself in every mode.
TEST(OnGrid, GridPointsAreFixedPoints) {
  Xoshiro256pp random(8);
  for (int i = 0; i < 200'000; ++i) {
    const int digits = static_cast<int>(random.below(13));
    const std::int64_t grid = random.range(1, 1000);
    const std::int64_t units = random.range(-1'000'000'000'000, 1'000'000'000'000) / grid * grid;
    const double value = static_cast<double>(units) / static_cast<double>(detail::kPow10[digits]);
    for (const Round round : {Round::down, Round::up, Round::floor, Round::ceil, Round::half_even, Round::half_up}) {
      ASSERT_EQ(on_grid(value, grid, digits, round), units) << value << " grid " << grid << " digits " << digits;
    }
  }
}

TEST(OnGrid, ResultIsAMultipleWithinOneStep) {
  Xoshiro256pp random(9);
  for (int i = 0; i < 200'000; ++i) {
    const std::int64_t grid = random.range(1, 1000);
    const double value = static_cast<double>(random.range(-1'000'000'000, 1'000'000'000)) / 65'536.0;  // exact in binary
    const auto low = on_grid(value, grid, 2, Round::floor);
    const auto high = on_grid(value, grid, 2, Round::ceil);
    ASSERT_TRUE(low && high);
    ASSERT_EQ(*low % grid, 0);
    ASSERT_TRUE(*high == *low || *high == *low + grid);
    ASSERT_LE(static_cast<double>(*low), value * 100 + 1e-6);
    ASSERT_GE(static_cast<double>(*high), value * 100 - 1e-6);
  }
}

TEST(OnGrid, Refuses) {
  using Limits = std::numeric_limits<double>;
  EXPECT_EQ(on_grid(Limits::quiet_NaN(), 1, 2, Round::down).error(), GridError::not_finite);
  EXPECT_EQ(on_grid(Limits::infinity(), 1, 2, Round::down).error(), GridError::not_finite);
  EXPECT_EQ(on_grid(-Limits::infinity(), 1, 2, Round::down).error(), GridError::not_finite);
  EXPECT_EQ(on_grid(Limits::max(), 1, 18, Round::down).error(), GridError::overflow);
  EXPECT_EQ(on_grid(9.3e18, 1, 0, Round::down).error(), GridError::overflow);
  EXPECT_EQ(on_grid(-9.3e18, 1, 0, Round::down).error(), GridError::overflow);
  EXPECT_EQ(on_grid(9.3e16, 1, 2, Round::down).error(), GridError::overflow);
  EXPECT_EQ(on_grid(9.3e18, 1000, 0, Round::down).error(), GridError::overflow);  // few steps, too many units
  EXPECT_EQ(on_grid(9.0e18, 1, 0, Round::down), 9'000'000'000'000'000'000);
  EXPECT_EQ(on_grid(Limits::denorm_min(), 1, 8, Round::down), 0);
}

TEST(OnGridDeathTest, BadGridStops) {
  EXPECT_DEATH(static_cast<void>(on_grid(1.0, 0, 2, Round::down)), "positive");
  EXPECT_DEATH(static_cast<void>(on_grid(1.0, 1, 19, Round::down)), "digits");
}

}  // namespace
}  // namespace prom
