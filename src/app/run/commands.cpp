// run and backtest: their options. Main thread.
#include <algorithm>
#include <filesystem>
#include <memory>

#include "app/cli/command_builder.h"
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/run/backtest_runner.h"
#include "app/run/data_options.h"
#include "app/run/keep_run.h"
#include "app/run/replay_runner.h"
#include "base/text.h"
#include "research/exports/exports.h"

namespace prom {
namespace {

CommandResult backtest(AppContext& context, const DataTexts& texts) {
  auto options = scenario_options(context, texts);
  if (!options) return std::unexpected(options.error());
  auto scenario = make_scenario(context, *options);
  if (!scenario) return std::unexpected(scenario.error());
  BacktestOutcome outcome;
  auto progress = std::make_unique<ProgressLine>(context, "backtest");
  auto result = run_scenario(*scenario, [&](double done) { progress->update(static_cast<std::uint64_t>(done * 1000), 1000, "bars"); });
  if (!result) return std::unexpected(result.error());
  outcome.result = std::move(*result);
  const bool default_scenario = options->csv.empty() && options->instruments.empty() && options->strategy.empty();
  if (!texts.quick) {
    if (auto added = add_yardsticks(*scenario, outcome.result); !added) return std::unexpected(added.error());
    if (default_scenario) {
      auto held = run_held_out(context, *options);
      if (!held) return std::unexpected(held.error());
      outcome.held_out = std::move(*held);
    }
  }
  progress.reset();
  KeepOptions keep{texts.report, texts.export_dir, command_of(CommandKind::backtest, *options)};
  auto kept = keep_run(context, *scenario, outcome, keep);
  if (!kept) return std::unexpected(kept.error());
  if (context.json()) {
    context.out << result_to_json(outcome.result, ReportPath{kept->report}) << '\n';
    return ExitCode::done;
  }
  for (const std::string& line : closing_lines(outcome, *kept)) context.out << line << '\n';
  return ExitCode::done;
}

CommandResult run(AppContext& context, const DataTexts& texts) {
  if (!texts.replay)
    return std::unexpected(CommandError{ExitCode::refused,
                                        "no_live_feeds",
                                        "live feeds come with the venue adapters, which are not part of this version",
                                        "replay recorded data instead: promtrade run --replay",
                                        {}});
  if (texts.resume && texts.fresh) return std::unexpected(CommandError{ExitCode::usage, "contradiction", "--resume and --fresh exclude one another", {}, {}});
  ReplayOptions options;
  DataTexts data = texts;
  // Absolute, so that the run can be continued from another folder.
  if (!texts.replay_path.empty()) data.csv = std::filesystem::absolute(texts.replay_path).string();
  auto scenario = scenario_options(context, data);
  if (!scenario) return std::unexpected(scenario.error());
  options.scenario = std::move(*scenario);
  options.named = names_a_scenario(texts);
  options.beginning = texts.fresh ? Beginning::fresh : texts.resume ? Beginning::resume : Beginning::resume_if_unfinished;
  PROM_TRY(options.speed, speed_of(context, texts));
  PROM_TRY(options.http_port, http_port_of(texts));
  options.report = texts.report;
  if (texts.quick) options.yardsticks = Yardsticks::none;
  return run_replay(context, options);
}

}  // namespace

void add_backtest(CommandBuilder& app, CommandSink& sink) {
  CommandBuilder command = app.add_subcommand("backtest", "Run the desk or a strategy over recorded bars at full speed");
  const auto texts = std::make_shared<DataTexts>();
  add_run_options(command, *texts);
  command.add_option("--csv", texts->csv, "OHLCV file instead of bundled or imported data").type_name("FILE");
  command.add_option("--export", texts->export_dir, "Write trades, fills, orders, equity, postings, denials and decisions there").type_name("DIR");
  command.footer(
      "  promtrade backtest\n  promtrade backtest --strategy trend_following --set fast=10 --set slow=30 --json\n"
      "  promtrade backtest --csv bars.csv --instrument binance:spot:ETHUSDT --strategy breakout --fee-taker 0.001 --export out");
  command.callback([&sink, texts] { sink.chosen = [texts](AppContext& context) { return backtest(context, *texts); }; });
}

void add_run(CommandBuilder& app, CommandSink& sink) {
  CommandBuilder command = app.add_subcommand("run", "The main job: the fourteen agents trade on PAPER, with protection, a live view and a report");
  const auto texts = std::make_shared<DataTexts>();
  command.add_option("--replay", texts->replay_path, "Replay the bundled data, or the OHLCV file PATH").type_name("[PATH]").optional_value().trigger_on_parse();
  add_run_options(command, *texts);
  command.add_option("--speed", texts->speed, "Times real time, or max (default 14400: 30 days in three minutes)").type_name("N|max");
  command.add_flag("--resume", texts->resume, "Continue the unfinished run (default where there is one)");
  command.add_flag("--fresh", texts->fresh, "Begin anew; an earlier run is set aside, not deleted");
  command.add_option("--http-port", texts->http_port, "Port of /health, /ready and /metrics; 0 takes a free one and prints it").type_name("N");
  command.footer("  promtrade run --replay\n  promtrade run --replay --speed max --json\n  promtrade run --replay --fresh --instrument binance:linear:BTCUSDT");
  command.callback([&sink, texts, command] {
    texts->replay = command.given("--replay");
    sink.chosen = [texts](AppContext& context) { return run(context, *texts); };
  });
}

}  // namespace prom
