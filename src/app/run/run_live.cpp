// When what is offered, and its JSON. The engine's thread.
#include "app/run/run_live.h"

#include <utility>

#include "domain/value.h"
#include "engine/risk/equity.h"

namespace prom {
namespace {

constexpr std::chrono::seconds kTickers{1}, kBalances{5}, kRegimes{60};

ValueObject head_of(const std::string& run, TimeNs at) { return {{"mode", "PAPER"}, {"run", run}, {"at", at}}; }

}  // namespace

std::string live_ticker(const std::string& run, const Instrument& instrument, const MarketState& market) {
  ValueObject out = head_of(run, market.updated_at);
  out.emplace_back("instrument", instrument_code(instrument));
  out.emplace_back("price", to_decimal(instrument, market.last));
  return to_json(Value(std::move(out)));
}

std::string live_balance(const std::string& run, const EngineState& state, AccountIx account) {
  const AccountState& of = state.accounts[account.v];
  const auto name = [&](AssetIx asset) { return asset.v < state.assets.size() ? state.assets[asset.v] : std::to_string(asset.v); };
  ValueList balances;
  for (const Money& money : of.balances) balances.emplace_back(ValueObject{{"asset", name(money.asset)}, {"amount", money.amount}});
  const auto equity = equity_of(state, account);
  ValueObject out = head_of(run, state.now);
  out.emplace_back("user", state.user_of(account).user.name);
  out.emplace_back("equity", equity ? Value(*equity) : Value());
  out.emplace_back("asset", name(of.account.reporting_asset));
  out.emplace_back("balances", std::move(balances));
  out.emplace_back("open_positions", static_cast<std::int64_t>(of.open_positions));
  return to_json(Value(std::move(out)));
}

std::string live_regime(const std::string& run, const Instrument& instrument, const std::string& regime, TimeNs at) {
  ValueObject out = head_of(run, at);
  out.emplace_back("instrument", instrument_code(instrument));
  out.emplace_back("regime", regime);
  return to_json(Value(std::move(out)));
}

void RunLive::on_frame(const Frame& frame) {
  const auto* decided = std::get_if<DecisionRecorded>(&frame.input.body);
  if (decided == nullptr || decided->record.regime.empty()) return;
  Regime& known = regimes_[decided->record.instrument];
  if (known.name != decided->record.regime) known.offered = false;
  known.name = decided->record.regime;
  known.at = decided->record.as_of.time;
}

void RunLive::on_pace(const EngineState& state) {
  const auto now = Clock::now();
  if (now >= tickers_due_) {
    tickers_due_ = now + kTickers;
    offer_tickers(state);
  }
  if (now >= balances_due_) {
    balances_due_ = now + kBalances;
    offer_balances(state);
  }
  if (now >= regimes_due_) {
    regimes_due_ = now + kRegimes;
    for (auto& [instrument, regime] : regimes_) regime.offered = false;
  }
  offer_regimes(state);
}

void RunLive::offer_tickers(const EngineState& state) {
  for (const Instrument& instrument : state.instruments) {
    const MarketState& market = state.market[instrument.ix.v];
    if (market.known == Known::yes) values_.offer(live_ticker_key(run_, instrument), live_ticker(run_, instrument, market));
  }
}

void RunLive::offer_balances(const EngineState& state) {
  for (const AccountState& account : state.accounts)
    values_.offer(live_balance_key(run_, state.user_of(account.account.ix).user.name), live_balance(run_, state, account.account.ix));
}

void RunLive::offer_regimes(const EngineState& state) {
  for (auto& [ix, regime] : regimes_) {
    if (std::exchange(regime.offered, true)) continue;
    const Instrument& instrument = state.instrument(ix);
    values_.offer(live_regime_key(run_, instrument), live_regime(run_, instrument, regime.name, regime.at));
  }
}

}  // namespace prom
