// Reconciliation. Engine thread.
#include "engine/orders/reconcile.h"

#include <algorithm>

#include "engine/orders/leverage.h"
#include "engine/orders/order_manager.h"
#include "engine/protection/coverage.h"
#include "engine/protection/exit_orders.h"

namespace prom::reconcile {
namespace {

std::int64_t venue_quantity(const VenueSnapshot& snapshot, InstrumentIx instrument, PositionLeg leg) {
  for (const VenuePosition& position : snapshot.positions)
    if (position.instrument == instrument && position.leg == leg) return position.quantity.v;
  return 0;
}

const VenueOpenOrder* find_at_venue(const VenueSnapshot& snapshot, const ClientOrderId& id) {
  for (const VenueOpenOrder& order : snapshot.orders)
    if (order.client_id == id) return &order;
  return nullptr;
}

/// A stop that rests nearer to the market than we know: an amendment was done there and its answer was lost with the process. Stops only move towards the market, so
/// the tighter one is the newer; one that is looser there may be from a snapshot that an amendment has overtaken, and is left to the coverage check.
void adopt_tighter_stop(Step& step, OrderId id, const VenueOpenOrder& there) {
  const Order* order = step.state.find_order(id);
  if (order == nullptr || (order->state != OrderState::accepted && order->state != OrderState::partially_filled)) return;
  const OrderSpec& spec = order->spec;
  const bool moves_by_itself = spec.type == OrderType::trailing_stop;
  if (spec.purpose != OrderPurpose::stop_loss || moves_by_itself || !spec.trigger || !there.trigger) return;
  const bool tighter = spec.side == Side::sell ? *there.trigger > *spec.trigger : *there.trigger < *spec.trigger;
  if (!tighter) return;
  step.emit(OrderAmended{id, there.quantity, there.limit, there.trigger});
  protection::on_order_working(step, id);
}

/// Orders we believe to work: those the venue does not list are asked about one by one; in-doubt ones that it lists are found.
void compare_orders(Step& step, const VenueSnapshot& snapshot) {
  const AccountState& account = step.state.accounts[snapshot.account.v];
  for (std::size_t h = 0; h < account.holdings.size(); ++h) {
    const std::vector<OrderId> working = account.holdings[h].working;
    for (const OrderId id : working) {
      const Order* order = step.state.find_order(id);
      if (order == nullptr) continue;
      if (const VenueOpenOrder* there = find_at_venue(snapshot, order->spec.client_id)) {
        if (order->state == OrderState::in_doubt) {
          orders::on_found(step, VenueOrderFound{id, FoundState::working, order->filled});
        } else {
          orders::on_listed(step, id);
        }
        adopt_tighter_stop(step, id, *there);
      } else if (order->state != OrderState::pending && order->created_at < step.state.now) {
        orders::query(step, id);
      }
    }
  }
}

/// One line per difference; empty when the books agree.
std::string differences(const Step& step, const VenueSnapshot& snapshot) {
  std::string out;
  const auto note = [&](InstrumentIx instrument, std::int64_t ours, std::int64_t theirs) {
    const Instrument& i = step.state.instrument(instrument);
    if (!out.empty()) out += "; ";
    out += i.symbol + ": here " + to_decimal(i, QuantityUnits{ours}).to_string() + ", venue " + to_decimal(i, QuantityUnits{theirs}).to_string();
  };
  const AccountState& account = step.state.accounts[snapshot.account.v];
  for (const Holding& holding : account.holdings) {
    const Position& p = holding.position;
    if (step.state.instrument(p.instrument).payoff == Payoff::spot) continue;  // coins are balances there, and dust stays in them
    const std::int64_t theirs = venue_quantity(snapshot, p.instrument, p.leg);
    if (theirs != p.quantity.v) note(p.instrument, p.quantity.v, theirs);
  }
  for (const VenuePosition& position : snapshot.positions) {
    if (position.instrument.v >= step.state.instruments.size() || position.quantity.v == 0) continue;
    if (step.state.instrument(position.instrument).payoff == Payoff::spot) continue;
    if (step.state.find_holding(snapshot.account, position.instrument, position.leg) == nullptr) note(position.instrument, 0, position.quantity.v);
  }
  return out;
}

/// No new risk on the instrument: neither by what is proposed from now on nor by what waits at the venue.
void bar_entries(Step& step, AccountIx account, InstrumentIx instrument, const std::string& why) {
  step.emit(QuarantineSet{account, instrument, Switch::on, why});
  orders::cancel_entries(step, account, instrument);
}

void quarantine(Step& step, const VenueSnapshot& snapshot, const std::string& diff) {
  const AccountState& account = step.state.accounts[snapshot.account.v];
  bool news = step.state.users[account.account.user.v].kill_phase != KillPhase::flattening;  // which asks every few seconds: told once, else with each look
  for (std::size_t h = 0; h < account.holdings.size(); ++h) {
    const Position p = account.holdings[h].position;
    if (venue_quantity(snapshot, p.instrument, p.leg) == p.quantity.v || account.holdings[h].quarantined == Switch::on) continue;
    bar_entries(step, snapshot.account, p.instrument, diff);
    news = true;
  }
  for (const VenuePosition& position : snapshot.positions) {
    if (position.instrument.v >= step.state.instruments.size() || position.quantity.v == 0) continue;
    if (step.state.find_holding(snapshot.account, position.instrument, position.leg) != nullptr) continue;
    bar_entries(step, snapshot.account, position.instrument, diff);
    news = true;
  }
  if (!news) return;
  step.alert(Severity::critical, account.account.user, "reconciliation", "Our books and the venue's differ and stay so; entries are blocked there: " + diff);
}

void release_agreeing(Step& step, const VenueSnapshot& snapshot) {
  const AccountState& account = step.state.accounts[snapshot.account.v];
  const auto in_doubt = [&](OrderId id) {
    const Order* order = step.state.find_order(id);
    return order != nullptr && order->state == OrderState::in_doubt;
  };
  for (std::size_t h = 0; h < account.holdings.size(); ++h) {
    const Holding& holding = account.holdings[h];
    if (holding.quarantined == Switch::off) continue;
    if (venue_quantity(snapshot, holding.position.instrument, holding.position.leg) != holding.position.quantity.v) continue;
    if (std::ranges::any_of(holding.working, in_doubt)) continue;  // equal positions do not say what becomes of an order
    step.emit(QuarantineSet{snapshot.account, holding.position.instrument, Switch::off, {}});
  }
}

/// What must rest at the venue is looked for there, not in our memory: side, type, trigger and quantity.
void verify_coverage(Step& step, const VenueSnapshot& snapshot) {
  const AccountState& account = step.state.accounts[snapshot.account.v];
  for (std::size_t h = 0; h < account.holdings.size(); ++h) {
    const Holding& holding = account.holdings[h];
    if (holding.position.is_flat() || holding.coverage.state != CoverageState::covered || !holding.coverage.stop_order) continue;
    const Order* stop = step.state.find_order(*holding.coverage.stop_order);
    if (stop == nullptr) continue;
    const VenueOpenOrder* there = find_at_venue(snapshot, stop->spec.client_id);
    const bool is_stop = there != nullptr && there->side == stop->spec.side && there->type == stop->spec.type;
    if (is_stop && there->trigger == stop->spec.trigger && there->quantity == stop->spec.quantity) continue;
    step.alert(
        Severity::warning, account.account.user, "coverage_differs",
        step.state.instrument(holding.position.instrument).symbol + ": the stop at the venue is not the one that should rest there; asking and replacing");
    if (there == nullptr) continue;  // asked about by compare_orders
    if (is_stop) {
      protection::amend_stop(step, holding, *stop, *stop->spec.trigger, stop->spec.quantity);
    } else {
      orders::cancel(step, stop->spec.id);  // its end places another
    }
  }
}

/// The venue does not say what became of an order: no new risk on its instrument until it does.
void give_up_asking(Step& step, const OrderSpec& spec) {
  const std::string text = "order " + to_text(spec.client_id) + " is still in doubt after " + std::to_string(step.options.max_queries) + " queries";
  bar_entries(step, spec.account, spec.instrument, text);
  step.alert(Severity::critical, step.state.accounts[spec.account.v].account.user, "order_in_doubt",
             step.state.instrument(spec.instrument).symbol + ": " + text + "; entries are blocked there");
}

}  // namespace

void on_epoch_started(Step& step, const Input& input) {
  step.take(input);
  for (std::size_t a = 0; a < step.state.accounts.size(); ++a) {
    const AccountIx account{static_cast<std::uint32_t>(a)};
    for (std::size_t h = 0; h < step.state.accounts[a].holdings.size(); ++h) {
      const std::vector<OrderId> working = step.state.accounts[a].holdings[h].working;
      for (const OrderId id : working) {
        const Order* order = step.state.find_order(id);
        if (order == nullptr || order->state == OrderState::in_doubt) continue;
        // Commands of the last frames may or may not have left before the process ended.
        if (next_state(order->state, OrderEventKind::in_doubt)) step.emit(OrderMoved{id, OrderEventKind::in_doubt, "restart"});
        orders::query(step, id);
      }
    }
    const AccountState& state = step.state.accounts[a];
    step.command(QuerySnapshot{account, state.last_snapshot_at});
    step.emit(ReconcileSet{account, state.reconcile_attempts, step.state.now + step.options.reconcile_retry});
  }
  leverage::on_epoch_started(step);
}

void on_snapshot(Step& step, const Input& input, const VenueSnapshot& snapshot) {
  step.take(input);
  compare_orders(step, snapshot);
  const AccountState& account = step.state.accounts[snapshot.account.v];
  const std::string diff = differences(step, snapshot);
  verify_coverage(step, snapshot);  // whatever else differs: what is held is protected
  if (diff.empty()) {
    release_agreeing(step, snapshot);
    step.emit(ReconcileSet{snapshot.account, 0, step.state.now + step.options.snapshot_interval});
    return;
  }
  const std::uint32_t attempts = account.reconcile_attempts + 1;
  if (attempts < step.options.reconcile_attempts) {
    step.emit(ReconcileSet{snapshot.account, attempts, step.state.now + step.options.reconcile_retry});
    return;
  }
  quarantine(step, snapshot, diff);
  step.emit(ReconcileSet{snapshot.account, 0, step.state.now + step.options.snapshot_interval});
}

TimeNs run_timers(Step& step) {
  TimeNs next = kNever;
  const std::vector<OrderId> doubtful = step.state.in_doubt;
  for (const OrderId id : doubtful) {
    const Order* order = step.state.find_order(id);
    if (order == nullptr) continue;
    if (order->queries >= step.options.max_queries) continue;  // quarantined; a snapshot or a late reply still resolves it
    // The n-th query is due n intervals after the doubt began: the count is an event, so that a restart does not begin anew.
    const TimeNs due = order->updated_at + DurationNs{step.options.query_interval.ns * (order->queries + 1)};
    if (due <= step.state.now) {
      orders::query(step, id);
      step.emit(OrderQueried{id, static_cast<std::uint16_t>(order->queries + 1)});
      order = step.state.find_order(id);
      if (order->queries >= step.options.max_queries) give_up_asking(step, order->spec);
    }
    next = std::min(next, std::max(due, step.state.now + step.options.query_interval));
  }
  for (std::size_t a = 0; a < step.state.accounts.size(); ++a) {
    const AccountState& account = step.state.accounts[a];
    const AccountIx ix{static_cast<std::uint32_t>(a)};
    // A resting entry is looked after as well: the message of its fill may be the one that was lost.
    const auto works = [](const Holding& holding) { return !holding.working.empty(); };
    const bool holds = account.open_positions > 0 || account.reconcile_attempts > 0 || std::ranges::any_of(account.holdings, works);
    if (account.snapshot_due <= step.state.now && holds) {
      step.command(QuerySnapshot{ix, account.last_snapshot_at});
      step.emit(ReconcileSet{ix, account.reconcile_attempts, step.state.now + step.options.reconcile_retry});
    } else if (account.snapshot_due == kNever && holds) {
      step.emit(ReconcileSet{ix, account.reconcile_attempts, step.state.now + step.options.snapshot_interval});
    }
    if (holds) next = std::min(next, step.state.accounts[a].snapshot_due);
  }
  return next;
}

}  // namespace prom::reconcile
