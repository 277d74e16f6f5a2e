// Tool calls of a decision: who may call what, how often, what came back and how long it took. One ToolRecord a decision, one ToolSession an agent in it.
// One thread at a time; the clock is passed in and only measures durations.
#pragma once

#include <cstdint>
#include <deque>
#include <expected>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/verdict.h"
#include "tools/tool.h"

namespace prom {

/// Monotonic nanoseconds, or null for "durations are 0".
using ToolClock = std::int64_t (*)();

/// A call that ran. Ids begin at 1 and are unique within the record; evidence refers to them.
struct RecordedCall {
  std::uint32_t id = 0;
  std::string tool;
  Value arguments;
  ToolResult result;
  std::int64_t duration_ns = 0;  ///< measured; not part of any digest
};

/// All calls of one decision, shared by its agents, so that an id means one thing and equal reads at one instant run once.
class ToolRecord {
 public:
  explicit ToolRecord(ToolClock clock = nullptr) : clock_(clock) {}
  ToolRecord(const ToolRecord&) = delete;
  ToolRecord& operator=(const ToolRecord&) = delete;

  /// Null for unknown ids. Addresses are stable.
  const RecordedCall* find(std::uint32_t id) const;
  std::size_t size() const { return calls_.size(); }
  /// By the clock that was passed in; 0 without one.
  std::int64_t now() const { return clock_ != nullptr ? clock_() : 0; }

 private:
  friend class ToolSession;
  struct Taken {
    const RecordedCall* call;
    bool cached;
  };
  Taken take(const Tool& tool, const ToolContext& context, Value arguments);

  ToolClock clock_;
  std::deque<RecordedCall> calls_;
  std::map<std::string, std::uint32_t, std::less<>> by_key_;  ///< read-only tools: tool, instrument, timeframe, instant, arguments
};

enum class CallOrigin : std::uint8_t { fresh, cached, refused };
struct CalledTool {
  std::uint32_t id = 0;
  const ToolOutput* output = nullptr;  ///< owned by the record
  CallOrigin origin = CallOrigin::fresh;
};

/// One line of a session's log. `id` is 0 for refused calls (unknown, not allowed, over the limit), which never ran.
struct SessionCall {
  std::uint32_t id = 0;
  std::string tool;
  CallOrigin origin = CallOrigin::fresh;
};

struct ToolCount {
  std::string_view tool;
  std::uint32_t calls = 0;
};

struct SessionRules {
  std::span<const std::string_view> allowed;  ///< the agent's tools; must outlive the session
  std::uint32_t max_calls = 50;               ///< every call counts, refused ones too
};

class ToolSession {
 public:
  ToolSession(ToolRecord& record, const ToolContext& context, SessionRules rules) : record_(record), context_(context), rules_(rules) {}

  /// Errors: limit_reached, unknown_tool, not_allowed (with the nearest allowed name), and whatever the tool says. `instrument` and `timeframe` come from the
  /// context unless the arguments name them. Equal calls of read-only tools give the same id.
  std::expected<CalledTool, ToolError> call(std::string_view tool, Value arguments = {});

  const ToolContext& context() const { return context_; }
  std::uint32_t used() const { return static_cast<std::uint32_t>(log_.size()); }
  std::uint32_t left() const { return rules_.max_calls > used() ? rules_.max_calls - used() : 0; }
  std::span<const SessionCall> log() const { return log_; }  // det-ok: a list of calls, not the logarithm
  /// Calls a tool, by first use.
  std::span<const ToolCount> counts() const { return counts_; }

 private:
  void count(std::string_view tool);
  ToolRecord& record_;
  ToolContext context_;
  SessionRules rules_;
  std::vector<SessionCall> log_;
  std::vector<ToolCount> counts_;
};

/// The reasoning log's line for a call: name, arguments and output as compact JSON. Lists longer than `longest_list` keep their first elements and end in a
/// text that says how many more there were, so that paths of evidence into the kept part still hold.
ReasoningStep reasoning_step(const RecordedCall& call, std::size_t longest_list = 8);

}  // namespace prom
