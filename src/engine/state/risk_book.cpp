// Keeping the packed form of what reviews read. Engine thread.
#include "engine/state/risk_book.h"

#include <algorithm>
#include <cstddef>

#include "engine/state/state.h"

namespace prom::risk_book {
namespace {

std::uint64_t instrument_bit(std::uint16_t instrument) { return 1ULL << (instrument % 64); }

bool is_used(const HotHolding& hot) { return (hot.quantity | hot.pending_buy | hot.pending_sell) != 0; }

/// The harmful size times the instrument's factor; nothing where price * weight would not be the holding's value to the last digit.
std::optional<std::int64_t> weight_of(const HotHolding& hot, const InstrumentMath& math) {
  if (hot.payoff == Payoff::inverse || math.form != InstrumentMath::Form::whole || math.mul == 0) return std::nullopt;
  if (hot.pending_buy < 0 || hot.pending_sell < 0 || hot.quantity == INT64_MIN) return std::nullopt;
  std::int64_t longest = 0, shortest = 0, weight = 0;
  if (__builtin_add_overflow(hot.quantity, hot.pending_buy, &longest) || __builtin_sub_overflow(hot.quantity, hot.pending_sell, &shortest) ||
      shortest == INT64_MIN)
    return std::nullopt;
  if (__builtin_mul_overflow(std::max(std::abs(longest), std::abs(shortest)), math.mul, &weight)) return std::nullopt;
  return weight;
}

/// Fills entry `i` from a holding; false where the holding has no packed form.
bool set_entry(const EngineState& state, RiskBook& book, std::size_t i, const HotHolding& hot) {
  const std::uint16_t slot = state.gates[hot.instrument].group_slot;
  const auto weight = weight_of(hot, state.math[hot.instrument]);
  const std::size_t row = hot.instrument * RiskBook::kRow;
  // A price once known stays known, so that the walk need not ask.
  if (!weight || row > UINT16_MAX || state.market[hot.instrument].known == Known::no) return false;
  const std::uint32_t bit = 1U << i;
  const auto mark = [bit](std::uint32_t& mask, bool on) { mask = on ? mask | bit : mask & ~bit; };
  mark(book.shorts, hot.quantity < 0);
  mark(book.pending, (hot.pending_buy | hot.pending_sell) != 0);
  if (slot < RiskBook::kGroups) mark(book.groups[slot], true);
  book.weights[i] = *weight;
  book.rows[i] = static_cast<std::uint16_t>(row);
  return true;
}

/// The arrays emptied: what an account without a packed form has.
void clear_entries(AccountState& account) {
  RiskBook& book = account.book;
  book.shorts = book.pending = 0;
  book.margin_ppm = 1'000'000;
  book.count = 0;
  book.one_margin = true;
  std::fill(std::begin(book.groups), std::end(book.groups), 0U);
  std::fill(std::begin(book.weights), std::end(book.weights), 0);
  std::fill(std::begin(book.rows), std::end(book.rows), std::uint16_t{0});
  std::fill(std::begin(book.holdings), std::end(book.holdings), std::uint16_t{0});
  for (HotHolding& hot : account.hot) hot.entry = HotHolding::kNoEntry;
}

bool add_entry(const EngineState& state, AccountState& account, std::size_t h) {
  RiskBook& book = account.book;
  HotHolding& hot = account.hot[h];
  if (book.count == RiskBook::kMost || h > UINT16_MAX || !set_entry(state, book, book.count, hot)) return false;
  if (book.count == 0) book.margin_ppm = hot.margin_ppm;
  book.one_margin = book.one_margin && book.margin_ppm == hot.margin_ppm;
  book.holdings[book.count] = static_cast<std::uint16_t>(h);
  hot.entry = book.count++;
  return true;
}

void rebuild_entries(const EngineState& state, AccountState& account) {
  RiskBook& book = account.book;
  clear_entries(account);
  book.cost = 0;
  book.in_use = 0;
  book.instruments = 0;
  book.packed = book.linear = true;
  for (std::size_t h = 0; h < account.hot.size(); ++h) {
    const HotHolding& hot = account.hot[h];
    book.instruments |= instrument_bit(hot.instrument);
    if (!is_used(hot)) continue;
    ++book.in_use;
    if (hot.payoff == Payoff::linear) {
      book.cost += hot.cost;
    } else {
      book.linear = false;
    }
    book.packed = book.packed && add_entry(state, account, h);
  }
  if (!book.packed) clear_entries(account);
  note_balance(account);
}

static_assert(sizeof(MarketState) == RiskBook::kRow * sizeof(std::int64_t) && offsetof(MarketState, last) == 0, "rows[] are indexes of last prices");

}  // namespace

void note_holding(const EngineState& state, AccountState& account, std::size_t index, wide::I128 cost_before) {
  HotHolding& hot = account.hot[index];
  account.book.instruments |= instrument_bit(hot.instrument);
  const bool had_entry = hot.entry != HotHolding::kNoEntry;
  const bool used = is_used(hot);
  if (!used && !had_entry && account.book.packed) return;
  // The usual change: a holding in use stays in use, and its entry alone is written.
  if (used && had_entry && account.book.packed && set_entry(state, account.book, hot.entry, hot)) {
    if (hot.payoff == Payoff::linear) account.book.cost += hot.cost - cost_before;
    note_balance(account);
    return;
  }
  rebuild_entries(state, account);
}

void rebuild(const EngineState& state, AccountState& account) {
  note_settings(account);
  note_order_times(account);
  rebuild_entries(state, account);
}

void note_settings(AccountState& account) {
  account.book.user = account.account.user;
  account.book.reconcile_attempts = account.reconcile_attempts;
  account.book.hedge = account.account.position_mode == PositionMode::hedge;
  note_balance(account);
}

void note_balance(AccountState& account) {
  RiskBook& book = account.book;
  book.one_balance = account.balances.size() == 1 && account.balances[0].asset == account.account.reporting_asset;
  book.base = book.one_balance ? account.balances[0].amount.mantissa() - book.cost : 0;
  book.usual = book.packed && book.linear && book.one_balance && book.one_margin && (book.shorts | book.pending) == 0;
}

void note_order_times(AccountState& account) {
  account.book.oldest_order = account.order_times.empty() ? INT64_MIN / 2 : account.order_times[account.order_times_next].ns;
}

void note_user(EngineState& state, UserIx ix) {
  const UserState& user = state.users[ix.v];
  const RiskLimits& limits = user.user.limits;
  PackedLimits packed;
  bool all_narrow = true;
  const auto narrow = [&all_narrow](Decimal from) {
    const bool fits = from.mantissa() >= 0 && from.mantissa() <= INT64_MAX / 2;
    all_narrow = all_narrow && fits;
    return fits ? static_cast<std::int64_t>(from.mantissa()) : 0;
  };
  packed.risk_per_trade = narrow(limits.risk_per_trade);
  packed.max_position = narrow(limits.max_position);
  packed.max_instrument = narrow(limits.max_instrument_exposure);
  packed.max_group = narrow(limits.max_group_exposure);
  packed.max_total = narrow(limits.max_total_exposure);
  packed.smallest = std::min({packed.max_position, packed.max_instrument, packed.max_group, packed.max_total});
  packed.max_leverage = narrow(limits.max_leverage);
  packed.price_collar = narrow(limits.price_collar);
  packed.min_liquidation_distance = narrow(limits.min_liquidation_distance);
  for (const AccountIx account : user.accounts) {
    if (state.accounts[account.v].account.user != ix) continue;  // moved to another user: that one's limits hold
    RiskBook& book = state.accounts[account.v].book;
    book.limits = packed;
    book.narrow = all_narrow;
    book.max_data_age = limits.max_data_age.ns;
    book.max_positions = limits.max_positions;
    book.mandatory_stop = limits.mandatory_stop == Switch::on;
    book.clear = user.kill_phase == KillPhase::released && user.trading_state == TradingState::active && user.breakers.empty();
    book.only_one = user.accounts.size() == 1;
  }
}

InstrumentGate gate_of(const Instrument& instrument, const InstrumentMath& math, std::uint16_t group_slot) {
  InstrumentGate gate;
  gate.group_slot = group_slot;
  gate.narrow = instrument.payoff == Payoff::linear && math.form == InstrumentMath::Form::whole && math.mul != 0;
  const auto narrow = [&gate](Decimal from, std::int64_t most) {
    gate.narrow = gate.narrow && from.mantissa() >= 0 && from.mantissa() <= most;
    return static_cast<std::int64_t>(from.mantissa());
  };
  gate.ticks = Multiples(instrument.tick.v);
  gate.steps = Multiples(instrument.step.v);
  gate.min_quantity = instrument.min_quantity.v;
  gate.max_quantity = instrument.max_quantity.v;
  gate.factor = math.mul;
  gate.min_notional = narrow(instrument.min_notional, INT64_MAX);
  gate.taker = narrow(instrument.fees.taker, Decimal::kScale);
  gate.tiered = !instrument.tiers.empty();
  if (gate.tiered) {
    const LeverageTier& first = instrument.tiers.front();
    gate.tier_cap = narrow(min(first.notional_cap, Decimal::from_mantissa(INT64_MAX)), INT64_MAX);
    gate.tier_leverage = narrow(min(first.max_leverage, Decimal::from_mantissa(INT64_MAX)), INT64_MAX);
    gate.tier_maintenance = narrow(first.maintenance_rate, Decimal::kScale);
  }
  if (!gate.narrow) gate.min_notional = gate.taker = gate.tier_cap = gate.tier_leverage = gate.tier_maintenance = 0;
  return gate;
}

std::uint32_t margin_ppm(Decimal leverage) {
  return static_cast<std::uint32_t>(*div(Decimal::from_int(1'000'000), leverage, Round::up).to_units(0, Round::up));
}

void note_first_price(EngineState& state, InstrumentIx instrument) {
  for (AccountState& account : state.accounts)
    if (instrument.v < account.by_instrument.size() && account.by_instrument[instrument.v] != 0) rebuild_entries(state, account);
}

void note_pair(const EngineState& state, PairRecord& record) {
  PairGate gate;
  const Decimal leverage = record.pair.leverage;
  if (leverage >= kDecimalOne && leverage.mantissa() <= INT64_MAX) {
    gate.leverage = static_cast<std::int64_t>(leverage.mantissa());
    gate.inverse_leverage = static_cast<std::int64_t>(div(kDecimalOne, leverage, Round::down).mantissa());
  }
  gate.account = record.pair.account;
  gate.instrument = record.pair.instrument;
  gate.state = record.pair.state;
  gate.budgeted = record.pair.budget > Decimal{};
  gate.narrow = gate.leverage != 0 && state.gates[gate.instrument.v].narrow;
  record.gate = gate;
}

}  // namespace prom::risk_book
