// What the tool calls of a run came to, from its ledger: for `tools stats`. Main thread.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "app/cli/command.h"
#include "domain/tool_stat.h"

namespace prom {

struct ToolStatsOptions {
  std::string tool, agent;  ///< empty: all
  std::uint32_t days = 0;   ///< the newest that the ledger has; 0: all of them
  bool by_day = false;      ///< a row for each day
};

struct ToolStats {
  std::string place;           ///< the ledger, for people; empty where the state directory holds no run
  std::vector<ToolStat> rows;  ///< most calls first; with by_day newest day first. Without by_day `day` is the newest of those summed
  ToolStat total;
  TimeNs from{}, to{};  ///< first and last day of the rows; zero where there are none
};

/// Exit code 2 for a tool or an agent that there is not, 4 where the ledger cannot be asked.
std::expected<ToolStats, CommandError> tool_stats_of_run(AppContext& context, const ToolStatsOptions& options);

/// {"ledger", "from", "to", "tools": [{"tool", "agent", "calls", "cached", "failures", "failed": {kind: n}, "average_ns", "longest_ns"}], "total": {...}}
Value document_of(const ToolStats& stats, const ToolStatsOptions& options);
/// "unavailable 12, refused 1", most first; empty where nothing failed.
std::string failures_in_words(const ToolStat& stat);
/// "850 ns", "12.3 us", "1.20 ms", "2.00 s".
std::string duration_in_words(DurationNs took);

}  // namespace prom
