// Order life cycle. Engine thread.
#include "engine/orders/order_manager.h"

#include <algorithm>

#include "engine/protection/coverage.h"

namespace prom::orders {

Moved move(Step& step, OrderId id, OrderEventKind kind, std::string text) {
  const Order* order = step.state.find_order(id);
  if (order == nullptr) {
    step.oddity("a reply names order " + std::to_string(id.v) + ", which is unknown here");
    return Moved::no;
  }
  if (!next_state(order->state, kind)) {
    // Late and doubled replies are the real world's business as usual; they are kept for the record and change nothing.
    step.oddity("order " + std::to_string(id.v) + " is " + std::string(name_of(order->state)) + ": a late reply was ignored");
    return Moved::no;
  }
  step.emit(OrderMoved{id, kind, std::move(text)});
  return Moved::yes;
}

OrderSpec new_order(const Step& step, AccountIx account, PairIx pair, InstrumentIx instrument, PositionLeg leg) {
  OrderSpec spec;
  spec.id = OrderId{step.state.next_order};
  spec.client_id = {account, step.state.epoch, spec.id};
  spec.account = account;
  spec.pair = pair;
  spec.instrument = instrument;
  spec.leg = leg;
  return spec;
}

OrderId place_reducing(Step& step, OrderSpec spec) {
  spec.effect = Effect::reduce_only;
  step.emit(OrderCreated{spec});
  step.command(RiskEngine::approve_reducing(step.state, spec));
  return spec.id;
}

void place_entries(Step& step, const TradeProposal& proposal, QuantityUnits quantity) {
  const auto rungs = static_cast<std::int64_t>(proposal.ladder.size()) + 1;
  for (std::int64_t i = 0; i < rungs; ++i) {
    OrderSpec spec = new_order(step, proposal.account, proposal.pair, proposal.instrument, proposal.leg);
    spec.side = proposal.side;
    spec.purpose = i == 0 ? OrderPurpose::entry : OrderPurpose::ladder;
    spec.quantity = {quantity.v / rungs};
    spec.proposal = proposal.id;
    const std::optional<PriceUnits> limit = i == 0 ? proposal.limit : std::optional(proposal.ladder[static_cast<std::size_t>(i - 1)]);
    spec.type = limit ? OrderType::limit : OrderType::market;
    spec.limit = limit;
    step.emit(OrderCreated{spec});
    step.command(RiskEngine::approve_entry(step.state, spec));
  }
}

/// Exits that wait for a price give way to one at market.
void cancel_waiting_exits(Step& step, const TradeProposal& proposal) {
  const Holding* holding = step.state.find_holding(proposal.account, proposal.instrument, proposal.leg);
  if (holding == nullptr) return;
  const std::vector<OrderId> working = holding->working;  // a copy: cancelling edits the list
  for (const OrderId id : working) {
    const Order* order = step.state.find_order(id);
    if (order != nullptr && order->spec.purpose == OrderPurpose::close && order->spec.limit) cancel(step, id);
  }
}

void place_exit(Step& step, const TradeProposal& proposal, QuantityUnits quantity) {
  if (!proposal.limit) cancel_waiting_exits(step, proposal);
  OrderSpec spec = new_order(step, proposal.account, proposal.pair, proposal.instrument, proposal.leg);
  spec.side = proposal.side;
  spec.purpose = OrderPurpose::close;
  spec.quantity = quantity;
  spec.proposal = proposal.id;
  spec.type = proposal.limit ? OrderType::limit : OrderType::market;
  spec.limit = proposal.limit;
  // On spot the coins are locked by resting exits: sharing their group lets the venue hand them over.
  const Holding* holding = step.state.find_holding(proposal.account, proposal.instrument, proposal.leg);
  if (holding != nullptr && holding->coverage.stop_order) {
    const Order* stop = step.state.find_order(*holding->coverage.stop_order);
    if (stop != nullptr) spec.oco_group = stop->spec.oco_group;
  }
  place_reducing(step, spec);
}

void cancel(Step& step, OrderId id) {
  const Order* order = step.state.find_order(id);
  if (order == nullptr || !next_state(order->state, OrderEventKind::cancel_requested)) return;
  const CancelSpec spec{id, order->spec.client_id, order->spec.instrument};
  step.emit(OrderMoved{id, OrderEventKind::cancel_requested, {}});
  step.command(RiskEngine::approve_cancel(step.state, spec));
}

void insist_on_cancel(Step& step, OrderId id) {
  const Order* order = step.state.find_order(id);
  if (order == nullptr || order->cancels == 0) return;
  const std::uint16_t attempts = std::max<std::uint16_t>(1, step.options.cancel_attempts);
  if (order->cancels < attempts) return cancel(step, id);
  if (order->cancels % attempts != 0) return;  // told already, and told again after as many more
  step.alert(Severity::critical, step.state.accounts[order->spec.account.v].account.user, "cancel_refused",
             step.state.instrument(order->spec.instrument).symbol + ": order " + to_text(order->spec.client_id) + " still works at the venue after " +
                 std::to_string(order->cancels) + " cancels; it counts as exposure and is cancelled again with each comparison");
}

void on_listed(Step& step, OrderId id) {
  const Order* order = step.state.find_order(id);
  if (order == nullptr || order->cancels == 0) return;
  if (order->state == OrderState::cancel_pending && order->updated_at + step.options.query_interval > step.state.now) return;
  cancel(step, id);
}

namespace {

template <class Chosen>
void cancel_entries_where(Step& step, AccountIx account, Chosen chosen) {
  const AccountState& a = step.state.accounts[account.v];
  for (std::size_t h = 0; h < a.holdings.size(); ++h) {
    const std::vector<OrderId> working = a.holdings[h].working;  // a copy: cancelling edits the list
    for (const OrderId id : working) {
      const Order* order = step.state.find_order(id);
      if (order != nullptr && order->spec.effect == Effect::open_or_add && chosen(order->spec)) cancel(step, id);
    }
  }
}

}  // namespace

void cancel_entries(Step& step, AccountIx account, std::optional<InstrumentIx> instrument) {
  cancel_entries_where(step, account, [&](const OrderSpec& spec) { return !instrument || spec.instrument == *instrument; });
}

void cancel_entries(Step& step, UserIx user) {
  const std::vector<AccountIx> accounts = step.state.users[user.v].accounts;
  for (const AccountIx account : accounts) cancel_entries(step, account, std::nullopt);
}

void cancel_entries(Step& step, PairIx pair) {
  cancel_entries_where(step, step.state.pairs[pair.v].pair.account, [&](const OrderSpec& spec) { return spec.pair == pair; });
}

void query(Step& step, OrderId id) {
  const Order* order = step.state.find_order(id);
  if (order == nullptr) return;
  step.command(QueryOrder{id, order->spec.client_id, order->spec.instrument});
}

void on_accepted(Step& step, const VenueAccepted& in) {
  if (move(step, in.order, OrderEventKind::accepted, {}) == Moved::no) return;
  protection::on_order_working(step, in.order);
  if (step.state.find_order(in.order)->state == OrderState::accepted) insist_on_cancel(step, in.order);
}

void on_rejected(Step& step, const VenueRejected& in) {
  const Order* before = step.state.find_order(in.order);
  if (before == nullptr) {
    step.oddity("a rejection names an unknown order");
    return;
  }
  const OrderSpec spec = before->spec;
  if (move(step, in.order, OrderEventKind::rejected, in.text) == Moved::no) return;
  const UserIx user = step.state.accounts[spec.account.v].account.user;
  if (spec.effect == Effect::open_or_add) {
    step.alert(Severity::warning, user, "order_rejected", "The venue rejected an entry order: " + in.text);
    protection::on_entry_ended(step, spec);
  } else {
    if (spec.purpose == OrderPurpose::close || spec.purpose == OrderPurpose::flatten)
      step.alert(Severity::critical, user, "exit_rejected", step.state.instrument(spec.instrument).symbol + ": the venue rejected an exit: " + in.text);
    protection::on_exit_rejected(step, spec, in.code);
  }
}

void on_triggered(Step& step, const VenueTriggered& in) { move(step, in.order, OrderEventKind::triggered, {}); }

void on_cancelled(Step& step, const VenueCancelled& in) {
  const Order* before = step.state.find_order(in.order);
  if (before == nullptr) {
    step.oddity("a cancellation names an unknown order");
    return;
  }
  if (is_terminal(before->state)) return;  // the answer to our own cancel of something the venue had already ended
  const OrderSpec spec = before->spec;
  if (move(step, in.order, OrderEventKind::cancelled, {}) == Moved::no) return;
  if (spec.effect == Effect::reduce_only) {
    protection::on_exit_gone(step, spec);
  } else {
    protection::on_entry_ended(step, spec);
  }
}

void on_cancel_refused(Step& step, const VenueCancelRefused& in) {
  const Order* order = step.state.find_order(in.order);
  if (order == nullptr || is_terminal(order->state)) return;
  // "Unknown order" may mean filled: nothing is decided until the venue has said what became of it (P7).
  if (move(step, in.order, OrderEventKind::cancel_refused, {}) == Moved::yes) query(step, in.order);
}

void on_amended(Step& step, const VenueAmended& in) {
  if (move(step, in.order, OrderEventKind::amended, {}) == Moved::no) return;
  step.emit(OrderAmended{in.order, in.quantity, in.limit, in.trigger});
  protection::on_order_working(step, in.order);
}

void on_amend_refused(Step& step, const VenueAmendRefused& in) {
  const Order* order = step.state.find_order(in.order);
  if (order == nullptr || is_terminal(order->state)) return;
  const OrderSpec spec = order->spec;
  if (move(step, in.order, OrderEventKind::amend_refused, {}) == Moved::no) return;
  query(step, in.order);
  protection::on_amend_refused(step, spec);
}

void on_expired(Step& step, const VenueExpired& in) {
  const Order* before = step.state.find_order(in.order);
  if (before == nullptr || is_terminal(before->state)) return;
  const OrderSpec spec = before->spec;
  if (move(step, in.order, OrderEventKind::expired, {}) == Moved::no) return;
  if (spec.effect == Effect::reduce_only) {
    protection::on_exit_gone(step, spec);
  } else {
    protection::on_entry_ended(step, spec);
  }
}

void on_in_doubt(Step& step, const VenueInDoubt& in) {
  if (move(step, in.order, OrderEventKind::in_doubt, {}) == Moved::yes) query(step, in.order);
}

void on_dispatch_refused(Step& step, const DispatchRefused& in) {
  const Order* before = step.state.find_order(in.order);
  if (before == nullptr) return;
  const OrderSpec spec = before->spec;
  if (move(step, in.order, OrderEventKind::not_sent, in.reason) == Moved::no) return;
  const UserIx user = step.state.accounts[spec.account.v].account.user;
  const std::string& symbol = step.state.instrument(spec.instrument).symbol;
  if (spec.effect == Effect::open_or_add) {
    step.alert(Severity::warning, user, "order_not_sent", symbol + ": an entry order was not sent: " + in.reason);
    return protection::on_entry_ended(step, spec);
  }
  // A missing target costs profit; every other exit that stayed here leaves risk open that was to go.
  const Severity severity = spec.purpose == OrderPurpose::take_profit ? Severity::warning : Severity::critical;
  step.alert(severity, user, "exit_not_sent", symbol + ": an exit (" + std::string(name_of(spec.purpose)) + ") was not sent: " + in.reason);
  protection::on_exit_not_sent(step, spec);
}

void on_found(Step& step, const VenueOrderFound& in) {
  const Order* order = step.state.find_order(in.order);
  if (order == nullptr || is_terminal(order->state)) return;
  const OrderSpec spec = order->spec;
  if (in.filled > order->filled) {
    // Fills are booked from the venue's own records alone: ask for them, with everything since the order was made.
    step.command(QuerySnapshot{spec.account, order->created_at});
    if (in.state == FoundState::filled) return;
  }
  OrderEventKind kind = OrderEventKind::accepted;
  switch (in.state) {
    case FoundState::working:
    case FoundState::partially_filled: kind = OrderEventKind::accepted; break;
    case FoundState::filled: return;  // every fill is known here already and the order is about to be complete
    case FoundState::cancelled: kind = OrderEventKind::cancelled; break;
    case FoundState::rejected: kind = OrderEventKind::rejected; break;
    case FoundState::expired: kind = OrderEventKind::expired; break;
    case FoundState::absent:
      // Once is no proof for an order that was acknowledged: a venue's books may lag behind its gateway. The second answer settles it.
      if (order->state != OrderState::in_doubt) {
        if (next_state(order->state, OrderEventKind::in_doubt)) step.emit(OrderMoved{in.order, OrderEventKind::in_doubt, "unknown to the venue"});
        return query(step, in.order);
      }
      kind = OrderEventKind::found_absent;
      break;
  }
  if (kind == OrderEventKind::accepted && !next_state(order->state, kind)) return;  // it works, as we thought
  if (move(step, in.order, kind, "status query") == Moved::no) return;
  if (kind == OrderEventKind::accepted) {
    protection::on_order_working(step, in.order);
    if (step.state.find_order(in.order)->state != OrderState::cancel_pending) insist_on_cancel(step, in.order);
  } else if (spec.effect == Effect::reduce_only) {
    protection::on_exit_gone(step, spec);
  } else {
    protection::on_entry_ended(step, spec);
  }
}

}  // namespace prom::orders
