// What each category file declares about its tools, and what the registry makes of it. Constant data; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "tools/args.h"
#include "tools/tool.h"

namespace prom {

enum class ResultType : std::uint8_t { number, integer, text, amount, time, flag, list, object };
enum class ResultPresence : std::uint8_t { always, may_be_null };

/// A top-level member of a tool's result. Every declared member is always there; `may_be_null` where the number can be unknown.
struct ResultField {
  std::string_view name;
  ResultType type = ResultType::number;
  std::string_view description;  ///< units named
  ResultPresence presence = ResultPresence::always;
};

struct ToolSpec {
  std::string_view name;
  ToolCategory category = ToolCategory::market;
  ToolAccess access = ToolAccess::read_only;
  std::string_view description;
  std::span<const ArgSpec> arguments = {};
  std::span<const ResultField> results = {};
  FeedNeed feed = {};
  std::string_view unavailable = {};
  ToolResult (*run)(const ToolContext& context, const ToolArguments& arguments) = nullptr;
};

/// Null for unknown names.
const ToolSpec* find_tool_spec(std::string_view name);
/// All 108 in PRODUCT's order, aligned with all_tools().
std::span<const ToolSpec> all_tool_specs();
/// JSON Schema texts.
std::string argument_schema(std::span<const ArgSpec> arguments);
std::string result_schema(std::span<const ResultField> results);
/// Arguments of a call to copy, as JSON: they keep to the schema.
std::string example_of(const ToolSpec& spec);
/// What an argument may be, in words: "integer 1..5000".
std::string domain_of(const ArgSpec& arg);
/// The reference page docs/tools.md, one section a category, and the indicators of the command line.
std::string tools_markdown();

/// One list a category, in PRODUCT's order.
std::span<const ToolSpec> market_tools();
std::span<const ToolSpec> order_flow_tools();
std::span<const ToolSpec> momentum_tools();
std::span<const ToolSpec> volatility_tools();
std::span<const ToolSpec> trend_tools();
std::span<const ToolSpec> volume_tools();
std::span<const ToolSpec> level_tools();
std::span<const ToolSpec> smart_money_tools();
std::span<const ToolSpec> sentiment_tools();
std::span<const ToolSpec> on_chain_tools();
std::span<const ToolSpec> macro_tools();
std::span<const ToolSpec> derivatives_tools();
std::span<const ToolSpec> correlation_tools();
std::span<const ToolSpec> trading_tools();
std::span<const ToolSpec> risk_tools();
std::span<const ToolSpec> memory_tools();
std::span<const ToolSpec> evaluation_tools();

}  // namespace prom
