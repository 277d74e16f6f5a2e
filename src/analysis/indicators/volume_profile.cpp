// Volume by price. Pure, any thread.
#include "analysis/indicators/volume_profile.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace prom::indicators {
namespace {

void spread_bar(VolumeProfile& profile, const OhlcvBar& bar) {
  const std::size_t bins = profile.volumes.size();
  const double width = profile.bin_width;
  const auto bin_of = [&](double price) {
    const double b = width > 0 ? std::floor((price - profile.bottom) / width) : 0.0;
    return std::min(bins - 1, static_cast<std::size_t>(std::max(b, 0.0)));
  };
  const std::size_t first = bin_of(bar.low), last = bin_of(bar.high);
  if (first == last) {
    profile.volumes[first] += bar.volume;
    return;
  }
  for (std::size_t b = first; b <= last; ++b) {
    const double from = std::max(bar.low, profile.bottom + width * static_cast<double>(b));
    const double to = b == last ? bar.high : std::min(bar.high, profile.bottom + width * static_cast<double>(b + 1));
    profile.volumes[b] += bar.volume * std::max(0.0, to - from) / (bar.high - bar.low);
  }
}

void find_value_area(VolumeProfile& profile, double share) {
  const auto& v = profile.volumes;
  const std::size_t peak = static_cast<std::size_t>(std::max_element(v.begin(), v.end()) - v.begin());
  std::size_t low = peak, high = peak;
  double inside = v[peak];
  while (inside < share * profile.total && (low > 0 || high + 1 < v.size())) {
    const bool take_upper = low == 0 || (high + 1 < v.size() && v[high + 1] >= v[low - 1]);
    inside += take_upper ? v[++high] : v[--low];
  }
  const auto edge = [&](std::size_t b) { return profile.bottom + profile.bin_width * static_cast<double>(b); };
  profile.point_of_control = edge(peak) + profile.bin_width / 2.0;
  profile.value_area_low = edge(low);
  profile.value_area_high = edge(high + 1);
}

}  // namespace

ParamResult<VolumeProfile> volume_profile(const OhlcvView& bars, const VolumeProfileParams& params) {
  PROM_CHECK_PARAM(out_of_range("bins", params.bins, {1, 1000}));
  PROM_CHECK_PARAM(out_of_range("value_area", params.value_area, {0.01, 1.0}));
  if (bars.size() == 0) return std::unexpected(ParamError{ParamErrorCode::empty_input, "bars"});
  VolumeProfile profile;
  profile.bottom = *std::min_element(bars.low.begin(), bars.low.end());
  profile.bin_width = (*std::max_element(bars.high.begin(), bars.high.end()) - profile.bottom) / params.bins;
  profile.volumes.assign(static_cast<std::size_t>(params.bins), 0.0);
  for (std::size_t i = 0; i < bars.size(); ++i) spread_bar(profile, bar_at(bars, i));
  for (const double volume : profile.volumes) profile.total += volume;
  if (!(profile.total > 0)) return std::unexpected(ParamError{ParamErrorCode::below_minimum, "volume", profile.total, 0});
  find_value_area(profile, params.value_area);
  return profile;
}

}  // namespace prom::indicators
