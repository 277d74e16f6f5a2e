// Words for denials: one sentence a code, with the numbers where they mean something. Any thread.
#include "domain/denial.h"

#include "domain/enum_text.h"

namespace prom {

namespace {

/// How the two numbers of a denial are shown.
enum class Numbers : std::uint8_t {
  none,
  plain,     ///< amounts, counts, leverage
  fraction,  ///< shares of equity or price, shown in per cent
  seconds,
};

struct Wording {
  std::string_view sentence;
  Numbers numbers;
};

Wording wording(DenialCode code) {
  using enum Numbers;
  switch (code) {
    case DenialCode::malformed: return {"The proposal contradicts itself or lacks a field", none};
    case DenialCode::account_unknown: return {"The account is not registered", none};
    case DenialCode::instrument_unknown: return {"The instrument is not registered", none};
    case DenialCode::duplicate: return {"This decision has already been acted upon", none};
    case DenialCode::expired: return {"The proposal expired before it was reviewed", none};
    case DenialCode::stale_basis: return {"The position has changed since the decision was made", plain};
    case DenialCode::kill_switch_engaged: return {"The kill switch is engaged", none};
    case DenialCode::trading_halted: return {"Trading is halted", none};
    case DenialCode::trading_reducing: return {"Only orders that reduce positions are allowed now", none};
    case DenialCode::circuit_breaker_open: return {"A loss limit was reached and the circuit breaker is open", none};
    case DenialCode::error_breaker_open: return {"Too many venue errors: the error breaker is open", none};
    case DenialCode::data_breaker_open: return {"Market data are unreliable: the data breaker is open", none};
    case DenialCode::reconciling: return {"The account is being reconciled with the venue", none};
    case DenialCode::instrument_quarantined: return {"The instrument is quarantined: our records and the venue's differ", none};
    case DenialCode::pair_paused: return {"The trading pair is paused", none};
    case DenialCode::strategy_disabled: return {"The decider is disabled on this pair", none};
    case DenialCode::ledger_away: return {"The ledger cannot be reached; new risk waits for it", none};
    case DenialCode::price_unknown: return {"No price of the instrument is known", none};
    case DenialCode::market_data_stale: return {"Market data are too old", seconds};
    case DenialCode::equity_unknown: return {"Equity is unknown because a conversion price is missing or stale", none};
    case DenialCode::equity_not_positive: return {"Equity is not positive", plain};
    case DenialCode::position_unknown: return {"The position is unknown until an order in doubt is resolved", none};
    case DenialCode::protection_unavailable: return {"No protective stop can rest at the venue for this position", none};
    case DenialCode::nothing_to_close: return {"There is no position to close", none};
    case DenialCode::wrong_side: return {"The side does not fit the position or what the market allows", none};
    case DenialCode::price_off_tick: return {"A price is not on the tick", plain};
    case DenialCode::quantity_off_step: return {"The quantity is not on the step", plain};
    case DenialCode::quantity_below_minimum: return {"The quantity is below the venue's minimum", plain};
    case DenialCode::quantity_above_maximum: return {"The quantity is above the venue's maximum", plain};
    case DenialCode::notional_below_minimum: return {"The order's value is below the venue's minimum", plain};
    case DenialCode::exit_below_minimum: return {"A planned exit would be below the venue's minimum at its price", plain};
    case DenialCode::price_outside_collar: return {"The limit price is too far from the market", fraction};
    case DenialCode::stop_missing: return {"A protective stop is mandatory", none};
    case DenialCode::stop_wrong_side: return {"The stop is on the wrong side of the price", plain};
    case DenialCode::target_wrong_side: return {"A target is on the wrong side of the price", plain};
    case DenialCode::liquidation_before_stop: return {"The position would be liquidated before its stop", plain};
    case DenialCode::leverage_above_limit: return {"The leverage is above the limit", plain};
    case DenialCode::insufficient_balance: return {"The free balance does not cover the order", plain};
    case DenialCode::insufficient_margin: return {"The free margin does not cover the order", plain};
    case DenialCode::trade_risk_above_limit: return {"The loss at the stop is above the limit for one trade", plain};
    case DenialCode::position_above_limit: return {"The position would be above its limit", plain};
    case DenialCode::budget_exceeded: return {"The pair's budget would be exceeded", plain};
    case DenialCode::open_positions_above_limit: return {"There are too many open positions", plain};
    case DenialCode::instrument_exposure_above_limit: return {"Exposure to the instrument would be above the limit", plain};
    case DenialCode::group_exposure_above_limit: return {"Exposure to correlated instruments would be above the limit", plain};
    case DenialCode::total_exposure_above_limit: return {"Total exposure would be above the limit", plain};
    case DenialCode::order_rate_exceeded: return {"Too many orders in a minute", plain};
    case DenialCode::entries_waiting: return {"Entries of an earlier decision still wait on this market and would come under another stop", none};
  }
  PROM_UNREACHABLE();
}

std::string show(Decimal value, Numbers numbers) {
  switch (numbers) {
    case Numbers::none: return {};
    case Numbers::plain: return value.to_string();
    case Numbers::fraction: return mul(value, Decimal::from_int(100), Round::half_even).to_string() + " %";
    case Numbers::seconds: return value.to_string() + " s";
  }
  PROM_UNREACHABLE();
}

}  // namespace

std::string_view name_of(DenialCode code) { return enum_text(code); }

std::string explain(const Denial& denial) {
  const Wording words = wording(denial.code);
  std::string out(words.sentence);
  // Two zeros mean that the reviewer had nothing to say in numbers.
  if (words.numbers != Numbers::none && !(denial.limit.is_zero() && denial.actual.is_zero())) {
    out += " (limit " + show(denial.limit, words.numbers) + ", actual " + show(denial.actual, words.numbers) + ")";
  }
  out += '.';
  return out;
}

}  // namespace prom
