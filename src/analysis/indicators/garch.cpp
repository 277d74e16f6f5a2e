// GARCH(1,1). Pure, any thread.
#include "analysis/indicators/garch.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "analysis/kernels.h"
#include "base/detmath.h"

namespace prom::indicators {

namespace {

using Point = std::array<double, 3>;

double logistic(double x) { return 1.0 / (1.0 + detmath::exp(-x)); }
double logit(double p) { return detmath::log(p / (1.0 - p)); }

// {ln of the long-run variance, logit of persistence, logit of alpha's share}: every point is admissible, so the search needs no walls.
GarchCoefficients coefficients_at(const Point& point) {
  const double persistence = std::min(logistic(point[1]), 1.0 - 1e-9), share = logistic(point[2]);
  const double long_run = detmath::exp(std::clamp(point[0], -30.0, 30.0));
  return {long_run * (1.0 - persistence), persistence * share, persistence * (1.0 - share)};
}

struct Vertex {
  Point point{};
  double cost = 0;
};

// Nelder-Mead with the usual coefficients (1, 2, 1/2, 1/2). Vertices with equal cost keep their order, so the path is the same everywhere.
class Simplex {
 public:
  Simplex(std::span<const double> returns, int budget) : returns_(returns), budget_(budget) {}

  [[nodiscard]] double cost(const Point& point) {
    --budget_;
    const double likelihood = garch_path(returns_, coefficients_at(point), 1.0).log_likelihood;
    return std::isfinite(likelihood) ? -likelihood / static_cast<double>(returns_.size()) : HUGE_VAL;
  }

  Vertex descend(const Vertex& start, double step) {
    vertices_[0] = start;
    for (std::size_t i = 0; i < 3; ++i) {
      vertices_[i + 1].point = start.point;
      vertices_[i + 1].point[i] += step;
      vertices_[i + 1].cost = cost(vertices_[i + 1].point);
    }
    sort();
    while (budget_ > 0 && !settled()) {
      move();
      sort();
    }
    return vertices_[0];
  }

 private:
  // By insertion: four vertices, mostly in order.
  void sort() {
    for (std::size_t i = 1; i < vertices_.size(); ++i) {
      for (std::size_t j = i; j > 0 && vertices_[j].cost < vertices_[j - 1].cost; --j) std::swap(vertices_[j], vertices_[j - 1]);
    }
  }

  [[nodiscard]] bool settled() const {
    double width = 0;
    for (const Vertex& vertex : vertices_) {
      for (std::size_t i = 0; i < 3; ++i) width = std::max(width, std::fabs(vertex.point[i] - vertices_[0].point[i]));
    }
    return vertices_[3].cost - vertices_[0].cost <= 1e-15 && width <= 1e-6;
  }

  // The point at centre + t (worst - centre), where centre is that of the three better vertices.
  [[nodiscard]] Vertex along(double t) {
    Vertex out;
    for (std::size_t i = 0; i < 3; ++i) {
      const double centre = (vertices_[0].point[i] + vertices_[1].point[i] + vertices_[2].point[i]) / 3.0;
      out.point[i] = centre + t * (vertices_[3].point[i] - centre);
    }
    out.cost = cost(out.point);
    return out;
  }

  void move() {
    const Vertex reflected = along(-1.0);
    if (reflected.cost < vertices_[0].cost) {
      const Vertex expanded = along(-2.0);
      vertices_[3] = expanded.cost < reflected.cost ? expanded : reflected;
      return;
    }
    if (reflected.cost < vertices_[2].cost) {
      vertices_[3] = reflected;
      return;
    }
    const bool outside = reflected.cost < vertices_[3].cost;
    const Vertex contracted = along(outside ? -0.5 : 0.5);
    if (contracted.cost < (outside ? reflected.cost : vertices_[3].cost)) {
      vertices_[3] = contracted;
      return;
    }
    for (std::size_t v = 1; v < 4; ++v) {
      for (std::size_t i = 0; i < 3; ++i) vertices_[v].point[i] = vertices_[0].point[i] + 0.5 * (vertices_[v].point[i] - vertices_[0].point[i]);
      vertices_[v].cost = cost(vertices_[v].point);
    }
  }

  std::span<const double> returns_;
  std::array<Vertex, 4> vertices_;
  int budget_;
};

}  // namespace

GarchPath garch_path(std::span<const double> returns, const GarchCoefficients& c, double initial_variance) {
  double variance = c.omega + (c.alpha + c.beta) * initial_variance;
  // One logarithm for eight variances: relative to the first their product stays far inside the range of a double.
  const double unit = initial_variance;
  double logs = 0, squares = 0, product = 1;
  for (std::size_t t = 0; t < returns.size(); ++t) {
    const double square = returns[t] * returns[t];
    squares += square / variance;
    product *= variance / unit;
    if (t % 8 == 7) {
      logs += detmath::log(product);
      product = 1;
    }
    variance = c.omega + c.alpha * square + c.beta * variance;
  }
  logs += detmath::log(product);
  const double n = static_cast<double>(returns.size());
  return {-0.5 * (n * (detmath::log(2.0 * std::numbers::pi) + detmath::log(unit)) + logs + squares), variance};
}

std::optional<GarchFit> fit_garch(std::span<const double> returns) {
  if (returns.empty()) return std::nullopt;
  const double mean_square = lane_sum(returns.size(), [&](std::size_t i) { return returns[i] * returns[i]; }) / static_cast<double>(returns.size());
  if (!(mean_square > 0) || !std::isfinite(mean_square)) return std::nullopt;
  // In units of their root mean square, so that the search sees the same surface whatever the instrument.
  const double scale = std::sqrt(mean_square);
  std::vector<double> unit(returns.size());
  for (std::size_t i = 0; i < unit.size(); ++i) unit[i] = returns[i] / scale;

  constexpr int kEvaluations = 2000;
  Simplex simplex(unit, kEvaluations);
  Vertex best{{}, HUGE_VAL};
  for (const double persistence : {0.5, 0.8, 0.95, 0.99}) {
    for (const double share : {0.03, 0.1, 0.3}) {
      Vertex start{{0.0, logit(persistence), logit(share)}, 0};
      start.cost = simplex.cost(start.point);
      if (start.cost < best.cost) best = start;
    }
  }
  best = simplex.descend(best, 0.5);
  best = simplex.descend(best, 0.1);
  GarchFit fit;
  fit.coefficients = coefficients_at(best.point);
  fit.coefficients.omega *= mean_square;
  fit.path = garch_path(returns, fit.coefficients, mean_square);
  return fit;
}

ParamResult<Garch> Garch::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period, 50));
  PROM_CHECK_PARAM(bad_period("refit", params.refit));
  PROM_CHECK_PARAM(out_of_range("periods_per_year", params.periods_per_year, {1e-3, 1e9}));
  return Garch(params);
}

void Garch::update(double price) {
  const double previous = previous_;
  previous_ = price;
  if (previous == 0) return;
  const double r = detmath::log(price / previous);
  returns_.push(r);
  if (!returns_.full()) return;
  if (until_fit_ > 0) {
    --until_fit_;
    if (fit_) variance_ = fit_->coefficients.omega + fit_->coefficients.alpha * r * r + fit_->coefficients.beta * variance_;
    return;
  }
  until_fit_ = params_.refit - 1;
  fit_ = fit_garch(returns_.values());
  if (fit_) variance_ = fit_->path.next_variance;
}

std::optional<GarchValue> Garch::value() const {
  if (!fit_) return std::nullopt;
  const GarchCoefficients& c = fit_->coefficients;
  return GarchValue{std::sqrt(variance_ * params_.periods_per_year), c.omega, c.alpha, c.beta, fit_->path.log_likelihood};
}

}  // namespace prom::indicators
