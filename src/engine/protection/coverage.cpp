// Protective coverage. Engine thread.
#include "engine/protection/coverage.h"

#include <algorithm>

#include "engine/orders/order_manager.h"
#include "engine/portfolio/fills.h"
#include "engine/protection/exit_orders.h"

namespace prom::protection {
namespace {

void drop_protection(Step& step, const Holding& holding) {
  CoverageSet none;
  none.account = holding.position.account;
  none.instrument = holding.position.instrument;
  none.leg = holding.position.leg;
  const std::vector<OrderId> working = holding.working;
  const bool had = holding.coverage.state != CoverageState::none;
  // Exits of a position that is gone, and rungs that would open it again.
  for (const OrderId id : working) orders::cancel(step, id);
  if (had) step.emit(none);
}

void emergency(Step& step, const Holding& holding, const std::string& why) {
  CoverageSet coverage = holding.coverage;
  coverage.state = CoverageState::emergency;
  coverage.deadline = step.state.now + step.options.coverage_deadline;
  const UserIx user = step.state.accounts[holding.position.account.v].account.user;
  const std::string symbol = step.state.instrument(holding.position.instrument).symbol;
  step.emit(coverage);
  step.alert(Severity::critical, user, "protection_failed", symbol + ": " + why + "; closing the position at market");
  orders::cancel_entries(step, coverage.account, coverage.instrument);  // nothing more is opened without protection
  const Holding* now = step.state.find_holding(coverage.account, coverage.instrument, coverage.leg);
  flatten(step, *now, why);
}

/// On spot a first part of an entry may be too small to be sold again: its stop is placed when more has come, or the position is given up at the deadline.
bool waits_for_more(const Step& step, const Holding& holding) {
  const Instrument& instrument = step.state.instrument(holding.position.instrument);
  if (instrument.payoff != Payoff::spot || !holding.coverage.stop) return false;
  const QuantityUnits size = exit_size(step, holding.position);
  if (size >= instrument.min_quantity && notional(instrument, *holding.coverage.stop, size) >= instrument.min_notional) return false;
  return std::ranges::any_of(holding.working, [&](OrderId id) {
    const Order* order = step.state.find_order(id);
    return order != nullptr && order->spec.effect == Effect::open_or_add;
  });
}

void place_or_wait(Step& step, const Holding& holding, std::uint32_t failures) {
  if (!waits_for_more(step, holding)) return place_stop(step, holding, failures);
  if (holding.coverage.state == CoverageState::placing && !holding.coverage.stop_order) return;  // since an earlier part, with its deadline
  CoverageSet coverage = holding.coverage;
  coverage.state = CoverageState::placing;
  coverage.stop_order.reset();
  coverage.deadline = step.state.now + step.options.coverage_deadline;
  step.emit(coverage);
}

/// What is left is too little for any order: its exits go, and with the last of them the remainder is closed in the books. Where it has had a stop, so do rungs that
/// would open it again; before its first stop they are what it waits for.
void withdraw_exits(Step& step, const Holding& holding) {
  const std::vector<OrderId> working = holding.working;
  const bool was_covered = holding.coverage.stop_order.has_value();
  for (const OrderId id : working) {
    const Order* order = step.state.find_order(id);
    if (order != nullptr && (was_covered || order->spec.effect == Effect::reduce_only)) orders::cancel(step, id);
  }
}

/// The venue takes no order of this size: what is too small to be traded is closed in the books.
bool was_dust(Step& step, const OrderSpec& spec, RejectCode code) {
  if (code != RejectCode::min_notional && code != RejectCode::quantity_filter) return false;
  portfolio::close_dust(step, spec.account, spec.instrument, spec.leg);
  const bool gone = step.state.find_holding(spec.account, spec.instrument, spec.leg)->position.is_flat();
  const Holding& left = *step.state.find_holding(spec.account, spec.instrument, spec.leg);
  if (!gone && portfolio::is_dust(step, left.position)) withdraw_exits(step, left);  // what still works on it keeps it from being closed in the books
  return gone;
}

/// The stop of the position failed before it ever worked.
void stop_failed(Step& step, const Holding& holding, const char* why) {
  const std::uint32_t failures = holding.coverage.failures + 1;
  if (failures >= step.options.coverage_retries) return emergency(step, holding, why);
  place_stop(step, holding, failures);
}

/// Whether the venue ends stops as fast as they are placed: of the newest orders, as many stops of this position as may be refused ended within as many deadlines,
/// though nobody cancelled them and they sold nothing. On spot those do not count that went with another exit of their group.
bool ends_every_stop(const Step& step, const Holding& holding) {
  constexpr std::uint64_t kNewest = 64;
  const Position& position = holding.position;
  const TimeNs since = step.state.now - DurationNs{step.options.coverage_deadline.ns * step.options.coverage_retries};
  const auto newest = [&](const auto& visit) {
    for (std::uint64_t back = 1; back <= kNewest && back < step.state.next_order; ++back) {
      const Order* order = step.state.find_order(OrderId{step.state.next_order - back});
      if (order == nullptr || !visit(*order)) break;
    }
  };
  std::vector<std::uint64_t> sold;  // groups of which another exit has sold
  newest([&](const Order& order) {
    if (order.spec.oco_group && order.filled.v > 0) sold.push_back(*order.spec.oco_group);
    return true;
  });
  std::uint32_t ended = 0;
  newest([&](const Order& order) {
    if (order.created_at < since) return false;
    const OrderSpec& spec = order.spec;
    const bool same = spec.account == position.account && spec.instrument == position.instrument && spec.leg == position.leg;
    const bool useless = is_terminal(order.state) && order.cancels == 0 && order.filled.v == 0;
    const bool sibling = spec.oco_group && std::ranges::find(sold, *spec.oco_group) != sold.end();
    if (same && useless && !sibling && spec.purpose == OrderPurpose::stop_loss) ++ended;
    return true;
  });
  return ended >= step.options.coverage_retries;
}

/// An emergency close failed: it is tried again at the next deadline.
void close_failed(Step& step, const Holding& holding) {
  if (holding.coverage.state != CoverageState::emergency) return;
  CoverageSet coverage = holding.coverage;
  coverage.deadline = step.state.now + step.options.coverage_deadline;
  step.emit(coverage);
}

}  // namespace

void flatten(Step& step, const Holding& holding, std::string_view) {
  const Position position = holding.position;
  if (position.is_flat()) return;
  // Where exits are reduce-only one in doubt counts as absent, and one that a decider asked for is in nobody's way: whichever comes second sells nothing. On spot
  // it would sell coins that are not of this position.
  const bool twice_sells_twice = shares_lock(step, position);
  std::int64_t closing = 0;
  for (const OrderId id : holding.working) {
    const Order* order = step.state.find_order(id);
    if (order == nullptr) continue;
    const bool flattens = order->spec.purpose == OrderPurpose::flatten && order->state != OrderState::in_doubt;
    if (flattens || (twice_sells_twice && sells_now(*order))) closing += order->remaining().v;
  }
  const std::int64_t open = exit_size(step, position).v - closing;
  if (open <= 0) {
    // What no order can sell goes out of the books once nothing works on it.
    portfolio::close_dust(step, position.account, position.instrument, position.leg);
    return;
  }
  OrderSpec spec = orders::new_order(step, position.account, pair_of(step, holding), position.instrument, position.leg);
  spec.side = exit_side(position);
  spec.type = OrderType::market;
  spec.purpose = OrderPurpose::flatten;
  spec.quantity = {open};
  if (const Order* stop = live_stop(step, holding)) spec.oco_group = stop->spec.oco_group;
  orders::place_reducing(step, spec);
}

void fit(Step& step, AccountIx account, InstrumentIx instrument, PositionLeg leg) {
  const Holding* holding = step.state.find_holding(account, instrument, leg);
  if (holding == nullptr) return;
  if (holding->position.is_flat()) {
    if (!holding->working.empty() || holding->coverage.state != CoverageState::none) {
      // Entry orders of a plan whose position never opened stay; what followed a closed position goes.
      if (holding->coverage.state != CoverageState::none) drop_protection(step, *holding);
    }
    return;
  }
  if (holding->coverage.state == CoverageState::emergency) return;
  if (holding->coverage.state == CoverageState::none) {
    if (!holding->plan || !holding->plan->stop) return;  // no stop was asked for, and the user's limits allow that
    CoverageSet coverage = holding->coverage;
    coverage.stop = holding->plan->stop;
    coverage.trailing_distance = holding->plan->trailing_distance;
    coverage.targets = holding->plan->targets;
    coverage.stop_order.reset();
    step.emit(coverage);
    holding = step.state.find_holding(account, instrument, leg);
    place_or_wait(step, *holding, 0);
    place_targets(step, *step.state.find_holding(account, instrument, leg));
    return;
  }
  if (exit_size(step, holding->position).v == 0) return withdraw_exits(step, *holding);
  const Order* stop = live_stop(step, *holding);
  if (stop == nullptr) return place_or_wait(step, *holding, holding->coverage.failures);
  const QuantityUnits wanted = exit_size(step, holding->position) + stop->filled;
  if (stop->spec.quantity == wanted || !stop->spec.trigger) return;
  const bool grew = wanted > stop->spec.quantity;
  if (!grew && holding->coverage.failures >= step.options.coverage_retries) return;  // the venue lets it be no smaller: it rests, and only reduces
  amend_stop(step, *holding, *stop, *stop->spec.trigger, wanted);
  if (grew) resize_targets(step, *step.state.find_holding(account, instrument, leg));
}

void on_order_working(Step& step, OrderId id) {
  const Order* order = step.state.find_order(id);
  if (order == nullptr || order->spec.purpose != OrderPurpose::stop_loss) return;
  const OrderSpec spec = order->spec;
  const Holding* holding = step.state.find_holding(spec.account, spec.instrument, spec.leg);
  if (holding == nullptr || holding->coverage.stop_order != id || holding->coverage.state == CoverageState::emergency) return;
  CoverageSet coverage = holding->coverage;
  coverage.state = CoverageState::covered;
  coverage.stop = spec.trigger;
  if (spec.quantity == exit_size(step, holding->position) + order->filled) coverage.failures = 0;  // else it is yet to grow or shrink
  coverage.deadline = kNever;
  step.emit(coverage);
  fit(step, spec.account, spec.instrument, spec.leg);  // the position may have grown while the order was under way
}

void on_exit_rejected(Step& step, const OrderSpec& spec, RejectCode code) {
  const Holding* holding = step.state.find_holding(spec.account, spec.instrument, spec.leg);
  if (holding == nullptr || holding->position.is_flat() || was_dust(step, spec, code)) return;
  switch (spec.purpose) {
    case OrderPurpose::stop_loss:
      if (holding->coverage.stop_order != spec.id) return;
      if (code == RejectCode::would_trigger_immediately) return emergency(step, *holding, "the stop would trigger at once");
      return stop_failed(step, *holding, "the venue refuses every stop");
    case OrderPurpose::flatten:
    case OrderPurpose::close:
      if (code == RejectCode::reduce_only_rejected) return;  // the venue holds nothing to reduce: reconciliation will say
      return close_failed(step, *holding);
    case OrderPurpose::entry:
    case OrderPurpose::ladder:
    case OrderPurpose::take_profit: return;  // a missing target costs profit, never protection
  }
}

void on_exit_not_sent(Step& step, const OrderSpec& spec) {
  const Holding* holding = step.state.find_holding(spec.account, spec.instrument, spec.leg);
  if (holding == nullptr || holding->position.is_flat()) return;
  if (spec.purpose == OrderPurpose::flatten || spec.purpose == OrderPurpose::close) return close_failed(step, *holding);
  if (spec.purpose != OrderPurpose::stop_loss || holding->coverage.stop_order != spec.id || holding->coverage.state == CoverageState::emergency) return;
  stop_failed(step, *holding, "no stop can be sent");
}

void on_amend_refused(Step& step, const OrderSpec& spec) {
  const Holding* holding = step.state.find_holding(spec.account, spec.instrument, spec.leg);
  if (holding == nullptr || holding->position.is_flat() || holding->coverage.stop_order != spec.id || holding->coverage.state == CoverageState::emergency)
    return;
  CoverageSet coverage = holding->coverage;
  const bool bound = ++coverage.failures >= step.options.coverage_retries;
  const bool too_small = spec.quantity < exit_size(step, holding->position) + step.state.find_order(spec.id)->filled;
  if (bound && too_small) return emergency(step, *holding, "the venue refuses to let the stop grow");
  step.emit(coverage);
}

void on_exit_gone(Step& step, const OrderSpec& spec) {
  const Holding* holding = step.state.find_holding(spec.account, spec.instrument, spec.leg);
  if (holding == nullptr || holding->position.is_flat()) return;
  portfolio::close_dust(step, spec.account, spec.instrument, spec.leg);
  if (holding->position.is_flat()) {
    fit(step, spec.account, spec.instrument, spec.leg);
    return;
  }
  if (spec.purpose == OrderPurpose::stop_loss && holding->coverage.stop_order == spec.id && holding->coverage.state != CoverageState::emergency) {
    if (ends_every_stop(step, *holding)) return emergency(step, *holding, "the venue ends every stop");
    place_stop(step, *holding, holding->coverage.failures);
  }
  // One target of a spot group has filled and its siblings were cancelled with it: the others are placed again beside the new stop.
  if (spec.purpose == OrderPurpose::take_profit && shares_lock(step, holding->position) && live_stop(step, *holding) != nullptr) {
    OrderSpec again = orders::new_order(step, spec.account, spec.pair, spec.instrument, spec.leg);
    again.side = spec.side;
    again.type = OrderType::limit;
    again.purpose = OrderPurpose::take_profit;
    again.limit = spec.limit;
    again.quantity = std::min(spec.quantity, exit_size(step, holding->position));
    again.oco_group = live_stop(step, *holding)->spec.oco_group;
    const Order* old = step.state.find_order(spec.id);
    if (again.quantity.v > 0 && (old == nullptr || old->filled < old->spec.quantity)) orders::place_reducing(step, again);
  }
}

void on_entry_ended(Step& step, const OrderSpec& spec) {
  const Holding* holding = step.state.find_holding(spec.account, spec.instrument, spec.leg);
  if (holding != nullptr && !holding->position.is_flat()) fit(step, spec.account, spec.instrument, spec.leg);
}

void on_prices(Step& step, AccountIx account, InstrumentIx instrument, PriceUnits high, PriceUnits low) {
  const AccountState& a = step.state.accounts[account.v];
  for (std::size_t i = a.by_instrument[instrument.v] - 1; i < a.holdings.size(); ++i) {
    const Holding* holding = &a.holdings[i];
    if (holding->position.instrument != instrument || holding->position.is_flat()) continue;
    if (high > holding->best || low < holding->worst) {
      step.emit(WatermarkMoved{account, instrument, holding->position.leg, std::max(high, holding->best), std::min(low, holding->worst)});
      holding = &step.state.accounts[account.v].holdings[i];
    }
    if (!holding->coverage.trailing_distance || holding->coverage.state != CoverageState::covered) continue;
    const Order* stop = live_stop(step, *holding);
    if (stop == nullptr || !holding->coverage.stop) continue;
    const Instrument& traded = step.state.instrument(instrument);
    const std::int64_t distance = holding->coverage.trailing_distance->v;
    const std::int64_t tick = traded.tick.v;
    const PriceUnits last = step.state.market[instrument.v].last;
    if (holding->position.quantity.v > 0) {
      const std::int64_t wanted = (holding->best.v - distance + tick - 1) / tick * tick;  // rounds towards the market: never more risk
      if (wanted > holding->coverage.stop->v && wanted < last.v) amend_stop(step, *holding, *stop, {wanted}, stop->spec.quantity);
    } else {
      const std::int64_t wanted = (holding->worst.v + distance) / tick * tick;
      if (wanted < holding->coverage.stop->v && wanted > last.v) amend_stop(step, *holding, *stop, {wanted}, stop->spec.quantity);
    }
  }
}

void on_requested(Step& step, const ProtectionRequested& in) {
  const Holding* holding = in.account.v < step.state.accounts.size() ? step.state.find_holding(in.account, in.instrument, in.leg) : nullptr;
  if (holding == nullptr || holding->position.is_flat()) {
    step.oddity("protection was asked for a position that is not open");
    return;
  }
  if (holding->coverage.state == CoverageState::emergency) {
    step.oddity("protection was asked for a position that is being closed");
    return;
  }
  if (in.trailing_distance && in.trailing_distance->v > 0 && holding->coverage.state != CoverageState::none) {
    CoverageSet coverage = holding->coverage;
    coverage.trailing_distance = in.trailing_distance;
    step.emit(coverage);
    holding = step.state.find_holding(in.account, in.instrument, in.leg);
  }
  if (!in.stop) return;
  const Instrument& instrument = step.state.instrument(in.instrument);
  const PriceUnits last = step.state.market[in.instrument.v].last;
  const bool is_long = holding->position.quantity.v > 0;
  const bool right_side = is_long ? *in.stop < last : *in.stop > last;
  const bool tighter = !holding->coverage.stop || (is_long ? *in.stop > *holding->coverage.stop : *in.stop < *holding->coverage.stop);
  if (!right_side || !tighter || in.stop->v <= 0 || in.stop->v % instrument.tick.v != 0) {
    step.oddity("a stop may only move towards the market, on its tick and on its own side of the price: the request was refused");
    return;
  }
  if (const Order* stop = live_stop(step, *holding)) {
    amend_stop(step, *holding, *stop, *in.stop, stop->spec.quantity);
    return;
  }
  CoverageSet coverage = holding->coverage;
  coverage.stop = in.stop;
  step.emit(coverage);
  place_stop(step, *step.state.find_holding(in.account, in.instrument, in.leg), 0);
}

TimeNs run_deadlines(Step& step) {
  TimeNs next = kNever;
  for (std::size_t a = 0; a < step.state.accounts.size(); ++a) {
    for (std::size_t h = 0; h < step.state.accounts[a].holdings.size(); ++h) {
      const Holding* holding = &step.state.accounts[a].holdings[h];
      const CoverageState coverage = holding->coverage.state;
      const bool waits = coverage == CoverageState::placing || coverage == CoverageState::replacing || coverage == CoverageState::emergency;
      if (!waits || holding->position.is_flat()) continue;
      if (holding->coverage.deadline <= step.state.now) {
        emergency(step, *holding, "no stop was confirmed in time");
        holding = &step.state.accounts[a].holdings[h];
      }
      next = std::min(next, holding->coverage.deadline);
    }
  }
  return next;
}

}  // namespace prom::protection
