// The one door from double back to exact numbers, for prices and quantities only (balances and PnL never pass it).
// Any thread; pure.
#pragma once
#include <cstdint>
#include <string_view>

#include "base/decimal.h"
#include "base/result.h"

namespace prom {

enum class GridError : std::uint8_t {
  not_finite,  // NaN or infinity
  overflow,    // the rounded value does not fit int64 units
};
std::string_view describe(GridError error);

// `value` as an integer count of 10^-digits that is a multiple of `grid_units` (> 0), digits 0..18 (both asserted), rounded as named.
// Example: on_grid(65'000.37, 10, 2, Round::down) = 6'500'030, a tick of 0.10 counted in cents.
// A double rarely sits exactly on a decimal grid (0.3 is a little less than 3/10): a value within 2^-50 relative, or 2^-50 of one grid
// step, of a grid point counts as that point, so that Round::down does not lose a step to the binary form. Where |value| is more than
// 2^50 steps the double itself is coarser than the grid and the nearest point is taken.
Result<std::int64_t, GridError> on_grid(double value, std::int64_t grid_units, int digits, Round round);

}  // namespace prom
