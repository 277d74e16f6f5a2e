// Markets in memory for commands that ask one question at one instant: tools call, agents run. Main thread.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "app/cli/command.h"
#include "app/commands/market_input.h"
#include "ports/column_market_view.h"

namespace prom {

struct MarketInMemory {
  ColumnMarketView view;
  Instrument instrument;  ///< the one asked for; index 0 in the view
  std::vector<std::string> assets;
  DurationNs base{};    ///< length of its bars
  TimeNs last_close{};  ///< without bars: the first minute of 1970
  std::string note;     ///< what reading the file lost, in one sentence; empty: nothing
};
/// `inputs` not empty; the first is the one asked for.
std::expected<MarketInMemory, CommandError> market_in_memory(std::vector<MarketInput> inputs);

/// --as-of as a time; empty = the close of the last bar. Code bad_time.
std::expected<TimeNs, CommandError> instant_of(const std::string& text, const MarketInMemory& market);

}  // namespace prom
