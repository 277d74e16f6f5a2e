// Volume by price over a stretch of bars: point of control and value area. Pure function, any thread.
#pragma once
#include <vector>

#include "analysis/columns.h"
#include "analysis/params.h"

namespace prom::indicators {

struct VolumeProfileParams {
  int bins = 50;             // 1..1000 price bins of equal width between lowest low and highest high
  double value_area = 0.70;  // (0, 1]: share of volume inside the value area
};

struct VolumeProfile {
  double bottom = 0, bin_width = 0;  // bin b covers [bottom + b*bin_width, bottom + (b+1)*bin_width); width 0 if price never moved
  std::vector<double> volumes;       // per bin, base units
  double total = 0;
  double point_of_control = 0;                     // middle of the fullest bin; the lower one of equals
  double value_area_high = 0, value_area_low = 0;  // edges of the value area
};

// Each bar's volume is spread evenly over its range. The value area grows from the point of control by whichever neighbouring bin holds
// more volume (the upper one of equals) until it holds `value_area` of the total (Steidlmayer's Market Profile, one bin at a time).
// Refuses empty input, bad parameters, and bars without any volume (parameter "volume"). O(bars * bins touched).
ParamResult<VolumeProfile> volume_profile(const OhlcvView& bars, const VolumeProfileParams& params = {});

}  // namespace prom::indicators
