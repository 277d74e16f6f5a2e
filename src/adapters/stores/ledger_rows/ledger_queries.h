// Every query of the ledger port as text, once for all ledgers, so that a test can ask a database how it would run each. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ports/ledger.h"

namespace prom::ledger_queries {

/// What a query reads: the whole of a small table that is asked for as such, or rows found by an index (or the newest N by row id).
enum class Reads : std::uint8_t { whole_table, keyed };

enum class Filter : std::uint8_t { none, by_account };

const std::string& applied_seq();
const std::string& assets();
const std::string& instruments();
const std::string& users();
const std::string& accounts();
const std::string& pairs();
const std::string& positions(Filter filter);
const std::string& balances(Filter filter);
/// Columns: OrderSpec's, state, filled, filled_value, last_text, created_ns, updated_ns. Last parameter: limit.
const std::string& orders(Filter filter);
const std::string& open_orders(Filter filter);
const std::string& fills(Filter filter);
const std::string& postings(Filter filter);
/// Who chooses the index of a query with several conditions: the database by its statistics, or we, where it has none.
enum class Lead : std::uint8_t { by_statistics, by_narrowest };
/// Parameters in the order account, instrument, pair, decider (those that are set), then the limit.
std::string trades(const TradeFilter& filter, Lead lead);
const std::string& denials();
const std::string& decision();
enum class DecisionFilter : std::uint8_t { none, by_pair };
const std::string& decisions(DecisionFilter filter);
const std::string& memories();
const std::string& risk_states();
enum class ToolFilter : std::uint8_t { none, by_tool };
/// Parameters: the tool (where it is asked for), the earliest day.
const std::string& tool_stats(ToolFilter filter);
/// Whether decisions are here that were not counted.
const std::string& tool_stats_owed();
/// Every decision with its steps, in their order.
const std::string& decision_logs();
/// Those after the given one. Last parameter: limit.
const std::string& decision_logs_after();

struct Named {
  std::string name;
  std::string sql;
  Reads reads = Reads::keyed;
};
/// All of them, every combination of trade filters included.
std::vector<Named> all(Lead lead);

}  // namespace prom::ledger_queries
