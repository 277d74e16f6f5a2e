// Looks up evidence, repeats the desk's arithmetic, and matches the order against both. Pure; any thread.
#include "agents/provenance.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "agents/levels.h"
#include "base/assert.h"
#include "base/text.h"
#include "tools/tool.h"

namespace prom {

namespace {

using Checked = std::expected<void, ProvenanceError>;

std::unexpected<ProvenanceError> fault_of(ProvenanceFault fault, AgentRole role, std::uint32_t id, std::string_view path, double claimed = 0,
                                          std::optional<double> found = std::nullopt) {
  return std::unexpected(ProvenanceError{fault, role, id, std::string(path), claimed, found});
}

bool same(double a, double b) {
  return std::isfinite(a) && std::isfinite(b) && std::abs(a - b) <= kProvenanceTolerance * std::max({1.0, std::abs(a), std::abs(b)});
}

/// A number in a JSON result; exact amounts are text there.
std::optional<double> number_at(const Value& value, std::string_view path) {
  const Value* found = value.find(path);
  if (found == nullptr || path.empty()) return std::nullopt;
  if (const auto text = found->text()) return parse_f64(*text);
  return found->number();
}

/// The recorded results of a decision by id, parsed when first asked for.
class Results {
 public:
  struct Entry {
    std::uint32_t id = 0;
    std::uint32_t order = 0;  ///< in the record
    const ReasoningStep* step = nullptr;
    std::optional<Value> output;
  };

  static std::expected<Results, ProvenanceError> of(const DecisionRecord& record) {
    Results results;
    for (const Verdict& verdict : record.verdicts) {
      for (const ReasoningStep& step : verdict.steps) {
        if (step.kind == StepKind::tool_call && step.tool_result != 0) {
          results.entries_.push_back({step.tool_result, static_cast<std::uint32_t>(results.entries_.size()), &step, std::nullopt});
        }
      }
    }
    std::ranges::sort(results.entries_, {}, [](const Entry& entry) { return std::pair(entry.id, entry.order); });
    for (std::size_t i = 1; i < results.entries_.size(); ++i) {
      const Entry &a = results.entries_[i - 1], &b = results.entries_[i];
      if (a.id == b.id && (a.step->tool != b.step->tool || a.step->output != b.step->output)) {
        return fault_of(ProvenanceFault::unreadable_result, AgentRole::orchestrator, b.id, b.step->tool);
      }
    }
    return results;
  }

  /// Null for ids that the decision does not have, or whose output is not JSON.
  Entry* find(std::uint32_t id) {
    const auto at = std::ranges::lower_bound(entries_, id, {}, &Entry::id);
    if (at == entries_.end() || at->id != id) return nullptr;
    if (!at->output) {
      auto parsed = parse_json_value(at->step->output);
      if (!parsed) return nullptr;
      at->output = std::move(*parsed);
    }
    return &*at;
  }

  std::vector<Entry>& entries() { return entries_; }

 private:
  std::vector<Entry> entries_;
};

Checked check_evidence(Results& results, const Verdict& verdict) {
  for (const Evidence& evidence : verdict.evidence) {
    const auto fail = [&](ProvenanceFault fault, std::optional<double> found = std::nullopt) {
      return fault_of(fault, verdict.role, evidence.tool_result, evidence.path, evidence.value, found);
    };
    const auto* entry = results.find(evidence.tool_result);
    if (entry == nullptr) return fail(ProvenanceFault::unknown_result);
    const auto found = number_at(*entry->output, evidence.path);
    if (!found) return fail(ProvenanceFault::path_missing);
    if (!same(*found, evidence.value)) return fail(ProvenanceFault::value_differs, found);
  }
  return {};
}

/// What a reference of the arithmetic must point at.
struct Allowed {
  std::string_view tool, path;
};

/// The number behind {"result", "path"} of an arithmetic's input.
std::expected<double, ProvenanceError> referenced(Results& results, const Value& input, std::string_view member, const Allowed& allowed) {
  const Value* ref = input.find(member);
  const auto id = ref != nullptr ? ref->number("result") : std::nullopt;
  const auto path = ref != nullptr ? ref->text("path") : std::nullopt;
  if (!id || !path || *id < 0 || *id > 4e9) return fault_of(ProvenanceFault::wrong_source, AgentRole::strategy_planner, 0, member);
  const auto result = static_cast<std::uint32_t>(*id);
  auto* entry = results.find(result);
  if (entry == nullptr) return fault_of(ProvenanceFault::unknown_result, AgentRole::strategy_planner, result, member);
  const auto call = parse_json_value(entry->step->input);
  // The pair's own calls leave the instrument to the context; one that names another is about something else.
  const bool elsewhere = !call || call->find("instrument") != nullptr;
  if (entry->step->tool != allowed.tool || *path != allowed.path || elsewhere) {
    return fault_of(ProvenanceFault::wrong_source, AgentRole::strategy_planner, result, *path);
  }
  const auto number = number_at(*entry->output, *path);
  if (!number) return fault_of(ProvenanceFault::path_missing, AgentRole::strategy_planner, result, *path);
  return *number;
}

std::expected<LevelInputs, ProvenanceError> level_inputs(Results& results, const Value& input) {
  LevelInputs in;
  const auto side = input.text("side");
  if (!side || (*side != "buy" && *side != "sell")) return fault_of(ProvenanceFault::wrong_source, AgentRole::strategy_planner, 0, "side");
  in.side = *side == "buy" ? Side::buy : Side::sell;
  PROM_TRY(in.price, referenced(results, input, "price", {"get_price", "price"}));
  PROM_TRY(in.atr, referenced(results, input, "atr", {"atr", "value"}));
  return in;
}

Checked check_levels(Results& results, const Instrument& instrument, Results::Entry& entry, const Value& input) {
  auto in = level_inputs(results, input);
  if (!in) return std::unexpected(in.error());
  const Value* swing = input.find("swing");
  if (swing != nullptr && !swing->is_null()) {
    PROM_TRY(in->swing, referenced(results, input, "swing", {"get_market_structure", in->side == Side::buy ? "last_low" : "last_high"}));
  }
  const auto rule = [&](std::string_view key) { return input.number(key).value_or(-1); };
  in->rule = {rule("stop_atr"), rule("min_stop_atr"), rule("max_stop_atr"), rule("buffer_atr"), rule("target_r"), rule("target_fraction")};
  const auto levels = compute_levels(instrument, *in);
  const auto expect = [&](std::string_view path, Decimal value) -> bool {
    const auto found = number_at(*entry.output, path);
    return found && same(*found, value.to_double());
  };
  const bool holds = levels && expect("entry", to_decimal(instrument, levels->entry)) && expect("stop", to_decimal(instrument, levels->stop)) &&
                     expect("target", to_decimal(instrument, levels->target)) && expect("fraction", levels->fraction);
  if (!holds) return fault_of(ProvenanceFault::arithmetic_differs, AgentRole::strategy_planner, entry.id, kLevelsStep);
  return {};
}

Checked check_entry(Results& results, const Instrument& instrument, Results::Entry& entry, const Value& input) {
  const auto in = level_inputs(results, input);
  if (!in) return std::unexpected(in.error());
  const auto prices = compute_entry(instrument, *in, {input.number("offset_atr").value_or(-1), input.number("ladder_atr")});
  bool holds = prices.has_value();
  const auto expect = [&](const std::string& path, PriceUnits price) {
    const auto found = number_at(*entry.output, path);
    holds = holds && found && same(*found, to_decimal(instrument, price).to_double());
  };
  if (holds) {
    expect("limit", prices->limit);
    for (std::size_t i = 0; i < prices->ladder.size(); ++i) expect(fmt::format("ladder.{}", i), prices->ladder[i]);
    holds = holds && entry.output->find(fmt::format("ladder.{}", prices->ladder.size())) == nullptr;
  }
  if (!holds) return fault_of(ProvenanceFault::arithmetic_differs, AgentRole::executor, entry.id, kEntryStep);
  return {};
}

Checked check_size(Results& results, const Instrument& instrument, Results::Entry& entry, const Value& input) {
  const auto quantity = referenced(results, input, "quantity", {"calculate_position_size", "quantity"});
  if (!quantity) return std::unexpected(quantity.error());
  const auto* source = results.find(static_cast<std::uint32_t>(*input.number("quantity.result")));
  const auto text = source->output->text("quantity");
  const auto exact = text ? Decimal::parse(*text) : Decimal::parse("");
  const auto size = exact ? compute_size(instrument, *exact, input.number("share").value_or(-1)) : std::unexpected(LevelFault::off_grid);
  const auto found = number_at(*entry.output, "quantity");
  if (!size || !found || !same(*found, to_decimal(instrument, *size).to_double())) {
    return fault_of(ProvenanceFault::arithmetic_differs, AgentRole::risk_manager, entry.id, kSizeStep);
  }
  return {};
}

/// Repeats every step of the desk's arithmetic.
Checked check_arithmetic(Results& results, const Instrument& instrument) {
  for (std::size_t i = 0; i < results.entries().size(); ++i) {
    const ReasoningStep& step = *results.entries()[i].step;
    if (!step.tool.starts_with("desk.")) continue;
    const auto input = parse_json_value(step.input);
    auto* entry = results.find(step.tool_result);
    if (!input || entry == nullptr) return fault_of(ProvenanceFault::unreadable_result, AgentRole::orchestrator, step.tool_result, step.tool);
    Checked checked;
    if (step.tool == kLevelsStep) {
      checked = check_levels(results, instrument, *entry, *input);
    } else if (step.tool == kEntryStep) {
      checked = check_entry(results, instrument, *entry, *input);
    } else if (step.tool == kSizeStep) {
      checked = check_size(results, instrument, *entry, *input);
    } else {
      return fault_of(ProvenanceFault::wrong_source, AgentRole::orchestrator, step.tool_result, step.tool);
    }
    if (!checked) return checked;
  }
  return {};
}

/// The order's numbers against the evidence.
class OrderCheck {
 public:
  OrderCheck(Results& results, const DecisionRecord& record, const Instrument& instrument) : results_(results), record_(record), instrument_(instrument) {}

  Checked run() {
    const TradeProposal& order = *record_.proposal;
    if (order.trailing_distance) return unbacked("trailing_distance", to_decimal(instrument_, *order.trailing_distance));
    const bool entering = order.intent == Intent::open || order.intent == Intent::add;
    return entering ? entry(order) : exit(order);
  }

 private:
  Checked entry(const TradeProposal& order) {
    const Decimal quantity = to_decimal(instrument_, order.quantity);
    if (!order.stop) return unbacked("stop", {});
    if (auto c = backed("stop", to_decimal(instrument_, *order.stop), kLevelsStep, "stop"); !c) return c;
    const std::uint32_t levels = matched_;
    if (auto c = backed("quantity", quantity, kSizeStep, "quantity"); !c) return c;
    if (auto c = sized_for(matched_, order); !c) return c;
    if (auto c = on_side(levels, order); !c) return c;
    if (order.targets.size() > 1) return unbacked("targets.1.price", to_decimal(instrument_, order.targets[1].price));
    for (const TargetLevel& target : order.targets) {
      if (auto c = backed("targets.0.price", to_decimal(instrument_, target.price), kLevelsStep, "target"); !c) return c;
      if (auto c = backed("targets.0.fraction", target.fraction, kLevelsStep, "fraction"); !c) return c;
    }
    if (order.limit) {
      if (auto c = backed("limit", to_decimal(instrument_, *order.limit), kEntryStep, "limit"); !c) return c;
    }
    for (std::size_t i = 0; i < order.ladder.size(); ++i) {
      const std::string path = fmt::format("ladder.{}", i);
      if (auto c = backed(path, to_decimal(instrument_, order.ladder[i]), kEntryStep, path); !c) return c;
    }
    return {};
  }

  /// An exit takes what is held; prices are the market's.
  Checked exit(const TradeProposal& order) {
    const Decimal quantity = to_decimal(instrument_, order.quantity);
    if (order.limit) return unbacked("limit", to_decimal(instrument_, *order.limit));
    for (const Verdict& verdict : record_.verdicts) {
      if (verdict.role != AgentRole::position_manager) continue;
      for (const Evidence& evidence : verdict.evidence) {
        const auto* entry = results_.find(evidence.tool_result);
        const bool held =
            entry != nullptr && entry->step->tool == "get_positions" && evidence.path.starts_with("positions.") && evidence.path.ends_with(".quantity");
        if (!held) continue;
        if (order.intent == Intent::close ? same(evidence.value, quantity.to_double()) : evidence.value >= quantity.to_double()) return {};
      }
    }
    return unbacked("quantity", quantity);
  }

  /// Evidence of a deciding role at this arithmetic's field with this value.
  Checked backed(std::string_view member, Decimal value, std::string_view tool, std::string_view path) {
    for (const Verdict& verdict : record_.verdicts) {
      if (is_reporting(verdict.role)) continue;
      for (const Evidence& evidence : verdict.evidence) {
        if (evidence.path != path || !same(evidence.value, value.to_double())) continue;
        const auto* entry = results_.find(evidence.tool_result);
        if (entry == nullptr || entry->step->tool != tool) continue;
        matched_ = entry->id;
        return {};
      }
    }
    return unbacked(member, value);
  }
  static bool is_reporting(AgentRole role) { return role != AgentRole::strategy_planner && role != AgentRole::risk_manager && role != AgentRole::executor; }

  /// The size was calculated for this side and this stop.
  Checked sized_for(std::uint32_t size_id, const TradeProposal& order) {
    const auto input = parse_json_value(results_.find(size_id)->step->input);
    const auto* source = results_.find(static_cast<std::uint32_t>(input->number("quantity.result").value_or(0)));
    const auto call = source != nullptr ? parse_json_value(source->step->input) : parse_json_value("");
    const auto stop = call ? number_at(*call, "stop") : std::nullopt;
    const double wanted = to_decimal(instrument_, *order.stop).to_double();
    const bool fits = stop && same(*stop, wanted) && call->text("side") == (order.side == Side::buy ? "buy" : "sell");
    if (!fits) return fault_of(ProvenanceFault::wrong_source, AgentRole::risk_manager, size_id, "stop", wanted, stop);
    return {};
  }
  Checked on_side(std::uint32_t levels_id, const TradeProposal& order) {
    const auto input = parse_json_value(results_.find(levels_id)->step->input);
    if (input->text("side") == (order.side == Side::buy ? "buy" : "sell")) return {};
    return fault_of(ProvenanceFault::wrong_source, AgentRole::strategy_planner, levels_id, "side");
  }
  std::unexpected<ProvenanceError> unbacked(std::string_view member, Decimal value) {
    return fault_of(ProvenanceFault::not_evidenced, AgentRole::orchestrator, 0, member, value.to_double());
  }

  Results& results_;
  const DecisionRecord& record_;
  const Instrument& instrument_;
  std::uint32_t matched_ = 0;
};

}  // namespace

std::string_view describe(ProvenanceFault fault) {
  switch (fault) {
    case ProvenanceFault::unreadable_result: return "a recorded result cannot be read";
    case ProvenanceFault::unknown_result: return "there is no such tool result in this decision";
    case ProvenanceFault::path_missing: return "the tool result holds no number there";
    case ProvenanceFault::value_differs: return "the tool result says something else";
    case ProvenanceFault::wrong_source: return "the number comes from the wrong source";
    case ProvenanceFault::arithmetic_differs: return "computed again, the result is another";
    case ProvenanceFault::not_evidenced: return "a number of the order has no evidence";
  }
  PROM_UNREACHABLE();
}

std::string describe(const ProvenanceError& error) {
  std::string out =
      fmt::format("{}: {}, result {} at `{}`, claimed {}", name_of(error.role), describe(error.fault), error.tool_result, error.path, error.claimed);
  if (error.found) out += fmt::format(", found {}", *error.found);
  return out;
}

std::expected<void, ProvenanceError> check_provenance(const DecisionRecord& record, const Instrument& instrument) {
  auto results = Results::of(record);
  if (!results) return std::unexpected(results.error());
  for (const Verdict& verdict : record.verdicts) {
    if (auto checked = check_evidence(*results, verdict); !checked) return checked;
  }
  if (auto checked = check_arithmetic(*results, instrument); !checked) return checked;
  if (!record.proposal) return {};
  return OrderCheck(*results, record, instrument).run();
}

}  // namespace prom
