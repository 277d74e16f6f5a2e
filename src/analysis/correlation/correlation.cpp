// Correlation and beta. Pure, any thread.
#include "analysis/correlation/correlation.h"

#include <algorithm>
#include <cmath>

#include "analysis/kernels.h"
#include "base/detmath.h"

namespace prom::correlation {
namespace {

// Sums of products of deviations from the means, relative to the first element so that constant columns give exactly 0.
CoMovement co_movement(std::span<const double> subject, std::span<const double> reference) {
  const double x0 = subject.front(), y0 = reference.front(), mx = mean_offset(subject), my = mean_offset(reference);
  const double cross = lane_sum(subject.size(), [&](std::size_t i) { return ((subject[i] - x0) - mx) * ((reference[i] - y0) - my); });
  const double xx = squared_deviation_sum(subject), yy = squared_deviation_sum(reference);
  CoMovement result;
  if (xx > 0 && yy > 0) result.correlation = std::clamp(cross / (std::sqrt(xx) * std::sqrt(yy)), -1.0, 1.0);
  if (yy > 0) result.beta = cross / yy;
  return result;
}

std::optional<ParamError> bad_series(std::string_view name, const PriceSeries& series) {
  const double times = static_cast<double>(series.time_ns.size()), closes = static_cast<double>(series.close.size());
  if (series.time_ns.size() != series.close.size()) return ParamError{ParamErrorCode::length_mismatch, name, times, closes};
  for (const double close : series.close) {
    if (!std::isfinite(close)) return ParamError{ParamErrorCode::not_finite, name, close, 0};
    if (!(close > 0)) return ParamError{ParamErrorCode::below_minimum, name, close, 0};
  }
  return std::nullopt;
}

std::optional<ParamError> bad_confidence(double confidence) { return out_of_range("confidence", confidence, {0.5e-6, 1.0 - 0.5e-6}); }

std::optional<ParamError> too_few_returns(std::size_t have, int wanted) {
  if (have >= static_cast<std::size_t>(wanted)) return std::nullopt;
  return ParamError{ParamErrorCode::below_minimum, "returns", static_cast<double>(have), static_cast<double>(wanted)};
}

PairReport report_of(std::int64_t time_ns, const RollingCorrelationParams& params, const CoMovement& movement) {
  PairReport report{time_ns, static_cast<std::size_t>(params.period), movement, std::nullopt};
  if (!std::isnan(movement.correlation)) {
    if (const auto interval = fisher_interval({movement.correlation, report.pairs}, params.confidence)) report.interval = *interval;
  }
  return report;
}

}  // namespace

ParamResult<RollingCoMovement> RollingCoMovement::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period, 2));
  return RollingCoMovement(static_cast<std::size_t>(params.period));
}

std::optional<CoMovement> RollingCoMovement::value() const {
  if (!subject_.full()) return std::nullopt;
  return co_movement(subject_.values(), reference_.values());
}

ParamResult<CorrelationInterval> fisher_interval(const SampleCorrelation& sample, double confidence) {
  PROM_CHECK_PARAM(bad_confidence(confidence));
  PROM_CHECK_PARAM(out_of_range("r", sample.r, {-1, 1}));
  PROM_CHECK_PARAM(out_of_range("pairs", static_cast<double>(sample.pairs), {4, 1e15}));
  if (std::fabs(sample.r) == 1.0) return CorrelationInterval{sample.r, sample.r};
  const double z = 0.5 * (detmath::log1p(sample.r) - detmath::log1p(-sample.r));
  const double reach = detmath::normal_quantile(0.5 + confidence / 2.0) / std::sqrt(static_cast<double>(sample.pairs) - 3.0);
  return CorrelationInterval{detmath::tanh(z - reach), detmath::tanh(z + reach)};
}

ParamResult<AlignedReturns> align_returns(const PriceSeries& subject, const PriceSeries& reference) {
  PROM_CHECK_PARAM(bad_series("subject", subject));
  PROM_CHECK_PARAM(bad_series("reference", reference));
  AlignedReturns out;
  std::optional<Observation> before;
  for (std::size_t i = 0, j = 0; i < subject.close.size() && j < reference.close.size();) {
    if (subject.time_ns[i] != reference.time_ns[j]) {
      subject.time_ns[i] < reference.time_ns[j] ? ++i : ++j;
      continue;
    }
    const Observation now{subject.close[i], reference.close[j]};
    if (before) {
      out.time_ns.push_back(subject.time_ns[i]);
      out.returns.push_back({detmath::log(now.subject / before->subject), detmath::log(now.reference / before->reference)});
    }
    before = now;
    ++i, ++j;
  }
  return out;
}

ParamResult<PairReport> compare_pair(const PriceSeries& subject, const PriceSeries& reference, const RollingCoMovement::Params& params) {
  auto rolling = RollingCoMovement::make(params);
  if (!rolling) return std::unexpected(rolling.error());
  const auto aligned = align_returns(subject, reference);
  if (!aligned) return std::unexpected(aligned.error());
  PROM_CHECK_PARAM(too_few_returns(aligned->returns.size(), params.period));
  for (const Observation& x : std::span(aligned->returns).last(static_cast<std::size_t>(params.period))) rolling->update(x);
  return report_of(aligned->time_ns.back(), {params.period, 0.95}, *rolling->value());
}

ParamResult<std::vector<PairReport>> rolling_correlation(const PriceSeries& subject, const PriceSeries& reference, const RollingCorrelationParams& params) {
  auto rolling = RollingCoMovement::make({params.period});
  if (!rolling) return std::unexpected(rolling.error());
  PROM_CHECK_PARAM(bad_confidence(params.confidence));
  const auto aligned = align_returns(subject, reference);
  if (!aligned) return std::unexpected(aligned.error());
  PROM_CHECK_PARAM(too_few_returns(aligned->returns.size(), params.period));
  std::vector<PairReport> rows;
  for (std::size_t i = 0; i < aligned->returns.size(); ++i) {
    rolling->update(aligned->returns[i]);
    if (const auto movement = rolling->value()) rows.push_back(report_of(aligned->time_ns[i], params, *movement));
  }
  return rows;
}

}  // namespace prom::correlation
