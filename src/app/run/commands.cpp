// run and backtest: their options. Main thread.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/run/backtest_runner.h"
#include "app/run/keep_run.h"
#include "app/run/replay_runner.h"
#include "base/text.h"
#include "research/exports/exports.h"

namespace prom {
namespace {

/// Texts of the command line; numbers and times are read once the command runs, so that each error is one sentence.
struct Texts {
  std::vector<std::string> instruments, set;
  std::string csv, from, to, strategy, cash, fee_maker, fee_taker, slippage_bps, funding_rate, leverage, report, export_dir, speed;
  bool desk = false, allow_gaps = false, quick = false, replay = false, resume = false, fresh = false;
  std::string replay_path;
  std::optional<int> http_port;
};

CommandError bad(std::string option, const std::string& value, const std::string& expected) {
  return {ExitCode::usage, "bad_value", option + " " + value + " is not " + expected, {}, {}};
}

std::expected<std::optional<Decimal>, CommandError> number(const std::string& option, const std::string& text, Decimal least, Decimal most) {
  if (text.empty()) return std::nullopt;
  const auto value = Decimal::parse(text);
  if (!value || *value < least || *value > most) return std::unexpected(bad(option, text, "a number from " + least.to_string() + " to " + most.to_string()));
  return *value;
}

std::expected<std::optional<TimeNs>, CommandError> time(const std::string& option, const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto value = parse_time_any(text);
  if (!value) return std::unexpected(bad(option, text, "a time such as 2025-05-10, 2025-05-10T12:00:00Z or epoch seconds"));
  return *value;
}

std::expected<void, CommandError> read_numbers(const Texts& texts, ScenarioOptions& o) {
  const Decimal zero, one = kDecimalOne;
  PROM_TRY(const auto cash, number("--cash", texts.cash, one, Decimal::from_int(1'000'000'000'000)));
  PROM_TRY(const auto maker, number("--fee-maker", texts.fee_maker, -Decimal::from_units(1, 2), Decimal::from_units(1, 1)));
  PROM_TRY(const auto taker, number("--fee-taker", texts.fee_taker, zero, Decimal::from_units(1, 1)));
  PROM_TRY(const auto slippage, number("--slippage-bps", texts.slippage_bps, zero, Decimal::from_int(1'000)));
  PROM_TRY(const auto funding, number("--funding-rate", texts.funding_rate, -Decimal::from_units(1, 1), Decimal::from_units(1, 1)));
  PROM_TRY(const auto leverage, number("--leverage", texts.leverage, one, Decimal::from_int(125)));
  PROM_TRY(o.from, time("--from", texts.from));
  PROM_TRY(o.to, time("--to", texts.to));
  if (cash) o.cash = *cash;
  o.fee_maker = maker;
  o.fee_taker = taker;
  if (slippage) o.slippage_bps = *slippage;
  o.funding_rate = funding;
  if (leverage) o.leverage = *leverage;
  return {};
}

std::expected<ScenarioOptions, CommandError> scenario_options(AppContext& context, const Texts& texts) {
  ScenarioOptions o;
  o.instruments = texts.instruments;
  o.csv = texts.csv;
  const auto config = context.config();
  if (!config) return std::unexpected(config.error());
  apply_config(**config, o);
  if (auto read = read_numbers(texts, o); !read) return std::unexpected(read.error());
  o.strategy = texts.strategy;
  if (!o.csv.empty() && o.strategy.empty() && !texts.desk) o.strategy = "trend_following";
  o.gaps = texts.allow_gaps ? GapPolicy::allow : GapPolicy::refuse;
  for (const std::string& pair : texts.set) {
    const std::size_t at = pair.find('=');
    if (at == std::string::npos || at == 0) return std::unexpected(bad("--set", pair, "KEY=VALUE"));
    o.parameters.push_back({pair.substr(0, at), pair.substr(at + 1)});
  }
  if (!o.parameters.empty() && o.strategy.empty())
    return std::unexpected(CommandError{ExitCode::usage,
                                        "set_without_strategy",
                                        "--set changes a strategy's parameters and needs --strategy NAME",
                                        "the desk's thresholds are in assets/prompts/<agent>/agent.toml",
                                        {}});
  return o;
}

CommandResult backtest(AppContext& context, const Texts& texts) {
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
  KeepOptions keep{texts.report, texts.export_dir, command_of("backtest", *options)};
  auto kept = keep_run(context, *scenario, outcome, keep);
  if (!kept) return std::unexpected(kept.error());
  if (context.json()) {
    context.out << result_to_json(outcome.result, ReportPath{kept->report}) << '\n';
    return ExitCode::done;
  }
  for (const std::string& line : closing_lines(outcome, *kept)) context.out << line << '\n';
  return ExitCode::done;
}

/// Whether the command line says anything of what is traded and how, beyond a bare `run --replay`.
bool names_a_scenario(const Texts& t) {
  const std::string* const texts[] = {&t.replay_path, &t.from,      &t.to,           &t.strategy,     &t.cash,
                                      &t.fee_maker,   &t.fee_taker, &t.slippage_bps, &t.funding_rate, &t.leverage};
  return !t.instruments.empty() || !t.set.empty() || t.desk || t.allow_gaps ||
         std::ranges::any_of(texts, [](const std::string* text) { return !text->empty(); });
}

CommandResult run(AppContext& context, const Texts& texts) {
  if (!texts.replay)
    return std::unexpected(CommandError{ExitCode::refused,
                                        "no_live_feeds",
                                        "live feeds come with the venue adapters, which are not part of this version",
                                        "replay recorded data instead: promtrade run --replay",
                                        {}});
  if (texts.resume && texts.fresh) return std::unexpected(CommandError{ExitCode::usage, "contradiction", "--resume and --fresh exclude one another", {}, {}});
  ReplayOptions options;
  Texts data = texts;
  // Absolute, so that the run can be continued from another folder.
  if (!texts.replay_path.empty()) data.csv = std::filesystem::absolute(texts.replay_path).string();
  auto scenario = scenario_options(context, data);
  if (!scenario) return std::unexpected(scenario.error());
  options.scenario = std::move(*scenario);
  options.named = names_a_scenario(texts);
  options.beginning = texts.fresh ? Beginning::fresh : texts.resume ? Beginning::resume : Beginning::resume_if_unfinished;
  const auto config = context.config();
  if (!config) return std::unexpected(config.error());
  const std::string speed = texts.speed.empty() ? (*config)->text("run.speed") : texts.speed;
  if (speed != "max") {
    const auto value = parse_i64(speed);
    if (!value || *value < 1 || *value > 100'000'000) return std::unexpected(bad("--speed", speed, "a whole number from 1 to 100000000, or max"));
    options.speed = static_cast<double>(*value);
  }
  if (texts.http_port && (*texts.http_port > 65'535 || *texts.http_port < 0))
    return std::unexpected(bad("--http-port", std::to_string(*texts.http_port), "a port from 0 to 65535"));
  options.http_port = texts.http_port;
  options.report = texts.report.empty() ? (*config)->text("run.report") : texts.report;
  if (texts.quick) options.yardsticks = Yardsticks::none;
  return run_replay(context, options);
}

void add_data_options(CLI::App& command, Texts& t) {
  command.add_option("--instrument", t.instruments, "What to trade, VENUE:MARKET:SYMBOL; may be repeated (default: the bundled four futures)")
      ->type_name("CODE");
  command.add_option("--from", t.from, "First bar to trade")->type_name("TIME");
  command.add_option("--to", t.to, "End of the range, exclusive")->type_name("TIME");
  command.add_option("--strategy", t.strategy, "One of `promtrade strategies list` instead of the desk")->type_name("NAME");
  command.add_flag("--desk", t.desk, "The fourteen agents decide (default without --csv)")->excludes("--strategy");
  command.add_option("--set", t.set, "Parameter of the strategy; may be repeated")->type_name("KEY=VALUE");
  command.add_option("--cash", t.cash, "Opening balance in the quote asset (default 10000)")->type_name("N");
  command.add_option("--fee-maker", t.fee_maker, "Fraction of notional (default: the instrument's)")->type_name("RATE");
  command.add_option("--fee-taker", t.fee_taker, "Fraction of notional (default: the instrument's)")->type_name("RATE");
  command.add_option("--slippage-bps", t.slippage_bps, "Hundredths of a per cent lost by taker fills (default 2)")->type_name("X");
  command.add_option("--funding-rate", t.funding_rate, "Fraction per 8 h instead of recorded or assumed rates")->type_name("RATE");
  command.add_option("--leverage", t.leverage, "Of each pair (default 1)")->type_name("N");
  command.add_flag("--allow-gaps", t.allow_gaps, "Trade across missing bars instead of refusing them");
  command.add_option("--report", t.report, "Where to write the HTML report (default: beside the record of the run)")->type_name("PATH");
  command.add_flag("--no-benchmarks", t.quick, "Leave out yardsticks and the held-out run");
}

}  // namespace

void add_backtest(CLI::App& app, CommandSink& sink) {
  CLI::App* command = app.add_subcommand("backtest", "Run the desk or a strategy over recorded bars at full speed");
  const auto texts = std::make_shared<Texts>();
  add_data_options(*command, *texts);
  command->add_option("--csv", texts->csv, "OHLCV file instead of bundled or imported data")->type_name("FILE");
  command->add_option("--export", texts->export_dir, "Write trades, fills, orders, equity, postings, denials and decisions there")->type_name("DIR");
  command->footer(
      "  promtrade backtest\n  promtrade backtest --strategy trend_following --set fast=10 --set slow=30 --json\n"
      "  promtrade backtest --csv bars.csv --instrument binance:spot:ETHUSDT --strategy breakout --fee-taker 0.001 --export out");
  command->callback([&sink, texts] { sink.chosen = [texts](AppContext& context) { return backtest(context, *texts); }; });
}

void add_run(CLI::App& app, CommandSink& sink) {
  CLI::App* command = app.add_subcommand("run", "The main job: the fourteen agents trade on PAPER, with protection, a live view and a report");
  const auto texts = std::make_shared<Texts>();
  command->add_option("--replay", texts->replay_path, "Replay the bundled data, or the OHLCV file PATH")
      ->type_name("[PATH]")
      ->expected(0, 1)
      ->trigger_on_parse();
  add_data_options(*command, *texts);
  command->add_option("--speed", texts->speed, "Times real time, or max (default 14400: 30 days in three minutes)")->type_name("N|max");
  command->add_flag("--resume", texts->resume, "Continue the unfinished run (default where there is one)");
  command->add_flag("--fresh", texts->fresh, "Begin anew; an earlier run is set aside, not deleted");
  command->add_option("--http-port", texts->http_port, "Port of /health, /ready and /metrics; 0 takes a free one and prints it")->type_name("N");
  command->footer(
      "  promtrade run --replay\n  promtrade run --replay --speed max --json\n  promtrade run --replay --fresh --instrument binance:linear:BTCUSDT");
  command->callback([&sink, texts, command] {
    texts->replay = command->count("--replay") > 0;
    sink.chosen = [texts](AppContext& context) { return run(context, *texts); };
  });
}

}  // namespace prom
