// Swing points with their names in the structure: higher high, lower high, higher low, lower low. Pure function, any thread.
#pragma once
#include <optional>
#include <vector>

#include "analysis/columns.h"
#include "analysis/indicators/swings.h"
#include "analysis/params.h"

namespace prom::smc {

using indicators::Swing;
using indicators::SwingKind;
using SwingParams = indicators::SwingDetector::Params;

// Against the swing of the same kind before it; an equal price counts as not higher (lower_high, lower_low).
enum class SwingLabel { higher_high, lower_high, higher_low, lower_low };

struct SwingPoint {
  Swing swing;
  std::optional<SwingLabel> label;  // none for the first of its kind
};

// All swings that the bars confirm, in the order of confirmation. Causal: more bars only append. O(n).
ParamResult<std::vector<SwingPoint>> swing_points(const OhlcvView& bars, const SwingParams& params = {});

}  // namespace prom::smc
