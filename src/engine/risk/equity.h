// What an account is worth, exactly, at the last prices or with one price moved. Unknown prices make it unknown, never zero. Engine thread; reads only.
#pragma once

#include <optional>

#include "engine/state/state.h"

namespace prom {

/// Values one instrument at another price than its last (the adverse extreme of a bar).
struct PriceOverride {
  InstrumentIx instrument{};
  PriceUnits price{};
};

/// Balances in the reporting asset, other assets at their conversion price, plus unrealised profit of derivatives. Nothing when a price that is needed is
/// not known.
std::optional<Decimal> equity_of(const EngineState& state, AccountIx account, const std::optional<PriceOverride>& moved = std::nullopt);

/// Sum over the user's accounts (all report in the same asset); nothing when one is unknown.
std::optional<Decimal> equity_of(const EngineState& state, UserIx user, const std::optional<PriceOverride>& moved = std::nullopt);

/// Whether equity_of() rests on a conversion price that is older than the limits of the account's user allow data to be: what the account is worth counts as unknown
/// then. No new risk is taken on it, and no breaker trips.
bool rests_on_old_price(const EngineState& state, AccountIx account);
/// The same over the user's accounts.
bool rests_on_old_price(const EngineState& state, UserIx user);

/// Price of one unit of `asset` in `in`; 1 for the asset itself.
std::optional<Decimal> conversion(const EngineState& state, AssetIx asset, AssetIx in, const std::optional<PriceOverride>& moved = std::nullopt);

Decimal balance_of(const AccountState& account, AssetIx asset);

/// What entry orders in flight will pay on spot, at the last prices: coins already held were paid for and take no more.
Decimal reserved_for_spot_entries(const EngineState& state, const AccountState& account);

/// What is free for new margin or purchases, in the reporting asset: cash, less losses of derivatives that are not realised (profits do not count), their initial
/// margin, and reserved_for_spot_entries(). Never negative; nothing when equity is unknown.
std::optional<Decimal> available_of(const EngineState& state, AccountIx account);

/// Exposure of an account in one pass: absolute notional of positions plus entry orders that may still fill, in quote mantissas at 1e-12.
struct Exposure {
  wide::I128 total = 0;
  wide::I128 instrument = 0;  ///< of the asked instrument
  wide::I128 group = 0;       ///< of its correlation group
  wide::I128 margin = 0;      ///< initial margin in use
  wide::I128 unrealised = 0;  ///< of linear holdings; meaningful where `plain`
  std::uint32_t holdings_in_use = 0;
  Known known = Known::yes;  ///< no: a price is missing
  Known plain = Known::yes;  ///< no: spot or inverse holdings need the general equity
};
Exposure exposure_of(const EngineState& state, const AccountState& account, std::uint16_t instrument, std::uint16_t group);

}  // namespace prom
