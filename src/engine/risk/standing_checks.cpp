// Standing checks. Unknown equity trips nothing (and blocks entries in review). Engine thread.
#include "engine/risk/standing_checks.h"

#include <algorithm>

#include "engine/orders/order_manager.h"
#include "engine/risk/equity.h"

namespace prom::standing {
namespace {

bool is_open(const UserState& user, BreakerKind kind) {
  return std::any_of(user.breakers.begin(), user.breakers.end(), [&](const BreakerTripped& b) { return b.kind == kind; });
}

/// What the user's circuit breaker is about: he may switch it off. That of errors is about the venue.
bool is_of_losses(BreakerKind kind) {
  switch (kind) {
    case BreakerKind::daily_loss:
    case BreakerKind::rolling_loss:
    case BreakerKind::drawdown:
    case BreakerKind::consecutive_losses: return true;
    case BreakerKind::errors:
    case BreakerKind::data_feed: return false;
  }
  PROM_UNREACHABLE();
}

TimeNs resume_at(const EngineState& state, const UserState& user) {
  const DurationNs cooldown = user.user.limits.breaker_cooldown;
  if (cooldown.ns > 0) return state.now + cooldown;
  if (user.next_day == kNever) return floor_to(state.now, kDay) + kDay;
  // A day that could not begin yet, since equity was unknown at its midnight, has begun all the same.
  return user.next_day > state.now ? user.next_day : user.next_day + DurationNs{((state.now - user.next_day).ns / kDay.ns + 1) * kDay.ns};
}

void trip(Step& step, UserIx ix, BreakerKind kind, Decimal limit, Decimal actual) {
  const UserState& user = step.state.users[ix.v];
  if ((is_of_losses(kind) && user.user.limits.circuit_breaker == Switch::off) || is_open(user, kind)) return;
  const TimeNs until = resume_at(step.state, user);
  step.emit(BreakerTripped{ix, kind, limit, actual, until});
  step.alert(Severity::critical, ix, "circuit_breaker",
             "Circuit breaker (" + std::string(name_of(kind)) + "): " + actual.to_string() + " against a limit of " + limit.to_string() +
                 "; no new positions until " + format_rfc3339(until));
  orders::cancel_entries(step, ix);  // what waits at a venue was approved before
}

/// Loss limits as floors of equity. The user's own fraction of the base is what may be lost.
void check_losses(Step& step, UserIx ix, Decimal equity) {
  const UserState& user = step.state.users[ix.v];
  const RiskLimits& limits = user.user.limits;
  const auto check = [&](BreakerKind kind, Decimal base, Decimal fraction) {
    if (is_open(user, kind)) return;
    const Decimal allowed = mul(base, fraction, Round::down);
    if (base > Decimal{} && base - equity > allowed) trip(step, ix, kind, allowed, base - equity);
  };
  check(BreakerKind::daily_loss, user.day_start_equity + user.day_transfers, limits.max_daily_drawdown);
  if (!user.samples.empty()) check(BreakerKind::rolling_loss, user.samples.front().equity + user.rolling_transfers, limits.max_daily_drawdown);
  check(BreakerKind::drawdown, user.peak_equity, limits.max_drawdown);
}

/// Whether such an equity has to be held against the limits: below a floor, not resting on an old price, and with breakers that may trip.
bool is_alarming(const EngineState& state, UserIx ix, Decimal equity) {
  const UserState& user = state.users[ix.v];
  return equity < user.loss_floor && user.user.limits.circuit_breaker == Switch::on && !rests_on_old_price(state, ix);
}

void check_losses_in_a_row(Step& step, UserIx ix) {
  const UserState& user = step.state.users[ix.v];
  const std::uint32_t limit = user.user.limits.max_consecutive_losses;
  if (limit > 0 && user.consecutive_losses >= limit)
    trip(step, ix, BreakerKind::consecutive_losses, Decimal::from_int(limit), Decimal::from_int(user.consecutive_losses));
}

/// Equity now (for the peak) and at the adverse extreme, in one pass where the account is plain.
struct Marks {
  std::optional<Decimal> now, adverse;
};

/// The usual account (one balance in the reporting asset, linear holdings): both marks from the packed holdings.
bool mark_plain(const EngineState& state, const AccountState& account, InstrumentIx instrument, PriceUnits adverse, Marks& marks) {
  if (account.balances.size() != 1 || account.balances[0].asset != account.account.reporting_asset) return false;
  wide::I128 now = account.balances[0].amount.mantissa();
  wide::I128 shift = 0;
  for (const HotHolding& hot : account.hot) {
    if (hot.quantity == 0) continue;
    const MarketState& market = state.market[hot.instrument];
    if (hot.payoff != Payoff::linear || market.known == Known::no) return false;
    const InstrumentMath& math = state.math[hot.instrument];
    const wide::I128 value = math.value(market.last, {hot.quantity});
    now += value - hot.cost;
    if (hot.instrument == instrument.v) shift += math.value(adverse, {hot.quantity}) - value;
  }
  marks.now = Decimal::from_mantissa(now);
  marks.adverse = Decimal::from_mantissa(now + shift);
  return true;
}

Marks mark_user(const EngineState& state, UserIx ix, InstrumentIx instrument, PriceUnits adverse) {
  Marks marks;
  const UserState& user = state.users[ix.v];
  if (user.accounts.size() == 1 && mark_plain(state, state.accounts[user.accounts[0].v], instrument, adverse, marks)) return marks;
  marks.now = equity_of(state, ix);
  marks.adverse = equity_of(state, ix, PriceOverride{instrument, adverse});
  return marks;
}

void roll_day(Step& step, UserIx ix) {
  const UserState& user = step.state.users[ix.v];
  const auto equity = equity_of(step.state, ix);
  if (!equity || rests_on_old_price(step.state, ix)) return;  // tried again at the next timer; review denies while equity is unknown
  const DurationNs offset = user.user.utc_offset;
  const TimeNs start = floor_to(step.state.now + offset, kDay) - offset;
  step.emit(DayRolled{ix, start, *equity});
  if (user.peak_equity.is_zero() && *equity > Decimal{}) step.emit(PeakRaised{ix, *equity});
}

void sample(Step& step, UserIx ix) {
  const auto equity = equity_of(step.state, ix);
  if (!equity || rests_on_old_price(step.state, ix)) return;
  if (*equity < step.state.users[ix.v].loss_floor) check_losses(step, ix, *equity);
  // Net of every transfer so far, so that samples before and after a deposit compare.
  step.emit(EquitySampled{ix, step.state.now, *equity - step.state.users[ix.v].rolling_transfers});
}

void resume_due(Step& step, UserIx ix) {
  const auto is_due = [&](const BreakerTripped& b) { return b.kind != BreakerKind::data_feed && b.until <= step.state.now; };
  if (std::none_of(step.state.users[ix.v].breakers.begin(), step.state.users[ix.v].breakers.end(), is_due)) return;
  const std::vector<BreakerTripped> breakers = step.state.users[ix.v].breakers;
  for (const BreakerTripped& breaker : breakers) {
    if (!is_due(breaker)) continue;
    step.emit(BreakerResumed{ix, breaker.kind});
    // A drawdown that still stands would trip again at once and for ever: the cool-down is its price, and the peak starts anew.
    if (breaker.kind == BreakerKind::drawdown)
      if (const auto equity = equity_of(step.state, ix)) step.emit(PeakRaised{ix, *equity});
    step.alert(Severity::info, ix, "circuit_breaker_resumed", "Circuit breaker (" + std::string(name_of(breaker.kind)) + ") has resumed");
  }
}

void check_feed(Step& step, UserIx ix) {
  const UserState& user = step.state.users[ix.v];
  const bool open = is_open(user, BreakerKind::data_feed);
  const DurationNs oldest = user.user.limits.max_data_age;
  Decimal worst;
  for (const AccountIx account : user.accounts) {
    if (step.state.accounts[account.v].open_positions == 0) continue;
    for (const HotHolding& hot : step.state.accounts[account.v].hot) {
      if (hot.quantity == 0) continue;
      const DurationNs age = step.state.now - step.state.market[hot.instrument].updated_at;
      if (age > oldest) worst = std::max(worst, Decimal::from_units(age.ns / 1'000'000, 3));
    }
  }
  if (worst > Decimal{} && !open) {
    const Decimal limit = Decimal::from_units(oldest.ns / 1'000'000, 3);
    step.emit(BreakerTripped{ix, BreakerKind::data_feed, limit, worst, kNever});
    step.alert(Severity::critical, ix, "data_feed", "Market data of an open position is " + worst.to_string() + " s old: no new positions until it is fresh");
    orders::cancel_entries(step, ix);
  } else if (worst.is_zero() && open) {
    step.emit(BreakerResumed{ix, BreakerKind::data_feed});
  }
}

}  // namespace

void on_prices(Step& step, AccountIx account, InstrumentIx instrument, PriceUnits high, PriceUnits low) {
  const UserIx ix = step.state.accounts[account.v].account.user;
  std::int64_t net = 0;
  for (const HotHolding& hot : step.state.accounts[account.v].hot)
    if (hot.instrument == instrument.v) net += hot.quantity;
  const Marks marks = mark_user(step.state, ix, instrument, net >= 0 ? low : high);
  if (!marks.now || !marks.adverse) return;
  if (step.state.users[ix.v].day_start_equity.is_zero()) roll_day(step, ix);
  if (is_alarming(step.state, ix, *marks.adverse)) check_losses(step, ix, *marks.adverse);
  if (*marks.now > step.state.users[ix.v].peak_equity) step.emit(PeakRaised{ix, *marks.now});
}

void on_settled(Step& step, AccountIx account) {
  if (account.v >= step.state.accounts.size()) return;
  const UserIx ix = step.state.accounts[account.v].account.user;
  const InstrumentIx any{0};
  const bool priced = !step.state.market.empty() && step.state.market[any.v].known == Known::yes;
  if (const auto equity = priced ? mark_user(step.state, ix, any, step.state.market[any.v].last).now : equity_of(step.state, ix)) {
    if (is_alarming(step.state, ix, *equity)) check_losses(step, ix, *equity);
    if (*equity > step.state.users[ix.v].peak_equity) step.emit(PeakRaised{ix, *equity});
  }
  check_losses_in_a_row(step, ix);
}

void on_error(Step& step, AccountIx account) {
  const UserIx ix = step.state.accounts[account.v].account.user;
  const UserState& user = step.state.users[ix.v];
  const std::uint32_t limit = user.user.limits.max_errors_per_hour;
  if (limit > 0 && user.errors_this_hour >= limit) trip(step, ix, BreakerKind::errors, Decimal::from_int(limit), Decimal::from_int(user.errors_this_hour));
}

void check_feeds(Step& step) {
  for (std::size_t i = 0; i < step.state.users.size(); ++i) check_feed(step, UserIx{static_cast<std::uint32_t>(i)});
}

TimeNs run_timers(Step& step) {
  TimeNs next = kNever;
  for (std::size_t i = 0; i < step.state.users.size(); ++i) {
    const UserIx ix{static_cast<std::uint32_t>(i)};
    if (step.state.users[i].accounts.empty()) continue;
    const TimeNs now = step.state.now;
    if (step.state.users[i].next_day == kNever || step.state.users[i].next_day <= now) roll_day(step, ix);
    if (step.state.users[i].next_sample == kNever || step.state.users[i].next_sample <= now) sample(step, ix);
    resume_due(step, ix);
    check_feed(step, ix);
    const UserState& user = step.state.users[i];
    // An equity that is unknown now is asked for again in a minute.
    next = std::min({next, user.next_day <= now ? now + kMinute : user.next_day, user.next_sample <= now ? now + kMinute : user.next_sample});
    for (const BreakerTripped& breaker : user.breakers) next = std::min(next, breaker.until);
  }
  return next;
}

}  // namespace prom::standing
