// Decisions for the report. Pure; any thread.
#include "research/report/reasoning.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <vector>

#include "research/report/json_text.h"

namespace prom::report {
namespace {

/// Longest tool output, in bytes, at each level of detail.
constexpr std::array<std::size_t, 4> kOutputLimits{4'000, 600, 150, 0};
constexpr std::size_t kMaxHolds = 48;
/// Holds are examples: they may take this much and no more.
constexpr std::size_t kHoldBytes = 2'000'000;
constexpr std::size_t kMaxText = 2'000;

/// At most `limit` bytes, cut between characters.
std::string_view cut(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xc0) == 0x80) --limit;
  return text.substr(0, limit);
}

void put_cut(JsonText& out, std::string_view text, std::size_t limit) {
  const std::string_view kept = cut(text, limit);
  out.text(kept.size() == text.size() ? std::string(text) : std::string(kept) + "\u2026");
}

/// [kind, text, tool, input, output, result id]; arrays keep the page small.
void put_step(JsonText& out, const ReasoningStep& step, std::size_t output_limit) {
  out.open('[').number(static_cast<std::int64_t>(step.kind));
  put_cut(out, step.text, kMaxText);
  if (step.kind == StepKind::tool_call) {
    out.text(step.tool);
    put_cut(out, step.input, kMaxText);
    if (output_limit == 0) {
      out.raw("null");
    } else {
      put_cut(out, step.output, output_limit);
    }
    out.number(std::uint64_t{step.tool_result});
  }
  out.close(']');
}

/// [role, stance, confidence, weight, summary, model, [[result id, path, value, says]], [step]]
void put_verdict(JsonText& out, const Verdict& v, std::size_t output_limit) {
  out.open('[').text(name_of(v.role)).text(name_of(v.stance)).number(v.confidence).number(v.weight);
  put_cut(out, v.summary, kMaxText);
  out.text(v.model).open('[');
  for (const Evidence& e : v.evidence) {
    out.open('[').number(std::uint64_t{e.tool_result}).text(e.path).number(e.value);
    put_cut(out, e.says, kMaxText);
    out.close(']');
  }
  out.close(']').open('[');
  for (const ReasoningStep& step : v.steps) {
    if (step.kind == StepKind::conclusion && step.text == v.summary) continue;  // said already
    put_step(out, step, output_limit);
  }
  out.close(']').close(']');
}

std::string decision_json(const DecisionRecord& d, std::size_t output_limit) {
  JsonText out;
  out.open('{').key("i").number(d.id.v).key("t").number(d.as_of.time.ns / kSecond.ns).key("n").number(std::uint64_t{d.instrument.v});
  out.key("a").text(name_of(d.action)).key("s").number(d.score).key("x");
  put_cut(out, d.summary, kMaxText);
  out.key("r").text(d.regime).key("v").open('[');
  for (const Verdict& v : d.verdicts) put_verdict(out, v, output_limit);
  out.close(']').close('}');
  return out.take();
}

std::set<DecisionId> named_decisions(const RunResult& result) {
  std::set<DecisionId> out;
  for (const JournalEntry& t : result.trades)
    if (t.decision) out.insert(*t.decision);
  for (const DeniedProposal& d : result.denials) out.insert(d.proposal.decision);
  return out;
}

struct Chosen {
  std::size_t index = 0;
  std::string json;
};

/// As many of `indexes`, in order, as fit.
std::vector<Chosen> fitting(const RunResult& result, const std::vector<std::size_t>& indexes, std::size_t output_limit, std::size_t budget) {
  std::vector<Chosen> out;
  std::size_t used = 0;
  for (const std::size_t i : indexes) {
    std::string json = decision_json(result.decisions[i], output_limit);
    if (used + json.size() + 1 > budget) break;
    used += json.size() + 1;
    out.push_back({i, std::move(json)});
  }
  return out;
}

std::size_t bytes_of(const std::vector<Chosen>& chosen) {
  std::size_t sum = 0;
  for (const Chosen& c : chosen) sum += c.json.size() + 1;
  return sum;
}

std::vector<std::size_t> sampled(const std::vector<std::size_t>& all, std::size_t count) {
  if (all.size() <= count) return all;
  std::vector<std::size_t> out;
  for (std::size_t k = 0; k < count; ++k) out.push_back(all[(2 * k + 1) * all.size() / (2 * count)]);  // the middle of each stretch
  return out;
}

}  // namespace

Reasoning choose_reasoning(const RunResult& result, std::size_t budget) {
  const std::set<DecisionId> named = named_decisions(result);
  std::vector<std::size_t> acted, holds;
  for (std::size_t i = 0; i < result.decisions.size(); ++i) {
    const DecisionRecord& d = result.decisions[i];
    (d.action != DecisionAction::hold || d.proposal || named.contains(d.id) ? acted : holds).push_back(i);
  }
  Reasoning out;
  out.acted = acted.size();
  out.holds = holds.size();
  std::vector<Chosen> chosen;
  for (const std::size_t limit : kOutputLimits) {
    out.output_limit = limit;
    chosen = fitting(result, acted, limit, budget);
    if (chosen.size() == acted.size()) break;
  }
  out.acted_shown = chosen.size();
  const std::size_t left = budget - bytes_of(chosen);
  std::vector<Chosen> examples;
  for (std::size_t count = kMaxHolds; count > 0; count /= 2) {
    const std::vector<std::size_t> wanted = sampled(holds, count);
    examples = fitting(result, wanted, out.output_limit, std::min(left, kHoldBytes));
    if (examples.size() == wanted.size()) break;
    examples.clear();  // fewer, but spread over the whole run
  }
  out.holds_shown = examples.size();
  std::ranges::move(examples, std::back_inserter(chosen));
  std::ranges::sort(chosen, {}, &Chosen::index);
  JsonText all;
  all.open('[');
  for (const Chosen& c : chosen) all.raw(c.json);
  all.close(']');
  out.json = all.take();
  return out;
}

}  // namespace prom::report
