// See the header. Main thread.
#include "app/host/host_state.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "app/run/run_ledger.h"
#include "runtime/hosts/strategy_host.h"
#include "runtime/shards/shard_map.h"
#include "strategies/registry.h"

namespace prom {
namespace {

constexpr std::array kInTurn{"trend_following", "mean_reversion", "breakout", "smc_retest", "vol_momentum"};

CommandError away(const std::string& path) {
  return {ExitCode::outside_away, "state", path + " cannot be locked: " + std::strerror(errno), "check the disk and rights of the state directory", {}};
}

std::string words_of(const RunState& state) {
  return command_of(CommandKind::host, state.options) + " --users " + std::to_string(state.users) + " --speed " +
         std::to_string(static_cast<std::int64_t>(state.speed));
}

}  // namespace

std::string host_user(std::uint32_t number) {
  const std::string digits = std::to_string(number);
  return "user-" + std::string(digits.size() < 4 ? 4 - digits.size() : 0, '0') + digits;
}

std::vector<std::uint32_t> users_of(std::uint32_t shard, std::uint32_t users) {
  std::vector<std::uint32_t> out;
  for (std::uint32_t number = 1; number <= users; ++number)
    if (shard_of(host_user(number)) == shard) out.push_back(number);
  return out;
}

std::expected<SimulationConfig, CommandError> shard_config(const Scenario& scenario, const std::vector<std::uint32_t>& users) {
  const std::string& chosen = scenario.options.strategy;
  // What one account would trade, for its limits and costs, and to check the strategy's parameters.
  PROM_TRY(SimulationConfig config, simulation_config(scenario, chosen.empty() ? kInTurn.front() : chosen, scenario.options.parameters));
  const std::vector<SimulatedPair> usual = std::exchange(config.pairs, {});
  const User pattern = config.user;
  config.collect = CollectLevel::digest;
  for (std::size_t i = 0; i < users.size(); ++i) {
    User user = pattern;
    user.name = host_user(users[i]);
    if (i == 0) {
      config.user = user;
    } else {
      config.others.push_back({user, config.cash});
    }
    SimulatedPair pair = usual[users[i] % usual.size()];
    pair.account = static_cast<std::uint32_t>(i);
    pair.decider = chosen.empty() ? kInTurn.at(users[i] % kInTurn.size()) : chosen;
    auto strategy = make_strategy(pair.decider, scenario.options.parameters);
    if (!strategy) return std::unexpected(CommandError{ExitCode::usage, "bad_strategy", describe(strategy.error()), "see promtrade strategies list", {}});
    StrategyHostConfig host;
    host.pair = PairIx{static_cast<std::uint32_t>(i)};
    host.base_interval = scenario.data.interval;
    host.expected_slippage = config.venue.slippage;
    pair.strategy = std::make_shared<StrategyHost>(*std::move(strategy), host);
    config.pairs.push_back(std::move(pair));
  }
  return config;
}

HostLock::HostLock(HostLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)), alone_(other.alone_) {}
HostLock& HostLock::operator=(HostLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  alone_ = other.alone_;
  return *this;
}
HostLock::~HostLock() {
  if (fd_ >= 0) ::close(fd_);
}

std::expected<HostLock, CommandError> HostLock::take(const StatePaths& paths, const std::function<std::expected<void, CommandError>(const HostLock&)>& begin) {
  const auto open_file = [](const std::string& path) { return ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600); };
  const std::string door = paths.root + "/host.begin", house = paths.root + "/host.lock";
  HostLock entering, out;
  entering.fd_ = open_file(door);
  if (entering.fd_ < 0 || ::flock(entering.fd_, LOCK_EX) != 0) return std::unexpected(away(door));
  out.fd_ = open_file(house);
  if (out.fd_ < 0) return std::unexpected(away(house));
  out.alone_ = ::flock(out.fd_, LOCK_EX | LOCK_NB) == 0;
  if (auto begun = begin(out); !begun) return std::unexpected(std::move(begun.error()));
  if (::flock(out.fd_, LOCK_SH) != 0) return std::unexpected(away(house));
  return out;
}

std::expected<RunState, CommandError> choose_host(AppContext& context, const StatePaths& paths, const HostOptions& options, const HostLock& lock) {
  auto held = load_run_state(paths);
  if (!held && !options.fresh) return std::unexpected(held.error());
  if (options.fresh) {
    if (!lock.alone())
      return std::unexpected(CommandError{
          ExitCode::outside_away, "locked", "another promtrade host works in " + paths.root, "stop it first, or give this one its own --state", {}});
    if (std::filesystem::exists(paths.root + "/run.json")) {
      PROM_TRY(const std::string folder, set_aside(paths));
      context.note("what was there was set aside in " + folder);
    }
  } else if (*held) {
    RunState& was = **held;
    if (was.users == 0)
      return std::unexpected(CommandError{ExitCode::usage,
                                          "holds_a_run",
                                          "the state directory " + paths.root + " holds a run of promtrade run",
                                          "give the host its own --state, or set that run aside with --fresh",
                                          {}});
    RunState asked = was;
    asked.options = options.scenario;
    asked.users = options.users;
    asked.speed = options.speed;
    if (options.named && words_of(asked) != words_of(was))
      return std::unexpected(CommandError{ExitCode::usage,
                                          "other_settings",
                                          "what " + paths.root + " hosts was begun with other options: " + words_of(was),
                                          "join it with a bare promtrade host, or begin anew with --fresh (the old one is set aside, not deleted)",
                                          {}});
    return was;
  }
  RunState begun;
  begun.options = options.scenario;
  begun.users = options.users;
  begun.speed = options.speed;
  begun.ledger = new_ledger_name(paths);
  return begun;
}

}  // namespace prom
