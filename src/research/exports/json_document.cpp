// The document of `backtest --json` and `run --json`. Any thread.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/time.h"
#include "research/exports/exports.h"

namespace prom {
namespace {

using Json = nlohmann::ordered_json;

Json optional_number(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

Json data_of(const RunResult& result) {
  return {{"sha256", result.data_sha256}, {"bars", result.bars}, {"from", format_rfc3339(result.from)}, {"to", format_rfc3339(result.to)}};
}

Json benchmarks_of(const RunResult& result) {
  Json all = Json::object();
  for (const Benchmark& b : result.benchmarks) all[b.name] = {{"net", b.net.to_string()}, {"max_drawdown", b.max_drawdown}, {"trades", b.trades}};
  return all;
}

Json random_entries_of(const RunResult& result) {
  if (!result.random_entries) return nullptr;
  const RandomEntries& r = *result.random_entries;
  return {{"runs", r.runs}, {"seed", r.seed}, {"median", r.median.to_string()}, {"p05", r.p05.to_string()}, {"p95", r.p95.to_string()}, {"beaten", r.beaten}};
}

/// An estimate in money: two decimals are already more than it knows.
Json interval_of(const RunSummary& s) {
  if (!s.net_interval) return nullptr;
  return {{"low", fmt::format("{:.2f}", s.net_interval->low)}, {"high", fmt::format("{:.2f}", s.net_interval->high)}};
}

void add_figures(Json& doc, const RunSummary& s) {
  doc["trades"] = s.trades;
  doc["net"] = s.net.to_string();
  doc["gross"] = s.gross.to_string();
  doc["fees"] = s.fees.to_string();
  doc["slippage"] = s.slippage.to_string();
  doc["funding"] = s.funding.to_string();
  doc["max_drawdown"] = s.max_drawdown;
  doc["sharpe"] = optional_number(s.sharpe);
}

void add_counts(Json& doc, const RunSummary& s) {
  doc["opening_cash"] = s.opening_cash.to_string();
  doc["closing_equity"] = s.closing_equity.to_string();
  doc["open_unrealised"] = s.open_unrealised.to_string();
  doc["days"] = s.days;
  doc["wins"] = s.wins;
  doc["win_rate"] = optional_number(s.win_rate);
  doc["profit_factor"] = optional_number(s.profit_factor);
  doc["expectancy"] = s.expectancy ? Json(fmt::format("{:.2f}", *s.expectancy)) : Json(nullptr);
  doc["fills"] = s.fills;
  doc["orders"] = s.orders;
  doc["denials"] = s.denials;
  doc["decisions"] = s.decisions;
  doc["net_interval"] = interval_of(s);
  doc["funding_note"] = s.funding_note;
}

}  // namespace

std::string result_to_json(const RunResult& result, const ReportPath& report) {
  Json doc;
  doc["run_id"] = result.run_id;
  doc["kind"] = result.kind;
  doc["mode"] = result.mode;
  doc["decider"] = result.decider;
  doc["digest"] = result.digest;
  doc["data"] = data_of(result);
  doc["quote"] = result.quote;
  add_figures(doc, result.summary);
  doc["benchmarks"] = benchmarks_of(result);
  doc["random_entries"] = random_entries_of(result);
  add_counts(doc, result.summary);
  doc["report"] = report.path ? Json(*report.path) : Json(nullptr);
  // Texts come from users' files too: bytes that are not UTF-8 are replaced, never thrown over.
  return doc.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace prom
