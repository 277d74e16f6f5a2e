// Normalised Black and its inverse. Pure, any thread.
#include "analysis/options/normalised_black.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

#include "base/detmath.h"

namespace prom::options {
namespace {

constexpr double kInverseSqrtPi = 0.56418958354775628695;
constexpr double kInverseSqrtTwo = 0.70710678118654752440;
constexpr double kSqrtTwoPi = 2.5066282746310005024;
constexpr int kMaxSteps = 64;

// e^(c^2) times the repeated integrals i^n erfc(c), n = 0..11, c >= 0 (Abramowitz and Stegun 7.2). Upwards the recurrence loses digits as c
// grows, so from 1.5 on it is run downwards from where the minimal solution has forgotten its start (J. C. P. Miller's algorithm).
constexpr std::size_t kIntegrals = 12;
std::array<double, kIntegrals> scaled_erfc_integrals(double c) {
  std::array<double, kIntegrals> y{};
  y[0] = detmath::erfcx(c);
  if (c < 1.5) {
    y[1] = kInverseSqrtPi - c * y[0];
    for (std::size_t n = 2; n < kIntegrals; ++n) y[n] = (0.5 * y[n - 2] - c * y[n - 1]) / static_cast<double>(n);
    return y;
  }
  const double reach = 18.0 / c + 4.7;
  double above = 0, here = 1e-300;  // of the indices n + 1 and n; they grow by less than 1e310 for c < 1e12
  for (std::size_t n = static_cast<std::size_t>(0.5 * reach * reach) + kIntegrals; n >= 1; --n) {
    const double below = 2.0 * static_cast<double>(n + 1) * above + 2.0 * c * here;
    above = here;
    here = below;
    if (n <= kIntegrals) y[n - 1] = here;
  }
  const double scale = detmath::erfcx(c) / y[0];
  for (double& value : y) value *= scale;
  return y;
}

// erfcx(c - tau) - erfcx(c + tau) for tau > 0, c >= 0. As a difference it loses c / tau or 1 / tau in precision; the series in tau has
// only positive terms: 2 sum over odd n of (2 tau)^n e^(c^2) i^n erfc(c).
double erfcx_difference(double c, double tau) {
  if (tau >= 0.05 && tau >= 0.05 * c) return detmath::erfcx(c - tau) - detmath::erfcx(c + tau);
  const auto y = scaled_erfc_integrals(c);
  const double step = 2.0 * tau, square = step * step;
  double sum = 0;
  for (std::size_t n = kIntegrals - 1; n > 1; n -= 2) sum = (sum + y[n]) * square;
  return 2.0 * step * (sum + y[1]);
}

struct Scaled {
  double half_exponent = 0;  // (h^2 + t^2) / 2, h = x/s, t = s/2
  double difference = 0;     // b = e^(-half_exponent) * difference / 2 where h + t <= 0
};
Scaled scaled(double x, double s) {
  const double h = x / s, t = 0.5 * s;
  return {0.5 * (h * h + t * t), erfcx_difference(-h * kInverseSqrtTwo, t * kInverseSqrtTwo)};
}

// With t well above |h| neither term is small beside the other and erfcx(c - tau) would overflow.
bool is_plain(double x, double s) { return x / s + 0.5 * s > 0.5; }

double plain_call(double x, double s) {
  const double h = x / s, t = 0.5 * s;
  return detmath::exp(0.5 * x) * detmath::normal_cdf(h + t) - detmath::exp(-0.5 * x) * detmath::normal_cdf(h - t);
}

// b / (db/ds)
double call_over_vega(double x, double s) {
  if (!is_plain(x, s)) return 0.5 * kSqrtTwoPi * scaled(x, s).difference;
  const double h = x / s, t = 0.5 * s;
  return plain_call(x, s) * kSqrtTwoPi * detmath::exp(0.5 * (h * h + t * t));
}

// A residual at s, wanted 0, and its first two derivatives in s.
struct Residual {
  double value = 0, first = 0, second = 0;
};

// s after one step of Halley's method taken in a variable y(s) in which the residual is nearly linear; s_y and s_yy are the derivatives
// of s in it. Returns the change of y.
double halley(const Residual& f, double s_y, double s_yy) {
  const double first = f.first * s_y, second = f.second * s_y * s_y + f.first * s_yy;
  const double newton = -f.value / first, damping = 1.0 + 0.5 * newton * second / first;
  return damping > 0.25 ? newton / damping : newton;
}

// d ln(db/ds) / ds
double vega_slope(double x, double s) { return x * x / (s * s * s) - 0.25 * s; }

// Halley's steps inside a bracket that shrinks with every sign seen; a step that would leave it halves it instead (geometrically, as s
// spans many decades). `residual` rises in s; `advance(s, f)` proposes the next s.
struct Bracket {
  double low, high;
};
template <class Function, class Advance>
double solve(double s, Bracket bracket, Function residual, Advance advance) {
  for (int i = 0; i < kMaxSteps; ++i) {
    const Residual f = residual(s);
    if (f.value == 0) return s;
    (f.value < 0 ? bracket.low : bracket.high) = s;
    double next = advance(s, f);
    if (!(next > bracket.low && next < bracket.high)) next = bracket.low > 0 ? std::sqrt(bracket.low * bracket.high) : 0.5 * bracket.high;
    if (std::fabs(next - s) <= 2.0 * std::numeric_limits<double>::epsilon() * s) return next;
    s = next;
  }
  return s;
}

// Below the inflection point ln b is nearly linear in u = 1/s^2.
double implied_low(double x, double price, double inflection) {
  const double target = detmath::log(price);
  // b <= exp(-(x/s)^2 / 2), which bounds s from below; one turn of b = exp(..) D/2 with D held is a good start.
  const double floor = -x / std::sqrt(-2.0 * target);
  const auto at_floor = scaled(x, floor);
  const double exponent = 2.0 * (detmath::log(0.5 * at_floor.difference) - target);
  const double start = std::clamp(-x / std::sqrt(std::max(exponent, 2.0 * -x * 0.25)), floor, inflection);
  const auto residual = [&](double s) {
    const double r = 1.0 / call_over_vega(x, s);
    return Residual{log_normalised_call(x, s) - target, r, r * (vega_slope(x, s) - r)};
  };
  const auto advance = [](double s, const Residual& f) {
    const double s3 = s * s * s, u = 1.0 / (s * s) + halley(f, -0.5 * s3, 0.75 * s3 * s * s);
    return u > 0 ? 1.0 / std::sqrt(u) : 0.0;
  };
  return solve(start, {floor * 0.999999, inflection * 1.000001}, residual, advance);
}

// Above it b is concave: in s itself up to half the bound, then ln of the gap in v = s^2.
double implied_middle(double x, double price, double start, const Bracket& bracket) {
  const auto residual = [&](double s) {
    const double vega = normalised_vega(x, s);
    return Residual{normalised_call(x, s) - price, vega, vega * vega_slope(x, s)};
  };
  return solve(start, bracket, residual, [](double s, const Residual& f) { return s + halley(f, 1.0, 0.0); });
}

double implied_high(double x, double gap, double start, const Bracket& bracket) {
  const double target = detmath::log(gap);
  const auto residual = [&](double s) {  // target - ln gap(s), so that it rises
    const double left = normalised_call_gap(x, s), rho = normalised_vega(x, s) / left;
    return Residual{target - detmath::log(left), rho, rho * (vega_slope(x, s) + rho)};
  };
  const auto advance = [](double s, const Residual& f) {
    const double v = s * s + halley(f, 0.5 / s, -0.25 / (s * s * s));
    return v > 0 ? std::sqrt(v) : 0.0;
  };
  return solve(start, bracket, residual, advance);
}

}  // namespace

double normalised_call(double x, double s) {
  if (is_plain(x, s)) return plain_call(x, s);
  if (x / s < -40.0) return 0;
  const auto parts = scaled(x, s);
  return 0.5 * parts.difference * detmath::exp(-parts.half_exponent);
}

double log_normalised_call(double x, double s) {
  if (is_plain(x, s)) return detmath::log(plain_call(x, s));
  const auto parts = scaled(x, s);
  return detmath::log(0.5 * parts.difference) - parts.half_exponent;
}

double normalised_call_gap(double x, double s) {
  const double h = x / s, t = 0.5 * s;
  return detmath::exp(0.5 * x) * detmath::normal_cdf(-h - t) + detmath::exp(-0.5 * x) * detmath::normal_cdf(h - t);
}

double normalised_vega(double x, double s) {
  const double h = x / s, t = 0.5 * s;
  return detmath::exp(-0.5 * (h * h + t * t)) / kSqrtTwoPi;
}

ParamResult<double> normalised_implied(double x, double price) {
  PROM_CHECK_PARAM(out_of_range("x", x, {-kMaxLogMoneyness, 0}));
  if (!std::isfinite(price)) return std::unexpected(ParamError{ParamErrorCode::not_finite, "price", price, 0});
  if (!(price > 0)) return std::unexpected(ParamError{ParamErrorCode::below_minimum, "price", price, 0});
  const double bound = detmath::exp(0.5 * x), gap = bound - price;
  if (!(gap > 0)) return std::unexpected(ParamError{ParamErrorCode::above_maximum, "price", price, bound});
  const double inflection = std::sqrt(-2.0 * x);
  if (x < 0 && price < normalised_call(x, inflection)) return implied_low(x, price, inflection);
  // For large s, and exactly for x = 0, the gap is 2 cosh(x/2) N(-s/2); it is never more.
  const double far = -2.0 * detmath::normal_quantile(gap / (bound + 1.0 / bound));
  const double start = std::max({inflection, far, price * kSqrtTwoPi});
  const Bracket bracket{inflection * 0.999999, std::max(1.0, 4.0 * start) + 2.0 * std::sqrt(-8.0 * x)};
  return price < 0.5 * bound ? implied_middle(x, price, start, bracket) : implied_high(x, gap, start, bracket);
}

}  // namespace prom::options
