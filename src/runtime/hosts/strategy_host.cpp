// Signals to proposals. Shard thread.
#include "runtime/hosts/strategy_host.h"

#include <algorithm>

#include "base/assert.h"
#include "base/on_grid.h"
#include "domain/sizing.h"
#include "engine/risk/equity.h"

namespace prom {
namespace {

/// A strategy's price on the tick; nothing when it is no price at all.
std::optional<PriceUnits> tick_price(const Instrument& instrument, double price, Round round) {
  const auto units = on_grid(price, instrument.tick.v, instrument.price_digits, round);
  if (!units || *units <= 0) return std::nullopt;
  return PriceUnits{*units};
}

/// What the limits still leave for one more position of this pair, in quote. Nine tenths of each, so that rounding and fees stay inside.
Decimal room(const EngineState& state, const TradingPair& pair, Decimal equity) {
  const AccountState& account = state.accounts[pair.account.v];
  const RiskLimits& limits = state.user_of(pair.account).user.limits;
  const Instrument& instrument = state.instrument(pair.instrument);
  const Exposure used = exposure_of(state, account, pair.instrument.v, instrument.group);
  const auto left = [&](Decimal fraction, wide::I128 taken) { return mul(equity, fraction, Round::down) - Decimal::from_mantissa(taken); };
  Decimal most = std::min({left(limits.max_position, used.instrument), left(limits.max_instrument_exposure, used.instrument),
                           left(limits.max_group_exposure, used.group), left(limits.max_total_exposure, used.total)});
  if (instrument.payoff == Payoff::spot) {
    most = std::min(most, balance_of(account, instrument.quote));
  } else {
    most = std::min(most, mul(equity - Decimal::from_mantissa(used.margin), pair.leverage, Round::down));
  }
  if (pair.budget > Decimal{}) most = std::min(most, pair.budget - Decimal::from_mantissa(used.instrument));
  return most <= Decimal{} ? Decimal{} : mul(most, Decimal::from_units(9, 1), Round::down);
}

}  // namespace

const StrategyContext& StrategyHost::context_of(const EngineState& state) {
  if (context_known_ == Known::no) [[unlikely]] {
    const TradingPair& pair = state.pairs[config_.pair.v].pair;
    context_.base_interval = config_.base_interval;
    context_.shorting = state.instrument(pair.instrument).payoff == Payoff::spot ? Shorting::forbidden : Shorting::allowed;
    context_known_ = Known::yes;
  }
  if (place_.known == Known::no) [[unlikely]] {
    const TradingPair& pair = state.pairs[config_.pair.v].pair;
    const Holding* holding = state.find_holding(pair.account, pair.instrument, pair.leg);
    if (holding == nullptr) return context_;
    const AccountState& account = state.accounts[pair.account.v];
    place_ = {pair.account.v, static_cast<std::uint32_t>(holding - account.holdings.data()), Known::yes};
  }
  const std::int64_t quantity = state.accounts[place_.account].hot[place_.index].quantity;
  context_.held = quantity == 0 ? Held::flat : quantity > 0 ? Held::long_side : Held::short_side;
  return context_;
}

BarDecider::Ran StrategyHost::pass(const EngineState& state, const BarColumns& bars, std::size_t from, std::size_t to, std::vector<std::size_t>& openings) {
  const Held held = context_of(state).held;
  PROM_ASSERT(held == Held::flat, "only a flat pair is passed over");
  passed_.clear();
  strategy_->run_through(bars, from, to, context_, passed_);
  for (const Strategy::SignalAt& at : passed_)
    if (wanted_by(at.signal) != Held::flat) openings.push_back(at.bar);
  forget();
  return {to, Cause::none};
}

void StrategyHost::warm(const EngineState& state, const StrategyBar& bar, Held held) {
  StrategyContext context = context_of(state);
  context.held = held;
  const Signal signal = strategy_->on_bar(bar, context);
  // As propose() did.
  if (signal == Signal::none && held != Held::flat) return;
  const Held wanted = wanted_by(signal);
  pending_ = held != Held::flat && wanted != Held::flat && wanted != held ? signal : Signal::none;
}

TradeProposal StrategyHost::base_proposal(const EngineState& state, const Holding* holding) const {
  const TradingPair& pair = state.pairs[config_.pair.v].pair;
  TradeProposal proposal;
  proposal.as_of = {state.seq, state.now};
  proposal.position_version = holding != nullptr ? holding->position.version : 0;
  proposal.expires_at = state.now + config_.proposal_life;
  proposal.account = pair.account;
  proposal.pair = pair.ix;
  proposal.instrument = pair.instrument;
  proposal.leg = pair.leg;
  proposal.decider = std::string(strategy_->name());
  return proposal;
}

TradeProposal StrategyHost::opening(const EngineState& state, const Holding* holding, Side side) {
  const TradingPair& pair = state.pairs[config_.pair.v].pair;
  const Instrument& instrument = state.instrument(pair.instrument);
  SignalIntent intent = config_.reasons == Reasons::written ? strategy_->intent() : strategy_->wordless_intent();
  const bool buy = side == Side::buy;
  TradeProposal proposal = base_proposal(state, holding);
  proposal.intent = Intent::open;
  proposal.side = side;
  proposal.reason = std::move(intent.reason);
  // Rounding moves the stop towards the market and targets towards the entry: never more risk, never a later exit.
  if (intent.stop_price) proposal.stop = tick_price(instrument, *intent.stop_price, buy ? Round::ceil : Round::floor);
  if (intent.trailing_distance) proposal.trailing_distance = tick_price(instrument, *intent.trailing_distance, Round::floor);
  for (const SignalTarget& target : intent.targets) {
    const auto price = tick_price(instrument, target.price, buy ? Round::floor : Round::ceil);
    const auto millionths = on_grid(target.fraction, 1, 6, Round::down);
    if (price && millionths) proposal.targets.push_back({*price, Decimal::from_units(*millionths, 6)});
  }
  const auto equity = equity_of(state, pair.account);
  const PriceUnits last = state.market[pair.instrument.v].last;
  if (!equity || !proposal.stop) return proposal;  // the gate denies it and says why
  const auto share = on_grid(std::clamp(intent.size_fraction, 0.0, 1.0), 1, 6, Round::down);
  SizingRequest request;
  request.entry = last;
  request.stop = *proposal.stop;
  request.side = side;
  request.equity = *equity;
  const Decimal allowed = mul(state.user_of(pair.account).user.limits.risk_per_trade, Decimal::from_units(9, 1), Round::down);
  request.risk_fraction = mul(allowed, Decimal::from_units(share.value_or(0), 6), Round::down);
  request.taker_fee = instrument.fees.taker;
  request.slippage = config_.expected_slippage;
  request.max_notional = room(state, pair, *equity);
  proposal.quantity = largest_by_risk(instrument, state.math[pair.instrument.v], request);
  return proposal;
}

std::optional<TradeProposal> StrategyHost::propose(const EngineState& state, Signal signal, Held held) {
  const TradingPair& pair = state.pairs[config_.pair.v].pair;
  const Holding* holding = state.find_holding(pair.account, pair.instrument, pair.leg);
  if (signal == Signal::none) {
    if (held != Held::flat) return std::nullopt;  // the closing order has not filled yet
    signal = pending_;
  }
  pending_ = Signal::none;
  const Held wanted = wanted_by(signal);
  if (wanted == held) return std::nullopt;
  if (held != Held::flat) {
    if (wanted != Held::flat) pending_ = signal;
    TradeProposal close = base_proposal(state, holding);
    close.intent = Intent::close;
    close.side = held == Held::long_side ? Side::sell : Side::buy;
    if (config_.reasons == Reasons::written) close.reason = strategy_->intent().reason;
    return close;
  }
  return opening(state, holding, wanted == Held::long_side ? Side::buy : Side::sell);
}

}  // namespace prom
