// The three risk profiles. Any thread.
#include "domain/account.h"

#include "domain/enum_text.h"

namespace prom {

namespace {

using namespace literals;

// What the profiles share. The collar keeps a mistyped or stale limit price away from the book; three minutes is three missed one-minute bars.
RiskLimits common_limits() {
  RiskLimits limits;
  limits.price_collar = "0.05"_dec;
  limits.min_liquidation_distance = "0.01"_dec;
  limits.max_data_age = kMinute * 3;
  limits.breaker_cooldown = {};
  limits.max_errors_per_hour = 20;
  return limits;
}

RiskLimits conservative_limits() {
  RiskLimits limits = common_limits();
  limits.max_positions = 10;
  limits.max_orders_per_minute = 30;
  limits.max_consecutive_losses = 2;
  limits.risk_per_trade = "0.01"_dec;
  limits.max_position = "0.25"_dec;
  limits.max_instrument_exposure = "0.5"_dec;
  limits.max_group_exposure = "0.75"_dec;
  limits.max_total_exposure = "1"_dec;
  limits.max_leverage = "2"_dec;
  limits.max_daily_drawdown = "0.03"_dec;
  limits.max_drawdown = "0.1"_dec;
  limits.min_liquidation_distance = "0.02"_dec;
  return limits;
}

RiskLimits moderate_limits() {
  RiskLimits limits = common_limits();
  limits.risk_per_trade = "0.02"_dec;
  limits.max_position = "0.5"_dec;
  limits.max_instrument_exposure = "1"_dec;
  limits.max_group_exposure = "1.5"_dec;
  limits.max_total_exposure = "2"_dec;
  limits.max_leverage = "5"_dec;
  limits.max_daily_drawdown = "0.05"_dec;
  limits.max_drawdown = "0.2"_dec;
  return limits;
}

RiskLimits aggressive_limits() {
  RiskLimits limits = common_limits();
  limits.max_positions = 30;
  limits.max_orders_per_minute = 120;
  limits.max_consecutive_losses = 4;
  limits.risk_per_trade = "0.03"_dec;
  limits.max_position = "1"_dec;
  limits.max_instrument_exposure = "2"_dec;
  limits.max_group_exposure = "3"_dec;
  limits.max_total_exposure = "5"_dec;
  limits.max_leverage = "10"_dec;
  limits.max_daily_drawdown = "0.08"_dec;
  limits.max_drawdown = "0.35"_dec;
  limits.min_liquidation_distance = "0.005"_dec;
  return limits;
}

}  // namespace

RiskLimits limits_for(RiskLevel level) {
  switch (level) {
    case RiskLevel::conservative: return conservative_limits();
    case RiskLevel::moderate: return moderate_limits();
    case RiskLevel::aggressive: return aggressive_limits();
  }
  PROM_UNREACHABLE();
}

std::string_view name_of(RiskLevel level) { return enum_text(level); }

}  // namespace prom
