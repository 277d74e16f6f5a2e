// The pre-trade checks as a dry run for agents: same codes and order as the risk engine's denials, from an account view. Pure; any thread.
#pragma once

#include <expected>
#include <optional>
#include <vector>

#include "domain/denial.h"
#include "tools/account_access.h"

namespace prom {

struct TradeCheck {
  DenialCode code = DenialCode::malformed;
  bool passed = true;
  std::optional<Decimal> limit, actual;
};

/// Arguments: side, quantity, limit, stop. Checks: kill switch, trading state, breakers, pair state, staleness, equity, quantity and notional minima, price
/// collar, stop presence and side, trade risk, balance, position, exposure and count limits. Errors where the arguments cannot be put on the grid or the price
/// is unknown.
std::expected<std::vector<TradeCheck>, ToolError> check_trade(const ToolContext& context, const ToolArgs& args, const AccountView& account,
                                                              const Instrument& instrument);

}  // namespace prom
