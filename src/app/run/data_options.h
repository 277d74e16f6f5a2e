// What run, backtest and host take from the command line: what is traded, when, by whom and at which costs. Main thread.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/command.h"
#include "app/run/scenario.h"

namespace prom {

/// Texts of the command line; numbers and times are read once the command runs, so that each error is one sentence.
struct DataTexts {
  std::vector<std::string> instruments, set;
  std::string csv, from, to, strategy, cash, fee_maker, fee_taker, slippage_bps, funding_rate, leverage, report, export_dir, speed;
  bool desk = false, allow_gaps = false, quick = false, replay = false, resume = false, fresh = false;
  std::string replay_path;
  std::optional<int> http_port;
};

/// Registers the options of data, strategy and costs.
void add_data_options(CommandBuilder& command, DataTexts& t);
/// The same, and those of a run with a desk and a report.
void add_run_options(CommandBuilder& command, DataTexts& t);
/// The configuration's scenario with what the command line says of it.
std::expected<ScenarioOptions, CommandError> scenario_options(AppContext& context, const DataTexts& texts);
/// Whether the command line says anything of what is traded and how, beyond a bare `run --replay`.
bool names_a_scenario(const DataTexts& t);
/// Market seconds in a second, of --speed or run.speed; nothing for "max".
std::expected<std::optional<double>, CommandError> speed_of(AppContext& context, const DataTexts& texts);
std::expected<std::optional<int>, CommandError> http_port_of(const DataTexts& texts);
CommandError bad_option(const std::string& option, const std::string& value, const std::string& expected);

}  // namespace prom
