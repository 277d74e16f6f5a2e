// Composite and adaptive averages. Pure, any thread.
#include "analysis/indicators/composite_averages.h"

#include <algorithm>
#include <cmath>

#include "analysis/indicators/bulk.h"
#include "analysis/kernels.h"
#include "base/detmath.h"

namespace prom::indicators {

ParamResult<Dema> Dema::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  return Dema(*Ema::make({.period = params.period}), *Ema::make({.period = params.period}, bars_before(params.period, 1)));
}

void Dema::bulk(Input input, std::size_t from, const std::array<std::span<double>, 1>& columns) {
  const auto one = [&](double x) {
    update(x);
    return *value();
  };
  Ema::run_chain<2>({&first_, &second_}, input.data() + from, columns[0].data() + from, input.size() - from, bulk_kernels().smooth_dema, one);
}

std::optional<double> Dema::value() const {
  const auto twice = second_.value();
  if (!twice) return std::nullopt;
  return 2.0 * *first_.value() - *twice;
}

ParamResult<Tema> Tema::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  const auto line = [&](int averages) { return *Ema::make({.period = params.period}, bars_before(params.period, averages)); };
  return Tema(line(0), line(1), line(2));
}

void Tema::update(double x) {
  first_.update(x);
  const auto once = first_.value();
  if (!once) return;
  second_.update(*once);
  if (const auto twice = second_.value()) third_.update(*twice);
}

void Tema::bulk(Input input, std::size_t from, const std::array<std::span<double>, 1>& columns) {
  const auto one = [&](double x) {
    update(x);
    return *value();
  };
  Ema::run_chain<3>({&first_, &second_, &third_}, input.data() + from, columns[0].data() + from, input.size() - from, bulk_kernels().smooth_tema, one);
}

std::optional<double> Tema::value() const {
  const auto thrice = third_.value();
  if (!thrice) return std::nullopt;
  return 3.0 * *first_.value() - 3.0 * *second_.value() + *thrice;
}

ParamResult<Hma> Hma::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period, 2));
  const int root = static_cast<int>(std::sqrt(static_cast<double>(params.period)));
  return Hma(*Wma::make({params.period}), *Wma::make({params.period / 2}), *Wma::make({root}));
}

void Hma::update(double x) {
  whole_.update(x);
  half_.update(x);
  if (const auto whole = whole_.value()) smooth_.update(2.0 * *half_.value() - *whole);
}

ParamResult<Kama> Kama::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  PROM_CHECK_PARAM(bad_period("fast", params.fast));
  PROM_CHECK_PARAM(bad_period("slow", params.slow));
  PROM_CHECK_PARAM(not_below("fast", params.fast, params.slow));
  return Kama(params);
}

Kama::Kama(const Params& params)
    : window_(static_cast<std::size_t>(params.period) + 1),
      changes_(static_cast<std::size_t>(params.period)),
      fast_(2.0 / (params.fast + 1.0)),
      slow_(2.0 / (params.slow + 1.0)) {}

void Kama::update(double x) {
  if (window_.size() > 0) changes_.push(std::fabs(x - window_.values().back()));
  window_.push(x);
  if (!window_.full()) {
    line_.begin(x);
    return;
  }
  const double moved = std::fabs(x - window_.values().front());
  const double weight = kaufman_weight(moved, changes_.value(), fast_ - slow_, slow_);
  line_.push(1.0 - weight, weight * x);
}

void Kama::bulk(Input input, std::size_t from, const std::array<std::span<double>, 1>& columns) {
  const BulkKernels& kernels = bulk_kernels();
  const std::size_t period = changes_.size(), before = period - 1;
  std::vector<double> scratch(window_scratch(period)), steps(before + kChunk);
  // On the heap: the stack lies elsewhere in each run, and where the lower bits of two addresses agree by chance, loads wait for stores that are none of theirs.
  std::vector<double> room(3 * kChunk);
  double* const walked = room.data();
  double* const pulled = walked + kChunk;
  double* const kept = pulled + kChunk;
  AffineLine line = line_;
  in_chunks(from, input.size(), [&](std::size_t first, std::size_t n) {
    const double* x = input.data() + first;
    kernels.steps(x - before, steps.data(), before + n);
    kernels.window_sum(steps.data() + before, walked, n, period, scratch.data());
    kernels.kaufman(x, x - period, walked, fast_ - slow_, slow_, pulled, kept, n);
    line.run(kept, pulled, columns[0].data() + first, n);
  });
  feed_last(*this, input, from, 2 * period + 1);
  line_ = line;
}

ParamResult<Vwma> Vwma::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  return Vwma(static_cast<std::size_t>(params.period));
}

std::optional<double> Vwma::value() const {
  if (!volume_.full() || !(volume_.value() > 0)) return std::nullopt;
  return traded_.value() / volume_.value();
}

ParamResult<Alma> Alma::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  PROM_CHECK_PARAM(out_of_range("offset", params.offset, {0, 1}));
  PROM_CHECK_PARAM(out_of_range("sigma", params.sigma, {0.01, 100}));
  return Alma(params);
}

Alma::Alma(const Params& params) : window_(static_cast<std::size_t>(params.period)), weights_(static_cast<std::size_t>(params.period)) {
  const double centre = params.offset * (params.period - 1.0), width = params.period / params.sigma;
  const auto exponent = [&](std::size_t i) {
    const double d = static_cast<double>(i) - centre;
    return d * d / (2.0 * width * width);
  };
  // Relative to the heaviest weight, so that a narrow bell between two bars does not underflow to nothing.
  double least = exponent(0);
  for (std::size_t i = 1; i < weights_.size(); ++i) least = std::min(least, exponent(i));
  double sum = 0;
  for (std::size_t i = 0; i < weights_.size(); ++i) sum += weights_[i] = detmath::exp(least - exponent(i));
  for (double& weight : weights_) weight /= sum;
}

std::optional<double> Alma::value() const {
  if (!window_.full()) return std::nullopt;
  const auto x = window_.values();
  return lane_sum(x.size(), [&](std::size_t i) { return x[i] * weights_[i]; });
}

}  // namespace prom::indicators

namespace prom {
PROM_BATCH_HERE(indicators::Dema);
PROM_BATCH_HERE(indicators::Tema);
PROM_BATCH_HERE(indicators::Hma);
PROM_BATCH_HERE(indicators::Kama);
PROM_BATCH_HERE(indicators::Vwma);
PROM_BATCH_HERE(indicators::Alma);
}  // namespace prom
