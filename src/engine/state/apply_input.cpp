// Inputs onto tables. Engine thread.
#include "engine/state/apply_input.h"

#include <algorithm>
#include <type_traits>

#include "engine/risk/equity.h"
#include "engine/state/apply.h"

namespace prom {
namespace {

/// Dense tables: index n may be registered when n entries exist (new) or less (replaced).
template <class T>
T& slot(std::vector<T>& table, std::size_t index) {
  PROM_ASSERT(index <= table.size(), "indexes are handed out densely");
  if (index == table.size()) table.emplace_back();
  return table[index];
}

/// The first spot instrument of an asset prices it.
void note_spot_price(EngineState& state, const Instrument& instrument) {
  if (instrument.payoff != Payoff::spot) return;
  if (state.spot_of_asset.size() <= instrument.base.v) state.spot_of_asset.resize(instrument.base.v + 1U, 0);
  std::uint32_t& entry = state.spot_of_asset[instrument.base.v];
  if (entry == 0) entry = instrument.ix.v + 1U;
}

/// Correlation groups are numbered in order of registration: the slot of the first instrument of the same group, else the next.
std::uint16_t group_slot(const EngineState& state, const Instrument& instrument) {
  std::uint16_t next = 0;
  for (std::size_t i = 0; i < instrument.ix.v; ++i) {
    if (state.instruments[i].group == instrument.group) return state.gates[i].group_slot;
    next = std::max<std::uint16_t>(next, static_cast<std::uint16_t>(state.gates[i].group_slot + 1));
  }
  return next;
}

void note_gate(EngineState& state, std::size_t ix) {
  if (state.gates.size() <= ix) state.gates.resize(ix + 1);
  state.gates[ix] = risk_book::gate_of(state.instruments[ix], state.math[ix], group_slot(state, state.instruments[ix]));
}

void take(EngineState& state, const Input&, const AssetRegistered& in) { slot(state.assets, in.ix.v) = in.name; }

/// An instrument with other rules than before: everything that was worked out from it is worked out again.
void renew_instruments(EngineState& state) {
  state.spot_of_asset.clear();
  for (const Instrument& instrument : state.instruments) {
    note_spot_price(state, instrument);
    note_gate(state, instrument.ix.v);
  }
  for (AccountState& account : state.accounts) {
    for (HotHolding& hot : account.hot) {
      hot.group = state.instruments[hot.instrument].group;
      hot.payoff = state.instruments[hot.instrument].payoff;
    }
    risk_book::rebuild(state, account);
  }
  for (PairRecord& record : state.pairs) risk_book::note_pair(state, record);
}

/// A pair with another leverage than before: the margin of the positions it opened is that of the venue's leverage now.
void renew_margins(EngineState& state, PairIx pair) {
  for (AccountState& account : state.accounts) {
    for (std::size_t h = 0; h < account.holdings.size(); ++h)
      if (account.holdings[h].plan && account.holdings[h].plan->pair == pair)
        account.hot[h].margin_ppm = risk_book::margin_ppm(state.pairs[pair.v].pair.leverage);
    risk_book::rebuild(state, account);
  }
}

void take(EngineState& state, const Input&, const InstrumentRegistered& in) {
  const std::size_t ix = in.instrument.ix.v;
  const bool again = ix < state.instruments.size();
  slot(state.instruments, ix) = in.instrument;
  slot(state.math, ix) = InstrumentMath::of(in.instrument);
  slot(state.market, ix);
  slot(state.holders, ix);
  note_spot_price(state, in.instrument);
  note_gate(state, ix);
  if (again) renew_instruments(state);
}

/// What follows from limits that changed. Orders of the last minute still count against a new rate.
static void note_limits(EngineState& state, UserIx ix) {
  UserState& user = state.users[ix.v];
  refresh_loss_floor(user);
  risk_book::note_user(state, ix);
  const std::size_t most = std::max(1U, user.user.limits.max_orders_per_minute);
  for (const AccountIx account_ix : user.accounts) {
    AccountState& account = state.accounts[account_ix.v];
    if (account.order_times.size() == most) continue;
    std::vector<TimeNs> times = account.order_times;
    std::rotate(times.begin(), times.begin() + account.order_times_next, times.end());  // the oldest first
    if (times.size() < most) times.insert(times.begin(), most - times.size(), TimeNs{INT64_MIN / 2});
    times.erase(times.begin(), times.end() - static_cast<std::ptrdiff_t>(most));
    account.order_times = std::move(times);
    account.order_times_next = 0;
    risk_book::note_order_times(account);
  }
}

void take(EngineState& state, const Input&, const UserRegistered& in) {
  slot(state.users, in.user.ix.v).user = in.user;
  note_limits(state, in.user.ix);
  state.next_due = TimeNs{0};
}

void take(EngineState& state, const Input&, const AccountRegistered& in) {
  AccountState& account = slot(state.accounts, in.account.ix.v);
  account.account = in.account;
  UserState& user = state.users[in.account.user.v];
  if (std::find(user.accounts.begin(), user.accounts.end(), in.account.ix) == user.accounts.end()) user.accounts.push_back(in.account.ix);
  if (account.order_times.empty()) account.order_times.assign(std::max(1U, user.user.limits.max_orders_per_minute), TimeNs{INT64_MIN / 2});
  risk_book::note_settings(account);
  risk_book::note_user(state, in.account.user);
}

void take(EngineState& state, const Input&, const PairRegistered& in) {
  const bool again = in.pair.ix.v < state.pairs.size();
  PairRecord& record = slot(state.pairs, in.pair.ix.v);
  record.pair = in.pair;
  risk_book::note_pair(state, record);
  if (again) renew_margins(state, in.pair.ix);
}

void take(EngineState& state, const Input& input, const BarClosed& in) {
  apply_market(state, in.instrument, in.bar.close, in.bar.high, in.bar.low, input.available_at);
}

void take(EngineState& state, const Input& input, const TradePrinted& in) {
  apply_market(state, in.instrument, in.price, in.price, in.price, input.available_at);
}

void take(EngineState& state, const Input& input, const ConversionPrice& in) {
  for (std::size_t i = 0; i < state.conversions.size(); ++i) {
    ConversionPrice& known = state.conversions[i];
    if (known.asset != in.asset || known.in != in.in) continue;
    known.price = in.price;
    state.conversion_times[i] = input.available_at;
    return;
  }
  state.conversions.push_back(in);
  state.conversion_times.push_back(input.available_at);
  value_transfers(state);
}

/// False where the transfer's price is not known.
bool note_transfer(const EngineState& state, UserState& user, const TransferBooked& transfer) {
  const auto price = conversion(state, transfer.amount.asset, state.accounts[transfer.account.v].account.reporting_asset);
  if (!price) return false;
  const Decimal value = mul(transfer.amount.amount, *price, Round::half_even);
  user.day_transfers += value;
  user.rolling_transfers += value;
  user.peak_equity += value;
  if (user.peak_equity < Decimal{}) user.peak_equity = Decimal{};
  refresh_loss_floor(user);
  return true;
}

/// The money itself arrives by a Posted event of the same frame; here only the loss limits learn that it is no profit.
void take(EngineState& state, const Input&, const TransferBooked& in) {
  UserState& user = state.user_of(in.account);
  if (!note_transfer(state, user, in)) user.unpriced.push_back(in);
}

void take(EngineState& state, const Input&, const EpochStarted& in) {
  state.epoch = in.epoch;
  state.takeover_seq = state.seq;
}

void take(EngineState& state, const Input&, const TradingStateSet& in) {
  UserState& user = state.users[in.user.v];
  if (in.state == TradingState::halted && user.trading_state != TradingState::halted) ++state.halt_epoch;
  user.trading_state = in.state;
  risk_book::note_user(state, in.user);
}

void take(EngineState& state, const Input&, const PairStateSet& in) {
  TradingPair& pair = state.pairs[in.pair.v].pair;
  pair.state = in.state;
  pair.paused_reason = in.reason;
  risk_book::note_pair(state, state.pairs[in.pair.v]);
}

void take(EngineState& state, const Input&, const DeciderStatusSet& in) { state.pairs[in.pair.v].decider_status = in.status; }

void take(EngineState& state, const Input&, const KillSwitchReset& in) {
  if (in.step == ResetStep::request) state.users[in.user.v].reset_challenge = in.challenge;
}

void take(EngineState& state, const Input&, const LimitsSet& in) {
  state.users[in.user.v].user.limits = in.limits;
  note_limits(state, in.user);
}

void take(EngineState& state, const Input&, const LedgerHealth& in) { state.ledger_reachable = in.reachable; }

void take(EngineState& state, const Input& input, const VenueSnapshot& in) {
  AccountState& account = state.accounts[in.account.v];
  account.last_snapshot_at = input.available_at;
  account.foreign_orders = 0;
  for (const VenueOpenOrder& order : in.orders) account.foreign_orders += is_foreign(order.client_id, in.account) ? 1U : 0U;
}

/// Everything else reaches the tables by events of its own.
template <class T>
void take(EngineState&, const Input&, const T&) {}

}  // namespace

void apply_input(EngineState& state, const Input& input) {
  std::visit([&](const auto& body) { take(state, input, body); }, input.body);
}

void value_transfers(EngineState& state) {
  for (UserState& user : state.users) std::erase_if(user.unpriced, [&](const TransferBooked& transfer) { return note_transfer(state, user, transfer); });
}

void rebuild_derived(EngineState& state) {
  state.math.clear();
  state.spot_of_asset.clear();
  state.gates.clear();
  for (const Instrument& instrument : state.instruments) {
    state.math.push_back(InstrumentMath::of(instrument));
    note_spot_price(state, instrument);
    note_gate(state, instrument.ix.v);
  }
  state.holders.assign(state.instruments.size(), {});
  for (AccountState& account : state.accounts) {
    account.hot.clear();
    for (const Holding& holding : account.holdings) {
      const std::uint16_t ix = holding.position.instrument.v;
      HotHolding hot;
      hot.instrument = ix;
      hot.group = state.instruments[ix].group;
      hot.payoff = state.instruments[ix].payoff;
      hot.quantity = holding.position.quantity.v;
      hot.cost = holding.position.cost.mantissa();
      hot.pending_buy = holding.pending_buy.v;
      hot.pending_sell = holding.pending_sell.v;
      if (holding.plan) hot.margin_ppm = risk_book::margin_ppm(state.pairs[holding.plan->pair.v].pair.leverage);
      account.hot.push_back(hot);
      auto& holders = state.holders[ix];
      if (!holding.position.is_flat() && (holders.empty() || holders.back() != account.account.ix)) holders.push_back(account.account.ix);
    }
    risk_book::rebuild(state, account);
  }
  for (UserState& user : state.users) {
    refresh_loss_floor(user);
    risk_book::note_user(state, user.user.ix);
  }
  for (PairRecord& record : state.pairs) risk_book::note_pair(state, record);
  state.next_due = TimeNs{0};
}

}  // namespace prom
