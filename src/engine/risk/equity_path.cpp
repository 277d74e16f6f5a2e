// Equity along closes: what was, plus what each close changed. Engine thread.
#include "engine/risk/equity_path.h"

#include <algorithm>
#include <vector>

#include "engine/risk/equity.h"

namespace prom {
namespace {

/// One position on its way along the closes of its instrument; on spot the coins of the balance that the instrument prices.
struct Walker {
  const ClosePath* path = nullptr;
  const InstrumentMath* math = nullptr;
  std::int64_t quantity = 0;     ///< derivatives
  std::optional<Decimal> coins;  ///< spot
  std::uint8_t price_digits = 0;
  wide::I128 value = 0;  ///< at the last close
  std::size_t next = 0;
  wide::I128 value_at(PriceUnits price) const {
    return coins ? mul(*coins, Decimal::from_units(price.v, price_digits), Round::half_even).mantissa() : math->value(price, {quantity});
  }
};

void add_walkers(const EngineState& state, const AccountState& account, const ClosePath& path, std::vector<Walker>& out) {
  const Instrument& instrument = state.instruments[path.instrument.v];
  const PriceUnits last = state.market[path.instrument.v].last;
  const auto add = [&](Walker walker) {
    walker.path = &path;
    walker.math = &state.math[path.instrument.v];
    walker.price_digits = instrument.price_digits;
    walker.value = walker.value_at(last);
    out.push_back(walker);
  };
  if (instrument.payoff == Payoff::spot) {
    const bool prices = state.spot_of_asset.size() > instrument.base.v && state.spot_of_asset[instrument.base.v] == path.instrument.v + 1U;
    const Decimal coins = balance_of(account, instrument.base);
    Walker walker;
    walker.coins = coins;
    if (prices && !coins.is_zero()) add(walker);
    return;
  }
  for (const HotHolding& hot : account.hot) {
    Walker walker;
    walker.quantity = hot.quantity;
    if (hot.instrument == path.instrument.v && hot.quantity != 0) add(walker);
  }
}

}  // namespace

std::optional<Decimal> highest_equity(const EngineState& state, UserIx user, std::span<const ClosePath> paths) {
  std::vector<Walker> walkers;
  for (const ClosePath& path : paths)
    for (const AccountIx account : state.users[user.v].accounts) add_walkers(state, state.accounts[account.v], path, walkers);
  if (walkers.empty()) return std::nullopt;
  const auto now = equity_of(state, user);
  if (!now) return std::nullopt;
  wide::I128 equity = now->mantissa();
  wide::I128 highest = equity;
  for (;;) {
    std::int64_t time = INT64_MAX;
    for (const Walker& w : walkers)
      if (w.next < w.path->closes.size()) time = std::min(time, w.path->times[w.next]);
    if (time == INT64_MAX) return Decimal::from_mantissa(highest);
    for (std::size_t i = 0; i < walkers.size(); ++i) {
      Walker& w = walkers[i];
      if (w.next >= w.path->closes.size() || w.path->times[w.next] != time) continue;
      const wide::I128 value = w.value_at({w.path->closes[w.next++]});
      equity += value - w.value;
      w.value = value;
      // Legs of one instrument move together.
      if (i + 1 == walkers.size() || walkers[i + 1].path != w.path) highest = std::max(highest, equity);
    }
  }
}

}  // namespace prom
