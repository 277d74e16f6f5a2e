// Verdicts with evidence and steps as plain values.
#include "app/commands/decision_document.h"

#include "tools/tool.h"

namespace prom {
namespace {

/// Tool inputs and outputs were logged as JSON text; a list that was cut for the log may not parse and stays text.
Value logged(const std::string& text) {
  auto value = parse_json_value(text);
  return value ? *value : Value(text);
}

Value step_value(const ReasoningStep& step) {
  switch (step.kind) {
    case StepKind::thought: return ValueObject{{"kind", "thought"}, {"text", step.text}};
    case StepKind::conclusion: return ValueObject{{"kind", "conclusion"}, {"text", step.text}};
    case StepKind::tool_call:
      return ValueObject{{"kind", "tool_call"},
                         {"tool_result", static_cast<std::int64_t>(step.tool_result)},
                         {"tool", step.tool},
                         {"input", logged(step.input)},
                         {"output", logged(step.output)}};
  }
  __builtin_unreachable();
}

Value verdict_value(const Verdict& verdict) {
  ValueList evidence, steps;
  for (const Evidence& item : verdict.evidence) {
    evidence.emplace_back(
        ValueObject{{"tool_result", static_cast<std::int64_t>(item.tool_result)}, {"path", item.path}, {"value", item.value}, {"says", item.says}});
  }
  for (const ReasoningStep& step : verdict.steps) steps.push_back(step_value(step));
  return ValueObject{{"agent", Value(name_of(verdict.role))},
                     {"stance", Value(name_of(verdict.stance))},
                     {"confidence", verdict.confidence},
                     {"weight", verdict.weight},
                     {"summary", verdict.summary},
                     {"evidence", std::move(evidence)},
                     {"steps", std::move(steps)},
                     {"brain", verdict.brain == BrainKind::rules ? "rules" : "model"},
                     {"model", verdict.model},
                     {"prompt_hash", verdict.prompt_hash},
                     {"cost_usd", verdict.cost_usd}};
}

}  // namespace

Value decision_document(const DecisionRecord& record, const std::string& instrument) {
  ValueList verdicts;
  for (const Verdict& verdict : record.verdicts) verdicts.push_back(verdict_value(verdict));
  return ValueObject{{"id", static_cast<std::int64_t>(record.id.v)},
                     {"as_of", record.as_of.time},
                     {"instrument", instrument},
                     {"action", Value(name_of(record.action))},
                     {"score", record.score},
                     {"summary", record.summary},
                     {"regime", record.regime},
                     {"proposes", record.proposal.has_value()},
                     {"verdicts", std::move(verdicts)}};
}

}  // namespace prom
