// How two instruments move together: rolling Pearson correlation with Fisher's interval, and beta. Operators and pure functions, any
// thread.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "analysis/indicators/rolling.h"
#include "analysis/params.h"
#include "analysis/series.h"

namespace prom::correlation {

// One observation of both, taken at the same time. `subject` is explained by `reference` (the market) where that matters.
struct Observation {
  double subject = 0, reference = 0;
};

struct CoMovement {
  double correlation = kMissing;  // Pearson's r, -1..1; missing when either does not move
  double beta = kMissing;         // cov(subject, reference) / var(reference); missing when the reference does not move
  static constexpr std::array<std::string_view, 2> kNames{"correlation", "beta"};
  [[nodiscard]] std::array<double, 2> columns() const { return {correlation, beta}; }
};

// Over the last `period` observations. O(period) a step in fixed lanes, a function of the window alone. First value at index period-1.
class RollingCoMovement {
 public:
  struct Params {
    int period = 50;
  };
  using Value = CoMovement;
  using Input = std::span<const Observation>;

  static ParamResult<RollingCoMovement> make(const Params& params);
  void update(const Observation& x) {
    subject_.push(x.subject);
    reference_.push(x.reference);
  }
  [[nodiscard]] std::optional<Value> value() const;

 private:
  explicit RollingCoMovement(std::size_t period) : subject_(period), reference_(period) {}
  indicators::MirrorWindow subject_, reference_;
};

struct CorrelationInterval {
  double low = -1, high = 1;
};

// Two-sided interval of a correlation r from n independent pairs: tanh(atanh(r) +- z / sqrt(n - 3)) (Fisher 1921). Refuses n < 4 and |r|
// > 1. At |r| = 1 the interval is that point. Overlapping or autocorrelated returns make it too narrow.
struct SampleCorrelation {
  double r = 0;
  std::size_t pairs = 0;
};
ParamResult<CorrelationInterval> fisher_interval(const SampleCorrelation& sample, double confidence = 0.95);

// Closes with their bar times, ascending; both columns of one length.
struct PriceSeries {
  std::span<const std::int64_t> time_ns;
  std::span<const double> close;
};

// Log returns of both between consecutive times that BOTH series have (inner join), stamped with the later time. A time missing in either
// is left out of both, so a return may span several bars, but always the same span in both. Closes must be positive. O(n + m).
struct AlignedReturns {
  std::vector<std::int64_t> time_ns;
  std::vector<Observation> returns;
};
ParamResult<AlignedReturns> align_returns(const PriceSeries& subject, const PriceSeries& reference);

// The newest `period` aligned returns in one answer. Refuses when there are fewer (below_minimum "returns").
struct PairReport {
  std::int64_t time_ns = 0;  // of the newest return
  std::size_t pairs = 0;
  CoMovement movement;
  std::optional<CorrelationInterval> interval;  // 95 %, or as asked; none when the correlation is missing or there are fewer than 4 pairs
};
ParamResult<PairReport> compare_pair(const PriceSeries& subject, const PriceSeries& reference, const RollingCoMovement::Params& params);

// The same at every aligned return from the `period`-th on, oldest first; each row knows nothing later. confidence in (0, 1). Refuses as
// compare_pair does. O(n * period).
struct RollingCorrelationParams {
  int period = 50;
  double confidence = 0.95;
};
ParamResult<std::vector<PairReport>> rolling_correlation(const PriceSeries& subject, const PriceSeries& reference, const RollingCorrelationParams& params = {});

}  // namespace prom::correlation
