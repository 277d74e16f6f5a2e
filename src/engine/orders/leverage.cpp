// Leverage at the venue. Engine thread.
#include "engine/orders/leverage.h"

#include <algorithm>

namespace prom::leverage {
namespace {

/// A venue keeps one leverage an account and instrument, for all pairs (decisions of several deciders, legs of a hedge). The highest: with less it would refuse
/// entries that the gate let pass, while the gate holds each pair to its own.
Decimal wanted(const EngineState& state, AccountIx account, InstrumentIx instrument) {
  Decimal most = kDecimalOne;
  if (state.instrument(instrument).payoff == Payoff::spot) return most;
  for (const PairRecord& record : state.pairs)
    if (record.pair.account == account && record.pair.instrument == instrument) most = max(most, record.pair.leverage);
  return most;
}

void ask(Step& step, AccountIx account, InstrumentIx instrument, Decimal leverage) {
  const MarginMode mode = step.state.accounts[account.v].account.margin_mode;
  step.command(RiskEngine::approve_leverage(step.state, LeverageSpec{account, instrument, leverage, mode}));
}

}  // namespace

void on_pair_registered(Step& step, const Input& input, const PairRegistered& in) {
  const AccountIx account = in.pair.account;
  const InstrumentIx instrument = in.pair.instrument;
  const Decimal before = wanted(step.state, account, instrument);
  step.take(input);
  const Decimal now = wanted(step.state, account, instrument);
  if (step.state.epoch != 0 && now != before) ask(step, account, instrument, now);
}

void on_epoch_started(Step& step) {
  const std::vector<PairRecord>& pairs = step.state.pairs;
  const bool first = step.state.epoch <= 1;
  const auto wants = [&](const TradingPair& pair) {
    return step.state.instrument(pair.instrument).payoff != Payoff::spot && (!first || pair.leverage != kDecimalOne);
  };
  for (std::size_t p = 0; p < pairs.size(); ++p) {
    const TradingPair& pair = pairs[p].pair;
    if (!wants(pair)) continue;
    const auto asked = [&](const PairRecord& other) {
      return other.pair.account == pair.account && other.pair.instrument == pair.instrument && wants(other.pair);
    };
    if (std::any_of(pairs.begin(), pairs.begin() + static_cast<std::ptrdiff_t>(p), asked)) continue;
    ask(step, pair.account, pair.instrument, wanted(step.state, pair.account, pair.instrument));
  }
}

}  // namespace prom::leverage
