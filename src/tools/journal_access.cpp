// Filters and sums over the trade history. Pure; any thread.
#include "tools/journal_access.h"

#include <fmt/format.h>

#include <utility>

#include "domain/instrument.h"
#include "domain/order.h"

namespace prom {

std::expected<TradeList, ToolError> closed_trades(const ToolContext& context, const ToolArgs& args) {
  if (!context.history) return std::unexpected(tool_unavailable("no trade history is attached to this call", "agents have one while a run is going on"));
  std::optional<InstrumentIx> wanted;
  if (args.has("instrument")) {
    const auto instrument = pick_instrument(context, args);
    if (!instrument) return std::unexpected(instrument.error());
    wanted = (*instrument)->ix;
  }
  TradeList list;
  for (const JournalEntry& entry : *context.history) {
    if (entry.closed_at > context.as_of.time) continue;
    if (context.account != nullptr && entry.account != context.account->account.ix) continue;
    if (wanted && entry.instrument != *wanted) continue;
    if (args.has("decider") && entry.decider != args.text("decider")) continue;
    list.push_back(&entry);
  }
  return list;
}

ToolSource journal_source(const ToolContext& context, const TradeList& trades) {
  return {fmt::format("trade journal, {} closed trades", trades.size()), trades.empty() ? context.as_of.time : trades.back()->closed_at};
}

ValueObject describe_trade(const ToolContext& context, const JournalEntry& entry) {
  const Instrument* instrument = instrument_at(context, entry.instrument);
  return {{"trade", static_cast<std::int64_t>(entry.trade.v)},
          {"instrument", instrument != nullptr ? instrument_code(*instrument) : fmt::format("instrument:{}", entry.instrument.v)},
          {"side", name_of(entry.side)},
          {"decider", entry.decider},
          {"opened_at", entry.opened_at},
          {"closed_at", entry.closed_at},
          {"quantity", instrument != nullptr ? Value(to_decimal(*instrument, entry.quantity)) : Value()},
          {"entry", entry.entry_price},
          {"exit", entry.exit_price},
          {"gross", gross_before_costs(entry)},
          {"fees", entry.fees},
          {"slippage", entry.slippage},
          {"funding", entry.funding},
          {"net", entry.net},
          {"exit_reason", entry.exit_reason},
          {"regime", entry.regime}};
}

TradeFigures figures_of(const TradeList& trades) {
  TradeFigures out;
  std::vector<double> profits;
  profits.reserve(trades.size());
  Decimal peak;
  for (const JournalEntry* entry : trades) {
    profits.push_back(entry->net.to_double());
    out.net += entry->net;
    out.fees += entry->fees;
    out.funding += entry->funding;
    peak = max(peak, out.net);
    out.max_drawdown = max(out.max_drawdown, peak - out.net);
  }
  out.summary = statistics::summarise_trades(profits);
  return out;
}

}  // namespace prom
