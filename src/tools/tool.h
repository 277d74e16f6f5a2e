// A tool: something an agent may ask by name. Synchronous, pure over its context, bounded; it never calls out and never acts: a proposing tool only
// hands back a proposal. Any thread, one context per decision.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/sum_type.h"
#include "base/time.h"
#include "domain/input.h"
#include "domain/proposal.h"
#include "domain/tape.h"
#include "domain/value.h"
#include "ports/observations.h"
#include "ports/views.h"

namespace prom {

enum class ToolCategory : std::uint8_t {
  market,
  order_flow,
  momentum,
  volatility,
  trend,
  volume,
  levels,
  smart_money,
  sentiment,
  on_chain,
  macro,
  derivatives,
  correlation,
  trading,
  risk,
  memory,
  evaluation
};
std::string_view name_of(ToolCategory category);
enum class ToolAccess : std::uint8_t { read_only, proposing };

/// What a tool may look at. Pointers are owned by the caller and outlive the call; null = that source is not configured.
struct ToolContext {
  AsOf as_of;                 ///< nothing later is visible
  InstrumentIx instrument{};  ///< default of the `instrument` argument
  DurationNs timeframe{};     ///< default of the `timeframe` argument
  PairIx pair{};
  const MarketView* market = nullptr;
  const AccountView* account = nullptr;
  const TradingPair* trading_pair = nullptr;
  TradeHistory history;
  const MemoryView* memory = nullptr;
  const ObservationView* observations = nullptr;  ///< what outside feeds said
  std::span<const Tape> tapes;                    ///< trades and book as instruments' feeds told them; at most one an instrument
  std::span<const std::string> asset_names;       ///< by AssetIx; where a name is missing an asset is shown as asset:<index>
};

enum class ToolErrorCode : std::uint8_t { unknown_tool, not_allowed, bad_argument, unavailable, not_enough_data, limit_reached };
struct ToolError {
  ToolErrorCode code = ToolErrorCode::unavailable;
  std::string message;  ///< one sentence; for unavailable: the reason
  std::string hint;     ///< how to mend the call; may be empty
};
std::string_view name_of(ToolErrorCode code);

/// Where a number came from and when it was known.
struct ToolSource {
  std::string name;
  TimeNs time{};
};
/// One value a bar for `--series`; NaN during warm-up.
struct ToolSeries {
  std::string output;
  std::vector<double> values;
};
/// What a proposing tool asks for; the caller posts it to the inbox, nothing else does.
struct ToolAction : std::variant<TradeProposal, ProtectionRequested, CancelRequested, KillSwitchPulled, MemoryNoted> {
  ToolAction() = default;
  PROM_SUM_TYPE(ToolAction);
};

struct ToolOutput {
  Value result;
  std::vector<ToolSource> sources;
  std::vector<ToolAction> actions;  ///< only from proposing tools (store_memory and log_trade_decision propose a memory)
  std::vector<ToolSeries> series;   ///< only when asked for
};
using ToolResult = std::expected<ToolOutput, ToolError>;

enum class SeriesWanted : std::uint8_t { no, yes };
struct ToolArguments {
  Value object;  ///< a ValueObject, validated against the tool's schema before run
  SeriesWanted series = SeriesWanted::no;
};

/// The outside feed that a tool cannot answer without; an empty series where it needs none.
struct FeedNeed {
  std::string_view series;     ///< from `series::`
  std::string_view subject;    ///< empty = any
  std::string_view served_by;  ///< who serves it, for people
};

struct ToolInfo {
  std::string_view name;
  ToolCategory category = ToolCategory::market;
  ToolAccess access = ToolAccess::read_only;
  std::string_view description;  ///< units named
  std::string_view schema;       ///< JSON Schema of the arguments (draft 2020-12 keywords that mean the same in draft 7)
  FeedNeed feed;                 ///< works once something of it is known
  std::string_view unavailable;  ///< reason when the tool's source is not part of this installation; empty = it works
};

struct Tool {
  ToolInfo info;
  ToolResult (*run)(const ToolContext& context, const ToolArguments& arguments) = nullptr;
};

/// All 108, in the order of PRODUCT; names are unique.
std::span<const Tool> all_tools();
const Tool* find_tool(std::string_view name);
/// Validates the arguments, then runs. Unknown names, wrong types, ranges and absent sources are typed errors.
ToolResult call_tool(std::string_view name, const ToolContext& context, const ToolArguments& arguments);
/// Text form used by the command line and by language models.
std::expected<Value, ToolError> parse_json_value(std::string_view text);

}  // namespace prom
