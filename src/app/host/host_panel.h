// Health, readiness and metrics of a host, served on the operations endpoint. Fed by the main thread, read by the endpoint's.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/command.h"
#include "app/host/hosted_shard.h"
#include "runtime/shards/shard_host.h"

namespace prom {

class HostPanel {
 public:
  /// Listens unless http.enabled is off. A busy port is `outside_away` and names http.port.
  static std::expected<std::unique_ptr<HostPanel>, CommandError> start(const Config& config, std::optional<int> port);
  ~HostPanel();

  /// "127.0.0.1:8081", or empty when nothing listens.
  std::string address() const;
  /// The state directory is open to this instance: its port stands there for `promtrade health`.
  void announce(const StatePaths& paths);
  /// `division`: why nobody divides the shards now; empty where all is well.
  void show(const std::vector<Seat>& seats, const std::vector<ShardFigures>& figures, const std::string& division);
  void stop();

 private:
  struct Impl;
  explicit HostPanel(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace prom
