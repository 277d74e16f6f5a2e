// Orders from creation to their end: placing, cancelling, and every answer a venue can give. Engine thread.
#pragma once

#include <string>

#include "engine/step.h"

namespace prom::orders {

/// A spec with ids filled in for the next order of this holding. Quantity, type and prices are the caller's.
OrderSpec new_order(const Step& step, AccountIx account, PairIx pair, InstrumentIx instrument, PositionLeg leg);

/// Creates an order that only shrinks a position and sends it. Returns its id.
OrderId place_reducing(Step& step, OrderSpec spec);
/// Creates the orders of an approved proposal (one, or one per rung) and sends them.
void place_entries(Step& step, const TradeProposal& proposal, QuantityUnits quantity);
/// Creates the order of an approved close or reduction and sends it.
void place_exit(Step& step, const TradeProposal& proposal, QuantityUnits quantity);

/// Asks the venue to cancel. Does nothing for orders that are ending already.
void cancel(Step& step, OrderId id);
/// An order that works at the venue although it was to go: cancelled again up to EngineOptions::cancel_attempts, then a person is told. Does nothing where nobody
/// asked for a cancel.
void insist_on_cancel(Step& step, OrderId id);
/// The venue lists the order as working: one that was to go is cancelled once more, however often it was, unless the last cancel may still be on its way.
void on_listed(Step& step, OrderId id);
/// Cancels every order on the account (and instrument) that could add risk.
void cancel_entries(Step& step, AccountIx account, std::optional<InstrumentIx> instrument);
/// The same on all accounts of the user.
void cancel_entries(Step& step, UserIx user);
/// The same for what was placed for the pair.
void cancel_entries(Step& step, PairIx pair);
/// Asks the venue what became of an order.
void query(Step& step, OrderId id);

void on_accepted(Step& step, const VenueAccepted& in);
void on_rejected(Step& step, const VenueRejected& in);
void on_triggered(Step& step, const VenueTriggered& in);
void on_cancelled(Step& step, const VenueCancelled& in);
void on_cancel_refused(Step& step, const VenueCancelRefused& in);
void on_amended(Step& step, const VenueAmended& in);
void on_amend_refused(Step& step, const VenueAmendRefused& in);
void on_expired(Step& step, const VenueExpired& in);
void on_in_doubt(Step& step, const VenueInDoubt& in);
void on_dispatch_refused(Step& step, const DispatchRefused& in);
void on_found(Step& step, const VenueOrderFound& in);

/// Moves the order if the state table allows it; notes an oddity and returns false where it does not.
enum class Moved : std::uint8_t { no, yes };
Moved move(Step& step, OrderId id, OrderEventKind kind, std::string text);

}  // namespace prom::orders
