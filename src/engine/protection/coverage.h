// Protective coverage: every open position has a stop resting at the venue within a deadline, sized to the position; targets beside it; an emergency close
// where that cannot be had. Engine thread.
#pragma once

#include <string_view>

#include "engine/step.h"

namespace prom::protection {

/// After any change of a position: places, resizes or removes protection so that it fits again.
void fit(Step& step, AccountIx account, InstrumentIx instrument, PositionLeg leg);

/// An order that protects now works at the venue.
void on_order_working(Step& step, OrderId id);
/// A protective or closing order was rejected: retry, then close at market.
void on_exit_rejected(Step& step, const OrderSpec& spec, RejectCode code);
/// A protective or closing order never left (its approval expired, nobody serves the account): made again as often as one that is rejected, then closed at market,
/// and that tried again at each deadline. A close that a decider asked for is his to ask for again; a target is not made again.
void on_exit_not_sent(Step& step, const OrderSpec& spec);
/// The venue would not change a resting stop. Tried again when the venue has said how it rests, as often as a stop that is rejected; where the position is larger than
/// the stop by then, it is closed at market.
void on_amend_refused(Step& step, const OrderSpec& spec);
/// A reducing order ended without filling (cancelled, expired, absent): protection is made whole again if the position still stands.
void on_exit_gone(Step& step, const OrderSpec& spec);
/// An entry ended without opening anything: its plan is dropped.
void on_entry_ended(Step& step, const OrderSpec& spec);

/// A bar closed (or a trade printed): watermarks move, trailing stops follow.
void on_prices(Step& step, AccountIx account, InstrumentIx instrument, PriceUnits high, PriceUnits low);

/// A decider or person wants a tighter stop or a trailing one. A looser stop is refused and noted.
void on_requested(Step& step, const ProtectionRequested& in);

/// Deadlines that have passed: emergency close. Returns the earliest deadline that still runs.
TimeNs run_deadlines(Step& step);

/// Closes the position at market now, reduce-only, whatever else is going on. What other exits may be selling already is left out: on spot also what one in doubt
/// may have sold, until the venue has said that it never saw it.
void flatten(Step& step, const Holding& holding, std::string_view why);

}  // namespace prom::protection
