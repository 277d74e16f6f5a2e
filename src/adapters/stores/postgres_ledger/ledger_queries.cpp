// The texts of all queries, made once. Any thread.
#include "adapters/stores/postgres_ledger/ledger_queries.h"

#include "adapters/stores/postgres_link/flat_rows.h"

namespace prom::postgres::ledger_queries {
namespace {

using ledger_rows::columns_of;

const std::string& pick(Filter filter, const std::string& none, const std::string& by_account) { return filter == Filter::none ? none : by_account; }

std::string order_columns() { return columns_of<OrderSpec>() + ", state, filled, filled_value, last_text, created_ns, updated_ns"; }

}  // namespace

const std::string& applied_seq() {
  static const std::string sql = "SELECT seq FROM applied WHERE shard = ?";
  return sql;
}
const std::string& applied_seq_locked() {
  static const std::string sql = applied_seq() + " FOR UPDATE";
  return sql;
}
const std::string& assets() {
  static const std::string sql = "SELECT ix, name FROM assets ORDER BY ix";
  return sql;
}
const std::string& instruments() {
  static const std::string sql = "SELECT body FROM instruments ORDER BY ix";
  return sql;
}
const std::string& users() {
  static const std::string sql = "SELECT " + columns_of<User>() + " FROM users ORDER BY ix";
  return sql;
}
const std::string& accounts() {
  static const std::string sql = "SELECT " + columns_of<Account>() + " FROM accounts ORDER BY ix";
  return sql;
}
const std::string& pairs() {
  static const std::string sql = "SELECT " + columns_of<TradingPair>() + " FROM pairs ORDER BY ix";
  return sql;
}
const std::string& positions(Filter filter) {
  static const std::string select = "SELECT " + columns_of<Position>() + " FROM positions ";
  static const std::string all_rows = select + "ORDER BY account, instrument, leg";
  static const std::string one = select + "WHERE account = ? ORDER BY instrument, leg";
  return pick(filter, all_rows, one);
}
const std::string& balances(Filter filter) {
  static const std::string all_rows = "SELECT account, asset, amount FROM balances ORDER BY account, asset";
  static const std::string one = "SELECT account, asset, amount FROM balances WHERE account = ? ORDER BY asset";
  return pick(filter, all_rows, one);
}
const std::string& orders(Filter filter) {
  static const std::string select = "SELECT " + order_columns() + " FROM orders ";
  static const std::string newest = select + "ORDER BY id DESC LIMIT ?";
  static const std::string one = select + "WHERE account = ? ORDER BY id DESC LIMIT ?";
  return pick(filter, newest, one);
}
const std::string& open_orders(Filter filter) {
  static const std::string select = "SELECT " + order_columns() + " FROM orders ";
  static const std::string all_rows = select + "WHERE is_open = 1 ORDER BY id";
  static const std::string one = select + "WHERE is_open = 1 AND account = ? ORDER BY id";
  return pick(filter, all_rows, one);
}
const std::string& fills(Filter filter) {
  static const std::string select = "SELECT " + columns_of<Fill>() + " FROM fills ";
  static const std::string newest = select + "ORDER BY n DESC LIMIT ?";
  static const std::string one = select + "WHERE account = ? ORDER BY n DESC LIMIT ?";
  return pick(filter, newest, one);
}
const std::string& postings(Filter filter) {
  static const std::string select = "SELECT " + columns_of<Posting>() + " FROM postings ";
  static const std::string all_rows = select + "ORDER BY n";
  static const std::string one = select + "WHERE account = ? ORDER BY n";
  return pick(filter, all_rows, one);
}

std::string trades(const TradeFilter& filter) {
  std::string conditions;
  const auto add = [&](const char* column) {
    conditions += conditions.empty() ? "WHERE " : "AND ";
    conditions += std::string(column) + " = ? ";
  };
  if (filter.account) add("account");
  if (filter.instrument) add("instrument");
  if (filter.pair) add("pair");
  if (filter.decider) add("decider");
  return "SELECT " + columns_of<JournalEntry>() + " FROM trades " + conditions + "ORDER BY n DESC LIMIT ?";
}

const std::string& denials() {
  static const std::string sql =
      "SELECT d.time_ns, d.code, d.\"limit\", d.actual, p.body, d.proposal FROM denials d LEFT JOIN proposals p ON p.id = d.proposal"
      " ORDER BY d.n DESC LIMIT ?";
  return sql;
}
const std::string& decision() {
  static const std::string sql = "SELECT body FROM decision_logs WHERE id = ?";
  return sql;
}
const std::string& decisions(DecisionFilter filter) {
  static const std::string newest = "SELECT body FROM decisions ORDER BY id DESC LIMIT ?";
  static const std::string one = "SELECT body FROM decisions WHERE pair = ? ORDER BY id DESC LIMIT ?";
  return filter == DecisionFilter::none ? newest : one;
}
const std::string& memories() {
  static const std::string sql = "SELECT body FROM memories ORDER BY id";
  return sql;
}
const std::string& risk_states() {
  static const std::string sql = "SELECT \"user\", trading_state, kill_phase, day_start_ns, day_equity, peak_equity FROM risk_state ORDER BY \"user\"";
  return sql;
}
const std::string& tool_stats(ToolFilter filter) {
  static const std::string select = "SELECT " + columns_of<ToolStat>() + " FROM tool_stats ";
  static const std::string all_rows = select + "WHERE day_ns >= ? ORDER BY day_ns, agent, tool";
  static const std::string one = select + "WHERE tool = ? AND day_ns >= ? ORDER BY day_ns, agent";
  return filter == ToolFilter::none ? all_rows : one;
}
const std::string& decision_logs_after() {
  static const std::string sql = "SELECT body FROM decision_logs WHERE id > ? ORDER BY id LIMIT ?";
  return sql;
}

}  // namespace prom::postgres::ledger_queries
