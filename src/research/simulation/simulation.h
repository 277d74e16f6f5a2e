// Drives one engine over recorded bars against the simulated venue in virtual time: the same code for a backtest at full speed and for a paced paper run.
// The clock never passes a decision until its outcome is in, so the result does not depend on how fast anyone thinks. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domain/tape.h"
#include "ports/decider.h"
#include "ports/memory_keeper.h"
#include "research/dataset/dataset.h"
#include "research/results/collector.h"
#include "runtime/executor/batch_executor.h"
#include "runtime/hosts/bar_decider.h"
#include "runtime/shard/shard.h"
#include "sim/sim_venue.h"

namespace prom {

struct SimulatedPair {
  std::size_t series = 0;          ///< index into Dataset::series
  std::uint32_t account = 0;       ///< 0: the first; else index + 1 into SimulationConfig::others
  std::string decider = "agents";  ///< "agents" or a strategy's name
  Decimal leverage = kDecimalOne;
  Decimal budget;                        ///< notional at most, zero = by limits
  std::shared_ptr<BarDecider> strategy;  ///< for strategies; null for agents
};

/// A user with one account.
struct SimulatedAccount {
  User user;
  Decimal cash;  ///< opening balance in the reporting asset
};

/// Whether bars between events are run through together where nothing needs each of them (a journal, a pacer): the result is the same, only the time is not.
enum class Stretches : std::uint8_t { together, bar_by_bar };

struct SimulationConfig {
  std::vector<SimulatedPair> pairs;
  Decimal cash;  ///< opening balance in the reporting asset
  AssetIx reporting_asset{};
  User user;
  /// Users beside the first. Results, equity and the desk are of the first account; the digest is over the fills of all.
  std::vector<SimulatedAccount> others;
  SimVenueConfig venue;
  BatchExecutorConfig executor;  ///< as it stands, orders go to the venue at once
  EngineOptions engine;
  DurationNs desk_interval{3'600'000'000'000};
  DurationNs equity_interval{3'600'000'000'000};
  CollectLevel collect = CollectLevel::full;
  Stretches stretches = Stretches::together;
};

enum class Flow : std::uint8_t { go_on, stop };

/// Where the run stands.
struct Progress {
  TimeNs now{};
  std::uint64_t bars_done = 0, bars_total = 0;
};

struct SimulationHooks {
  std::function<Flow(const Progress&)> pace;   ///< after every base interval: sleeps, draws, stops; null = full speed to the end
  std::function<void(const Progress&)> watch;  ///< now and then, at any speed: progress bars
  std::function<void(const Frame&)> on_frame;  ///< after collection, before dispatch
  std::function<void(const DecisionRecord&)> on_decision;
};

/// What a simulation works with beside its data. All outlive it; null where not used.
struct SimulationParts {
  Desk* desk = nullptr;
  const MarketView* market = nullptr;
  MemoryKeeper* memory = nullptr;
  const ObservationView* observations = nullptr;  ///< what outside feeds said; the desk sees at each instant what was known then
  std::span<const Tape> tapes;                    ///< recorded order books and trades; the desk sees at each instant what was known then
  JournalWriter* journal = nullptr;
  std::function<bool()> may_send;  ///< see Shard::set_permit
};

class Simulation {
 public:
  static std::expected<std::unique_ptr<Simulation>, std::string> create(const Dataset& data, SimulationConfig config, SimulationParts parts);

  /// Registers everything and pays in the cash.
  std::expected<void, ShardError> begin();
  /// Takes over from a journal: hand in every recorded frame in order, then call resume().
  void recover(const RecordedFrame& frame);
  /// Opens a new epoch, asks the venue what happened meanwhile, and continues after the last closed bar. `market` later than that: the market has gone on while nobody
  /// was here. The venue has its bars up to then alone, with what rests there; the engine hears what became of it before it sees a price.
  std::expected<void, ShardError> resume(TimeNs market = {});

  /// Runs until the data end or the pacer stops it.
  std::expected<Flow, ShardError> run(const SimulationHooks& hooks);
  /// Takes an input from outside (a person's command) at the present instant.
  std::expected<void, ShardError> inject(InputBody body);

  /// Closing figures. Call once, after run().
  RunResult result();

  const EngineState& state() const { return shard_.state(); }
  const SimVenue& venue() const { return *venue_; }
  const BatchExecutor& executor() const { return executor_; }
  SimVenue& venue() { return *venue_; }
  RunCollector& collector() { return collector_; }
  Shard& shard() { return shard_; }
  AccountIx account() const { return AccountIx{0}; }

 private:
  struct Cursor {
    std::size_t next = 0;  ///< next bar
    std::size_t funding_row = 0;
    TimeNs next_funding = kNever;    ///< assumed schedule or next record
    std::vector<std::size_t> pairs;  ///< pairs that trade it
    // Of the only pair's decider:
    std::size_t asked = 0;                              ///< it was fed the bars before this one; beyond `next` where it runs ahead
    BarDecider::Cause cause = BarDecider::Cause::none;  ///< whether bar asked - 1 gave cause for a proposal that was not asked for yet
    std::vector<std::size_t> barred;                    ///< bars before `asked` at which it would have asked for an opening that a breaker bars, ascending
    std::size_t barred_counted = 0;                     ///< of them, those that were counted already
  };
  using Done = std::expected<void, ShardError>;

  Simulation(const Dataset& data, SimulationConfig config, SimulationParts parts, std::unique_ptr<SimVenue> venue);
  Done take(InputBody&& body, TimeNs at);
  bool pass_unattended(TimeNs until);
  void sample_before(const Input& recorded);
  void note_past(const RecordedFrame& frame);
  void forgive_owed();
  Done run_owed(TimeNs now);
  std::optional<Decimal> equity_at(TimeNs instant) const;
  Done register_account(AccountIx ix, User user, TimeNs start);
  Done pay_in(AccountIx ix, Decimal cash, TimeNs start);
  TimeNs next_delivery() const;
  Done deliver(TimeNs until);
  Done deliver_due(TimeNs until);
  Done settle();
  Done settle_funding(TimeNs now);
  void sample_equity(TimeNs now);
  Done play(TimeNs open_time);
  // calm_stretches.cpp
  struct Lane {
    std::size_t series = 0;
    std::size_t from = 0;   ///< bars before it are booked
    std::size_t next = 0;   ///< bars [from, next) are taken
    std::size_t asked = 0;  ///< the decider was asked about the bars before it
    std::size_t end = 0;    ///< bars before it may be taken
    const BarColumns* bars = nullptr;
    BarDecider* decider = nullptr;      ///< null where nobody decides on base bars
    bool ahead = false;                 ///< the decider knows its next cause
    std::int64_t cause_at = INT64_MAX;  ///< open time of the bar of that cause
    CalmBand band;                      ///< as it was when the lane was opened
  };
  Done play_calm();
  std::expected<bool, ShardError> play_stretch();
  bool only_clocks(TimeNs due) const;
  void count_lane(Lane& lane);
  Done pass_due(TimeNs due);
  std::expected<bool, ShardError> extend_lanes();
  bool all_idle() const;
  bool reach_clocks_again();
  TimeNs next_timer() const;
  std::size_t bars_between_samples() const { return static_cast<std::size_t>(config_.equity_interval.ns / data_.interval.ns); }
  bool open_lanes(TimeNs horizon);
  void look_ahead(Lane& lane);
  void pass_barred(const Lane& lane, Cursor& cursor);
  void count_barred(TimeNs now, std::size_t series);
  Lane* run_lanes();
  Lane* run_only_lane();
  Lane* ask_lanes();
  bool forget_cause(Lane& lane);
  void book_lane(Lane& lane);
  void book_lanes();
  Done decide(TimeNs now);
  Done run_strategies(std::size_t series, std::size_t bar, TimeNs now);
  Done post(std::optional<TradeProposal> proposal, TimeNs now);
  Done run_desk(std::size_t pair, TimeNs now);
  void schedule_funding(std::size_t series, TimeNs after);
  TimeNs next_open() const;

  const Dataset& data_;
  SimulationConfig config_;
  SimulationParts parts_;
  std::unique_ptr<SimVenue> venue_;
  /// What the journal tells of a pair that a strategy trades, for resume().
  struct Past {
    struct HeldSince {
      TimeNs since{};
      Held held = Held::flat;
    };
    std::vector<HeldSince> held;        ///< ascending
    std::optional<TimeNs> proposed_at;  ///< its last proposal
    Held held_before(TimeNs instant) const;
  };
  std::vector<Past> past_;         ///< by pair; empty where nothing was recovered
  std::vector<std::size_t> owed_;  ///< pairs whose last bar was taken, but whose strategy may not have been asked about it before the process ended
  std::deque<Input> answers_;      ///< the executor's own, in place of the venue's
  BatchExecutor executor_;
  Shard shard_;
  RunCollector collector_;
  SimulationHooks hooks_;
  std::vector<Cursor> cursors_;
  std::vector<std::size_t> at_time_;
  std::vector<Lane> lanes_;
  TimeNs next_desk_ = kNever, next_equity_ = kNever, next_funding_ = kNever;
  std::uint64_t bars_done_ = 0, decisions_ = 0, inputs_ = 0;
  std::uint64_t barred_ = 0;  ///< in Cursor::barred and not counted yet
  bool has_desk_ = false;
  bool recorded_ = true;  ///< somebody sees proposals that are denied
};

}  // namespace prom
