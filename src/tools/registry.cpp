// The list of all tools, look-up by name and the one way to call one. Built once at first use from constant tables, read by any thread afterwards.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "tools/spec.h"
#include "tools/tool.h"

namespace prom {

namespace {

constexpr std::size_t kToolCount = 108;

struct Registry {
  std::vector<ToolSpec> specs;
  std::vector<Tool> tools;
  std::deque<std::string> schemas;     // stable addresses: ToolInfo refers to them
  std::vector<std::uint16_t> by_name;  // indices sorted by name

  Registry() {
    for (const auto& list : {market_tools(), order_flow_tools(), momentum_tools(), volatility_tools(), trend_tools(), volume_tools(), level_tools(),
                             smart_money_tools(), sentiment_tools(), on_chain_tools(), macro_tools(), derivatives_tools(), correlation_tools(), trading_tools(),
                             risk_tools(), memory_tools(), evaluation_tools()}) {
      specs.insert(specs.end(), list.begin(), list.end());
    }
    PROM_ASSERT(specs.size() == kToolCount, "the registry must hold every tool of the product");
    for (const ToolSpec& spec : specs) {
      PROM_ASSERT(spec.unavailable.empty() == (spec.run != nullptr), "a tool either runs or says why not");
      schemas.push_back(argument_schema(spec.arguments));
      tools.push_back({{spec.name, spec.category, spec.access, spec.description, schemas.back(), spec.feed, spec.unavailable}, spec.run});
      by_name.push_back(static_cast<std::uint16_t>(by_name.size()));
    }
    std::ranges::sort(by_name, {}, [this](std::uint16_t i) { return specs[i].name; });
  }

  const std::uint16_t* find(std::string_view name) const {
    const auto at = std::ranges::lower_bound(by_name, name, {}, [this](std::uint16_t i) { return specs[i].name; });
    return at != by_name.end() && specs[*at].name == name ? &*at : nullptr;
  }
};

const Registry& registry() {
  static const Registry kRegistry;
  return kRegistry;
}

ToolError unknown_tool(std::string_view name) {
  std::vector<std::string_view> names;
  for (const ToolSpec& spec : registry().specs) names.push_back(spec.name);
  const auto near = nearest_name(name, names, 5);
  constexpr std::size_t kMaxShown = 60;
  return {ToolErrorCode::unknown_tool, fmt::format("there is no tool `{}`", name.substr(0, kMaxShown)),
          near ? fmt::format("did you mean `{}`?", *near) : "`promtrade tools list` shows all of them"};
}

}  // namespace

std::string_view name_of(ToolCategory category) {
  switch (category) {
    case ToolCategory::market: return "market";
    case ToolCategory::order_flow: return "order_flow";
    case ToolCategory::momentum: return "momentum";
    case ToolCategory::volatility: return "volatility";
    case ToolCategory::trend: return "trend";
    case ToolCategory::volume: return "volume";
    case ToolCategory::levels: return "levels";
    case ToolCategory::smart_money: return "smart_money";
    case ToolCategory::sentiment: return "sentiment";
    case ToolCategory::on_chain: return "on_chain";
    case ToolCategory::macro: return "macro";
    case ToolCategory::derivatives: return "derivatives";
    case ToolCategory::correlation: return "correlation";
    case ToolCategory::trading: return "trading";
    case ToolCategory::risk: return "risk";
    case ToolCategory::memory: return "memory";
    case ToolCategory::evaluation: return "evaluation";
  }
  PROM_UNREACHABLE();
}

PROM_DEFINE_SUM_TYPE(ToolAction);

std::string_view name_of(ToolErrorCode code) {
  switch (code) {
    case ToolErrorCode::unknown_tool: return "unknown_tool";
    case ToolErrorCode::not_allowed: return "not_allowed";
    case ToolErrorCode::bad_argument: return "bad_argument";
    case ToolErrorCode::unavailable: return "unavailable";
    case ToolErrorCode::not_enough_data: return "not_enough_data";
    case ToolErrorCode::limit_reached: return "limit_reached";
  }
  PROM_UNREACHABLE();
}

std::span<const Tool> all_tools() { return registry().tools; }
std::span<const ToolSpec> all_tool_specs() { return registry().specs; }

const Tool* find_tool(std::string_view name) {
  const auto* at = registry().find(name);
  return at == nullptr ? nullptr : &registry().tools[*at];
}

const ToolSpec* find_tool_spec(std::string_view name) {
  const auto* at = registry().find(name);
  return at == nullptr ? nullptr : &registry().specs[*at];
}

ToolResult call_tool(std::string_view name, const ToolContext& context, const ToolArguments& arguments) {
  const ToolSpec* spec = find_tool_spec(name);
  if (spec == nullptr) return std::unexpected(unknown_tool(name));
  if (auto fault = check_arguments(spec->name, spec->arguments, arguments.object)) return std::unexpected(std::move(*fault));
  if (spec->run == nullptr) return std::unexpected(tool_unavailable(std::string(spec->unavailable)));
  return spec->run(context, arguments);
}

}  // namespace prom
