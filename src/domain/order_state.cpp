// The order state table: what may follow what, and why the odd rows are there. Venues deliver acknowledgements, fills and cancels over several channels
// in any order, so a late message that changes nothing maps a state to itself; an event that cannot happen maps to nothing. Pure; any thread.
#include <array>

#include "domain/order.h"

namespace prom {

namespace {

constexpr std::int8_t kNone = -1;
using Row = std::array<std::int8_t, kOrderEventKindCount>;

constexpr std::int8_t to(OrderState state) { return static_cast<std::int8_t>(state); }

constexpr std::int8_t pend = to(OrderState::pending), sent = to(OrderState::sent), accd = to(OrderState::accepted), trig = to(OrderState::triggered),
                      part = to(OrderState::partially_filled), cpnd = to(OrderState::cancel_pending), apnd = to(OrderState::amend_pending),
                      dubt = to(OrderState::in_doubt), fild = to(OrderState::filled), cncl = to(OrderState::cancelled), rejd = to(OrderState::rejected),
                      expd = to(OrderState::expired), nsnt = to(OrderState::not_sent), none = kNone;

// Columns: sent, not_sent, accepted, rejected, in_doubt, triggered, partially_filled, filled,
//          cancel_requested, cancel_refused, cancelled, amend_requested, amended, amend_refused, expired, found_absent
constexpr std::array<Row, kOrderStateCount> kTable{{
    // pending: acknowledgement, fill or refusal may overtake our own note that the order was handed over. A cancel may be asked for before the send is
    // noted; it travels behind the order. An amend waits until the venue has the order.
    {sent, nsnt, accd, rejd, dubt, trig, part, fild, cpnd, none, cncl, none, none, none, expd, none},
    // sent: `not_sent` when the dispatcher refuses after the hand-over was noted (approval expired, lease lapsed): it never left.
    {none, nsnt, accd, rejd, dubt, trig, part, fild, cpnd, none, cncl, none, none, none, expd, none},
    // accepted: accepted again, because reply and stream both acknowledge. `rejected` after acceptance: gateways acknowledge receipt before the matching
    // engine refuses. `in_doubt`: a late time-out or a cut connection; asking again costs one query. `amended` and `amend_refused`: answers that were
    // overtaken by a status query.
    {accd, none, accd, rejd, dubt, trig, part, fild, cpnd, none, cncl, apnd, accd, accd, expd, none},
    // triggered: the venue works a new order under the same identity: it may acknowledge or refuse that again (a stop-limit refused for margin). Amending
    // the trigger has no meaning any more; an amend already under way is answered without effect.
    {trig, none, trig, rejd, dubt, trig, part, fild, cpnd, none, cncl, none, trig, trig, expd, none},
    // partially_filled: late acknowledgement and trigger change nothing. It cannot be rejected: what has traded stands; a refused rest is `cancelled`.
    {part, none, part, none, dubt, part, part, fild, cpnd, none, cncl, apnd, part, part, expd, none},
    // cancel_pending: the order works until the cancel is confirmed: fills, triggers and acknowledgements do not end the wait. A refused cancel means
    // that the venue no longer (or does not yet) know the order, so its status must be asked: in doubt. A second cancel (kill switch) is the same cancel.
    {cpnd, nsnt, cpnd, rejd, dubt, cpnd, cpnd, fild, cpnd, dubt, cncl, none, cpnd, cpnd, expd, none},
    // amend_pending: a fill does not end the wait. After either answer the order is `accepted` with whatever it has filled. A trigger ends the wait: the
    // amend is void then.
    {apnd, none, apnd, rejd, dubt, trig, apnd, fild, cpnd, none, cncl, none, accd, accd, expd, none},
    // in_doubt: anything definitive resolves it. A cancel may be sent meanwhile; neither asking nor a refusal resolves anything. An amend that was
    // confirmed proves that the order lives. `not_sent`: the dispatcher found that it never left. Absent past the receive window: the venue never saw it.
    {none, nsnt, accd, rejd, dubt, trig, part, fild, dubt, dubt, cncl, none, accd, dubt, expd, nsnt},
    // filled: nothing can follow, but late messages do: fill before acknowledgement, time-out of a request whose fill has come by stream, cancel or amend
    // that lost the race, further or out-of-order fills (the quantity is the fills' business), cancel or expiry of an empty rest.
    {fild, none, fild, none, fild, fild, fild, fild, none, fild, fild, none, fild, fild, fild, none},
    // cancelled: a fill executed before the cancel may be reported after it. The last one makes it filled; a partial one leaves the rest cancelled. The
    // second of two cancels is refused.
    {cncl, none, cncl, none, cncl, cncl, cncl, fild, none, cncl, cncl, none, cncl, cncl, cncl, none},
    // rejected: a fill proves the rejection wrong (a lost acknowledgement booked as refusal, or a duplicate-id reply to a repeated request): the order is
    // or was alive, and so it is again here. The same for an acknowledgement or trigger. A cancel, and its refusal, agree with what we know.
    {rejd, none, accd, rejd, rejd, trig, part, fild, none, rejd, rejd, none, none, rejd, rejd, none},
    // expired: as cancelled: fills from before the expiry count.
    {expd, none, expd, none, expd, expd, expd, fild, none, expd, expd, none, expd, expd, expd, none},
    // not_sent: the one state that others may prove wrong in full: if the venue speaks of the order, it has it.
    {none, nsnt, accd, rejd, nsnt, trig, part, fild, none, nsnt, cncl, none, none, nsnt, expd, none},
}};
static_assert(pend == 0 && nsnt == kOrderStateCount - 1, "rows follow OrderState");
static_assert(static_cast<int>(OrderEventKind::found_absent) == kOrderEventKindCount - 1, "columns follow OrderEventKind");

}  // namespace

std::optional<OrderState> next_state(OrderState from, OrderEventKind event) {
  const std::int8_t next = kTable[static_cast<std::size_t>(from)][static_cast<std::size_t>(event)];
  if (next == kNone) return std::nullopt;
  return static_cast<OrderState>(next);
}

bool is_terminal(OrderState state) {
  switch (state) {
    case OrderState::pending:
    case OrderState::sent:
    case OrderState::accepted:
    case OrderState::triggered:
    case OrderState::partially_filled:
    case OrderState::cancel_pending:
    case OrderState::amend_pending:
    case OrderState::in_doubt: return false;
    case OrderState::filled:
    case OrderState::cancelled:
    case OrderState::rejected:
    case OrderState::expired:
    case OrderState::not_sent: return true;
  }
  PROM_UNREACHABLE();
}

// Everything that is not over may fill; what is over is believed not to, although a late fill would be booked.
bool may_fill(OrderState state) { return !is_terminal(state); }

}  // namespace prom
