// Events onto tables. Order events and holdings here; users and breakers in apply_user.cpp; inputs in apply_input.cpp. Engine thread.
#include "engine/state/apply.h"

#include <algorithm>
#include <type_traits>

#include "engine/state/apply_input.h"

namespace prom {
namespace {

/// Entry orders that may still fill count towards exposure as if they had.
void count_pending(EngineState& state, const OrderSpec& spec, std::int64_t quantity) {
  if (spec.effect == Effect::reduce_only) return;
  Holding& holding = holding_for(state, spec.account, spec.instrument, spec.leg);
  AccountState& account = state.accounts[spec.account.v];
  const auto index = static_cast<std::size_t>(&holding - account.holdings.data());
  HotHolding& hot = account.hot[index];
  if (spec.side == Side::buy) {
    holding.pending_buy.v += quantity;
    hot.pending_buy += quantity;
  } else {
    holding.pending_sell.v += quantity;
    hot.pending_sell += quantity;
  }
  risk_book::note_holding(state, account, index, hot.cost);
}

void note_due(EngineState& state, TimeNs at) {
  if (at < state.next_due) state.next_due = at;
}

void drop_id(std::vector<OrderId>& ids, OrderId id) {
  const auto at = std::find(ids.begin(), ids.end(), id);
  if (at != ids.end()) ids.erase(at);
}

/// An order that was given up works after all: what remains of it counts again, and it can be cancelled.
void revive(EngineState& state, const Order& order) {
  count_pending(state, order.spec, order.remaining().v);
  holding_for(state, order.spec.account, order.spec.instrument, order.spec.leg).working.push_back(order.spec.id);
}

/// Moves an order to `to` and keeps every index that depends on its state.
void set_order_state(EngineState& state, Order& order, OrderState to, TimeNs now) {
  const OrderState from = order.state;
  order.state = to;
  order.updated_at = now;
  if (from == OrderState::in_doubt && to != OrderState::in_doubt) drop_id(state.in_doubt, order.spec.id);
  if (to == OrderState::in_doubt && from != OrderState::in_doubt) {
    state.in_doubt.push_back(order.spec.id);
    state.next_due = TimeNs{0};
  }
  if (may_fill(from) && !may_fill(to)) {
    count_pending(state, order.spec, -order.remaining().v);
    if (Holding* holding = state.find_holding(order.spec.account, order.spec.instrument, order.spec.leg)) drop_id(holding->working, order.spec.id);
  }
  if (!may_fill(from) && may_fill(to)) revive(state, order);
}

void forget_old_orders(EngineState& state) {
  while (state.orders.size() > kOrdersKept && is_terminal(state.orders.front().state)) {
    state.orders.pop_front();
    ++state.first_order;
  }
}

/// Apart from holding_for(), so that finding one that is there prepares no room for another.
[[gnu::noinline]] Holding& add_holding(EngineState& state, AccountIx account, InstrumentIx instrument, PositionLeg leg) {
  AccountState& a = state.accounts[account.v];
  Holding holding;
  holding.position.account = account;
  holding.position.instrument = instrument;
  holding.position.leg = leg;
  holding.coverage.account = account;
  holding.coverage.instrument = instrument;
  holding.coverage.leg = leg;
  a.holdings.push_back(std::move(holding));
  HotHolding hot;
  hot.instrument = instrument.v;
  hot.group = state.instruments[instrument.v].group;
  hot.payoff = state.instruments[instrument.v].payoff;
  a.hot.push_back(hot);
  risk_book::note_holding(state, a, a.hot.size() - 1, 0);
  if (a.by_instrument.size() <= instrument.v) a.by_instrument.resize(instrument.v + 1U, 0);
  if (a.by_instrument[instrument.v] == 0) a.by_instrument[instrument.v] = static_cast<std::uint32_t>(a.holdings.size());
  return a.holdings.back();
}

}  // namespace

const Holding* EngineState::find_holding(AccountIx account, InstrumentIx ix, PositionLeg leg) const {
  if (account.v >= accounts.size()) return nullptr;
  const AccountState& a = accounts[account.v];
  if (ix.v >= a.by_instrument.size() || a.by_instrument[ix.v] == 0) return nullptr;
  for (std::size_t i = a.by_instrument[ix.v] - 1; i < a.holdings.size(); ++i) {
    const Holding& holding = a.holdings[i];
    if (holding.position.instrument == ix && holding.position.leg == leg) return &holding;
  }
  return nullptr;
}

Holding& holding_for(EngineState& state, AccountIx account, InstrumentIx instrument, PositionLeg leg) {
  if (Holding* found = state.find_holding(account, instrument, leg)) [[likely]]
    return *found;
  return add_holding(state, account, instrument, leg);
}

void begin_frame(EngineState& state, std::uint64_t seq, TimeNs available_at) {
  state.seq = seq;
  if (available_at > state.now) state.now = available_at;
}

void apply_market(EngineState& state, InstrumentIx instrument, PriceUnits last, PriceUnits high, PriceUnits low, TimeNs at) {
  MarketState& market = state.market[instrument.v];
  market.last = last;
  market.high = high;
  market.low = low;
  market.updated_at = at;
  if (market.known == Known::yes) [[likely]]
    return;
  market.known = Known::yes;
  risk_book::note_first_price(state, instrument);
  value_transfers(state);
}

void apply(EngineState& state, const OrderCreated& event, TimeNs now) {
  const OrderSpec& spec = event.spec;
  PROM_ASSERT(spec.id.v == state.next_order, "order ids are dense");
  state.next_order = spec.id.v + 1;
  if (spec.oco_group && *spec.oco_group >= state.next_oco) state.next_oco = *spec.oco_group + 1;
  if (state.orders.empty()) state.first_order = spec.id.v;
  Order order;
  order.spec = spec;
  order.created_at = now;
  order.updated_at = now;
  state.orders.push_back(order);
  holding_for(state, spec.account, spec.instrument, spec.leg).working.push_back(spec.id);
  count_pending(state, spec, spec.quantity.v);
  AccountState& account = state.accounts[spec.account.v];
  if (spec.effect == Effect::open_or_add && !account.order_times.empty()) {
    account.order_times[account.order_times_next] = now;
    account.order_times_next = (account.order_times_next + 1) % static_cast<std::uint32_t>(account.order_times.size());
    risk_book::note_order_times(account);
  }
  forget_old_orders(state);
}

void apply(EngineState& state, const OrderMoved& event, TimeNs now) {
  Order* order = state.find_order(event.order);
  PROM_ASSERT(order != nullptr, "moved order exists");
  const auto to = next_state(order->state, event.kind);
  PROM_ASSERT(to.has_value(), "order move is in the state table");
  set_order_state(state, *order, *to, now);
  if (event.kind == OrderEventKind::cancel_requested && order->cancels < UINT16_MAX) ++order->cancels;
  const bool by_takeover = state.seq == state.takeover_seq;
  if (event.kind == OrderEventKind::rejected || (event.kind == OrderEventKind::in_doubt && !by_takeover)) {
    UserState& user = state.user_of(order->spec.account);
    const TimeNs hour = floor_to(now, kHour);
    if (user.error_hour != hour) {
      user.error_hour = hour;
      user.errors_this_hour = 0;
    }
    ++user.errors_this_hour;
  }
}

void apply(EngineState& state, const OrderAmended& event) {
  Order* order = state.find_order(event.order);
  PROM_ASSERT(order != nullptr, "amended order exists");
  count_pending(state, order->spec, event.quantity.v - order->spec.quantity.v);
  order->spec.quantity = event.quantity;
  order->spec.limit = event.limit;
  order->spec.trigger = event.trigger;
}

void apply(EngineState& state, const FillApplied& event, TimeNs now) {
  const Fill& fill = event.fill;
  Holding& holding = holding_for(state, fill.account, fill.instrument, fill.leg);
  holding.applied.insert(fill.trade.v);
  Order* order = state.find_order(fill.order);
  if (order == nullptr) return;  // foreign or forgotten: the position still moves
  const bool counted = may_fill(order->state);
  const QuantityUnits before = order->remaining();
  order->filled = order->filled + fill.quantity;
  order->filled_value += state.math[fill.instrument.v].value_decimal(fill.price, fill.quantity);
  const bool done = order->remaining().v <= 0;
  if (counted) count_pending(state, order->spec, (done ? QuantityUnits{0} : order->remaining()).v - before.v);
  const auto to = next_state(order->state, done ? OrderEventKind::filled : OrderEventKind::partially_filled);
  if (!to) return;  // the order was given up as something final: the fill counts, the state stays (P3)
  const OrderState from = order->state;
  order->state = *to;
  order->updated_at = now;
  if (from == OrderState::in_doubt) drop_id(state.in_doubt, order->spec.id);
  if (is_terminal(*to)) drop_id(holding.working, order->spec.id);
  if (!counted && may_fill(*to)) revive(state, *order);
}

void apply(EngineState& state, const Posted& event) {
  const Posting& posting = event.posting;
  AccountState& account = state.accounts[posting.account.v];
  const auto at = std::find_if(account.balances.begin(), account.balances.end(), [&](const Money& m) { return m.asset == posting.asset; });
  if (at == account.balances.end()) {
    account.balances.push_back({posting.asset, posting.amount});
  } else {
    at->amount += posting.amount;
  }
  risk_book::note_balance(account);
}

void apply(EngineState& state, const PositionSet& event) {
  const Position& position = event.position;
  Holding& holding = holding_for(state, position.account, position.instrument, position.leg);
  AccountState& account = state.accounts[position.account.v];
  const bool was_open = !holding.position.is_flat();
  const bool is_open = !position.is_flat();
  if (is_open && (!was_open || holding.position.round_trip != position.round_trip)) {
    holding.best = holding.worst = state.market[position.instrument.v].last;
    if (position.round_trip.v >= state.next_round_trip) state.next_round_trip = position.round_trip.v + 1;
  }
  holding.position = position;
  holding.sums = event.sums;
  const auto index = static_cast<std::size_t>(&holding - account.holdings.data());
  HotHolding& hot = account.hot[index];
  const wide::I128 cost_before = hot.cost;
  hot.quantity = position.quantity.v;
  hot.cost = position.cost.mantissa();
  risk_book::note_holding(state, account, index, cost_before);
  if (was_open == is_open) return;
  account.open_positions += is_open ? 1U : ~0U;
  auto& holders = state.holders[position.instrument.v];
  const auto at = std::lower_bound(holders.begin(), holders.end(), position.account);
  if (is_open) {
    if (at == holders.end() || *at != position.account) holders.insert(at, position.account);
    return;
  }
  for (const Holding& other : account.holdings)
    if (other.position.instrument == position.instrument && !other.position.is_flat()) return;
  if (at != holders.end() && *at == position.account) holders.erase(at);
}

void apply(EngineState& state, const ProposalReceived& event) {
  const TradeProposal& proposal = event.proposal;
  state.next_proposal = proposal.id.v + 1;
  state.current_proposal = proposal;
}

void apply(EngineState& state, const ProposalApproved& event) {
  PROM_ASSERT(state.current_proposal && state.current_proposal->id == event.proposal, "approval follows its proposal");
  const TradeProposal& proposal = *state.current_proposal;
  PairRecord& pair = state.pairs[proposal.pair.v];
  pair.last_decision = proposal.decision;
  pair.last_intent = proposal.intent;
  if (proposal.intent == Intent::open || proposal.intent == Intent::add) {
    Holding& holding = holding_for(state, proposal.account, proposal.instrument, proposal.leg);
    EntryPlan plan{proposal.id, proposal.decision, proposal.pair, proposal.decider, proposal.stop, proposal.trailing_distance, proposal.targets, event.risked};
    const bool adds = holding.plan && !holding.position.is_flat();
    if (adds && !plan.stop) plan.stop = holding.plan->stop;  // an add without a stop of its own keeps the position's
    holding.plan = std::move(plan);
    AccountState& account = state.accounts[proposal.account.v];
    HotHolding& hot = account.hot[static_cast<std::size_t>(&holding - account.holdings.data())];
    hot.margin_ppm = risk_book::margin_ppm(pair.pair.leverage);
    if (hot.entry != HotHolding::kNoEntry) risk_book::rebuild(state, account);
  }
  state.current_proposal.reset();
}

void apply(EngineState& state, const ProposalDenied& event) {
  PROM_ASSERT(state.current_proposal && state.current_proposal->id == event.proposal, "denial follows its proposal");
  state.current_proposal.reset();
}

void apply(EngineState& state, const CoverageSet& event) {
  Holding& holding = holding_for(state, event.account, event.instrument, event.leg);
  holding.coverage = event;
  if (event.state == CoverageState::placing || event.state == CoverageState::replacing || event.state == CoverageState::failed) note_due(state, event.deadline);
}

void apply(EngineState& state, const WatermarkMoved& event) {
  Holding& holding = holding_for(state, event.account, event.instrument, event.leg);
  holding.best = event.best;
  holding.worst = event.worst;
}

void apply(EngineState& state, const QuarantineSet& event) {
  if (event.quarantined == Switch::on) {
    // An instrument that we hold nothing of is barred too: whatever is there was not opened here.
    const bool hedge = state.accounts[event.account.v].account.position_mode == PositionMode::hedge;
    for (const PositionLeg leg : {PositionLeg::net, PositionLeg::long_leg, PositionLeg::short_leg})
      if ((leg != PositionLeg::net) == hedge) holding_for(state, event.account, event.instrument, leg);
  }
  for (Holding& holding : state.accounts[event.account.v].holdings) {
    if (holding.position.instrument != event.instrument) continue;
    holding.quarantined = event.quarantined;
    holding.quarantine_diff = event.diff;
  }
}

void apply(EngineState& state, const OrderQueried& event) {
  if (Order* order = state.find_order(event.order)) order->queries = event.count;
}

void apply(EngineState& state, const FundingApplied& event) {
  Holding& holding = holding_for(state, event.account, event.instrument, event.leg);
  holding.last_funding = event.funding_time;
  holding.position.funding = event.total;
}

void apply(EngineState& state, const ReconcileSet& event) {
  AccountState& account = state.accounts[event.account.v];
  account.reconcile_attempts = event.attempts;
  account.book.reconcile_attempts = event.attempts;
  account.snapshot_due = event.snapshot_due;
  note_due(state, event.snapshot_due);
}

void apply(EngineState& state, const Input& input, const Event& event) {
  std::visit(
      [&](const auto& e) {
        using E = std::decay_t<decltype(e)>;
        if constexpr (std::is_same_v<E, InputTaken>) {
          apply_input(state, input);
        } else if constexpr (std::is_same_v<E, OrderCreated> || std::is_same_v<E, OrderMoved> || std::is_same_v<E, FillApplied>) {
          apply(state, e, state.now);
        } else {
          apply(state, e);
        }
      },
      event);
}

}  // namespace prom
