// What a run works on: data, pairs, limits, costs and deciders, put together from the command line, the configuration and the shipped assets. Main thread.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agents/desk.h"
#include "app/cli/command.h"
#include "domain/tape.h"
#include "ports/column_market_view.h"
#include "ports/observation_table.h"
#include "research/simulation/simulation.h"
#include "strategies/registry.h"

namespace prom {

/// Whether missing bars inside the data are refused (P33) or traded across.
enum class GapPolicy : std::uint8_t { refuse, allow };

struct ScenarioOptions {
  std::vector<std::string> instruments;  ///< codes; empty = the bundled replay set
  std::string bundle_set;                ///< by name; empty = the set whose role is replay
  std::string csv;                       ///< OHLCV file; empty = bundled or imported data
  std::optional<TimeNs> from, to;
  std::string strategy;  ///< empty = the desk of agents
  std::vector<StrategyParameter> parameters;
  Decimal cash = Decimal::from_int(10'000);
  std::optional<Decimal> fee_maker, fee_taker;
  Decimal slippage_bps = Decimal::from_int(2);
  std::optional<Decimal> funding_rate;  ///< per 8 h; replaces recorded and assumed rates
  RiskLevel profile = RiskLevel::moderate;
  RiskLimits limits;
  Decimal leverage = kDecimalOne;
  DurationNs desk_interval{3'600'000'000'000};
  BatchExecutorConfig executor;
  GapPolicy gaps = GapPolicy::refuse;
};

/// Everything of a run but its state on disk. Holds the data that the simulation refers to.
struct Scenario {
  ScenarioOptions options;
  Dataset data;
  std::vector<BarGap> gaps;  ///< of all series
  std::shared_ptr<ColumnMarketView> market;
  ObservationTable observations;    ///< what feeds said, for the desk; empty for strategies
  std::string observations_sha256;  ///< empty where nothing was said
  std::vector<Tape> tapes;          ///< recorded order books and trades, for the desk; empty for strategies
  std::string tapes_sha256;         ///< empty where nothing was recorded
  AgentProfiles profiles;
  std::string configuration;  ///< canonical text: the same text, data and binary give the same run
  std::string title;
};

/// Reads [run], [risk] and [executor] into the options.
void apply_config(const Config& config, ScenarioOptions& options);
std::expected<Scenario, CommandError> make_scenario(AppContext& context, ScenarioOptions options);
/// The simulation's configuration: one pair a series. `strategy` empty = the desk.
std::expected<SimulationConfig, CommandError> simulation_config(const Scenario& scenario, const std::string& strategy,
                                                                const std::vector<StrategyParameter>& parameters);
/// `run_anew` sets aside what the state directory holds: for a reader of a report elsewhere, never for whoever has an unfinished run there.
enum class CommandKind : std::uint8_t { backtest, run, run_anew, host };
/// "promtrade backtest --strategy breakout ...": what gives the same run again, quoted for a shell.
std::string command_of(CommandKind kind, const ScenarioOptions& options);
/// `clock` measures tool calls for the log; null where nobody reads it.
std::unique_ptr<RuleDesk> make_desk(const Scenario& scenario, ToolClock clock = nullptr);

}  // namespace prom
