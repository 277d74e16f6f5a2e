// GARCH(1,1) with zero mean and normal innovations (Bollerslev, Journal of Econometrics 1986): v[t+1] = omega + alpha r[t]^2 + beta v[t] over log returns r. Fitted by
// maximum likelihood with a deterministic optimiser: the same returns give the same bits everywhere. Operator with plain copyable state, one owner at a time.
#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "analysis/indicators/rolling.h"
#include "analysis/params.h"
#include "analysis/series.h"

namespace prom::indicators {

// omega in squared returns a bar; alpha, beta >= 0, alpha + beta < 1.
struct GarchCoefficients {
  double omega = 0, alpha = 0, beta = 0;
};

struct GarchPath {
  double log_likelihood = 0;  // sum of -(ln 2 pi + ln v[t] + r[t]^2 / v[t]) / 2
  double next_variance = 0;   // v of the bar after the last return
};

// Runs the recursion over `returns` (not empty). v[0] = omega + (alpha + beta) initial_variance.
GarchPath garch_path(std::span<const double> returns, const GarchCoefficients& coefficients, double initial_variance);

struct GarchFit {
  GarchCoefficients coefficients;
  GarchPath path;
};

// The most likely coefficients, with the mean square of the returns as initial variance. A grid of starts, then Nelder-Mead (Computer Journal 1965) over
// long-run variance, persistence and alpha's share of it, twice; at most 2,000 evaluations, each O(n). Nothing when all returns are zero.
std::optional<GarchFit> fit_garch(std::span<const double> returns);

struct GarchValue {
  double volatility = kMissing;  // forecast for the next bar, a fraction times sqrt(periods_per_year)
  double omega = kMissing, alpha = kMissing, beta = kMissing;
  double log_likelihood = kMissing;  // of the last fit over its `period` returns
  static constexpr std::array<std::string_view, 5> kNames{"volatility", "omega", "alpha", "beta", "log_likelihood"};
  [[nodiscard]] std::array<double, 5> columns() const { return {volatility, omega, alpha, beta, log_likelihood}; }
};

// Fits the last `period` returns at index period and every `refit` bars after it; between fits the variance follows the recursion. O(1) a bar, O(period) times the
// evaluations at a fit. Prices must be positive. No value until the first fit of a window that moves.
class Garch {
 public:
  struct Params {
    int period = 500;  // 50..10,000: fewer returns do not hold three coefficients
    int refit = 20;
    double periods_per_year = 365;  // 0.001..1e9
  };
  using Value = GarchValue;
  using Input = std::span<const double>;

  static ParamResult<Garch> make(const Params& params);
  void update(double price);
  [[nodiscard]] std::optional<Value> value() const;

 private:
  explicit Garch(const Params& params) : returns_(static_cast<std::size_t>(params.period)), params_(params) {}
  MirrorWindow returns_;
  Params params_;
  std::optional<GarchFit> fit_;
  double previous_ = 0, variance_ = 0;
  int until_fit_ = 0;
};

}  // namespace prom::indicators
