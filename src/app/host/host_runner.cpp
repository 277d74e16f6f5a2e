// Opens what a host stands on, lets the shards work, and ends it in order. Main thread.
#include "app/host/host_runner.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/stores/local_shared/local_shared.h"
#include "adapters/streams/kafka/kafka_streams.h"
#include "app/host/host_panel.h"
#include "app/host/hosted_shard.h"
#include "app/host/market_clock.h"
#include "app/logging/logging.h"
#include "app/shared/kafka_settings.h"
#include "app/shared/redis_at_hand.h"
#include "app/shutdown/shutdown.h"
#include "base/log.h"
#include "runtime/shards/group_division.h"
#include "runtime/shards/shard_map.h"

namespace prom {
namespace {

constexpr DurationNs kLook{200 * kMillisecond.ns};
constexpr std::chrono::seconds kKeep{1};
/// The group waits for a consumer that gives partitions back; a shard closes in much less.
constexpr DurationNs kSettle{5 * kSecond.ns};

/// Everything open, in the order in which it is closed from the last to the first.
struct HostSession {
  explicit HostSession(AppContext& c) : context(c), board(kShards) {}

  AppContext& context;
  const Config* config = nullptr;
  StatePaths paths;
  RunState state;
  Scenario scenario;
  std::unique_ptr<ShutdownManager> shutdown;
  std::optional<HostLock> lock;
  std::optional<MarketClock> clock;
  ShardBoard board;
  std::optional<ShardGround> ground;
  std::unique_ptr<RedisShared> redis;  ///< null where none is named
  std::unique_ptr<LiveValues> values;  ///< the same
  std::shared_ptr<LocalShared> local;  ///< then the leases are this process' own
  std::unique_ptr<SharedState> local_shared;
  std::mutex saying;
  std::map<std::uint32_t, Seat> told;  ///< under `saying`: what was last said of each shard
  std::unique_ptr<HostPanel> panel;
  std::unique_ptr<ShardHost> host;
  std::unique_ptr<GroupDivision> division;  ///< null where no broker is named
};

using Step = std::expected<void, CommandError>;

void say(HostSession& s, const std::string& text) {
  const std::lock_guard lock(s.saying);
  s.context.note(text);
}

Step start_log(HostSession& s) {
  if (!s.config->text("log.file").empty()) return s.context.start_logs();
  LogOptions log;
  log.level = log_level_of(s.context.options.log_level.empty() ? s.config->text("log.level") : s.context.options.log_level);
  log.file = s.paths.log_file();
  if (auto started = start_logging(log); !started) return std::unexpected(command_error(ExitCode::outside_away, started.error()));
  return {};
}

/// What is hosted here, and the market that it follows; under the lock of the directory.
Step begin(HostSession& s, const HostOptions& options, const HostLock& lock) {
  PROM_TRY(s.state, choose_host(s.context, s.paths, options, lock));
  ScenarioOptions what = s.state.options;
  what.profile = options.scenario.profile;
  what.limits = options.scenario.limits;
  what.desk_interval = options.scenario.desk_interval;
  what.executor = options.scenario.executor;
  PROM_TRY(s.scenario, make_scenario(s.context, what));
  if (s.state.configuration.empty()) {
    s.state.configuration = s.scenario.configuration;
    s.state.data_sha256 = s.scenario.data.digest();
    PROM_CHECK_OK(save_run_state(s.paths, s.state));
  } else if (s.state.configuration != s.scenario.configuration || s.state.data_sha256 != s.scenario.data.digest()) {
    return std::unexpected(CommandError{ExitCode::usage,
                                        "other_settings",
                                        "what " + s.paths.root + " hosts was begun with other settings or data",
                                        "restore them to join it, or begin anew with --fresh (the old one is set aside, not deleted)",
                                        {}});
  }
  PROM_TRY(s.clock, MarketClock::join(s.paths.market_clock(), s.scenario.data.first(), s.state.speed,
                                      lock.alone() ? MarketClock::Others::none : MarketClock::Others::at_work));
  return {};
}

Leases& leases_of(HostSession& s) { return s.redis ? s.redis->leases() : s.local_shared->leases(); }

Step open_leases(HostSession& s) {
  PROM_TRY(s.redis, open_redis(s.context));
  if (s.redis) {
    s.values = std::make_unique<LiveValues>(s.redis->cache());
    return {};
  }
  s.local =
      LocalShared::create([] { return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count(); });
  s.local_shared = s.local->join();
  say(s, "no Redis is named (REDIS_HOST): only the locks of the journals keep other instances out, on this machine");
  return {};
}

void on_seat(HostSession& s, std::uint32_t shard, const Seat& seat) {
  log_event(seat.state == SeatState::failed ? LogLevel::warning : LogLevel::info, "shard",
            {{"mode", "PAPER"}, {"shard", std::to_string(shard)}, {"state", name_of(seat.state)}, {"fence", seat.fence}, {"why", seat.why}});
  const std::string head = "shard " + std::to_string(shard) + ": ";
  const ShardFigures figures = s.board.all()[shard];
  const std::lock_guard lock(s.saying);
  Seat& told = s.told[shard];
  // Said at whichever step comes next: a lease that is had again at once leaves none at which the shard waits.
  if (seat.lapses > told.lapses) s.context.note(head + "its lease has ended; nothing is sent");
  told.lapses = seat.lapses;
  // A shard that is tried again and again is spoken of when there is something new to say; the log has every step.
  if (seat.state == SeatState::opening) return;
  if (seat.state == SeatState::hosted && figures.accounts > 0) {
    s.context.note(head + "hosted here (fence " + std::to_string(seat.fence) + "), " + std::to_string(figures.accounts) + " accounts, " +
                   std::to_string(figures.open_positions) + " open positions, at " + format_rfc3339(figures.at));
  } else if (seat.state == SeatState::failed) {
    const bool known = std::ranges::any_of(s.told, [&](const auto& other) { return other.second.state == SeatState::failed && other.second.why == seat.why; });
    if (!known) s.context.note(head + "not opened: " + seat.why + "; it is tried again, and so is every shard that meets the same");
  } else if (seat.state == SeatState::idle && told.state == SeatState::hosted && figures.accounts > 0) {
    s.context.note(head + "given back");
  }
  // Waiting for the next try is no news of a shard that failed.
  if (seat.state != SeatState::waiting || told.state != SeatState::failed) told = seat;
}

void open_division(HostSession& s) {
  const std::string brokers = s.config->text("KAFKA_BROKERS");
  if (brokers.empty()) {
    std::vector<std::uint32_t> all(kShards);
    std::iota(all.begin(), all.end(), 0U);
    s.host->want(all);
    say(s, "no broker is named (KAFKA_BROKERS): this instance hosts every shard that no other has");
    return;
  }
  const KafkaOptions kafka = kafka_options(*s.config);
  ConsumerOptions reading;
  reading.group = s.config->text("KAFKA_GROUP_ID") + "." + s.state.ledger;
  reading.topics = {Topic::shards};
  auto join = [kafka, reading](OnRebalance on_rebalance) {
    ConsumerOptions mine = reading;
    mine.on_rebalance = std::move(on_rebalance);
    return open_kafka_consumer(kafka, std::move(mine));
  };
  s.division = std::make_unique<GroupDivision>(std::move(join), [&s](const std::vector<std::uint32_t>& mine) {
    s.host->want(mine);
    if (!s.host->settle(kSettle)) say(s, "a shard that goes to another instance is not closed yet; its lease keeps the other waiting");
  });
  say(s, "the shards are divided by Kafka at " + brokers + ", group " + reading.group);
}

Step open_all(HostSession& s, const HostOptions& options) {
  PROM_TRY(s.paths, s.context.make_state());
  PROM_TRY(s.config, s.context.config());
  PROM_CHECK_OK(start_log(s));
  ShutdownOptions stop;
  stop.timeout = s.config->duration("run.shutdown_timeout");
  auto shutdown = ShutdownManager::install(stop);
  if (!shutdown) return std::unexpected(command_error(ExitCode::outside_away, shutdown.error()));
  s.shutdown = *std::move(shutdown);
  // First, so that a Redis that is away leaves nothing begun.
  PROM_CHECK_OK(open_leases(s));
  // So does a busy port, and it sets nothing aside.
  PROM_TRY(s.panel, HostPanel::start(*s.config, options.http_port));
  PROM_TRY(s.lock, HostLock::take(s.paths, [&](const HostLock& lock) { return begin(s, options, lock); }));
  s.panel->announce(s.paths);
  if (!s.panel->address().empty()) say(s, "PAPER: health and metrics at http://" + s.panel->address());
  const bool power = s.config->text("run.durability") == "power";
  s.ground.emplace(ShardGround{s.context, s.scenario, *s.clock, s.board, s.paths, s.state.ledger, s.state.users,
                               power ? Durability::power : Durability::process, s.values.get()});
  ShardHostOptions hosting;
  hosting.shards = kShards;
  hosting.name = "shard." + s.state.ledger;
  s.host = std::make_unique<ShardHost>(
      leases_of(s), [&s](ShardTenure& tenure) { return open_hosted_shard(*s.ground, tenure); }, hosting,
      [&s](std::uint32_t shard, const Seat& seat) { on_seat(s, shard, seat); });
  log_event(LogLevel::info, "host_started", {{"mode", "PAPER"}, {"users", std::to_string(s.state.users)}, {"market", format_rfc3339(s.clock->now())}});
  say(s,
      "PAPER: " + std::to_string(s.state.users) + " users in " + std::to_string(kShards) + " shards; the market stands at " + format_rfc3339(s.clock->now()));
  open_division(s);
  return {};
}

/// Whether every shard that is this instance's has seen the end of the market.
bool all_done(const HostSession& s, const std::vector<Seat>& seats) {
  if (s.division && !s.division->status().member) return false;
  const bool any = std::ranges::any_of(seats, [](const Seat& seat) { return seat.state == SeatState::done; });
  return any && std::ranges::all_of(seats, [](const Seat& seat) { return seat.state == SeatState::done || seat.state == SeatState::idle; });
}

/// True: the market has ended for all.
bool wait(HostSession& s) {
  auto kept = std::chrono::steady_clock::now();
  std::string said;
  while (!s.shutdown->wait_for(kLook)) {
    const std::vector<Seat> seats = s.host->seats();
    const std::string why = s.division ? s.division->status().why : "";
    s.panel->show(seats, s.board.all(), why);
    if (why != said) say(s, why.empty() ? "the group divides the shards again" : "the shards are not divided anew now: " + why);
    said = why;
    if (all_done(s, seats)) return true;
    if (const auto now = std::chrono::steady_clock::now(); now - kept > kKeep) {
      kept = now;
      if (const auto noted = s.clock->keep(); !noted) log_event(LogLevel::warning, "market_clock", {{"mode", "PAPER"}, {"why", noted.error()}});
    }
  }
  return false;
}

Value document_of(const HostSession& s, const std::string& status, const std::vector<Seat>& seats) {
  const std::vector<ShardFigures> figures = s.board.all();
  ValueList shards;
  for (std::size_t shard = 0; shard < seats.size(); ++shard) {
    if (seats[shard].taken == 0) continue;
    const ShardFigures& f = figures[shard];
    shards.emplace_back(ValueObject{{"shard", static_cast<std::int64_t>(shard)},
                                    {"state", name_of(seats[shard].state)},
                                    {"fence", static_cast<std::int64_t>(seats[shard].fence)},
                                    {"epoch", static_cast<std::int64_t>(f.epoch)},
                                    {"accounts", static_cast<std::int64_t>(f.accounts)},
                                    {"open_positions", static_cast<std::int64_t>(f.open_positions)},
                                    {"unprotected", static_cast<std::int64_t>(f.unprotected)},
                                    {"fills", static_cast<std::int64_t>(f.fills)},
                                    {"at", f.accounts > 0 ? Value(f.at) : Value()}});
  }
  return ValueObject{{"mode", "PAPER"},
                     {"status", status},
                     {"users", static_cast<std::int64_t>(s.state.users)},
                     {"market_at", s.clock->now()},
                     {"shards", Value(std::move(shards))}};
}

}  // namespace

CommandResult run_host(AppContext& context, const HostOptions& options) {
  HostSession s(context);
  if (auto opened = open_all(s, options); !opened) return std::unexpected(opened.error());
  const bool ended = wait(s);
  const std::vector<Seat> seats = s.host->seats();
  s.shutdown->add(ShutdownPhase::stop_intake, "operations endpoint", [&]() -> Result<void, Error> {
    s.panel->stop();
    return {};
  });
  s.shutdown->add(ShutdownPhase::settle_orders, "shards", [&]() -> Result<void, Error> {
    s.host->stop();
    return {};
  });
  s.shutdown->add(ShutdownPhase::flush, "group", [&]() -> Result<void, Error> {
    s.division.reset();
    return {};
  });
  s.shutdown->add(ShutdownPhase::close_stores, "market clock", [&]() -> Result<void, Error> {
    if (auto kept = s.clock->keep(); !kept) return std::unexpected(Error{"market_clock", kept.error(), {}});
    return {};
  });
  const ShutdownReport report = s.shutdown->run();
  if (report.outcome == ShutdownReport::Outcome::timed_out) s.shutdown->end_forced(report);
  if (report.outcome == ShutdownReport::Outcome::failed) say(s, report.describe());
  const std::string status = ended ? "finished" : "stopped";
  log_event(LogLevel::info, "host_" + status, {{"mode", "PAPER"}, {"market", format_rfc3339(s.clock->now())}});
  if (context.json()) {
    context.print(document_of(s, status, seats));
  } else {
    say(s, ended ? "PAPER: the market has ended for all shards of this instance" : "PAPER: stopped; nothing was lost. Start again to join.");
  }
  return static_cast<ExitCode>(s.shutdown->exit_code(report, static_cast<int>(ExitCode::done)));
}

}  // namespace prom
