// The only code that writes engine state. Applying the recorded events of a journal gives the state that deciding gave. Engine thread.
#pragma once

#include "domain/event.h"
#include "engine/state/state.h"

namespace prom {

/// Takes the input's time and sequence. Must precede the input's events.
void begin_frame(EngineState& state, std::uint64_t seq, TimeNs available_at);

/// Applies one event of the frame that `input` caused. Events carry results: nothing is computed that depends on more than the event and indexes.
void apply(EngineState& state, const Input& input, const Event& event);

// One function per event, for callers that hold it by type.
void apply_market(EngineState& state, InstrumentIx instrument, PriceUnits last, PriceUnits high, PriceUnits low, TimeNs at);
void apply(EngineState& state, const OrderCreated& event, TimeNs now);
void apply(EngineState& state, const OrderMoved& event, TimeNs now);
void apply(EngineState& state, const OrderAmended& event);
void apply(EngineState& state, const FillApplied& event, TimeNs now);
void apply(EngineState& state, const Posted& event);
void apply(EngineState& state, const PositionSet& event);
void apply(EngineState& state, const ProposalReceived& event);
void apply(EngineState& state, const ProposalApproved& event);
void apply(EngineState& state, const ProposalDenied& event);
void apply(EngineState& state, const RoundTripClosed& event);
void apply(EngineState& state, const BreakerTripped& event);
void apply(EngineState& state, const BreakerResumed& event);
void apply(EngineState& state, const KillSwitchMoved& event);
void apply(EngineState& state, const DayRolled& event);
void apply(EngineState& state, const PeakRaised& event);
void apply(EngineState& state, const EquitySampled& event);
void apply(EngineState& state, const CoverageSet& event);
void apply(EngineState& state, const WatermarkMoved& event);
void apply(EngineState& state, const QuarantineSet& event);
void apply(EngineState& state, const ReconcileSet& event);
void apply(EngineState& state, const FundingApplied& event);
void apply(EngineState& state, const OrderQueried& event);
inline void apply(EngineState&, const FillRepeated&) {}  // recorded for people; nothing changes
inline void apply(EngineState&, const OddityNoted&) {}

/// Rebuilds derived fields (math, hot holdings, indexes, next_due) after a snapshot was loaded.
void rebuild_derived(EngineState& state);

/// Recomputes UserState::loss_floor: the highest of the floors that daily loss, rolling loss and drawdown draw.
void refresh_loss_floor(UserState& user);

/// A price became known: transfers that waited for one reach the loss limits.
void value_transfers(EngineState& state);

/// The holding, made on first use.
Holding& holding_for(EngineState& state, AccountIx account, InstrumentIx instrument, PositionLeg leg);

}  // namespace prom
