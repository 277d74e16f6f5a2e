// Rules, cache and log of tool calls. One thread at a time.
#include "tools/session.h"

#include <fmt/format.h>

#include <utility>

#include "tools/args.h"

namespace prom {

namespace {

std::string key_of(const Tool& tool, const ToolContext& context, const Value& arguments) {
  std::string key(tool.info.name);
  key += fmt::format(" {} {} {} ", context.instrument.v, context.timeframe.ns, context.as_of.time.ns);
  if (!arguments.is_null()) key += to_json(arguments);
  return key;
}

Value shortened(const Value& value, std::size_t longest_list) {
  if (const auto* list = std::get_if<ValueList>(&value.storage())) {
    ValueList out;
    for (std::size_t i = 0; i < list->size() && i < longest_list; ++i) out.push_back(shortened((*list)[i], longest_list));
    if (list->size() > longest_list) out.emplace_back(fmt::format("and {} more", list->size() - longest_list));
    return Value(std::move(out));
  }
  if (const auto* object = std::get_if<ValueObject>(&value.storage())) {
    ValueObject out;
    out.reserve(object->size());
    for (const auto& [key, member] : *object) out.emplace_back(key, shortened(member, longest_list));
    return Value(std::move(out));
  }
  return value;
}

Value error_value(const ToolError& error) {
  return ValueObject{{"error", ValueObject{{"code", name_of(error.code)}, {"message", error.message}, {"hint", error.hint}}}};
}

}  // namespace

const RecordedCall* ToolRecord::find(std::uint32_t id) const { return id == 0 || id > calls_.size() ? nullptr : &calls_[id - 1]; }

ToolRecord::Taken ToolRecord::take(const Tool& tool, const ToolContext& context, Value arguments) {
  std::string key;
  if (tool.info.access == ToolAccess::read_only) {
    key = key_of(tool, context, arguments);
    if (const auto known = by_key_.find(key); known != by_key_.end()) return {find(known->second), true};
  }
  const std::int64_t begin = now();
  ToolArguments call{std::move(arguments), SeriesWanted::no};
  ToolResult result = call_tool(tool.info.name, context, call);
  const std::int64_t end = now();
  const auto id = static_cast<std::uint32_t>(calls_.size() + 1);
  calls_.push_back({id, std::string(tool.info.name), std::move(call.object), std::move(result), end - begin});
  if (!key.empty()) by_key_.emplace(std::move(key), id);
  return {&calls_.back(), false};
}

void ToolSession::count(std::string_view tool) {
  for (ToolCount& entry : counts_) {
    if (entry.tool != tool) continue;
    ++entry.calls;
    return;
  }
  counts_.push_back({tool, 1});
}

std::expected<CalledTool, ToolError> ToolSession::call(std::string_view name, Value arguments) {
  const auto refuse = [&](ToolError error) -> std::expected<CalledTool, ToolError> {
    if (log_.size() <= rules_.max_calls) log_.push_back({0, std::string(name), CallOrigin::refused});
    return std::unexpected(std::move(error));
  };
  if (left() == 0) {
    return refuse({ToolErrorCode::limit_reached, fmt::format("the limit of {} tool calls is used up", rules_.max_calls), "decide with what is known"});
  }
  const Tool* tool = find_tool(name);
  if (tool == nullptr) return refuse(call_tool(name, context_, {}).error());
  bool allowed = false;
  for (const std::string_view one : rules_.allowed) allowed = allowed || one == name;
  if (!allowed) {
    const auto near = nearest_name(name, rules_.allowed, name.size());
    return refuse({ToolErrorCode::not_allowed, fmt::format("{} is not among this agent's tools", name), near ? fmt::format("`{}` is", *near) : std::string()});
  }
  count(tool->info.name);
  const auto taken = record_.take(*tool, context_, std::move(arguments));
  const CallOrigin origin = taken.cached ? CallOrigin::cached : CallOrigin::fresh;
  log_.push_back({taken.call->id, taken.call->tool, origin});
  if (!taken.call->result) return std::unexpected(taken.call->result.error());
  return CalledTool{taken.call->id, &*taken.call->result, origin};
}

ReasoningStep reasoning_step(const RecordedCall& call, std::size_t longest_list) {
  ReasoningStep step;
  step.kind = StepKind::tool_call;
  step.text = call.result ? fmt::format("asked {}", call.tool) : fmt::format("asked {}: {}", call.tool, call.result.error().message);
  step.tool = call.tool;
  step.input = call.arguments.is_null() ? std::string("{}") : to_json(call.arguments);
  step.output = to_json(call.result ? shortened(call.result->result, longest_list) : error_value(call.result.error()));
  step.tool_result = call.id;
  step.duration_ns = call.duration_ns;
  return step;
}

}  // namespace prom
