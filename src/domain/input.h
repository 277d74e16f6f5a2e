// Everything the engine may decide upon. Whatever is not here does not exist for it: no clock, no randomness, no I/O. Inputs are journaled before their
// effects leave. Built by any thread, consumed by the engine thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/fields.h"
#include "base/sum_type.h"
#include "base/time.h"
#include "domain/account.h"
#include "domain/bar.h"
#include "domain/fill.h"
#include "domain/ids.h"
#include "domain/instrument.h"
#include "domain/memory.h"
#include "domain/order.h"
#include "domain/proposal.h"
#include "domain/verdict.h"

namespace prom {

// --- market ---
struct BarClosed {
  InstrumentIx instrument{};
  DurationNs interval{};
  Bar bar;
  PROM_FIELDS(instrument, interval, bar)
};
struct TradePrinted {
  InstrumentIx instrument{};
  PriceUnits price{};
  QuantityUnits quantity{};
  Side aggressor = Side::buy;
  PROM_FIELDS(instrument, price, quantity, aggressor)
};
/// Price of one unit of `asset` in `in`; equity in a reporting asset needs one for each other asset held.
struct ConversionPrice {
  AssetIx asset{}, in{};
  Decimal price;
  PROM_FIELDS(asset, in, price)
};
/// Nothing but time has passed: due timers run.
struct TimePassed {
  PROM_FIELDS()
};

// --- configuration ---
struct AssetRegistered {
  AssetIx ix{};
  std::string name;
  PROM_FIELDS(ix, name)
};
struct InstrumentRegistered {
  Instrument instrument;
  PROM_FIELDS(instrument)
};
struct UserRegistered {
  User user;
  PROM_FIELDS(user)
};
struct AccountRegistered {
  Account account;
  PROM_FIELDS(account)
};
struct PairRegistered {
  TradingPair pair;
  PROM_FIELDS(pair)
};
/// Deposit (+) or withdrawal (-); never counts as profit or loss.
struct TransferBooked {
  AccountIx account{};
  Money amount;
  PROM_FIELDS(account, amount)
};
/// A new process took over the journal: client order ids continue under a higher epoch, and every order still `pending` becomes in doubt.
struct EpochStarted {
  std::uint32_t epoch = 0;
  PROM_FIELDS(epoch)
};

// --- people and supervisors ---
enum class TradingState : std::uint8_t { active, reducing, halted };
struct TradingStateSet {
  UserIx user{};
  TradingState state = TradingState::active;
  std::string reason;
  PROM_FIELDS(user, state, reason)
};
struct PairStateSet {
  PairIx pair{};
  PairState state = PairState::active;
  std::string reason;
  PROM_FIELDS(pair, state, reason)
};
enum class DeciderStatus : std::uint8_t { active, probation, disabled };
/// Enables, halves or disables a decider on a pair (self evaluation, or a person).
struct DeciderStatusSet {
  PairIx pair{};
  DeciderStatus status = DeciderStatus::active;
  std::string reason;
  PROM_FIELDS(pair, status, reason)
};
struct KillSwitchPulled {
  UserIx user{};
  std::string reason;
  PROM_FIELDS(user, reason)
};
enum class ResetStep : std::uint8_t { request, confirm };
/// Two steps: `request` records a challenge, `confirm` must repeat it. Authentication happened before this input was built.
struct KillSwitchReset {
  UserIx user{};
  ResetStep step = ResetStep::request;
  std::uint64_t challenge = 0;
  PROM_FIELDS(user, step, challenge)
};
struct LimitsSet {
  UserIx user{};
  RiskLimits limits;
  PROM_FIELDS(user, limits)
};
/// Tightens protection of an open position. A stop may move only towards the market; a looser one is denied.
struct ProtectionRequested {
  AccountIx account{};
  InstrumentIx instrument{};
  PositionLeg leg = PositionLeg::net;
  DecisionId decision{};
  std::optional<PriceUnits> stop;
  std::optional<PriceUnits> trailing_distance;
  std::string reason;
  PROM_FIELDS(account, instrument, leg, decision, stop, trailing_distance, reason)
};
struct CancelRequested {
  AccountIx account{};
  std::optional<InstrumentIx> instrument;  ///< none = all; protective orders are kept
  PROM_FIELDS(account, instrument)
};
/// Health of the configured ledger: commands that add risk wait while it is away.
struct LedgerHealth {
  Switch reachable = Switch::on;
  PROM_FIELDS(reachable)
};

// --- deciders ---
struct ProposalPosted {
  TradeProposal proposal;
  PROM_FIELDS(proposal)
};
struct DecisionRecorded {
  DecisionRecord record;
  PROM_FIELDS(record)
};
struct MemoryNoted {
  Memory memory;
  PROM_FIELDS(memory)
};

// --- venue ---
enum class RejectCode : std::uint8_t {
  unknown,
  insufficient_balance,
  price_filter,
  quantity_filter,
  min_notional,
  reduce_only_rejected,
  would_trigger_immediately,
  post_only_would_cross,
  duplicate_client_id,
  rate_limited,
  instrument_closed,
  position_mode,
  max_orders
};
struct VenueAccepted {
  OrderId order{};
  PROM_FIELDS(order)
};
struct VenueRejected {
  OrderId order{};
  RejectCode code = RejectCode::unknown;
  std::string text;
  PROM_FIELDS(order, code, text)
};
struct VenueTriggered {
  OrderId order{};
  PROM_FIELDS(order)
};
struct VenueFilled {
  Fill fill;
  PROM_FIELDS(fill)
};
enum class CancelCause : std::uint8_t { requested, reduce_only_void, oco_sibling, ioc_remainder, venue };
struct VenueCancelled {
  OrderId order{};
  CancelCause cause = CancelCause::requested;
  PROM_FIELDS(order, cause)
};
/// The venue does not know the order any more (or never did): its status must be asked.
struct VenueCancelRefused {
  OrderId order{};
  PROM_FIELDS(order)
};
struct VenueAmended {
  OrderId order{};
  QuantityUnits quantity{};
  std::optional<PriceUnits> limit, trigger;
  PROM_FIELDS(order, quantity, limit, trigger)
};
struct VenueAmendRefused {
  OrderId order{};
  PROM_FIELDS(order)
};
struct VenueExpired {
  OrderId order{};
  PROM_FIELDS(order)
};
/// Timeout, 5xx, cut connection or unreadable reply: the order may or may not exist.
struct VenueInDoubt {
  OrderId order{};
  PROM_FIELDS(order)
};
/// The dispatcher refused to send: approval expired, halt epoch moved, or lease lapsed.
struct DispatchRefused {
  OrderId order{};
  std::string reason;
  PROM_FIELDS(order, reason)
};
enum class FoundState : std::uint8_t { absent, working, partially_filled, filled, cancelled, rejected, expired };
/// Answer to a status query. `absent` is definitive only past the venue's receive window; the adapter waits for that before it says so.
struct VenueOrderFound {
  OrderId order{};
  FoundState state = FoundState::absent;
  QuantityUnits filled{};
  PROM_FIELDS(order, state, filled)
};
struct VenueFunding {
  AccountIx account{};
  InstrumentIx instrument{};
  PositionLeg leg = PositionLeg::net;
  TimeNs funding_time{};
  Decimal rate;
  Money amount;  ///< received (+) or paid (-)
  Provenance provenance = Provenance::venue;
  PROM_FIELDS(account, instrument, leg, funding_time, rate, amount, provenance)
};
struct VenuePosition {
  InstrumentIx instrument{};
  PositionLeg leg = PositionLeg::net;
  QuantityUnits quantity{};
  PROM_FIELDS(instrument, leg, quantity)
};
struct VenueOpenOrder {
  ClientOrderId client_id{};
  InstrumentIx instrument{};
  PositionLeg leg = PositionLeg::net;
  Side side = Side::buy;
  OrderType type = OrderType::market;
  Effect effect = Effect::open_or_add;
  QuantityUnits quantity{}, filled{};
  std::optional<PriceUnits> limit, trigger;
  PROM_FIELDS(client_id, instrument, leg, side, type, effect, quantity, filled, limit, trigger)
};
/// What the venue says an account holds: reconciliation and the coverage check compare against it.
struct VenueSnapshot {
  AccountIx account{};
  std::vector<VenuePosition> positions;
  std::vector<VenueOpenOrder> orders;
  std::vector<Money> balances;
  PROM_FIELDS(account, positions, orders, balances)
};

struct InputBody : std::variant<BarClosed, TradePrinted, ConversionPrice, TimePassed, AssetRegistered, InstrumentRegistered, UserRegistered, AccountRegistered,
                                PairRegistered, TransferBooked, EpochStarted, TradingStateSet, PairStateSet, DeciderStatusSet, KillSwitchPulled,
                                KillSwitchReset, LimitsSet, ProtectionRequested, CancelRequested, LedgerHealth, ProposalPosted, DecisionRecorded, MemoryNoted,
                                VenueAccepted, VenueRejected, VenueTriggered, VenueFilled, VenueCancelled, VenueCancelRefused, VenueAmended, VenueAmendRefused,
                                VenueExpired, VenueInDoubt, DispatchRefused, VenueOrderFound, VenueFunding, VenueSnapshot> {
  InputBody() = default;
  PROM_SUM_TYPE(InputBody);
};

/// One entry of the inbox. Total order: (available_at, kind, instrument, source_seq); the engine never sees time go back.
struct Input {
  TimeNs available_at{};
  std::uint64_t source_seq = 0;
  InputBody body;
};

}  // namespace prom
