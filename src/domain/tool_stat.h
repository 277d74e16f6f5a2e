// What the agents' tool calls came to, by day, agent and tool: counted from the reasoning logs of decisions, so that whoever has those counts the same. Any thread; values.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"
#include "base/time.h"
#include "domain/verdict.h"

namespace prom {

/// How one call ended. `refused` never ran: unknown, not among the agent's tools, or over its limit of calls. `failed`: any other error.
enum class CallOutcome : std::uint8_t { answered, refused, bad_argument, unavailable, not_enough_data, failed };
/// Whether the log's line is a call of a tool; the desk's own arithmetic is logged like one, under names that begin with "desk.".
bool is_tool_call(const ReasoningStep& step);
/// As the log's line says it (tools/session.h writes it).
CallOutcome outcome_of(const ReasoningStep& call);

struct ToolStat {
  TimeNs day{};  ///< its midnight in UTC, on the market's clock
  AgentRole agent = AgentRole::market_analyst;
  std::string tool;
  std::uint64_t calls = 0;   ///< all that the agent made
  std::uint64_t cached = 0;  ///< of those, answered by what an equal call in the same decision had found
  std::uint64_t refused = 0, bad_argument = 0, unavailable = 0, not_enough_data = 0, failed = 0;
  DurationNs took_total{}, took_longest{};  ///< of ran(); zero where nobody measured
  PROM_FIELDS(day, agent, tool, calls, cached, refused, bad_argument, unavailable, not_enough_data, failed, took_total, took_longest)

  std::uint64_t ran() const { return calls - cached - refused; }
  std::uint64_t failures() const { return refused + bad_argument + unavailable + not_enough_data + failed; }
  void count(CallOutcome outcome);
  /// Takes in the other's numbers; day, agent and tool stay.
  void add(const ToolStat& other);
};

/// Whether the calls of the analysts, whose verdicts all pairs of an instrument share at an instant, are counted with this decision or were with another.
enum class SharedCalls : std::uint8_t { counted, known };

/// Gathers what decisions called. One thread.
class ToolTally {
 public:
  struct Key {
    TimeNs day{};
    AgentRole agent = AgentRole::market_analyst;
    std::string tool;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  /// A result that several lines of the decision name was found once, by the first of them; the others were answered from memory.
  void add(const DecisionRecord& record, SharedCalls shared);
  const std::map<Key, ToolStat>& stats() const { return stats_; }
  void clear() { stats_.clear(); }

 private:
  std::map<Key, ToolStat> stats_;
};

/// Midnight (UTC) of the day.
TimeNs day_of(TimeNs time);
/// One of the eight whose verdicts all pairs of an instrument share.
bool is_shared(AgentRole role);

}  // namespace prom
