// Black's formula in the two numbers that matter, accurate to a few units in the last place far into the wings, and its inverse. What
// prices and volatilities of this folder are made of. Pure functions, any thread.
#pragma once
#include "analysis/params.h"

namespace prom::options {

// With x = ln(forward / strike) and s = volatility * sqrt(years), a call is sqrt(forward * strike) * discount * b(x, s), where
// b = e^(x/2) N(x/s + s/2) - e^(-x/2) N(x/s - s/2) (P. Jaeckel, "Let's be rational", Wilmott 2015). Everything here wants the option that
// is out of the money: -300 <= x <= 0; the put of a strike below the forward is the call of -x. s >= 1e-12.
inline constexpr double kMaxLogMoneyness = 300;
double normalised_call(double x, double s);      // below about 1e-308 it is 0
double log_normalised_call(double x, double s);  // finite where normalised_call underflows

double normalised_vega(double x, double s);  // db/ds

// The supremum of b over s, e^(x/2), less b: what is left of a price near its upper bound, without cancellation.
double normalised_call_gap(double x, double s);

// The s that gives b(x, s) = price. Refuses prices at or below 0 (below_minimum "price") and at or above e^(x/2) (above_maximum
// "price"). Halley's steps on the logarithm of the price, or of its gap to the bound, in a variable in which that is nearly linear, kept
// inside a bracket; at most 64 steps, three or four are usual.
ParamResult<double> normalised_implied(double x, double price);

}  // namespace prom::options
