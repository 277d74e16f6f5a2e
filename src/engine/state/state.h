// Everything the engine knows. Plain tables indexed by dense ids; only apply() (engine/state/apply.h) writes them. One thread: the shard's.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/assert.h"
#include "base/time.h"
#include "domain/command.h"
#include "domain/event.h"
#include "domain/instrument_math.h"
#include "engine/state/recent_ids.h"
#include "engine/state/risk_book.h"

namespace prom {

inline constexpr TimeNs kNever{INT64_MAX};
/// Terminal orders kept for late replies and fills; older ones are forgotten (their fills then count as foreign).
inline constexpr std::size_t kOrdersKept = 65'536;

enum class Known : std::uint8_t { no, yes };

/// Last seen prices of an instrument; once known, always known. High and low are the last bar's (or the trade's own price): the adverse extreme of standing checks.
struct MarketState {
  PriceUnits last{}, high{}, low{};
  TimeNs updated_at{};
  Known known = Known::no;
  PROM_FIELDS(last, high, low, updated_at, known)
};

/// What an approved entry wants for the position it opens. Kept until its orders and position are gone.
struct EntryPlan {
  ProposalId proposal{};
  DecisionId decision{};
  PairIx pair{};
  std::string decider;
  std::optional<PriceUnits> stop;
  std::optional<PriceUnits> trailing_distance;
  std::vector<TargetLevel> targets;
  Decimal risked;
  PROM_FIELDS(proposal, decision, pair, decider, stop, trailing_distance, targets, risked)
};

/// One (account, instrument, leg): position, its protection, and the orders that work on it.
struct Holding {
  Position position;
  QuantityUnits pending_buy{}, pending_sell{};  ///< remaining quantity of entry orders that may still fill: counted as if they had
  CoverageSet coverage;
  std::vector<OrderId> working;  ///< every order on this holding that is not terminal, ascending
  std::optional<EntryPlan> plan;
  RoundTripSums sums;
  PriceUnits best{}, worst{};  ///< extremes since entry, by price (high and low)
  RecentIds applied;           ///< venue trades already booked here
  TimeNs last_funding{};       ///< newest settlement booked
  Switch quarantined = Switch::off;
  std::string quarantine_diff;
  PROM_FIELDS(position, pending_buy, pending_sell, coverage, working, plan, sums, best, worst, applied, last_funding, quarantined, quarantine_diff)
};

/// The part of a holding that money is reckoned from. Derived from `holdings`, same order.
struct HotHolding {
  static constexpr std::uint8_t kNoEntry = 0xFF;
  wide::I128 cost = 0;  ///< mantissa at 1e-12
  std::int64_t quantity = 0;
  std::int64_t pending_buy = 0, pending_sell = 0;
  std::uint32_t margin_ppm = 1'000'000;  ///< initial margin, millionths of notional (rounded up): 1 / leverage
  std::uint16_t instrument = 0;
  std::uint16_t group = 0;
  Payoff payoff = Payoff::linear;
  std::uint8_t entry = kNoEntry;  ///< in RiskBook
  friend bool operator==(const HotHolding&, const HotHolding&) = default;
};

/// Members that reviews read stand first, so that they share cache lines.
struct AccountState {
  RiskBook book;                             ///< derived
  std::vector<std::uint32_t> by_instrument;  ///< instrument index -> 1 + first holding, 0 = none (one-way accounts have one)
  std::uint32_t reconcile_attempts = 0;
  Account account;
  std::vector<Money> balances;      ///< by first use; sums of postings
  std::vector<Holding> holdings;    ///< by first use
  std::vector<HotHolding> hot;      ///< derived
  std::vector<TimeNs> order_times;  ///< ring of the last max_orders_per_minute entry orders
  std::uint32_t order_times_next = 0;
  std::uint32_t open_positions = 0;
  TimeNs last_snapshot_at{};
  TimeNs snapshot_due = kNever;
  std::uint32_t foreign_orders = 0;  ///< orders at rest in the last snapshot that bear no client id of ours
  PROM_FIELDS(account, balances, holdings, by_instrument, order_times, order_times_next, open_positions, reconcile_attempts, last_snapshot_at, snapshot_due,
              foreign_orders)
};

struct EquitySample {
  TimeNs time{};
  Decimal equity;
  PROM_FIELDS(time, equity)
};

/// What is left of an amount when a fraction of it is lost, kept for the same numbers.
struct LossFloor {
  Decimal base, fraction, floor;
  static Decimal work_out(Decimal base, Decimal fraction) { return base - mul(base, fraction, Round::down); }
  Decimal of(Decimal from, Decimal lost) const { return from == base && lost == fraction ? floor : work_out(from, lost); }
  Decimal keep(Decimal from, Decimal lost) {
    if (from == base && lost == fraction) return floor;
    base = from;
    fraction = lost;
    return floor = work_out(from, lost);
  }
};

struct UserState {
  User user;
  std::vector<AccountIx> accounts;
  TradingState trading_state = TradingState::active;
  KillPhase kill_phase = KillPhase::released;
  std::string kill_reason;
  std::optional<std::uint64_t> reset_challenge;
  std::vector<BreakerTripped> breakers;
  TimeNs day_start{}, next_day = kNever;
  Decimal day_start_equity, peak_equity;
  Decimal day_transfers, rolling_transfers;  ///< net deposits since day start, and a running total for the rolling window
  /// Hourly, ascending, net of all transfers so far, at most 26. The first is the base of the rolling loss: the equity 24 hours before the newest sample, as the
  /// last sample at or before that instant has it if it is less than an hour older, else as the first one since. So a loss counts for 24 to 25 hours (a sample
  /// that came late: 26), and none from before a time in which nothing was sampled; with bars further apart than a day only what the newest bar itself lost.
  std::vector<EquitySample> samples;
  TimeNs next_sample = kNever;
  std::uint32_t consecutive_losses = 0;
  std::uint32_t errors_this_hour = 0;
  TimeNs error_hour{};
  std::vector<TransferBooked> unpriced;  ///< transfers in assets whose price was not known: the loss limits learn of them with their first price
  Decimal loss_floor;                    ///< derived: equity above it has crossed no loss limit
  LossFloor of_day, of_window, of_peak;  ///< derived: its parts
  PROM_FIELDS(user, accounts, trading_state, kill_phase, kill_reason, reset_challenge, breakers, day_start, next_day, day_start_equity, peak_equity,
              day_transfers, rolling_transfers, samples, next_sample, consecutive_losses, errors_this_hour, error_hour, unpriced)
};

struct alignas(64) PairRecord {
  PairGate gate;               ///< derived
  DecisionId last_decision{};  ///< of the last proposal taken: the same again is a duplicate
  Intent last_intent = Intent::open;
  DeciderStatus decider_status = DeciderStatus::active;
  TradingPair pair;
  PROM_FIELDS(pair, decider_status, last_decision, last_intent)
};

struct EngineState {
  TimeNs now{};
  std::uint64_t seq = 0;
  std::uint32_t epoch = 0;
  std::uint32_t halt_epoch = 0;
  Switch ledger_reachable = Switch::on;
  std::vector<std::string> assets;
  std::vector<Instrument> instruments;
  std::vector<InstrumentMath> math;   ///< derived from instruments
  std::vector<InstrumentGate> gates;  ///< derived from instruments
  std::vector<MarketState> market;
  std::vector<UserState> users;
  std::vector<AccountState> accounts;
  std::vector<PairRecord> pairs;
  std::vector<std::vector<AccountIx>> holders;  ///< by instrument: accounts with a position in it
  std::vector<ConversionPrice> conversions;
  std::vector<TimeNs> conversion_times;           ///< when each of `conversions` arrived
  std::vector<std::uint32_t> spot_of_asset;       ///< derived: asset -> 1 + a spot instrument that prices it, 0 = none
  std::optional<TradeProposal> current_proposal;  ///< received and not yet approved or denied; never outlives a step
  std::uint64_t first_order = 1;                  ///< id of orders.front()
  std::deque<Order> orders;
  std::vector<OrderId> in_doubt;  ///< orders whose fate is asked for
  std::uint64_t next_order = 1, next_proposal = 1, next_round_trip = 1, next_oco = 1;
  TimeNs next_due{};               ///< derived: earliest timer; 0 = recompute
  std::uint64_t takeover_seq = 0;  ///< derived: the frame in which the present epoch began, 0 after a snapshot; what it puts in doubt is no error of the venue

  const Order* find_order(OrderId id) const {
    if (id.v < first_order || id.v - first_order >= orders.size()) return nullptr;
    return &orders[id.v - first_order];
  }
  Order* find_order(OrderId id) { return const_cast<Order*>(static_cast<const EngineState*>(this)->find_order(id)); }
  const Holding* find_holding(AccountIx account, InstrumentIx instrument, PositionLeg leg) const;
  Holding* find_holding(AccountIx account, InstrumentIx instrument, PositionLeg leg) {
    return const_cast<Holding*>(static_cast<const EngineState*>(this)->find_holding(account, instrument, leg));
  }
  const Instrument& instrument(InstrumentIx ix) const { return instruments[ix.v]; }
  UserState& user_of(AccountIx ix) { return users[accounts[ix.v].account.user.v]; }
  const UserState& user_of(AccountIx ix) const { return users[accounts[ix.v].account.user.v]; }
};

/// Digest of the whole state but derived fields: equal after recovery, replay and an uninterrupted run.
std::uint64_t digest_of(const EngineState& state);

}  // namespace prom
