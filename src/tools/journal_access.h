// Closed trades as tools see them: filtered by account, instrument and decider, never from after the call's instant. Pure; any thread.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "analysis/statistics/performance.h"
#include "tools/market_access.h"
#include "tools/tool.h"

namespace prom {

/// What only a run has: its agents call these tools, the command line cannot.
inline constexpr FeedNeed kRunTradesNeed{"run.trades", "", "the closed trades of a run: agents ask for them there"};
inline constexpr FeedNeed kRunMemoryNeed{"run.memory", "", "the memory of a run: agents search it there"};

using TradeList = std::vector<const JournalEntry*>;  ///< oldest first; owned by the context's history

/// Filters by `instrument` and `decider` where given, and by the context's account where there is one. Unavailable without a history.
std::expected<TradeList, ToolError> closed_trades(const ToolContext& context, const ToolArgs& args);
ToolSource journal_source(const ToolContext& context, const TradeList& trades);
ValueObject describe_trade(const ToolContext& context, const JournalEntry& entry);

/// Figures of a list of trades, money in the settle asset.
struct TradeFigures {
  statistics::TradeSummary summary;
  Decimal net, fees, funding, max_drawdown;  ///< exact sums; drawdown of the running net
};
TradeFigures figures_of(const TradeList& trades);

}  // namespace prom
