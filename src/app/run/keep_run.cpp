// Registry, report, export. Main thread.
#include "app/run/keep_run.h"

#include <filesystem>

#include "app/cli/version.h"
#include "app/run/run_prune.h"
#include "base/sha256.h"
#include "research/exports/exports.h"
#include "research/registry/run_registry.h"
#include "research/report/report.h"
#include "research/verdict/money_text.h"
#include "research/verdict/verdict.h"

namespace prom {
namespace {

std::string own_digest() {
  const auto digest = sha256_file("/proc/self/exe");
  return digest ? *digest : std::string{};
}

}  // namespace

std::expected<KeptRun, CommandError> keep_run(AppContext& context, const Scenario& scenario, BacktestOutcome& outcome, const KeepOptions& options) {
  auto state = context.make_state();
  if (!state) return std::unexpected(state.error());
  RunDigests digests;
  digests.binary = own_digest();
  digests.configuration = sha256_hex(outcome.result.configuration);
  digests.data = outcome.result.data_sha256;
  if (scenario.options.strategy.empty())
    digests.prompts = scenario.profiles.hash();
  else
    digests.strategy = sha256_hex(scenario.options.strategy + "\n" + outcome.result.configuration);
  std::vector<CandleSeries> candles = make_candles(scenario.data);
  RunRegistry registry(state->root);
  auto id = registry.save(outcome.result, digests, wall_clock(), candles);
  if (!id) return std::unexpected(command_error(ExitCode::outside_away, id.error()));
  outcome.result.run_id = *id;
  KeptRun kept;
  kept.run_id = *id;
  kept.report = options.report.empty() ? state->runs() + "/" + *id + "/report.html" : options.report;
  ReportOptions report;
  report.candles = std::move(candles);
  report.command = options.command;
  report.version = std::string(version_info().version);
  report.created_at = wall_clock();
  report.digests = {{"fills", outcome.result.digest}, {"data", digests.data}, {"configuration", digests.configuration}, {"binary", digests.binary}};
  if (outcome.held_out) report.held_out = &*outcome.held_out;
  if (auto written = write_report(kept.report, outcome.result, report); !written)
    return std::unexpected(command_error(ExitCode::outside_away, written.error()));
  if (!options.export_dir.empty())
    if (auto written = write_export(options.export_dir, outcome.result); !written)
      return std::unexpected(command_error(ExitCode::outside_away, written.error()));
  apply_retention(context, *state);
  return kept;
}

std::vector<std::string> closing_lines(const BacktestOutcome& outcome, const KeptRun& kept) {
  std::vector<std::string> lines;
  for (const VerdictSentence& sentence : verdict_of(outcome.result)) lines.push_back(sentence.text);
  if (outcome.held_out) {
    const RunResult& held = *outcome.held_out;
    lines.push_back("Held out (" + held.instruments.front().symbol + ", " + minute_text(held.from) + " to " + minute_text(held.to) + ", run once): " +
                    money_text(held.summary.net, held.quote, SignShown::always) + " in " + count_text(held.summary.trades, "trade", "trades") +
                    "; buy and hold " + money_text(held.benchmarks.front().net, held.quote, SignShown::always) + ".");
  }
  lines.push_back("Run " + kept.run_id + ", fills digest " + outcome.result.digest.substr(0, 16) + "...");
  lines.push_back("Report: " + kept.report);
  return lines;
}

}  // namespace prom
