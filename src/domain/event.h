// What happened: the only thing that changes engine state. Events carry results, so that recovery and projections compute nothing. Engine thread writes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/fields.h"
#include "base/sum_type.h"
#include "domain/denial.h"
#include "domain/fill.h"
#include "domain/input.h"
#include "domain/position.h"

namespace prom {

/// The input itself changed state (registration, price, transfer, limits, ...) and is to be applied as it stands.
struct InputTaken {
  PROM_FIELDS()
};
struct OrderCreated {
  OrderSpec spec;
  PROM_FIELDS(spec)
};
/// Any move of the order state table but fills.
struct OrderMoved {
  OrderId order{};
  OrderEventKind kind = OrderEventKind::accepted;
  std::string text;  ///< the venue's or our reason; empty where the kind says all
  PROM_FIELDS(order, kind, text)
};
struct OrderAmended {
  OrderId order{};
  QuantityUnits quantity{};
  std::optional<PriceUnits> limit, trigger;
  PROM_FIELDS(order, quantity, limit, trigger)
};
struct FillApplied {
  Fill fill;
  PROM_FIELDS(fill)
};
/// A fill already applied came again: recorded, nothing changes.
struct FillRepeated {
  VenueTradeId trade{};
  InstrumentIx instrument{};
  OrderId order{};
  PROM_FIELDS(trade, instrument, order)
};
struct Posted {
  Posting posting;
  PROM_FIELDS(posting)
};
struct PositionSet {
  Position position;
  RoundTripSums sums;
  PROM_FIELDS(position, sums)
};
/// A status query for an order in doubt left; `count` so far.
struct OrderQueried {
  OrderId order{};
  std::uint16_t count = 0;
  PROM_FIELDS(order, count)
};
/// Funding of one settlement was booked on a position: `total` is what its round trip received (+) or paid (-) so far.
struct FundingApplied {
  AccountIx account{};
  InstrumentIx instrument{};
  PositionLeg leg = PositionLeg::net;
  TimeNs funding_time{};
  Decimal total;
  PROM_FIELDS(account, instrument, leg, funding_time, total)
};
struct ProposalReceived {
  TradeProposal proposal;
  PROM_FIELDS(proposal)
};
struct ProposalApproved {
  ProposalId proposal{};
  QuantityUnits quantity{};  ///< after clipping
  Decimal risked;            ///< loss at the stop incl. fees, in the reporting asset
  PROM_FIELDS(proposal, quantity, risked)
};
struct ProposalDenied {
  ProposalId proposal{};
  Denial denial;
  PROM_FIELDS(proposal, denial)
};
struct RoundTripClosed {
  JournalEntry entry;
  PROM_FIELDS(entry)
};

enum class BreakerKind : std::uint8_t { daily_loss, rolling_loss, drawdown, consecutive_losses, errors, data_feed };
std::string_view name_of(BreakerKind kind);
struct BreakerTripped {
  UserIx user{};
  BreakerKind kind = BreakerKind::daily_loss;
  Decimal limit, actual;
  TimeNs until{};  ///< when it resumes by itself
  PROM_FIELDS(user, kind, limit, actual, until)
};
struct BreakerResumed {
  UserIx user{};
  BreakerKind kind = BreakerKind::daily_loss;
  PROM_FIELDS(user, kind)
};
enum class KillPhase : std::uint8_t { released, cancelling, flattening, flat };
struct KillSwitchMoved {
  UserIx user{};
  KillPhase phase = KillPhase::released;
  std::string reason;
  PROM_FIELDS(user, phase, reason)
};
struct DayRolled {
  UserIx user{};
  TimeNs day_start{};
  Decimal equity;
  PROM_FIELDS(user, day_start, equity)
};
struct PeakRaised {
  UserIx user{};
  Decimal equity;
  PROM_FIELDS(user, equity)
};
/// A sample for the rolling 24 h loss window.
struct EquitySampled {
  UserIx user{};
  TimeNs time{};
  Decimal equity;
  PROM_FIELDS(user, time, equity)
};

enum class CoverageState : std::uint8_t { none, placing, covered, replacing, failed, emergency };
/// Protection of a position: what must rest at the venue, and whether it does.
struct CoverageSet {
  AccountIx account{};
  InstrumentIx instrument{};
  PositionLeg leg = PositionLeg::net;
  CoverageState state = CoverageState::none;
  std::optional<PriceUnits> stop;
  std::optional<PriceUnits> trailing_distance;
  std::vector<TargetLevel> targets;
  std::optional<OrderId> stop_order;
  std::uint32_t failures = 0;
  TimeNs deadline{};
  PROM_FIELDS(account, instrument, leg, state, stop, trailing_distance, targets, stop_order, failures, deadline)
};
/// Best price since entry, for trailing stops and excursions.
struct WatermarkMoved {
  AccountIx account{};
  InstrumentIx instrument{};
  PositionLeg leg = PositionLeg::net;
  PriceUnits best{}, worst{};
  PROM_FIELDS(account, instrument, leg, best, worst)
};
struct QuarantineSet {
  AccountIx account{};
  InstrumentIx instrument{};
  Switch quarantined = Switch::on;
  std::string diff;
  PROM_FIELDS(account, instrument, quarantined, diff)
};
/// How far comparing an account with its venue has got: failed attempts in a row, and when the venue is asked next.
struct ReconcileSet {
  AccountIx account{};
  std::uint32_t attempts = 0;
  TimeNs snapshot_due{};
  PROM_FIELDS(account, attempts, snapshot_due)
};
struct OddityNoted {
  std::string what;
  PROM_FIELDS(what)
};

struct Event : std::variant<InputTaken, OrderCreated, OrderMoved, OrderAmended, FillApplied, FillRepeated, Posted, PositionSet, ProposalReceived,
                            ProposalApproved, ProposalDenied, RoundTripClosed, BreakerTripped, BreakerResumed, KillSwitchMoved, DayRolled, PeakRaised,
                            EquitySampled, CoverageSet, WatermarkMoved, QuarantineSet, OddityNoted, ReconcileSet, FundingApplied, OrderQueried> {
  Event() = default;
  PROM_SUM_TYPE(Event);
};

}  // namespace prom
