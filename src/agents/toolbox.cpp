// Asks, cites and writes the log of one agent. One thread at a time.
#include "agents/toolbox.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "base/assert.h"

namespace prom {

std::optional<double> Answer::number(std::string_view path) const { return output == nullptr ? std::nullopt : output->result.number(path); }

std::string_view Answer::text(std::string_view path) const {
  return output == nullptr ? std::string_view{} : output->result.text(path).value_or(std::string_view{});
}

Toolbox::Toolbox(ToolRecord& record, const ToolContext& context, const AgentProfile& profile, std::uint32_t first_id)
    : profile_(profile),
      allowed_(profile.tools.begin(), profile.tools.end()),
      record_(record),
      session_(record, context, SessionRules{allowed_, profile.limits.tool_calls}),
      first_id_(first_id),
      began_(record.now()) {
  verdict_.role = profile.role;
  verdict_.prompt_hash = profile.hash;
  verdict_.model = "rules";
}

Answer Toolbox::ask(std::string_view tool, ValueObject arguments) {
  Answer answer;
  answer.tool = tool;
  auto called = session_.call(tool, arguments.empty() ? Value() : Value(std::move(arguments)));
  const std::uint32_t id = session_.log().back().id;
  if (const RecordedCall* call = record_.find(id)) {
    answer.id = first_id_ + id;
    ReasoningStep step = reasoning_step(*call, kLoggedList);
    step.tool_result = answer.id;
    verdict_.steps.push_back(std::move(step));
  } else {
    ReasoningStep step;
    step.kind = StepKind::tool_call;
    step.tool = std::string(tool);
    step.text = fmt::format("asked {}: refused", tool);
    verdict_.steps.push_back(std::move(step));
  }
  if (called) {
    answer.output = called->output;
  } else {
    answer.error = std::move(called.error());
  }
  return answer;
}

std::optional<double> Toolbox::cite(const Answer& answer, std::string_view path, std::string says) {
  const auto value = answer.number(path);
  if (!value || !std::isfinite(*value)) return std::nullopt;
  verdict_.evidence.push_back({answer.id, std::string(path), *value, std::move(says)});
  return value;
}

void Toolbox::think(std::string text) {
  ReasoningStep step;
  step.text = std::move(text);
  verdict_.steps.push_back(std::move(step));
}

Verdict Toolbox::conclude(Stance stance, double confidence, double weight, std::string summary) {
  PROM_ASSERT(confidence >= 0 && confidence <= 1 && weight >= 0 && weight <= 1, "a verdict's confidence and weight are shares");
  verdict_.stance = stance;
  verdict_.confidence = confidence;
  verdict_.weight = stance == Stance::abstain ? 0 : weight;
  ReasoningStep step;
  step.kind = StepKind::conclusion;
  step.text = summary;
  verdict_.steps.push_back(std::move(step));
  verdict_.summary = std::move(summary);
  verdict_.latency_ns = record_.now() - began_;
  return std::move(verdict_);
}

std::string in_words(double value) {
  const double size = std::abs(value);
  if (size >= 100'000) return fmt::format("{:.0f}", value);
  return fmt::format("{:.6g}", size < 1e-9 ? 0.0 : value);
}

std::string percent_in_words(double percent) { return fmt::format("{:+.2f} %", percent); }

std::string timeframe_name(DurationNs timeframe) { return format_interval(timeframe); }

}  // namespace prom
