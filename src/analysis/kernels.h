// Sums over one window of doubles. Four fixed lanes added in a fixed order: fast, and the same bits on every machine.
// Everything is taken relative to the first element, so a constant window has exactly zero deviation. Pure functions.
#pragma once
#include <cmath>
#include <cstddef>
#include <span>

namespace prom {

// Sum of term(i) for i in [0, n), in four lanes combined as (0+1)+(2+3), then the tail in order.
template <class Term>
inline double lane_sum(std::size_t n, Term term) {
  double a = 0, b = 0, c = 0, d = 0;
  std::size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    a += term(i);
    b += term(i + 1);
    c += term(i + 2);
    d += term(i + 3);
  }
  double sum = (a + b) + (c + d);
  for (; i < n; ++i) sum += term(i);
  return sum;
}

// Mean of x minus x[0]; x is not empty.
inline double mean_offset(std::span<const double> x) {
  const double origin = x.front();
  return lane_sum(x.size(), [&](std::size_t i) { return x[i] - origin; }) / static_cast<double>(x.size());
}

inline double mean_of(std::span<const double> x) { return x.front() + mean_offset(x); }

// Sum of squared deviations from the mean (two passes). Divide by n for the population variance, by n-1 for the sample's. `offset` is mean_offset(x), for
// callers that have it already.
inline double squared_deviation_sum(std::span<const double> x, double offset) {
  const double origin = x.front();
  return lane_sum(x.size(), [&](std::size_t i) {
    const double d = (x[i] - origin) - offset;
    return d * d;
  });
}

inline double squared_deviation_sum(std::span<const double> x) { return squared_deviation_sum(x, mean_offset(x)); }

inline double population_sd(std::span<const double> x) { return std::sqrt(squared_deviation_sum(x) / static_cast<double>(x.size())); }

// x has at least two elements.
inline double sample_sd(std::span<const double> x) { return std::sqrt(squared_deviation_sum(x) / static_cast<double>(x.size() - 1)); }

}  // namespace prom
