// Dry pre-trade checks in the order of the denial codes. Pure; any thread.
#include "tools/trade_checks.h"

#include "tools/proposals.h"

namespace prom {

namespace {

class Checks {
 public:
  void state(DenialCode code, bool passed) { list_.push_back({code, passed, std::nullopt, std::nullopt}); }
  void at_most(DenialCode code, Decimal actual, Decimal limit) { list_.push_back({code, actual <= limit, limit, actual}); }
  void at_least(DenialCode code, Decimal actual, Decimal limit) { list_.push_back({code, limit <= actual, limit, actual}); }
  std::vector<TradeCheck> take() { return std::move(list_); }

 private:
  std::vector<TradeCheck> list_;
};

struct Trade {
  const Instrument& instrument;
  Side side;
  QuantityUnits quantity;
  PriceUnits entry, last;
  std::optional<PriceUnits> stop;
};

void check_state(Checks& checks, const ToolContext& context, const AccountView& account, TimeNs price_time) {
  checks.state(DenialCode::kill_switch_engaged, account.kill_phase == KillPhase::released);
  checks.state(DenialCode::trading_halted, account.trading_state != TradingState::halted);
  checks.state(DenialCode::trading_reducing, account.trading_state != TradingState::reducing);
  checks.state(DenialCode::circuit_breaker_open, account.breakers.empty());
  checks.state(DenialCode::pair_paused, context.trading_pair == nullptr || context.trading_pair->state == PairState::active);
  if (account.limits.max_data_age.ns > 0) {
    checks.state(DenialCode::market_data_stale, context.as_of.time - price_time <= account.limits.max_data_age);
  }
}

void check_venue_rules(Checks& checks, const Trade& trade) {
  const Instrument& instrument = trade.instrument;
  checks.at_least(DenialCode::quantity_below_minimum, to_decimal(instrument, trade.quantity), to_decimal(instrument, instrument.min_quantity));
  if (instrument.max_quantity.v > 0) {
    checks.at_most(DenialCode::quantity_above_maximum, to_decimal(instrument, trade.quantity), to_decimal(instrument, instrument.max_quantity));
  }
  checks.at_least(DenialCode::notional_below_minimum, notional_in_quote(instrument, trade.entry, trade.quantity), instrument.min_notional);
  if (trade.stop) {
    checks.state(DenialCode::exit_below_minimum, smallest_exit_ok(instrument, trade.quantity, *trade.stop, {}));
  }
}

void check_prices(Checks& checks, const Trade& trade, const RiskLimits& limits) {
  const Decimal entry = to_decimal(trade.instrument, trade.entry), last = to_decimal(trade.instrument, trade.last);
  if (limits.price_collar.is_positive()) checks.at_most(DenialCode::price_outside_collar, div((entry - last).abs(), last, Round::up), limits.price_collar);
  if (limits.mandatory_stop == Switch::on) checks.state(DenialCode::stop_missing, trade.stop.has_value());
  if (trade.stop) {
    checks.state(DenialCode::stop_wrong_side, trade.side == Side::buy ? *trade.stop < trade.entry : trade.entry < *trade.stop);
  }
}

/// `equity` and `available` in quote; the loss at the stop is counted as the instrument counts it.
struct Means {
  Decimal equity, available;
};

void check_limits(Checks& checks, const ToolContext& context, const AccountView& account, const Trade& trade, const Means& means) {
  const Instrument& instrument = trade.instrument;
  const RiskLimits& limits = account.limits;
  const auto share = [&](Decimal fraction) { return mul(means.equity, fraction, Round::down); };
  const Decimal value = notional_in_quote(instrument, trade.entry, trade.quantity).abs();
  if (trade.stop) {
    EntryRequest entry;
    entry.instrument = &instrument;
    entry.side = trade.side;
    entry.reference = trade.entry;
    checks.at_most(DenialCode::trade_risk_above_limit, loss_at_stop(instrument, sizing_of(entry, *trade.stop), trade.quantity),
                   quote_to_settle(instrument, trade.entry, share(limits.risk_per_trade)));
  }
  const TradingPair* pair = context.trading_pair;
  const Decimal leverage = pair != nullptr && pair->leverage.is_positive() ? pair->leverage : kDecimalOne;
  if (limits.max_leverage.is_positive()) checks.at_most(DenialCode::leverage_above_limit, leverage, limits.max_leverage);
  if (instrument.payoff == Payoff::spot) {
    checks.at_most(DenialCode::insufficient_balance, value, means.available);
  } else {
    checks.at_most(DenialCode::insufficient_margin, div(value, leverage, Round::up), means.available);
  }
  checks.at_most(DenialCode::position_above_limit, value, share(limits.max_position));
  if (pair != nullptr && pair->budget.is_positive()) checks.at_most(DenialCode::budget_exceeded, value, pair->budget);
  const bool adds = position_of(account, instrument.ix) != nullptr;
  checks.at_most(DenialCode::open_positions_above_limit, Decimal::from_int(static_cast<std::int64_t>(account.positions.size()) + (adds ? 0 : 1)),
                 Decimal::from_int(limits.max_positions));
  checks.at_most(DenialCode::instrument_exposure_above_limit, exposure_of(context, account, instrument.ix) + value, share(limits.max_instrument_exposure));
  checks.at_most(DenialCode::group_exposure_above_limit, exposure_of(context, account, std::nullopt, instrument.group) + value,
                 share(limits.max_group_exposure));
  checks.at_most(DenialCode::total_exposure_above_limit, exposure_of(context, account) + value, share(limits.max_total_exposure));
}

}  // namespace

std::expected<std::vector<TradeCheck>, ToolError> check_trade(const ToolContext& context, const ToolArgs& args, const AccountView& account,
                                                              const Instrument& instrument) {
  const auto quantity = quantity_units(instrument, "quantity", *args.given("quantity"));
  if (!quantity) return std::unexpected(quantity.error());
  const auto newest = last_price(context, instrument);
  if (!newest) return std::unexpected(newest.error());
  const auto last = last_price_units(context, instrument);
  if (!last) return std::unexpected(last.error());
  Trade trade{instrument, side_of(args.text("side")), *quantity, *last, *last, std::nullopt};
  const bool buys = trade.side == Side::buy;
  if (args.has("limit")) {
    const auto limit = price_units(instrument, "limit", *args.given("limit"), buys ? Round::floor : Round::ceil);
    if (!limit) return std::unexpected(limit.error());
    trade.entry = *limit;
  }
  if (args.has("stop")) {
    const auto stop = price_units(instrument, "stop", *args.given("stop"), buys ? Round::ceil : Round::floor);
    if (!stop) return std::unexpected(stop.error());
    trade.stop = *stop;
  }
  Checks checks;
  check_state(checks, context, account, newest->time);
  const auto equity = account.equity ? in_quote(account, instrument, trade.entry, *account.equity) : equity_of(account);
  const auto available = in_quote(account, instrument, trade.entry, account.available);
  checks.state(DenialCode::equity_unknown, equity.has_value() && available.has_value());
  if (equity) checks.state(DenialCode::equity_not_positive, equity->is_positive());
  check_venue_rules(checks, trade);
  check_prices(checks, trade, account.limits);
  if (equity && equity->is_positive() && available) check_limits(checks, context, account, trade, {*equity, *available});
  return checks.take();
}

}  // namespace prom
