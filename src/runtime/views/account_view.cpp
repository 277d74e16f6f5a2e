// Account views. Shard thread.
#include "runtime/views/account_view.h"

#include "domain/position.h"
#include "engine/risk/equity.h"

namespace prom {
namespace {

PositionView view_of(const EngineState& state, const Holding& holding, const std::optional<Decimal>& equity) {
  PositionView view;
  const Position& position = holding.position;
  const Instrument& instrument = state.instrument(position.instrument);
  view.position = position;
  view.mark = state.market[position.instrument.v].last;
  view.unrealised = unrealised_pnl(instrument, position.quantity, position.cost, view.mark);
  view.stop = holding.coverage.stop;
  view.trailing_distance = holding.coverage.trailing_distance;
  view.targets = holding.coverage.targets;
  view.coverage = holding.coverage.state;
  if (instrument.payoff == Payoff::linear && equity) {
    // Cross margin: everything the account has, but for this position's own unrealised profit, stands behind it.
    const LeverageTier* tier = tier_for(instrument, notional(instrument, view.mark, {std::abs(position.quantity.v)}));
    const Decimal maintenance = tier != nullptr ? tier->maintenance_rate : Decimal{};
    if (const auto price = liquidation_price(instrument, position.quantity, position.cost, *equity - view.unrealised, maintenance))
      view.liquidation = price->value();
  }
  return view;
}

}  // namespace

AccountView make_account_view(const EngineState& state, AccountIx ix) {
  AccountView view;
  const AccountState& account = state.accounts[ix.v];
  const UserState& user = state.user_of(ix);
  view.as_of = {state.seq, state.now};
  view.account = account.account;
  view.limits = user.user.limits;
  view.balances = account.balances;
  view.equity = equity_of(state, ix);
  view.available = available_of(state, ix).value_or(Decimal{});
  view.day_start_equity = user.day_start_equity;
  view.peak_equity = user.peak_equity;
  view.day_transfers = user.day_transfers;
  view.consecutive_losses = user.consecutive_losses;
  for (const Holding& holding : account.holdings) {
    view.versions.push_back({holding.position.instrument, holding.position.leg, holding.position.version});
    if (!holding.position.is_flat()) view.positions.push_back(view_of(state, holding, view.equity));
    for (const OrderId id : holding.working)
      if (const Order* order = state.find_order(id)) view.open_orders.push_back(*order);
  }
  for (const BreakerTripped& breaker : user.breakers) view.breakers.push_back({breaker.kind, breaker.until});
  view.kill_phase = user.kill_phase;
  view.trading_state = user.trading_state;
  return view;
}

}  // namespace prom
