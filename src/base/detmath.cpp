// SLEEF's `cinz` functions: "consistent, no FMA", scalar pure C, so one instruction sequence for every CPU. The dispatching names without
// the prefix choose FMA code at run time and must not be used here.
#include "base/detmath.h"

#include <sleef.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

namespace prom::detmath {
namespace {

template <std::size_t N>
double polynomial(const std::array<double, N>& coefficients, double x) {  // lowest power first
  double sum = coefficients[N - 1];
  for (std::size_t i = N - 1; i > 0; --i) sum = sum * x + coefficients[i - 1];
  return sum;
}

// M. J. Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution", Applied Statistics 37 (1988), PPND16.
constexpr std::array<double, 8> kCentreTop{3.3871328727963666080e0,  1.3314166789178437745e+2, 1.9715909503065514427e+3, 1.3731693765509461125e+4,
                                           4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3};
constexpr std::array<double, 8> kCentreBottom{1.0,
                                              4.2313330701600911252e+1,
                                              6.8718700749205790830e+2,
                                              5.3941960214247511077e+3,
                                              2.1213794301586595867e+4,
                                              3.9307895800092710610e+4,
                                              2.8729085735721942674e+4,
                                              5.2264952788528545610e+3};
constexpr std::array<double, 8> kMiddleTop{1.42343711074968357734e0, 4.63033784615654529590e0,  5.76949722146069140550e0,  3.64784832476320460504e0,
                                           1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4};
constexpr std::array<double, 8> kMiddleBottom{1.0,
                                              2.05319162663775882187e0,
                                              1.67638483018380384940e0,
                                              6.89767334985100004550e-1,
                                              1.48103976427480074590e-1,
                                              1.51986665636164571966e-2,
                                              5.47593808499534494600e-4,
                                              1.05075007164441684324e-9};
constexpr std::array<double, 8> kTailTop{6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,  2.96560571828504891230e-1,
                                         2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7};
constexpr std::array<double, 8> kTailBottom{1.0,
                                            5.99832206555887937690e-1,
                                            1.36929880922735805310e-1,
                                            1.48753612908506148525e-2,
                                            7.86869131145613259100e-4,
                                            1.84631831751005468180e-5,
                                            1.42151175831644588870e-7,
                                            2.04426310338993978564e-15};

// Cody's CALERF: numerators and denominators for 0.46875 < x <= 4, highest power first, and in 1 / x^2 above.
constexpr std::array<double, 9> kErfcxMiddleTop{2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594e0,
                                                6.61191906371416295e1,  2.98635138197400131e2,  8.81952221241769090e2,
                                                1.71204761263407058e3,  2.05107837782607147e3,  1.23033935479799725e3};
constexpr std::array<double, 9> kErfcxMiddleBottom{1.0,
                                                   1.57449261107098347e1,
                                                   1.17693950891312499e2,
                                                   5.37181101862009858e2,
                                                   1.62138957456669019e3,
                                                   3.29079923573345963e3,
                                                   4.36261909014324716e3,
                                                   3.43936767414372164e3,
                                                   1.23033935480374942e3};
constexpr std::array<double, 6> kErfcxTailTop{1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1,
                                              1.25781726111229246e-1, 1.60837851487422766e-2, 6.58749161529837803e-4};
constexpr std::array<double, 6> kErfcxTailBottom{
    1.0, 2.56852019228982242e0, 1.87295284992346725e0, 5.27905102951428412e-1, 6.05183413124413191e-2, 2.33520497626869185e-3};

template <std::size_t N>
double falling_polynomial(const std::array<double, N>& coefficients, double x) {  // highest power first
  double sum = coefficients[0];
  for (std::size_t i = 1; i < N; ++i) sum = sum * x + coefficients[i];
  return sum;
}

}  // namespace

double exp(double x) { return Sleef_cinz_expd1_u10purec(x); }
double expm1(double x) { return Sleef_cinz_expm1d1_u10purec(x); }
double log(double x) { return Sleef_cinz_logd1_u10purec(x); }
double log1p(double x) { return Sleef_cinz_log1pd1_u10purec(x); }
double log2(double x) { return Sleef_cinz_log2d1_u10purec(x); }
double log10(double x) { return Sleef_cinz_log10d1_u10purec(x); }
double pow(double base, double exponent) { return Sleef_cinz_powd1_u10purec(base, exponent); }
double sqrt(double x) { return std::sqrt(x); }
double cbrt(double x) { return Sleef_cinz_cbrtd1_u10purec(x); }
double tanh(double x) { return Sleef_cinz_tanhd1_u10purec(x); }
double sin(double x) { return Sleef_cinz_sind1_u10purec(x); }
double cos(double x) { return Sleef_cinz_cosd1_u10purec(x); }
double tan(double x) { return Sleef_cinz_tand1_u10purec(x); }
double atan(double x) { return Sleef_cinz_atand1_u10purec(x); }
double atan2(double y, double x) { return Sleef_cinz_atan2d1_u10purec(y, x); }
double erf(double x) { return Sleef_cinz_erfd1_u10purec(x); }
double erfc(double x) { return Sleef_cinz_erfcd1_u15purec(x); }

double erfcx(double x) {
  constexpr double kInverseSqrtPi = 0.56418958354775628695;
  if (!(x > 0.46875)) return exp(x * x) * erfc(x);
  if (x <= 4.0) return falling_polynomial(kErfcxMiddleTop, x) / falling_polynomial(kErfcxMiddleBottom, x);
  const double z = 1.0 / (x * x);
  return (kInverseSqrtPi - z * falling_polynomial(kErfcxTailTop, z) / falling_polynomial(kErfcxTailBottom, z)) / x;
}

double normal_pdf(double x) {
  constexpr double kInverseSqrtTwoPi = 0.39894228040143267794;
  return kInverseSqrtTwoPi * exp(-0.5 * x * x);
}

double normal_cdf(double x) {
  constexpr double kInverseSqrtTwo = 0.70710678118654752440;
  return 0.5 * erfc(-x * kInverseSqrtTwo);
}

double normal_quantile(double p) {
  if (!(p >= 0.0 && p <= 1.0)) return std::numeric_limits<double>::quiet_NaN();
  if (p == 0.0) return -std::numeric_limits<double>::infinity();
  if (p == 1.0) return std::numeric_limits<double>::infinity();
  const double q = p - 0.5;
  if (std::fabs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * polynomial(kCentreTop, r) / polynomial(kCentreBottom, r);
  }
  const double r = std::sqrt(-log(q < 0 ? p : 1.0 - p));
  const double size =
      r <= 5.0 ? polynomial(kMiddleTop, r - 1.6) / polynomial(kMiddleBottom, r - 1.6) : polynomial(kTailTop, r - 5.0) / polynomial(kTailBottom, r - 5.0);
  return q < 0 ? -size : size;
}

}  // namespace prom::detmath
