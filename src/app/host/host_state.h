// What the state directory of a host holds, who is at work there, and what each user trades. Main thread.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/command.h"
#include "app/run/run_state.h"
#include "app/run/scenario.h"
#include "research/simulation/simulation.h"

namespace prom {

/// "user-0001": the durable name of a paper user of a host, from 1.
std::string host_user(std::uint32_t number);
/// The users of one shard, ascending.
std::vector<std::uint32_t> users_of(std::uint32_t shard, std::uint32_t users);
/// Users, accounts and one pair each for a shard. Without a strategy in the scenario, users trade the five strategies in turn; instruments in turn either way.
std::expected<SimulationConfig, CommandError> shard_config(const Scenario& scenario, const std::vector<std::uint32_t>& users);

/// Says, as long as it lives, that an instance works in this directory.
class HostLock {
 public:
  HostLock() = default;
  HostLock(HostLock&& other) noexcept;
  HostLock& operator=(HostLock&& other) noexcept;
  ~HostLock();
  /// Whether no other instance was at work when this one came.
  bool alone() const { return alone_; }

  /// While `begin` runs, no other instance begins in this directory; the lock stays afterwards.
  static std::expected<HostLock, CommandError> take(const StatePaths& paths, const std::function<std::expected<void, CommandError>(const HostLock&)>& begin);

 private:
  int fd_ = -1;
  bool alone_ = false;
};

struct HostOptions {
  ScenarioOptions scenario;
  bool named = false;  ///< the command line says what is traded or how, or for how many
  std::uint32_t users = 100;
  double speed = 1;  ///< market seconds in a second
  bool fresh = false;
  std::optional<int> http_port;
};
/// Joins what the directory holds, or begins it; gives back what is hosted. Exit code 2 where it was begun with other settings.
std::expected<RunState, CommandError> choose_host(AppContext& context, const StatePaths& paths, const HostOptions& options, const HostLock& lock);

}  // namespace prom
