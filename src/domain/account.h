// Users, their venue accounts and trading pairs: configuration that reaches the engine as registered events. Any thread reads; engine thread writes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"
#include "base/time.h"
#include "domain/amounts.h"
#include "domain/ids.h"

namespace prom {

enum class RiskLevel : std::uint8_t { conservative, moderate, aggressive };
enum class PairMode : std::uint8_t { auto_trade, semi_auto, signals };
enum class PairState : std::uint8_t { active, paused };
enum class Switch : std::uint8_t { off, on };
enum class PositionMode : std::uint8_t { one_way, hedge };
enum class MarginMode : std::uint8_t { cross, isolated };
enum class AccountKind : std::uint8_t { paper, testnet, live };

/// Limits of one user. Fractions are of equity (0.02 = 2 %) and positive; limits_for() gives the profiles' defaults.
struct RiskLimits {
  std::uint32_t max_positions = 20;
  std::uint32_t max_orders_per_minute = 60;
  std::uint32_t max_consecutive_losses = 3;
  std::uint32_t max_errors_per_hour = 20;  ///< venue rejections and failures before the error breaker trips
  Decimal risk_per_trade;                  ///< loss at the stop, incl. fees and slippage
  Decimal max_position;                    ///< notional of one position
  Decimal max_instrument_exposure;
  Decimal max_group_exposure;
  Decimal max_total_exposure;
  Decimal max_leverage;
  Decimal max_daily_drawdown;        ///< on the calendar day in the user's zone, and on rolling 24 h
  Decimal max_drawdown;              ///< from the equity peak
  Decimal price_collar;              ///< entry limit at most this far from the last price
  Decimal min_liquidation_distance;  ///< stop must be hit before liquidation with this margin, fraction of price
  DurationNs max_data_age{};         ///< older market data is stale: no new risk
  DurationNs breaker_cooldown{};     ///< zero = until the user's next midnight
  Switch mandatory_stop = Switch::on;
  Switch circuit_breaker = Switch::on;
  PROM_FIELDS(max_positions, max_orders_per_minute, max_consecutive_losses, max_errors_per_hour, risk_per_trade, max_position, max_instrument_exposure,
              max_group_exposure, max_total_exposure, max_leverage, max_daily_drawdown, max_drawdown, price_collar, min_liquidation_distance, max_data_age,
              breaker_cooldown, mandatory_stop, circuit_breaker)
};
/// The profiles (shares of equity unless said otherwise):
///                              conservative  moderate  aggressive
///   risk a trade                     1 %        2 %        3 %
///   daily drawdown                   3 %        5 %        8 %
///   drawdown from the peak          10 %       20 %       35 %
///   consecutive losses                2          3          4
///   open positions                   10         20         30
///   leverage                          2          5         10
///   one position                  0.25 x      0.5 x        1 x
///   instrument / group / total  0.5/0.75/1  1/1.5/2     2/3/5 x
///   orders a minute                  30         60        120
///   stop to liquidation, of price     2 %        1 %      0.5 %
/// All: price collar 5 %, market data at most 3 minutes old, 20 venue errors an hour, stop mandatory, breakers on until the user's next midnight.
RiskLimits limits_for(RiskLevel level);

struct User {
  UserIx ix{};
  std::string name;
  std::int64_t telegram_id = 0;
  std::string language = "en";
  std::string time_zone = "UTC";
  DurationNs utc_offset{};  ///< of time_zone now; changes of daylight saving arrive as configuration events
  RiskLevel level = RiskLevel::moderate;
  RiskLimits limits;
  PROM_FIELDS(ix, name, telegram_id, language, time_zone, utc_offset, level, limits)
};

struct Account {
  AccountIx ix{};
  UserIx user{};
  Venue venue = Venue::sim;
  AccountKind kind = AccountKind::paper;
  std::string label;
  AssetIx reporting_asset{};  ///< equity and limits are in this asset
  PositionMode position_mode = PositionMode::one_way;
  MarginMode margin_mode = MarginMode::cross;
  PROM_FIELDS(ix, user, venue, kind, label, reporting_asset, position_mode, margin_mode)
};

/// What decides for a pair: a strategy's name, or "agents".
struct TradingPair {
  PairIx ix{};
  AccountIx account{};
  InstrumentIx instrument{};
  PositionLeg leg = PositionLeg::net;
  std::string decider;
  Decimal budget;    ///< notional at most, in quote; zero = by limits alone
  Decimal leverage;  ///< >= 1
  PairMode mode = PairMode::auto_trade;
  PairState state = PairState::active;
  std::string paused_reason;
  PROM_FIELDS(ix, account, instrument, leg, decider, budget, leverage, mode, state, paused_reason)
};

std::string_view name_of(RiskLevel level);

}  // namespace prom
