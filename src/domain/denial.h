// Why the risk engine refused. A closed list: logs, messages and docs group by the code; the numbers say by how much. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/decimal.h"
#include "base/fields.h"

namespace prom {

/// In order of precedence: the first that holds is reported.
enum class DenialCode : std::uint8_t {
  malformed,
  account_unknown,
  instrument_unknown,
  duplicate,
  expired,
  stale_basis,
  kill_switch_engaged,
  trading_halted,
  trading_reducing,
  circuit_breaker_open,
  error_breaker_open,
  data_breaker_open,
  reconciling,
  instrument_quarantined,
  pair_paused,
  strategy_disabled,
  ledger_away,
  price_unknown,
  market_data_stale,
  equity_unknown,
  equity_not_positive,
  position_unknown,
  protection_unavailable,
  nothing_to_close,
  wrong_side,
  price_off_tick,
  quantity_off_step,
  quantity_below_minimum,
  quantity_above_maximum,
  notional_below_minimum,
  exit_below_minimum,
  price_outside_collar,
  stop_missing,
  stop_wrong_side,
  target_wrong_side,
  liquidation_before_stop,
  leverage_above_limit,
  insufficient_balance,
  insufficient_margin,
  trade_risk_above_limit,
  position_above_limit,
  budget_exceeded,
  open_positions_above_limit,
  instrument_exposure_above_limit,
  group_exposure_above_limit,
  total_exposure_above_limit,
  order_rate_exceeded,
  entries_waiting  // last, since journals hold numbers
};
inline constexpr int kDenialCodeCount = static_cast<int>(DenialCode::entries_waiting) + 1;

struct Denial {
  DenialCode code = DenialCode::malformed;
  Decimal limit;   ///< what was allowed; zero where the code needs no number
  Decimal actual;  ///< what was asked for
  PROM_FIELDS(code, limit, actual)
  friend bool operator==(const Denial&, const Denial&) = default;
};

std::string_view name_of(DenialCode code);
/// One sentence for a person, with both numbers where they mean something. price_outside_collar carries fractions (0.05 = 5 %), market_data_stale seconds; all
/// others carry amounts in the unit of the limit.
std::string explain(const Denial& denial);

}  // namespace prom
