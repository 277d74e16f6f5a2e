// Backtests. Main thread.
#include "app/run/backtest_runner.h"

#include "adapters/stores/memory_index/memory_index.h"
#include "app/run/index_keeper.h"
#include "research/benchmarks/benchmarks.h"
#include "research/dataset/funding_schedule.h"

namespace prom {
namespace {

constexpr std::uint32_t kRandomRuns = 1'000;
constexpr std::uint64_t kRandomSeed = 20'250'504;

CommandError broken(const ShardError& error) {
  return {ExitCode::outside_away, "journal", "the journal could not be written: " + error.journal.detail, "check the disk of the state directory", {}};
}

/// A yardstick pays what the run pays and is looked at when the run is.
std::expected<BenchmarkCosts, CommandError> costs_of(const Scenario& scenario) {
  const auto config = simulation_config(scenario, {}, {});
  if (!config) return std::unexpected(config.error());
  BenchmarkCosts costs;
  costs.slippage = config->venue.slippage;
  costs.funding_rate = config->venue.funding_rate;
  costs.equity_interval = config->equity_interval;
  return costs;
}

}  // namespace

std::string funding_note(const Scenario& scenario) {
  bool derivative = false, assumed = false, recorded = false;
  for (const InstrumentData& series : scenario.data.series) {
    if (series.instrument.payoff == Payoff::spot) continue;
    derivative = true;
    for (const FundingCharge& charge : funding_charges(series, {})) (charge.recorded ? recorded : assumed) = true;
  }
  if (!derivative) return {};
  if (scenario.options.funding_rate) return "Funding at the rate given on the command line";
  if (assumed && recorded) return "Funding as recorded by the venue, and at an assumed rate where no rate was recorded";
  return recorded ? "Funding as recorded by the venue" : "Funding at an assumed rate: no recorded rates for this range";
}

std::expected<RunResult, CommandError> run_scenario(const Scenario& scenario, const OnBacktestProgress& on_progress) {
  auto config = simulation_config(scenario, scenario.options.strategy, scenario.options.parameters);
  if (!config) return std::unexpected(config.error());
  const std::unique_ptr<RuleDesk> desk = make_desk(scenario);
  IndexKeeper memory;
  SimulationParts parts;
  parts.market = scenario.market.get();
  parts.observations = &scenario.observations;
  parts.tapes = scenario.tapes;
  parts.memory = &memory;
  if (scenario.options.strategy.empty()) parts.desk = desk.get();
  auto simulation = Simulation::create(scenario.data, std::move(*config), parts);
  if (!simulation) return std::unexpected(CommandError{ExitCode::usage, "scenario", simulation.error(), {}, {}});
  if (auto begun = (*simulation)->begin(); !begun) return std::unexpected(broken(begun.error()));
  SimulationHooks hooks;
  if (on_progress)
    hooks.watch = [&](const Progress& progress) { on_progress(static_cast<double>(progress.bars_done) / static_cast<double>(progress.bars_total)); };
  if (auto done = (*simulation)->run(hooks); !done) return std::unexpected(broken(done.error()));
  RunResult result = (*simulation)->result();
  result.kind = "backtest";
  result.decider = scenario.options.strategy.empty() ? "desk" : scenario.options.strategy;
  result.configuration = scenario.configuration;
  result.summary.funding_note = funding_note(scenario);
  return result;
}

std::expected<void, CommandError> add_yardsticks(const Scenario& scenario, RunResult& result) {
  PROM_TRY(const BenchmarkCosts costs, costs_of(scenario));
  result.benchmarks = buy_and_hold(scenario.data, scenario.options.cash, costs);
  for (const StrategySpec& spec : all_strategies()) {
    if (spec.name == scenario.options.strategy) continue;
    auto config = simulation_config(scenario, std::string(spec.name), {});
    if (!config) continue;  // its own timeframe cannot be made of these bars
    config->collect = CollectLevel::digest;
    auto simulation = Simulation::create(scenario.data, std::move(*config), {});
    if (!simulation) return std::unexpected(CommandError{ExitCode::usage, "scenario", simulation.error(), {}, {}});
    if (auto begun = (*simulation)->begin(); !begun) return std::unexpected(broken(begun.error()));
    if (auto done = (*simulation)->run({}); !done) return std::unexpected(broken(done.error()));
    const RunResult alone = (*simulation)->result();
    result.benchmarks.push_back({"strategy " + std::string(spec.name), alone.summary.net, alone.summary.max_drawdown, alone.summary.trades, {}});
  }
  result.random_entries = random_entries(scenario.data, result, costs, kRandomRuns, kRandomSeed);
  return {};
}

std::expected<RunResult, CommandError> run_held_out(AppContext& context, const ScenarioOptions& options) {
  ScenarioOptions held = options;
  held.instruments.clear();
  held.csv.clear();
  held.from.reset();
  held.to.reset();
  held.bundle_set = "okx_held_out";
  auto scenario = make_scenario(context, held);
  if (!scenario) return std::unexpected(scenario.error());
  auto result = run_scenario(*scenario, {});
  if (!result) return result;
  PROM_TRY(const BenchmarkCosts costs, costs_of(*scenario));
  result->benchmarks = buy_and_hold(scenario->data, options.cash, costs);
  return result;
}

}  // namespace prom
