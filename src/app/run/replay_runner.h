// The main job on recorded data: the simulation with its journal, venue file and ledger on disk, at a chosen speed, with a view, an operations endpoint and a
// graceful end at any moment. Main thread; the operations endpoint and the shutdown helper have threads of their own.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "app/run/keep_run.h"
#include "app/run/run_state.h"

namespace prom {

enum class Beginning : std::uint8_t { resume_if_unfinished, resume, fresh };

struct ReplayOptions {
  ScenarioOptions scenario;
  bool named = false;  ///< the command line said what to trade or how, so an unfinished run must be that one
  Beginning beginning = Beginning::resume_if_unfinished;
  std::optional<double> speed;              ///< times real time; none = as fast as it goes
  std::optional<int> http_port;             ///< replaces the configuration's
  std::string report;                       ///< as the command line says; empty: it does not
  Yardsticks yardsticks = Yardsticks::all;  ///< none: the command line says so
};

CommandResult run_replay(AppContext& context, const ReplayOptions& options);

}  // namespace prom
