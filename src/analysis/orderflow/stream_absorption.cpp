// Absorption in a stream of trades. Any thread; an operator belongs to one thread at a time.
#include "analysis/orderflow/stream_absorption.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace prom::orderflow {

ParamResult<AbsorptionDetector> AbsorptionDetector::make(const Params& params) {
  PROM_CHECK_PARAM(out_of_range("window_ns", static_cast<double>(params.window_ns), {1e7, 3600e9}));
  PROM_CHECK_PARAM(out_of_range("volume_multiple", params.volume_multiple, {1, 1000}));
  PROM_CHECK_PARAM(out_of_range("one_sided", params.one_sided, {0.5, 1}));
  PROM_CHECK_PARAM(out_of_range("max_progress_bps", params.max_progress_bps, {0, 1000}));
  PROM_CHECK_PARAM(out_of_range("baseline_windows", params.baseline_windows, {1, 100}));
  return AbsorptionDetector(params);
}

void AbsorptionDetector::advance(std::int64_t time_ns) {
  newest_ns_ = time_ns;
  const std::int64_t width = params_.window_ns / kParts, part = time_ns / width - (time_ns % width < 0 ? 1 : 0);
  const std::int64_t steps = newest_part_ ? part - *newest_part_ : 1;
  const std::int64_t fresh = std::min(steps, static_cast<std::int64_t>(buckets_.size()));
  for (std::int64_t i = 0; i < fresh; ++i) {
    head_ = (head_ + 1) % buckets_.size();
    buckets_[head_] = {{}, best_};
  }
  newest_part_ = part;
  parts_seen_ = std::min(parts_seen_ + fresh, static_cast<std::int64_t>(buckets_.size()));
}

std::optional<ParamError> AbsorptionDetector::update(const BestPrice& best) {
  if (auto bad = bad_event({best.time_ns, best.price, best.quantity}, newest_ns_)) return bad;
  advance(best.time_ns);
  best_[static_cast<std::size_t>(best.side)] = best.price;
  return std::nullopt;
}

double AbsorptionDetector::usual_volume() const {
  std::vector<double> volumes(static_cast<std::size_t>(params_.baseline_windows), 0.0);
  for (std::size_t age = static_cast<std::size_t>(kParts); age < buckets_.size(); ++age) {
    volumes[age / static_cast<std::size_t>(kParts) - 1] += back(age).volume[0] + back(age).volume[1];
  }
  const auto middle = volumes.begin() + static_cast<std::ptrdiff_t>(volumes.size() / 2);
  std::nth_element(volumes.begin(), middle, volumes.end());
  if (volumes.size() % 2 == 1) return *middle;
  return 0.5 * (*middle + *std::max_element(volumes.begin(), middle));
}

std::optional<Absorption> AbsorptionDetector::judge(const TradePrint& trade) const {
  const std::size_t by = trade.aggressor == Aggressor::buyer ? 0 : 1, side = static_cast<std::size_t>(passive_side(trade.aggressor));
  const std::size_t window = static_cast<std::size_t>(kParts);
  double aggressive = 0, both = 0;
  for (std::size_t age = 0; age < window; ++age) {
    aggressive += back(age).volume[by];
    both += back(age).volume[0] + back(age).volume[1];
  }
  if (aggressive < params_.one_sided * both) return std::nullopt;
  const double usual = usual_volume(), from = back(window - 1).best_before[side], now = best_[side];
  if (!(usual > 0) || !(from > 0) || !(now > 0) || aggressive < params_.volume_multiple * usual) return std::nullopt;
  const double given = trade.aggressor == Aggressor::buyer ? now - from : from - now, progress = given / from * 1e4;
  if (progress > params_.max_progress_bps) return std::nullopt;
  const Absorber absorber = trade.aggressor == Aggressor::buyer ? Absorber::sellers : Absorber::buyers;
  return Absorption{trade.time_ns, absorber, now, aggressive, aggressive / usual, progress};
}

ParamResult<std::optional<Absorption>> AbsorptionDetector::update(const TradePrint& trade) {
  PROM_CHECK_PARAM(bad_event({trade.time_ns, trade.price, trade.quantity}, newest_ns_));
  advance(trade.time_ns);
  const std::size_t by = trade.aggressor == Aggressor::buyer ? 0 : 1;
  buckets_[head_].volume[by] += trade.quantity;
  if (parts_seen_ < static_cast<std::int64_t>(buckets_.size()) || trade.time_ns < quiet_until_ns_[by]) return std::nullopt;
  const auto found = judge(trade);
  if (found) quiet_until_ns_[by] = trade.time_ns + params_.window_ns;
  return found;
}

}  // namespace prom::orderflow
