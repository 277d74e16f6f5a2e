// Elementary functions whose results are the same bits on every CPU. The C library picks FMA or plain code at run time and the two differ
// in the last place; these call SLEEF's pure-C deterministic variants (no FMA, 1.0 ulp; erfc 1.5 ulp). sqrt is IEEE-exact anyway.
// The deterministic floors use these instead of <cmath>'s. Any thread; pure. Arguments and special cases as in <cmath>.
#pragma once

namespace prom::detmath {

double exp(double x);
double expm1(double x);
double log(double x);
double log1p(double x);
double log2(double x);
double log10(double x);
double pow(double base, double exponent);
double sqrt(double x);
double cbrt(double x);
double tanh(double x);
double sin(double x);  // radians
double cos(double x);
double tan(double x);
double atan(double x);
double atan2(double y, double x);
double erf(double x);
double erfc(double x);
// exp(x^2) erfc(x), finite where erfc underflows: W. J. Cody, "Rational Chebyshev approximations for the error function", Math. Comp. 23
// (1969), by his program CALERF; 6 ulp for x >= 0, for x < 0 the error grows with x^2. +inf below about -26.6.
double erfcx(double x);
// Standard normal: density; distribution function, from erfc so that the lower tail keeps its relative precision; and its inverse for
// p in (0, 1): Wichura's algorithm AS 241 (PPND16), relative error about 1e-16; -inf at 0, +inf at 1, NaN outside.
double normal_pdf(double x);
double normal_cdf(double x);
double normal_quantile(double p);

}  // namespace prom::detmath
