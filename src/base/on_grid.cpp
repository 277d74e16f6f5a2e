// See on_grid.h for the meaning of "on the grid".
#include "base/on_grid.h"

#include <cmath>

#include "base/assert.h"

namespace prom {
namespace {

// `steps` is the value in grid steps, |steps| < 2^63. Works on the magnitude, where the fraction is exact, and never asks the
// floating-point environment for its rounding mode.
double round_steps(double steps, Round round) {
  constexpr double kTolerance = 0x1p-50;
  const bool negative = steps < 0;
  const double size = std::fabs(steps);
  const double whole = std::floor(size);
  const double rest = size - whole;
  const double slack = kTolerance * std::fmax(size, 1.0);
  const auto signed_count = [&](double count) { return negative ? -count : count; };
  if (rest <= slack) return signed_count(whole);
  if (1.0 - rest <= slack) return signed_count(whole + 1);
  switch (round) {
    case Round::down: return signed_count(whole);
    case Round::up: return signed_count(whole + 1);
    case Round::floor: return signed_count(negative ? whole + 1 : whole);
    case Round::ceil: return signed_count(negative ? whole : whole + 1);
    case Round::half_even: return signed_count(rest > 0.5 || (rest == 0.5 && std::fmod(whole, 2.0) != 0.0) ? whole + 1 : whole);
    case Round::half_up: return signed_count(rest >= 0.5 ? whole + 1 : whole);
  }
  PROM_UNREACHABLE();
}

}  // namespace

std::string_view describe(GridError error) {
  switch (error) {
    case GridError::not_finite: return "the value is not a finite number";
    case GridError::overflow: return "the value is too large for its grid";
  }
  PROM_UNREACHABLE();
}

Result<std::int64_t, GridError> on_grid(double value, std::int64_t grid_units, int digits, Round round) {
  PROM_ASSERT(grid_units > 0, "a grid step is positive");
  PROM_ASSERT(digits >= 0 && digits <= 18, "digits must be 0..18");
  if (!std::isfinite(value)) return err(GridError::not_finite);
  const double steps = value * static_cast<double>(detail::kPow10[digits]) / static_cast<double>(grid_units);
  // Below 2^63 the conversion to an integer is defined (doubles that large are whole already); the product is then checked exactly.
  if (!(std::fabs(steps) < 0x1p63)) return err(GridError::overflow);
  const double whole = round_steps(steps, round);
  std::int64_t units = 0;
  if (__builtin_mul_overflow(static_cast<std::int64_t>(whole), grid_units, &units)) return err(GridError::overflow);
  return units;
}

}  // namespace prom
