// The replay run that a state directory holds: its settings and whether it has ended. A plain text file beside the journal. Main thread.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "app/cli/command.h"
#include "app/run/backtest_runner.h"
#include "app/run/scenario.h"

namespace prom {

enum class RunStatus : std::uint8_t { unfinished, finished };

struct RunState {
  RunStatus status = RunStatus::unfinished;
  std::string configuration;  ///< canonical text of the scenario
  std::string data_sha256;
  ScenarioOptions options;                  ///< what it was started with, so that it can be continued by a bare command
  std::string ledger;                       ///< name of its ledger among others on a server: a-z, 0-9 and _
  std::uint32_t users = 0;                  ///< of a host; 0: a run of its own account
  double speed = 0;                         ///< of a host: market seconds in a second
  std::string report;                       ///< of a run: where --report said that its report goes, absolute; empty: it did not
  Yardsticks yardsticks = Yardsticks::all;  ///< of a run
};

/// Nothing when the directory holds no run.
std::expected<std::optional<RunState>, CommandError> load_run_state(const StatePaths& paths);
std::expected<void, CommandError> save_run_state(const StatePaths& paths, const RunState& state);
/// Moves a run's journal, venue file, ledger and settings to STATE/previous-N: nothing is deleted. Returns the folder's path.
std::expected<std::string, CommandError> set_aside(const StatePaths& paths);

}  // namespace prom
