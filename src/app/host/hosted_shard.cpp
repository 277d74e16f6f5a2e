// A replay in the small: the same simulation that backtests and runs use, played by the market's clock. The shard's thread.
#include "app/host/hosted_shard.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>
#include <utility>

#include "adapters/stores/journal_file/journal_file.h"
#include "app/host/host_state.h"
#include "app/host/shared_journal.h"
#include "app/run/run_ledger.h"
#include "app/run/run_live.h"
#include "app/run/run_whole.h"
#include "base/assert.h"
#include "base/log.h"
#include "research/simulation/simulation.h"
#include "runtime/projector/projector.h"
#include "runtime/projector/projector_worker.h"

namespace prom {
namespace {

using Clock = std::chrono::steady_clock;

constexpr DurationNs kNap{50 * kMillisecond.ns};
constexpr std::chrono::milliseconds kProject{500};

std::string sentence(const JournalError& error) {
  if (error.kind == JournalErrorKind::locked) return "an instance that has not ended still holds its journal: " + error.detail;
  return "the journal " + error.path + " failed: " + error.detail;
}
std::string sentence(const ShardError& error) {
  switch (error.fault) {
    case ShardFault::journal: return sentence(error.journal);
    case ShardFault::permit: return "its lease had ended when an order was to leave; nothing more was sent";
    case ShardFault::venue: return error.venue;
  }
  PROM_UNREACHABLE();
}

class HostedShard final : public ShardWork {
 public:
  HostedShard(const ShardGround& ground, ShardTenure& tenure) : ground_(ground), tenure_(tenure) {
    if (ground.values != nullptr) live_.emplace(*ground.values, ground.ledger);
  }
  ~HostedShard() override {
    if (worker_) worker_->finish();
    // What is durable by now is on record; a ledger that is away gets it from the next tenure.
    if (projector_ && journal_) [[maybe_unused]]
      const auto applied = projector_->catch_up(journal_->durable_seq());
  }

  std::expected<void, std::string> open(const std::vector<std::uint32_t>& users) {
    const StatePaths paths = shard_paths(ground_.paths, tenure_.shard());
    std::error_code failed;
    std::filesystem::create_directories(paths.root, failed);
    if (failed) return std::unexpected(paths.root + " cannot be made: " + failed.message());
    auto ledger = open_run_ledger(ground_.context, paths, ground_.ledger + "_s" + std::to_string(tenure_.shard()));
    if (!ledger) return std::unexpected(ledger.error().message);
    ledger_ = std::move(*ledger);
    JournalFileOptions journal;
    journal.directory = paths.journal();
    journal.durability = ground_.durability;
    if (auto opened = open_journal(journal); !opened) return opened;
    reader_ = open_journal_reader(journal.directory);
    projector_ = std::make_unique<Projector>(*reader_, *ledger_.ledger);
    auto config = shard_config(ground_.scenario, users);
    if (!config) return std::unexpected(config.error().message);
    config->venue.file = paths.venue();
    SimulationParts parts;
    parts.journal = journal_.get();
    parts.may_send = [this] { return tenure_.holds(); };
    auto simulation = Simulation::create(ground_.scenario.data, *std::move(config), parts);
    if (!simulation) return std::unexpected(simulation.error());
    simulation_ = *std::move(simulation);
    if (auto begun = begin(); !begun) return begun;
    worker_ = std::make_unique<ProjectorWorker>(*projector_);
    show();
    return {};
  }

  std::expected<End, std::string> run() override {
    SimulationHooks hooks;
    hooks.on_frame = [this](const Frame& frame) {
      for (const Event& event : frame.events) figures_.fills += std::holds_alternative<FillApplied>(event) ? 1 : 0;
    };
    hooks.pace = [this](const Progress& progress) { return pace(progress); };
    const auto flow = simulation_->run(hooks);
    show();
    if (!failed_.empty()) return std::unexpected(failed_);
    if (!flow) return std::unexpected(sentence(flow.error()));
    if (*flow == Flow::stop) return End::told;
    return await_ledger();
  }

 private:
  /// Where there is a shared copy, ours is the turn to write it from now on, and the local journal continues it.
  std::expected<void, std::string> open_journal(const JournalFileOptions& options) {
    if (ledger_.copy == nullptr) {
      auto writer = open_journal_writer(options);
      if (!writer) return std::unexpected(sentence(writer.error()));
      journal_ = *std::move(writer);
      return {};
    }
    auto agreed = open_agreed_journal(options, *ledger_.copy, tenure_.fence());
    if (!agreed)
      return std::unexpected(agreed.error().locked ? "an instance that has not ended still holds its journal: " + agreed.error().why : agreed.error().why);
    journal_ = std::move(agreed->writer);
    if (agreed->fetched == 0 && agreed->set_aside.empty()) return {};
    log_event(LogLevel::warning, "journal",
              {{"mode", "PAPER"}, {"shard", std::to_string(tenure_.shard())}, {"fetched", agreed->fetched}, {"set_aside", agreed->set_aside}});
    return {};
  }

  std::expected<void, std::string> begin() {
    if (journal_->durable_seq() > 0) {
      const auto read = reader_->read(1, [&](const RecordedFrame& frame) {
        for (const Event& event : frame.events) figures_.fills += std::holds_alternative<FillApplied>(event) ? 1 : 0;
        simulation_->recover(frame);
        return true;
      });
      if (!read) return std::unexpected(sentence(read.error()));
    }
    if (auto whole = check_whole(*simulation_, *ledger_.ledger, journal_->durable_seq()); !whole)
      return std::unexpected(whole.error() + ": restore a backup of " + shard_paths(ground_.paths, tenure_.shard()).root + ", or begin anew with --fresh");
    // Epoch 0: an earlier tenure ended inside its beginning, which can be done again.
    const bool anew = simulation_->state().epoch == 0;
    const auto begun = anew ? simulation_->begin() : simulation_->resume(ground_.clock.now());
    if (!begun) return std::unexpected(sentence(begun.error()));
    if (!anew) return {};
    if (auto kept = simulation_->shard().commit(); !kept) return std::unexpected(sentence(kept.error()));
    return {};
  }

  Flow pace(const Progress& progress) {
    if (auto done = simulation_->shard().commit(); !done) {
      failed_ = sentence(done.error());
      return Flow::stop;
    }
    if (const auto now = Clock::now(); now - projected_ > kProject) {
      projected_ = now;
      follow_ledger();
      show();
      tell_others();
    }
    const TimeNs due = progress.now + ground_.scenario.data.interval;
    for (TimeNs now = ground_.clock.now(); now < due && failed_.empty(); now = ground_.clock.now()) {
      const double rest = static_cast<double>((due - now).ns) / ground_.clock.speed();
      if (!tenure_.go_on(DurationNs{std::clamp<std::int64_t>(static_cast<std::int64_t>(rest), 1, kNap.ns)})) return Flow::stop;
      tell_others();
    }
    return failed_.empty() && tenure_.go_on(DurationNs{0}) ? Flow::go_on : Flow::stop;
  }

  /// A shard that is done is opened by nobody again, so its ledger must have all of it first, however long that is away.
  std::expected<End, std::string> await_ledger() {
    if (auto kept = simulation_->shard().commit(); !kept) return std::unexpected(sentence(kept.error()));
    const std::uint64_t durable = journal_->durable_seq();
    for (;;) {
      worker_->poke(durable);
      const ProjectorWorker::Status status = worker_->status();
      if (status.applied >= durable) return End::done;
      if (status.rounds != std::exchange(rounds_, status.rounds)) {
        if (!status.applied && status.retry == Retry::never) return std::unexpected(status.why);
        figures_.ledger_why = status.applied ? std::string() : status.why;
        show();
      }
      if (!tenure_.go_on(kNap)) return End::told;
    }
  }

  /// What is true of the shard's market and accounts now, while it may act.
  void tell_others() {
    if (live_ && tenure_.holds()) live_->on_pace(simulation_->state());
  }

  /// While the ledger is away nothing may add risk; protection goes on from the journal (P35).
  void follow_ledger() {
    worker_->poke(journal_->durable_seq());
    const ProjectorWorker::Status status = worker_->status();
    if (status.rounds == rounds_) return;
    rounds_ = status.rounds;
    figures_.ledger_why = status.applied ? std::string() : status.why;
    const Switch reachable = status.applied ? Switch::on : Switch::off;
    if (reachable == simulation_->state().ledger_reachable) return;
    log_event(reachable == Switch::on ? LogLevel::info : LogLevel::warning, "ledger",
              {{"mode", "PAPER"}, {"shard", std::to_string(tenure_.shard())}, {"reachable", reachable == Switch::on ? "yes" : "no"}, {"why", status.why}});
    if (auto told = simulation_->inject(LedgerHealth{reachable}); !told) failed_ = sentence(told.error());
  }

  void show() {
    const EngineState& state = simulation_->state();
    figures_.accounts = state.accounts.size();
    figures_.open_positions = figures_.unprotected = 0;
    for (const AccountState& account : state.accounts) {
      figures_.open_positions += account.open_positions;
      for (const Holding& holding : account.holdings) {
        const bool open = holding.position.quantity.v != 0;
        if (open && std::ranges::none_of(holding.working, [&](OrderId id) { return rests(state, id); })) ++figures_.unprotected;
      }
    }
    figures_.epoch = state.epoch;
    figures_.at = state.now;
    ground_.board.put(tenure_.shard(), figures_);
  }
  static bool rests(const EngineState& state, OrderId id) {
    const Order* order = state.find_order(id);
    if (order == nullptr || order->spec.purpose != OrderPurpose::stop_loss) return false;
    return order->state == OrderState::accepted || order->state == OrderState::triggered || order->state == OrderState::partially_filled ||
           order->state == OrderState::amend_pending;
  }

  const ShardGround& ground_;
  ShardTenure& tenure_;
  // Closed from the last to the first.
  std::unique_ptr<JournalFileWriter> journal_;
  std::unique_ptr<JournalReader> reader_;
  RunLedger ledger_;
  std::unique_ptr<Projector> projector_;
  std::unique_ptr<Simulation> simulation_;
  std::unique_ptr<ProjectorWorker> worker_;
  std::optional<RunLive> live_;
  ShardFigures figures_;
  std::string failed_;
  std::uint64_t rounds_ = 0;
  Clock::time_point projected_;
};

/// A shard that no account belongs to.
class EmptyShard final : public ShardWork {
 public:
  std::expected<End, std::string> run() override { return End::done; }
};

}  // namespace

StatePaths shard_paths(const StatePaths& host, std::uint32_t shard) { return {host.shards() + "/" + (shard < 10 ? "0" : "") + std::to_string(shard)}; }

std::expected<std::unique_ptr<ShardWork>, std::string> open_hosted_shard(const ShardGround& ground, ShardTenure& tenure) {
  const std::vector<std::uint32_t> users = users_of(tenure.shard(), ground.users);
  if (users.empty()) return std::make_unique<EmptyShard>();
  auto out = std::make_unique<HostedShard>(ground, tenure);
  if (auto opened = out->open(users); !opened) return std::unexpected(std::move(opened.error()));
  return out;
}

}  // namespace prom
