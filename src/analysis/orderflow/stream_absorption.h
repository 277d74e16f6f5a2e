// Absorption in a stream of trades: much one-sided aggression that does not move the price. (volume_delta.h has the same for bars.) Operator
// with plain copyable state; belongs to one thread at a time.
#pragma once
#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

#include "analysis/orderflow/stream.h"
#include "analysis/orderflow/volume_delta.h"

namespace prom::orderflow {

struct Absorption {
  std::int64_t time_ns = 0;  // when it could be known
  Absorber absorber = Absorber::buyers;
  double price = 0;         // the absorbing side's best price
  double volume = 0;        // aggressors' volume in the window, base units
  double multiple = 0;      // of both sides' median volume a window before
  double progress_bps = 0;  // how far the absorbing best price gave way in the window; negative: it came forward
};

// In the newest `window_ns` one side's aggressors traded at least `volume_multiple` times what both sides trade together in such a window
// (median of the `baseline_windows` before it, so that an earlier burst does not hide a later one) and at least `one_sided` of everything, and
// the best price that they hit gave way by at most `max_progress_bps`. Time is cut into tenths of the window and the newest tenth is part of
// it, so a window is between 0.9 and 1.0 of window_ns long. Judged at each trade; one report, then none of that side for a window. Causal; O(10
// * baseline_windows) a trade that passes the other tests, else O(10); memory 10 * (baseline_windows + 1) buckets. Nothing is reported before
// the baseline is complete.
class AbsorptionDetector {
 public:
  struct Params {
    std::int64_t window_ns = 2'000'000'000;  // 10 ms..1 hour
    double volume_multiple = 4;              // 1..1000
    double one_sided = 0.8;                  // 0.5..1
    double max_progress_bps = 0.5;           // 0..1000
    int baseline_windows = 10;               // 1..100
  };
  static ParamResult<AbsorptionDetector> make(const Params& params);

  std::optional<ParamError> update(const BestPrice& best);
  ParamResult<std::optional<Absorption>> update(const TradePrint& trade);

 private:
  static constexpr std::int64_t kParts = 10;
  struct Bucket {
    std::array<double, 2> volume{};       // by aggressor: buyer, seller
    std::array<double, 2> best_before{};  // bid, ask when it began; 0 = not known
  };
  explicit AbsorptionDetector(const Params& params)
      : params_(params), buckets_(static_cast<std::size_t>(kParts) * (static_cast<std::size_t>(params.baseline_windows) + 1)) {}
  void advance(std::int64_t time_ns);
  [[nodiscard]] const Bucket& back(std::size_t age) const { return buckets_[(head_ + buckets_.size() - age) % buckets_.size()]; }
  [[nodiscard]] double usual_volume() const;
  [[nodiscard]] std::optional<Absorption> judge(const TradePrint& trade) const;

  Params params_;
  std::vector<Bucket> buckets_;  // a ring; head_ is the newest
  std::size_t head_ = 0;
  std::optional<std::int64_t> newest_part_;  // number of the newest bucket since 1970
  std::int64_t parts_seen_ = 0;
  std::array<double, 2> best_{};
  std::array<std::int64_t, 2> quiet_until_ns_{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::min()};
  std::int64_t newest_ns_ = std::numeric_limits<std::int64_t>::min();
};

}  // namespace prom::orderflow
