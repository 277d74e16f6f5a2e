// Renders decision records as text. Pure; any thread.
#include "agents/explain.h"

#include <fmt/format.h>

#include "base/assert.h"
#include "base/text.h"
#include "base/time.h"

namespace prom {

namespace {

constexpr std::size_t kLongestOutput = 160;

std::string shortened(const std::string& text) {
  if (text.size() <= kLongestOutput) return text;
  std::size_t end = kLongestOutput;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;  // not inside a character
  return text.substr(0, end) + "...";
}

void append_steps(std::string& out, const Verdict& verdict) {
  for (const ReasoningStep& step : verdict.steps) {
    switch (step.kind) {
      case StepKind::thought: out += fmt::format("    - {}\n", step.text); break;
      case StepKind::tool_call:
        out += fmt::format("    > {} {} -> #{} {}\n", step.tool, shortened(step.input), step.tool_result, shortened(step.output));
        break;
      case StepKind::conclusion: break;
    }
  }
  for (const Evidence& evidence : verdict.evidence) {
    out += fmt::format("    = #{} {} = {}: {}\n", evidence.tool_result, evidence.path, format_f64(evidence.value), evidence.says);
  }
}

}  // namespace

std::string explain(const DecisionRecord& record, ExplainDetail detail) {
  std::string out = fmt::format("Decision {} at {}: {}\n", record.id.v, format_rfc3339(record.as_of.time), name_of(record.action));
  out += fmt::format("{}\n", record.summary);
  out += fmt::format("score {:+.3f}, regime {}\n", record.score, record.regime.empty() ? "unknown" : record.regime);
  if (record.proposal) {
    out += fmt::format("proposal: {} (expires {}): {}\n", record.proposal->side == Side::buy ? "buy" : "sell", format_rfc3339(record.proposal->expires_at),
                       record.proposal->reason);
  }
  out += "\n";
  for (const Verdict& verdict : record.verdicts) {
    const std::string says = verdict.stance == Stance::abstain
                                 ? std::string("abstains")
                                 : fmt::format("{} {:.2f}, weight {:.2f}", name_of(verdict.stance), verdict.confidence, verdict.weight);
    out += fmt::format("{} ({})\n  {}\n", name_of(verdict.role), says, verdict.summary);
    if (detail == ExplainDetail::full) append_steps(out, verdict);
  }
  return out;
}

}  // namespace prom
