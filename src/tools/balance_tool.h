// get_balance: its result table and function, listed by trading_tools.cpp. Constant data and a pure function; any thread.
#pragma once

#include "tools/account_access.h"
#include "tools/spec.h"

namespace prom {

inline constexpr ResultField kBalanceResults[] = {
    {"equity", ResultType::amount, "in the reporting asset; null while a conversion price is missing", ResultPresence::may_be_null},
    {"available", ResultType::amount, "free for new margin or purchases, reporting asset"},
    {"reporting_asset", ResultType::text, "asset of equity and limits"},
    {"balances", ResultType::list, "{asset, amount} of each asset held"},
    {"account", ResultType::text, "paper, testnet or live"}};
/// Equity, free funds and each asset held, as the account view has them.
ToolResult run_get_balance(const ToolContext& context, const ToolArguments& arguments);

}  // namespace prom
