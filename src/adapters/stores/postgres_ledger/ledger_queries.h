// Every query of the ledger port as text, in one place. Any thread.
#pragma once

#include <cstdint>
#include <string>

#include "ports/ledger.h"

namespace prom::postgres::ledger_queries {

enum class Filter : std::uint8_t { none, by_account };

const std::string& applied_seq();
/// The same in a transaction: waits for another one that has the row.
const std::string& applied_seq_locked();
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
/// Parameters in the order account, instrument, pair, decider (those that are set), then the limit.
std::string trades(const TradeFilter& filter);
const std::string& denials();
const std::string& decision();
enum class DecisionFilter : std::uint8_t { none, by_pair };
const std::string& decisions(DecisionFilter filter);
const std::string& memories();
const std::string& risk_states();
enum class ToolFilter : std::uint8_t { none, by_tool };
/// Parameters: the tool (where it is asked for), the earliest day.
const std::string& tool_stats(ToolFilter filter);
/// Decisions with their steps after the given one, in their order. Last parameter: limit.
const std::string& decision_logs_after();

}  // namespace prom::postgres::ledger_queries
