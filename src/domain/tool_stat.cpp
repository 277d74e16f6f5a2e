// Counting tool calls. Any thread; values.
#include "domain/tool_stat.h"

#include <algorithm>
#include <set>

#include "base/assert.h"

namespace prom {

bool is_tool_call(const ReasoningStep& step) { return step.kind == StepKind::tool_call && !step.tool.starts_with("desk."); }

CallOutcome outcome_of(const ReasoningStep& call) {
  if (call.tool_result == 0) return CallOutcome::refused;
  constexpr std::string_view kError = R"({"error":{"code":")";
  const std::string_view output = call.output;
  if (!output.starts_with(kError)) return CallOutcome::answered;
  const std::string_view code = output.substr(kError.size(), output.find('"', kError.size()) - kError.size());
  if (code == "bad_argument") return CallOutcome::bad_argument;
  if (code == "unavailable") return CallOutcome::unavailable;
  if (code == "not_enough_data") return CallOutcome::not_enough_data;
  return CallOutcome::failed;
}

void ToolStat::count(CallOutcome outcome) {
  ++calls;
  switch (outcome) {
    case CallOutcome::answered: return;
    case CallOutcome::refused: ++refused; return;
    case CallOutcome::bad_argument: ++bad_argument; return;
    case CallOutcome::unavailable: ++unavailable; return;
    case CallOutcome::not_enough_data: ++not_enough_data; return;
    case CallOutcome::failed: ++failed; return;
  }
  PROM_UNREACHABLE();
}

void ToolStat::add(const ToolStat& other) {
  calls += other.calls;
  cached += other.cached;
  refused += other.refused;
  bad_argument += other.bad_argument;
  unavailable += other.unavailable;
  not_enough_data += other.not_enough_data;
  failed += other.failed;
  took_total = took_total + other.took_total;
  took_longest = std::max(took_longest, other.took_longest);
}

void ToolTally::add(const DecisionRecord& record, SharedCalls shared) {
  const TimeNs day = day_of(record.as_of.time);
  std::set<std::uint32_t> found;  // results that an earlier line named
  for (const Verdict& verdict : record.verdicts) {
    if (shared == SharedCalls::known && is_shared(verdict.role)) continue;
    for (const ReasoningStep& step : verdict.steps) {
      if (!is_tool_call(step)) continue;
      ToolStat& stat = stats_[Key{day, verdict.role, step.tool}];
      stat.day = day;
      stat.agent = verdict.role;
      stat.tool = step.tool;
      const CallOutcome outcome = outcome_of(step);
      stat.count(outcome);
      if (outcome == CallOutcome::refused) continue;
      if (!found.insert(step.tool_result).second) {
        ++stat.cached;
        continue;
      }
      const DurationNs took{std::max<std::int64_t>(step.duration_ns, 0)};
      stat.took_total = stat.took_total + took;
      stat.took_longest = std::max(stat.took_longest, took);
    }
  }
}

TimeNs day_of(TimeNs time) {
  const std::int64_t into = time.ns % kDay.ns;
  return TimeNs{time.ns - (into < 0 ? into + kDay.ns : into)};
}

bool is_shared(AgentRole role) { return role <= AgentRole::onchain_analyst; }

}  // namespace prom
