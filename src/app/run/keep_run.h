// What follows a finished run: kept in the registry, reported, exported, printed. Main thread.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "app/run/backtest_runner.h"

namespace prom {

struct KeepOptions {
  std::string report;      ///< path; empty = beside the record of the run
  std::string export_dir;  ///< empty = none
  std::string command;     ///< what reproduces the run
};

struct KeptRun {
  std::string run_id;
  std::string report;  ///< path of the report
};

std::expected<KeptRun, CommandError> keep_run(AppContext& context, const Scenario& scenario, BacktestOutcome& outcome, const KeepOptions& options);
/// The verdict and where to look next, for people.
std::vector<std::string> closing_lines(const BacktestOutcome& outcome, const KeptRun& kept);

}  // namespace prom
