// Account look-ups, grids and limits for the trading and risk tools. Pure over its context; any thread.
#include "tools/account_access.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/on_grid.h"

namespace prom {

namespace {

/// No real price or order is larger; below these bounds no notional leaves the range of Decimal.
constexpr Decimal kMaxPrice = Decimal::from_int(1'000'000'000);
constexpr Decimal kMaxQuantity = Decimal::from_int(100'000'000'000'000);

}  // namespace

std::expected<const AccountView*, ToolError> account_of(const ToolContext& context) {
  if (context.account == nullptr) return std::unexpected(tool_unavailable("no account is attached to this call", "run a replay, or call it from an agent"));
  if (context.account->as_of.time > context.as_of.time) {
    return std::unexpected(tool_unavailable("the account at hand is from after the instant of the call"));
  }
  return context.account;
}

std::expected<Decimal, ToolError> equity_of(const AccountView& account) {
  if (!account.equity) return std::unexpected(tool_unavailable("equity is unknown: a conversion price is missing or stale"));
  return *account.equity;
}

std::expected<Decimal, ToolError> in_quote(const AccountView& account, const Instrument& instrument, PriceUnits price, Decimal amount) {
  const AssetIx reporting = account.account.reporting_asset;
  if (instrument.quote == reporting) return amount;
  if (instrument.base == reporting) return mul(amount, to_decimal(instrument, price), Round::down);
  return std::unexpected(tool_unavailable("the account's reporting asset is neither quote nor base of the instrument, and no conversion is at hand"));
}

Decimal quote_to_settle(const Instrument& instrument, PriceUnits price, Decimal amount) {
  return instrument.payoff == Payoff::inverse ? div(amount, to_decimal(instrument, price), Round::down) : amount;
}

std::string asset_name(const ToolContext& context, AssetIx asset) {
  if (asset.v < context.asset_names.size()) return context.asset_names[asset.v];
  return fmt::format("asset:{}", asset.v);
}

ToolSource source_of(const AccountView& account) {
  const std::string_view kind = account.account.kind == AccountKind::paper ? "paper" : account.account.kind == AccountKind::testnet ? "testnet" : "live";
  return {fmt::format("ledger, {} account {}", kind, account.account.label), account.as_of.time};
}

const PositionView* position_of(const AccountView& account, InstrumentIx instrument, std::optional<PositionLeg> leg) {
  for (const PositionView& view : account.positions) {
    if (view.position.instrument == instrument && (!leg || view.position.leg == *leg) && !view.position.is_flat()) return &view;
  }
  return nullptr;
}

std::expected<const PositionView*, ToolError> open_position(const ToolContext& context, const AccountView& account, const Instrument& instrument) {
  if (const PositionView* found = position_of(account, instrument.ix)) return found;
  std::vector<std::string> open;
  for (const PositionView& view : account.positions) {
    if (const Instrument* other = instrument_at(context, view.position.instrument)) open.push_back(other->symbol);
  }
  return std::unexpected(bad_argument(fmt::format("there is no open position in {}", instrument.symbol),
                                      open.empty() ? "no position is open" : fmt::format("open: {}", fmt::join(open, ", "))));
}

PositionLeg entry_leg(const ToolContext& context, const AccountView& account, Side side) {
  if (context.trading_pair != nullptr) return context.trading_pair->leg;
  if (account.account.position_mode == PositionMode::one_way) return PositionLeg::net;
  return side == Side::buy ? PositionLeg::long_leg : PositionLeg::short_leg;
}

std::expected<PriceUnits, ToolError> price_units(const Instrument& instrument, std::string_view name, const Value& amount, Round round) {
  const auto refused = [&] { return std::unexpected(bad_argument(fmt::format("`{}` is not a price on the grid of {}", name, instrument.symbol))); };
  if (const auto text = amount.text()) {
    const auto exact = Decimal::parse(*text);
    if (!exact) return refused();
    if (*exact > kMaxPrice || !exact->to_units(instrument.price_digits, Round::down)) return refused();
    const auto price = price_to_tick(instrument, *exact, round);
    if (!price) return refused();
    return *price;
  }
  const auto units = on_grid(amount.number().value_or(0), instrument.tick.v, instrument.price_digits, round);
  if (!units || *units <= 0 || to_decimal(instrument, PriceUnits{*units}) > kMaxPrice) return refused();
  return PriceUnits{*units};
}

std::expected<QuantityUnits, ToolError> quantity_units(const Instrument& instrument, std::string_view name, const Value& amount) {
  const auto refused = [&](std::string_view why) { return std::unexpected(bad_argument(fmt::format("`{}` {} of {}", name, why, instrument.symbol))); };
  QuantityUnits quantity{};
  if (const auto text = amount.text()) {
    const auto exact = Decimal::parse(*text);
    if (!exact || *exact > kMaxQuantity || !exact->to_units(instrument.quantity_digits, Round::down)) return refused("is not a quantity on the grid");
    quantity = quantity_to_step(instrument, *exact);
  } else {
    const auto units = on_grid(amount.number().value_or(0), instrument.step.v, instrument.quantity_digits, Round::down);
    if (!units) return refused("is not a quantity on the grid");
    quantity = QuantityUnits{*units};
  }
  if (quantity.v <= 0) return refused("is below one step");
  if (to_decimal(instrument, quantity) > kMaxQuantity) return refused("is not a quantity on the grid");
  return quantity;
}

std::expected<PriceUnits, ToolError> last_price_units(const ToolContext& context, const Instrument& instrument) {
  if (context.market == nullptr) return std::unexpected(tool_unavailable("no market data is attached to this call"));
  const auto last = last_price(context, instrument);
  if (!last) return std::unexpected(last.error());
  return price_units(instrument, "price", Value(last->price), Round::half_even);
}

Decimal fraction_of(double x) {
  constexpr int kDigits = 9;
  const auto units = on_grid(x, 1, kDigits, Round::half_even);
  return units ? Decimal::from_units(*units, kDigits) : Decimal{};
}

Decimal exposure_of(const ToolContext& context, const AccountView& account, std::optional<InstrumentIx> instrument, std::optional<std::uint16_t> group) {
  Decimal total;
  for (const PositionView& view : account.positions) {
    if (instrument && view.position.instrument != *instrument) continue;
    const Instrument* known = instrument_at(context, view.position.instrument);
    if (known == nullptr || (group && known->group != *group)) continue;
    total += notional_in_quote(*known, view.mark, size_of(view.position)).abs();
  }
  return total;
}

std::expected<Room, ToolError> room_for(const ToolContext& context, const AccountView& account, const Instrument& instrument, PriceUnits price) {
  const auto reported = equity_of(account);
  if (!reported) return std::unexpected(reported.error());
  const auto equity = in_quote(account, instrument, price, *reported);
  if (!equity) return std::unexpected(equity.error());
  const auto available = in_quote(account, instrument, price, account.available);
  if (!available) return std::unexpected(available.error());
  const RiskLimits& limits = account.limits;
  const auto share = [&](Decimal fraction) { return mul(*equity, fraction, Round::down); };
  struct Limit {
    Decimal quote;
    std::string_view name;
  };
  std::vector<Limit> rooms{
      {share(limits.max_position), "max_position"},
      {share(limits.max_instrument_exposure) - exposure_of(context, account, instrument.ix), "max_instrument_exposure"},
      {share(limits.max_group_exposure) - exposure_of(context, account, std::nullopt, instrument.group), "max_group_exposure"},
      {share(limits.max_total_exposure) - exposure_of(context, account), "max_total_exposure"},
  };
  const TradingPair* pair = context.trading_pair;
  const Decimal leverage = pair != nullptr && pair->leverage.is_positive() ? pair->leverage : kDecimalOne;
  rooms.push_back({instrument.payoff == Payoff::spot ? *available : mul(*available, leverage, Round::down), "available"});
  if (pair != nullptr && pair->budget.is_positive()) rooms.push_back({pair->budget, "budget"});
  const Limit tightest = *std::ranges::min_element(rooms, {}, &Limit::quote);
  return Room{quote_to_settle(instrument, price, *equity), quote_to_settle(instrument, price, max(tightest.quote, Decimal{})), tightest.name};
}

std::string_view name_of(KillPhase phase) {
  switch (phase) {
    case KillPhase::released: return "released";
    case KillPhase::cancelling: return "cancelling";
    case KillPhase::flattening: return "flattening";
    case KillPhase::flat: return "flat";
  }
  PROM_UNREACHABLE();
}

std::string_view name_of(TradingState state) {
  switch (state) {
    case TradingState::active: return "active";
    case TradingState::reducing: return "reducing";
    case TradingState::halted: return "halted";
  }
  PROM_UNREACHABLE();
}

std::string_view name_of(CoverageState state) {
  switch (state) {
    case CoverageState::none: return "none";
    case CoverageState::placing: return "placing";
    case CoverageState::covered: return "covered";
    case CoverageState::replacing: return "replacing";
    case CoverageState::failed: return "failed";
    case CoverageState::emergency: return "emergency";
  }
  PROM_UNREACHABLE();
}

}  // namespace prom
