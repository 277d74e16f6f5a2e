// Which decisions a report carries and in how much detail, within a budget of bytes. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>

#include "research/results/run_result.h"

namespace prom::report {

struct Reasoning {
  std::string json;       ///< array of decisions in order of time
  std::size_t acted = 0;  ///< decisions behind a trade, an order or a denial: all there are
  std::size_t acted_shown = 0;
  std::size_t holds = 0, holds_shown = 0;
  std::size_t output_limit = 0;  ///< tool outputs were cut at this many bytes; 0 = left out
};

/// Everything that acted comes first, with tool outputs shortened until it fits; then holds, evenly over the run, as long as there is room.
Reasoning choose_reasoning(const RunResult& result, std::size_t budget);

}  // namespace prom::report
