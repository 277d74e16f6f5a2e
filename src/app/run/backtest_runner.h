// Runs a scenario to its end at full speed, with its yardsticks and the held-out run beside it, and keeps the result. Main thread.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/run/scenario.h"
#include "research/results/run_result.h"

namespace prom {

/// Which yardsticks to compute. A sweep wants none.
enum class Yardsticks : std::uint8_t { none, all };

struct BacktestOutcome {
  RunResult result;
  std::optional<RunResult> held_out;
};

/// 0..1 of the whole, for a progress bar; may be empty.
using OnBacktestProgress = std::function<void(double)>;

/// Where the funding rates of the run come from; empty where there are none.
std::string funding_note(const Scenario& scenario);
/// The scenario's own run.
std::expected<RunResult, CommandError> run_scenario(const Scenario& scenario, const OnBacktestProgress& on_progress);
/// Buy and hold, every strategy alone, random entries: into result.benchmarks and result.random_entries.
std::expected<void, CommandError> add_yardsticks(const Scenario& scenario, RunResult& result);
/// The held-out set, once, with the scenario's own settings.
std::expected<RunResult, CommandError> run_held_out(AppContext& context, const ScenarioOptions& options);

}  // namespace prom
