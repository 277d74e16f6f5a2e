// The market data of a scenario: the bundle, imported series, or an OHLCV file. Main thread.
#pragma once

#include <expected>
#include <string>

#include "app/run/scenario.h"

namespace prom {

struct LoadedData {
  Dataset data;
  std::string title;
};
std::expected<LoadedData, CommandError> load_scenario_data(AppContext& context, const ScenarioOptions& options);

}  // namespace prom
