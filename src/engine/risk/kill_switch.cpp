// Kill switch. Engine thread.
#include "engine/risk/kill_switch.h"

#include <algorithm>

#include "engine/orders/order_manager.h"
#include "engine/portfolio/fills.h"
#include "engine/protection/coverage.h"

namespace prom::kill_switch {
namespace {

/// A comparison in which the books agree, positions and all, is next due in an hour: until nothing is left the venue is asked as fast as after a difference.
void ask_again(Step& step, AccountIx account) {
  step.emit(ReconcileSet{account, step.state.accounts[account.v].reconcile_attempts, step.state.now + step.options.reconcile_retry});
}

void ask_venue(Step& step, AccountIx account) {
  step.command(QuerySnapshot{account, step.state.accounts[account.v].last_snapshot_at});
  ask_again(step, account);
}

/// Coins on spot that no order can sell: our books closed them long ago, and they are no position.
bool is_remainder(const Step& step, const VenuePosition& position) {
  Position held;
  held.instrument = position.instrument;
  held.quantity = position.quantity;
  return position.instrument.v < step.state.instruments.size() && portfolio::is_dust(step, held);
}

/// A position the venue has and we do not (opened by hand): closed as the venue states it.
void flatten_foreign(Step& step, AccountIx account, const VenuePosition& position, std::int64_t ours) {
  const std::int64_t foreign = position.quantity.v - ours;
  if (foreign == 0 || (foreign > 0) != (position.quantity.v > 0) || is_remainder(step, position)) return;
  PairIx pair{0};
  for (const PairRecord& record : step.state.pairs)
    if (record.pair.account == account && record.pair.instrument == position.instrument) pair = record.pair.ix;
  OrderSpec spec = orders::new_order(step, account, pair, position.instrument, position.leg);
  spec.side = foreign > 0 ? Side::sell : Side::buy;
  spec.type = OrderType::market;
  spec.purpose = OrderPurpose::flatten;
  spec.quantity = {std::abs(foreign)};
  orders::place_reducing(step, spec);
}

bool has_working_flatten(const Step& step, const Holding& holding) {
  const bool twice_sells_twice = step.state.instrument(holding.position.instrument).payoff == Payoff::spot;
  return std::any_of(holding.working.begin(), holding.working.end(), [&](OrderId id) {
    const Order* order = step.state.find_order(id);
    return order != nullptr && order->spec.purpose == OrderPurpose::flatten && (twice_sells_twice || order->state != OrderState::in_doubt);
  });
}

void flatten_account(Step& step, AccountIx account) {
  for (std::size_t h = 0; h < step.state.accounts[account.v].holdings.size(); ++h) {
    const Holding& holding = step.state.accounts[account.v].holdings[h];
    if (!holding.position.is_flat()) protection::flatten(step, holding, "kill switch");
  }
}

/// Orders at rest that our own lists do not know as working: cancelled by the id that they bear. An order that ended here is named by its number; one without a record
/// by none, so that no answer to it can end another order.
void cancel_unknown(Step& step, const VenueSnapshot& snapshot) {
  for (const VenueOpenOrder& there : snapshot.orders) {
    if (is_foreign(there.client_id, snapshot.account)) continue;
    const Order* known = step.state.find_order(there.client_id.sequence);
    const bool ours = known != nullptr && known->spec.client_id == there.client_id;
    if (ours && may_fill(known->state)) continue;
    step.command(RiskEngine::approve_cancel(step.state, {ours ? known->spec.id : OrderId{0}, there.client_id, there.instrument}));
  }
}

/// Orders of others have no id that we could name: a person must cancel them, and nothing is flat before.
void tell_of_foreign(Step& step, AccountIx account) {
  const AccountState& a = step.state.accounts[account.v];
  step.alert(Severity::critical, a.account.user, "foreign_orders",
             "Kill switch: " + std::to_string(a.foreign_orders) + " orders that were not placed from here rest at the venue (account " +
                 std::to_string(account.v) + "); cancel them there by hand: the account counts as flat only without them");
}

}  // namespace

void on_pulled(Step& step, const KillSwitchPulled& in) {
  if (in.user.v >= step.state.users.size()) {
    step.oddity("the kill switch names an unknown user");
    return;
  }
  if (step.state.users[in.user.v].kill_phase != KillPhase::released) return;  // pulled already: the sweep is not repeated
  step.emit(KillSwitchMoved{in.user, KillPhase::cancelling, in.reason});
  const std::vector<AccountIx> accounts = step.state.users[in.user.v].accounts;
  for (const AccountIx account : accounts) {
    orders::cancel_entries(step, account, std::nullopt);
    flatten_account(step, account);  // stops stay until the position is gone
    ask_venue(step, account);
    if (step.state.accounts[account.v].foreign_orders > 0) tell_of_foreign(step, account);
  }
  step.emit(KillSwitchMoved{in.user, KillPhase::flattening, in.reason});
  step.alert(Severity::critical, in.user, "kill_switch", "Kill switch pulled: " + in.reason + "; cancelling, flattening, then asking the venue");
}

void on_reset(Step& step, const Input& input, const KillSwitchReset& in) {
  if (in.user.v >= step.state.users.size()) return;
  const UserState& user = step.state.users[in.user.v];
  if (user.kill_phase == KillPhase::released) return;
  if (in.step == ResetStep::request) {
    step.take(input);
    return;
  }
  if (user.kill_phase != KillPhase::flat) {
    step.oddity("the kill switch cannot be reset before the venue has confirmed that everything is flat");
    return;
  }
  if (!user.reset_challenge || *user.reset_challenge != in.challenge) {
    step.oddity("the kill switch reset was not confirmed with its own challenge");
    return;
  }
  step.emit(KillSwitchMoved{in.user, KillPhase::released, {}});
  step.alert(Severity::warning, in.user, "kill_switch_reset", "Kill switch reset: new positions are possible again");
}

void on_snapshot(Step& step, const VenueSnapshot& snapshot, std::uint32_t foreign_before) {
  const UserIx ix = step.state.accounts[snapshot.account.v].account.user;
  if (step.state.users[ix.v].kill_phase != KillPhase::flattening) return;
  cancel_unknown(step, snapshot);
  if (step.state.accounts[snapshot.account.v].foreign_orders > foreign_before) tell_of_foreign(step, snapshot.account);
  for (const VenuePosition& position : snapshot.positions) {
    if (position.quantity.v == 0) continue;
    const Holding* holding = step.state.find_holding(snapshot.account, position.instrument, position.leg);
    if (holding != nullptr && !holding->position.is_flat()) protection::flatten(step, *holding, "kill switch");
    holding = step.state.find_holding(snapshot.account, position.instrument, position.leg);
    const std::int64_t ours = holding != nullptr ? holding->position.quantity.v : 0;
    if (holding == nullptr || !has_working_flatten(step, *holding)) flatten_foreign(step, snapshot.account, position, ours);
  }
  // Flat means: the venue has shown each account of the user to be empty since the switch was pulled, and our books agree.
  const auto empty = [&](AccountIx account) {
    const AccountState& a = step.state.accounts[account.v];
    return std::all_of(a.holdings.begin(), a.holdings.end(), [&](const Holding& h) { return h.position.is_flat() && h.working.empty(); });
  };
  const bool nothing_there =
      snapshot.orders.empty() && std::ranges::all_of(snapshot.positions, [&](const VenuePosition& p) { return p.quantity.v == 0 || is_remainder(step, p); });
  const std::vector<AccountIx>& accounts = step.state.users[ix.v].accounts;
  if (!nothing_there || !empty(snapshot.account)) return ask_again(step, snapshot.account);
  step.emit(ReconcileSet{snapshot.account, 0, kNever});  // the mark that this one is done: the others are asked again until they are
  const auto confirmed = [&](AccountIx account) { return empty(account) && step.state.accounts[account.v].snapshot_due == kNever; };
  if (!std::all_of(accounts.begin(), accounts.end(), confirmed)) return;
  const std::string reason = step.state.users[ix.v].kill_reason;
  step.emit(KillSwitchMoved{ix, KillPhase::flat, reason});
  step.alert(Severity::critical, ix, "kill_switch_flat", "Kill switch: the venue confirms that no position and no order is left");
}

TimeNs run_timers(Step& step) {
  TimeNs next = kNever;
  for (std::size_t i = 0; i < step.state.users.size(); ++i) {
    if (step.state.users[i].kill_phase != KillPhase::flattening) continue;
    const std::vector<AccountIx> accounts = step.state.users[i].accounts;
    for (const AccountIx account : accounts) {
      if (step.state.accounts[account.v].snapshot_due <= step.state.now) {
        orders::cancel_entries(step, account, std::nullopt);
        ask_venue(step, account);
      }
      next = std::min(next, step.state.accounts[account.v].snapshot_due);
    }
  }
  return next;
}

}  // namespace prom::kill_switch
