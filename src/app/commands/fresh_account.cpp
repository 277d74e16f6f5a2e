// The account as an engine would show it before the first order.
#include "app/commands/fresh_account.h"

namespace prom {

std::expected<AccountView, CommandError> fresh_account(const MarketInMemory& market, TimeNs as_of, const std::string& cash) {
  const auto amount = Decimal::parse(cash);
  if (!amount || *amount <= Decimal{}) return std::unexpected(CommandError{ExitCode::usage, "bad_cash", "--cash must be a positive amount", "", {}});
  AccountView view;
  view.as_of.time = as_of;
  view.account.label = "that has not traded";
  view.account.reporting_asset = market.instrument.settle;
  view.limits = limits_for(RiskLevel::moderate);
  view.balances = {Money{market.instrument.settle, *amount}};
  view.equity = view.available = view.day_start_equity = view.peak_equity = *amount;
  return view;
}

}  // namespace prom
