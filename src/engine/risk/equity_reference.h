// Equity and exposure as they were worked out before reviews were made fast: holding by holding, with the divisions written out. For tests alone, which hold
// the fast forms against it; do not improve it. Any thread.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "domain/position.h"
#include "engine/risk/equity.h"
#include "engine/state/state.h"

namespace prom::reference {

/// Exposure of an account in one pass: absolute notional of positions plus entry orders that may still fill, in quote mantissas at 1e-12.
struct Exposure {
  wide::I128 total = 0;
  wide::I128 instrument = 0;  ///< of the asked instrument
  wide::I128 group = 0;       ///< of its correlation group
  wide::I128 margin = 0;      ///< initial margin in use
  wide::I128 unrealised = 0;  ///< of linear holdings
  std::uint32_t holdings_in_use = 0;
  Known known = Known::yes;  ///< no: a price is missing
  Known plain = Known::yes;  ///< no: spot or inverse holdings need the general equity
};
inline std::optional<PriceUnits> price_of(const EngineState& state, std::uint16_t ix, const std::optional<PriceOverride>& moved) {
  if (moved && moved->instrument.v == ix) return moved->price;
  const MarketState& market = state.market[ix];
  if (market.known == Known::no) return std::nullopt;
  return market.last;
}

inline Decimal balance_of(const AccountState& account, AssetIx asset) {
  for (const Money& money : account.balances)
    if (money.asset == asset) return money.amount;
  return Decimal{};
}

inline std::optional<Decimal> conversion(const EngineState& state, AssetIx asset, AssetIx in, const std::optional<PriceOverride>& moved = std::nullopt) {
  if (asset == in) return kDecimalOne;
  for (const ConversionPrice& known : state.conversions)
    if (known.asset == asset && known.in == in) return known.price;
  if (asset.v >= state.spot_of_asset.size() || state.spot_of_asset[asset.v] == 0) return std::nullopt;
  const Instrument& spot = state.instruments[state.spot_of_asset[asset.v] - 1];
  if (spot.quote != in) return std::nullopt;
  const auto price = reference::price_of(state, spot.ix.v, moved);
  if (!price) return std::nullopt;
  return to_decimal(spot, *price);
}

inline std::optional<Decimal> equity_of(const EngineState& state, AccountIx ix, const std::optional<PriceOverride>& moved = std::nullopt) {
  const AccountState& account = state.accounts[ix.v];
  const AssetIx in = account.account.reporting_asset;
  Decimal sum;
  for (const Money& money : account.balances) {
    if (money.amount.is_zero()) continue;
    if (money.asset == in) {
      sum += money.amount;
      continue;
    }
    const auto price = reference::conversion(state, money.asset, in, moved);
    if (!price) return std::nullopt;
    sum += mul(money.amount, *price, Round::half_even);
  }
  for (const HotHolding& hot : account.hot) {
    if (hot.quantity == 0 || hot.payoff == Payoff::spot) continue;  // spot holdings are balances
    const auto price = reference::price_of(state, hot.instrument, moved);
    if (!price) return std::nullopt;
    const Instrument& instrument = state.instruments[hot.instrument];
    const Decimal pnl = unrealised_pnl(state.math[hot.instrument], {hot.quantity}, Decimal::from_mantissa(hot.cost), *price);
    const auto rate = reference::conversion(state, instrument.settle, in, moved);
    if (!rate) return std::nullopt;
    sum += instrument.settle == in ? pnl : mul(pnl, *rate, Round::half_even);
  }
  return sum;
}

/// A conversion price older than `oldest` is in it.
inline bool rests_on_old_price(const EngineState& state, AccountIx ix, DurationNs oldest) {
  const AccountState& account = state.accounts[ix.v];
  std::vector<AssetIx> converted;
  for (const Money& money : account.balances)
    if (!money.amount.is_zero()) converted.push_back(money.asset);
  for (const HotHolding& hot : account.hot)
    if (hot.quantity != 0 && hot.payoff != Payoff::spot) converted.push_back(state.instruments[hot.instrument].settle);
  for (const AssetIx asset : converted) {
    if (asset == account.account.reporting_asset) continue;
    std::optional<TimeNs> arrived;
    for (std::size_t i = 0; i < state.conversions.size() && !arrived; ++i)
      if (state.conversions[i].asset == asset && state.conversions[i].in == account.account.reporting_asset) arrived = state.conversion_times[i];
    if (!arrived && asset.v < state.spot_of_asset.size() && state.spot_of_asset[asset.v] != 0)
      arrived = state.market[state.spot_of_asset[asset.v] - 1].updated_at;
    if (arrived && state.now - *arrived > oldest) return true;
  }
  return false;
}

inline std::optional<Decimal> equity_of(const EngineState& state, UserIx user, const std::optional<PriceOverride>& moved = std::nullopt) {
  Decimal sum;
  for (const AccountIx account : state.users[user.v].accounts) {
    const auto equity = reference::equity_of(state, account, moved);
    if (!equity) return std::nullopt;
    sum += *equity;
  }
  return sum;
}

inline Exposure exposure_of(const EngineState& state, const AccountState& account, std::uint16_t instrument, std::uint16_t group) {
  Exposure out;
  const MarketState* market = state.market.data();
  const InstrumentMath* math = state.math.data();
  for (const HotHolding& hot : account.hot) {
    if ((hot.quantity | hot.pending_buy | hot.pending_sell) == 0) continue;
    ++out.holdings_in_use;
    const MarketState& m = market[hot.instrument];
    if (m.known == Known::no) {
      out.known = Known::no;
      continue;
    }
    if (hot.payoff == Payoff::inverse) {
      // Contracts are worth a fixed amount of quote; its base value and equity take the general path.
      const wide::I128 value =
          notional_in_quote(state.instruments[hot.instrument], m.last, {std::abs(hot.quantity) + hot.pending_buy + hot.pending_sell}).mantissa();
      out.plain = Known::no;
      out.total += value;
      out.margin += value * hot.margin_ppm;
      if (hot.instrument == instrument) out.instrument += value;
      if (hot.group == group) out.group += value;
      continue;
    }
    // The harmful count: entries in flight add on the side that makes the position larger.
    const std::int64_t longest = hot.quantity + hot.pending_buy;
    const std::int64_t shortest = hot.quantity - hot.pending_sell;
    const std::int64_t worst = std::max(std::abs(longest), std::abs(shortest));
    const wide::I128 value = math[hot.instrument].value(m.last, {worst});
    out.total += value;
    out.margin += value * hot.margin_ppm;
    if (hot.instrument == instrument) out.instrument += value;
    if (hot.group == group) out.group += value;
    if (hot.payoff == Payoff::spot) {
      out.plain = Known::no;
      continue;
    }
    const wide::I128 held = worst == hot.quantity ? value : math[hot.instrument].value(m.last, {hot.quantity});
    out.unrealised += held - hot.cost;
  }
  out.margin /= 1'000'000;
  return out;
}

}  // namespace prom::reference
