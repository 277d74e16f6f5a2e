// get_balance. Pure; any thread.
#include "tools/balance_tool.h"

#include <utility>

#include "domain/enum_text.h"

namespace prom {

ToolResult run_get_balance(const ToolContext& context, const ToolArguments&) {
  const auto account = account_of(context);
  if (!account) return std::unexpected(account.error());
  const AccountView& view = **account;
  ValueList balances;
  for (const Money& money : view.balances) balances.emplace_back(ValueObject{{"asset", asset_name(context, money.asset)}, {"amount", money.amount}});
  const std::string_view kind = enum_text(view.account.kind);
  ToolOutput out;
  out.result = Value(ValueObject{{"equity", view.equity ? Value(*view.equity) : Value()},
                                 {"available", view.available},
                                 {"reporting_asset", asset_name(context, view.account.reporting_asset)},
                                 {"balances", std::move(balances)},
                                 {"account", kind}});
  out.sources.push_back(source_of(view));
  return out;
}

}  // namespace prom
