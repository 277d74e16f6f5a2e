// Health, readiness and metrics of a running replay, served on the operations endpoint. Fed by the main thread, read by the endpoint's.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "adapters/stores/clickhouse/batch_writer.h"
#include "app/cli/command.h"
#include "domain/command.h"
#include "engine/state/state.h"

namespace prom {

class RunSharing;
class Simulation;

class OpsPanel {
 public:
  /// Listens unless http.enabled is off, not ready yet. A busy port is `outside_away` and names http.port.
  static std::expected<std::unique_ptr<OpsPanel>, CommandError> start(const Config& config, std::optional<int> port);
  ~OpsPanel();

  /// "127.0.0.1:8081", or empty when nothing listens.
  std::string address() const;
  /// The state directory is this instance's: it is ready, and its port stands there for `promtrade health`.
  void announce(const StatePaths& paths);
  void on_frame(const EngineState& state, const Frame& frame);
  void on_progress(Simulation& simulation);
  /// `applied` none: the ledger is away.
  void on_projected(std::optional<std::uint64_t> applied, std::uint64_t durable, DurationNs took);
  void on_shared(const RunSharing& sharing);
  /// What became of the rows for ClickHouse; `why` empty: they are there.
  void on_copied(const BatchCounters& counters, const std::string& why);
  /// Stops listening; the port file goes.
  void stop();

 private:
  struct Impl;
  explicit OpsPanel(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace prom
