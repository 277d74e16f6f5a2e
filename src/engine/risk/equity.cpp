// Equity and exposure. Engine thread.
#include "engine/risk/equity.h"

#include <algorithm>

#include "domain/position.h"
#include "engine/risk/book_walk.h"

namespace prom {
namespace {

std::optional<PriceUnits> price_of(const EngineState& state, std::uint16_t ix, const std::optional<PriceOverride>& moved) {
  if (moved && moved->instrument.v == ix) return moved->price;
  const MarketState& market = state.market[ix];
  if (market.known == Known::no) return std::nullopt;
  return market.last;
}

/// Positions and entries in flight in quote. The harmful count: entries add on the side that makes the position larger.
wide::I128 counted_value(const EngineState& state, const HotHolding& hot) {
  const PriceUnits price = state.market[hot.instrument].last;
  // Contracts are worth a fixed amount of quote; their base value and equity take the general path.
  if (hot.payoff == Payoff::inverse)
    return notional_in_quote(state.instruments[hot.instrument], price, {std::abs(hot.quantity) + hot.pending_buy + hot.pending_sell}).mantissa();
  const std::int64_t worst = std::max(std::abs(hot.quantity + hot.pending_buy), std::abs(hot.quantity - hot.pending_sell));
  return state.math[hot.instrument].value(price, {worst});
}

/// When the price arrived that conversion() takes; the present where it takes none or knows none.
TimeNs conversion_time(const EngineState& state, AssetIx asset, AssetIx in) {
  if (asset == in) return state.now;
  for (std::size_t i = 0; i < state.conversions.size(); ++i)
    if (state.conversions[i].asset == asset && state.conversions[i].in == in) return state.conversion_times[i];
  if (asset.v >= state.spot_of_asset.size() || state.spot_of_asset[asset.v] == 0) return state.now;
  return state.market[state.spot_of_asset[asset.v] - 1].updated_at;
}

/// Holding by holding: for what RiskBook has no form of.
Exposure walk_holdings(const EngineState& state, const AccountState& account, std::uint16_t instrument, std::uint16_t group) {
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
    const wide::I128 value = counted_value(state, hot);
    out.total += value;
    out.margin += value * hot.margin_ppm;
    if (hot.instrument == instrument) out.instrument += value;
    if (hot.group == group) out.group += value;
    if (hot.payoff != Payoff::linear) {
      out.plain = Known::no;
      continue;
    }
    out.unrealised += math[hot.instrument].value(m.last, {hot.quantity}) - hot.cost;
  }
  out.margin /= 1'000'000;
  return out;
}

}  // namespace

Decimal balance_of(const AccountState& account, AssetIx asset) {
  for (const Money& money : account.balances)
    if (money.asset == asset) return money.amount;
  return Decimal{};
}

Decimal reserved_for_spot_entries(const EngineState& state, const AccountState& account) {
  Decimal reserved;
  for (const HotHolding& hot : account.hot) {
    if (hot.pending_buy == 0 || hot.payoff != Payoff::spot) continue;
    reserved += state.math[hot.instrument].value_decimal(state.market[hot.instrument].last, {hot.pending_buy});
  }
  return reserved;
}

std::optional<Decimal> available_of(const EngineState& state, AccountIx ix) {
  const auto equity = equity_of(state, ix);
  if (!equity) return std::nullopt;
  const AccountState& account = state.accounts[ix.v];
  Decimal coins;
  wide::I128 margin = 0;
  for (const HotHolding& hot : account.hot) {
    if (hot.payoff != Payoff::spot) {
      if ((hot.quantity | hot.pending_buy | hot.pending_sell) != 0) margin += counted_value(state, hot) * hot.margin_ppm;
    } else if (hot.quantity != 0) {
      const Instrument& instrument = state.instruments[hot.instrument];
      const auto price = conversion(state, instrument.base, account.account.reporting_asset);
      if (price) coins += mul(to_decimal(instrument, QuantityUnits{hot.quantity}), *price, Round::half_even);
    }
  }
  // Equity counts coins at this same price: left out, so that they hide no loss of a derivative.
  const Decimal free = min(*equity - coins, balance_of(account, account.account.reporting_asset));
  return max(free - Decimal::from_mantissa(margin / 1'000'000) - reserved_for_spot_entries(state, account), Decimal{});
}

std::optional<Decimal> conversion(const EngineState& state, AssetIx asset, AssetIx in, const std::optional<PriceOverride>& moved) {
  if (asset == in) return kDecimalOne;
  for (const ConversionPrice& known : state.conversions)
    if (known.asset == asset && known.in == in) return known.price;
  if (asset.v >= state.spot_of_asset.size() || state.spot_of_asset[asset.v] == 0) return std::nullopt;
  const Instrument& spot = state.instruments[state.spot_of_asset[asset.v] - 1];
  if (spot.quote != in) return std::nullopt;
  const auto price = price_of(state, spot.ix.v, moved);
  if (!price) return std::nullopt;
  return to_decimal(spot, *price);
}

std::optional<Decimal> equity_of(const EngineState& state, AccountIx ix, const std::optional<PriceOverride>& moved) {
  const AccountState& account = state.accounts[ix.v];
  if (account.book.one_balance && account.book.in_use == 0) return account.balances[0].amount;  // nothing held
  const AssetIx in = account.account.reporting_asset;
  Decimal sum;
  for (const Money& money : account.balances) {
    if (money.amount.is_zero()) continue;
    if (money.asset == in) {
      sum += money.amount;
      continue;
    }
    const auto price = conversion(state, money.asset, in, moved);
    if (!price) return std::nullopt;
    sum += mul(money.amount, *price, Round::half_even);
  }
  for (const HotHolding& hot : account.hot) {
    if (hot.quantity == 0 || hot.payoff == Payoff::spot) continue;  // spot holdings are balances
    const auto price = price_of(state, hot.instrument, moved);
    if (!price) return std::nullopt;
    const Instrument& instrument = state.instruments[hot.instrument];
    const Decimal pnl = unrealised_pnl(state.math[hot.instrument], {hot.quantity}, Decimal::from_mantissa(hot.cost), *price);
    const auto rate = conversion(state, instrument.settle, in, moved);
    if (!rate) return std::nullopt;
    sum += instrument.settle == in ? pnl : mul(pnl, *rate, Round::half_even);
  }
  return sum;
}

std::optional<Decimal> equity_of(const EngineState& state, UserIx user, const std::optional<PriceOverride>& moved) {
  Decimal sum;
  for (const AccountIx account : state.users[user.v].accounts) {
    const auto equity = equity_of(state, account, moved);
    if (!equity) return std::nullopt;
    sum += *equity;
  }
  return sum;
}

bool rests_on_old_price(const EngineState& state, AccountIx ix) {
  const AccountState& account = state.accounts[ix.v];
  const AssetIx in = account.account.reporting_asset;
  const DurationNs oldest = state.user_of(ix).user.limits.max_data_age;
  const auto is_old = [&](AssetIx asset) { return asset != in && state.now - conversion_time(state, asset, in) > oldest; };
  for (const Money& money : account.balances)
    if (!money.amount.is_zero() && is_old(money.asset)) return true;
  for (const HotHolding& hot : account.hot)
    if (hot.quantity != 0 && hot.payoff != Payoff::spot && is_old(state.instruments[hot.instrument].settle)) return true;
  return false;
}

bool rests_on_old_price(const EngineState& state, UserIx user) {
  const std::vector<AccountIx>& accounts = state.users[user.v].accounts;
  return std::any_of(accounts.begin(), accounts.end(), [&](AccountIx account) { return rests_on_old_price(state, account); });
}

Exposure exposure_of(const EngineState& state, const AccountState& account, std::uint16_t instrument, std::uint16_t group) {
  const RiskBook& book = account.book;
  if (!book.packed) return walk_holdings(state, account, instrument, group);
  const wide::I128 total = book_walk::total_of(state, book);
  Exposure out;
  out.holdings_in_use = book.in_use;
  out.plain = book.linear ? Known::yes : Known::no;
  out.total = total;
  out.margin = book_walk::margin_of(state, account, total);
  for (std::size_t i = 0; i < book.count; ++i) {
    const wide::I128 value = book_walk::value_of(state, book, i);
    const HotHolding& hot = account.hot[book.holdings[i]];
    if (hot.instrument == instrument) out.instrument += value;
    if (hot.group == group) out.group += value;
  }
  if (book.linear) out.unrealised = book_walk::held_of(state, account, total) - book.cost;
  return out;
}

}  // namespace prom
