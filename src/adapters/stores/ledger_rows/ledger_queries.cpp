// The texts of all queries, made once. Any thread.
#include "adapters/stores/ledger_rows/ledger_queries.h"

#include "adapters/stores/ledger_rows/cells.h"

namespace prom::ledger_queries {
namespace {

using ledger_rows::columns_of;

const std::string& pick(Filter filter, const std::string& none, const std::string& by_account) { return filter == Filter::none ? none : by_account; }

std::string order_columns() { return columns_of<OrderSpec>() + ", state, filled, filled_value, last_text, created_ns, updated_ns"; }

}  // namespace

const std::string& applied_seq() {
  static const std::string sql = "SELECT seq FROM applied WHERE shard = ?";
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

// SQLite: the narrowest column's index leads; a plus sign takes the others out of the planner's choice (they are checked row by row).
std::string trades(const TradeFilter& filter, Lead lead) {
  std::string conditions;
  const bool by_pair = filter.pair.has_value();
  const bool by_account = !by_pair && filter.account.has_value();
  const bool by_instrument = !by_pair && !by_account && filter.instrument.has_value();
  const auto add = [&](const char* column, bool leads) {
    conditions += conditions.empty() ? "WHERE " : "AND ";
    conditions += std::string(leads || lead == Lead::by_statistics ? "" : "+") + column + " = ? ";
  };
  if (filter.account) add("account", by_account);
  if (filter.instrument) add("instrument", by_instrument);
  if (filter.pair) add("pair", true);
  if (filter.decider) add("decider", !by_pair && !by_account && !by_instrument);
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
const std::string& tool_stats_owed() {
  static const std::string sql = "SELECT one FROM tool_stats_owed WHERE one = 1";
  return sql;
}
const std::string& decision_logs() {
  static const std::string sql = "SELECT body FROM decision_logs ORDER BY id";
  return sql;
}

const std::string& decision_logs_after() {
  static const std::string sql = "SELECT body FROM decision_logs WHERE id > ? ORDER BY id LIMIT ?";
  return sql;
}

std::vector<Named> all(Lead lead) {
  std::vector<Named> out = {
      {"applied_seq", applied_seq(), Reads::keyed},
      {"assets", assets(), Reads::whole_table},
      {"instruments", instruments(), Reads::whole_table},
      {"users", users(), Reads::whole_table},
      {"accounts", accounts(), Reads::whole_table},
      {"pairs", pairs(), Reads::whole_table},
      {"positions", positions(Filter::none), Reads::whole_table},
      {"balances", balances(Filter::none), Reads::whole_table},
      {"postings", postings(Filter::none), Reads::whole_table},
      {"memories", memories(), Reads::whole_table},
      {"risk_states", risk_states(), Reads::whole_table},
      {"positions of an account", positions(Filter::by_account), Reads::keyed},
      {"balances of an account", balances(Filter::by_account), Reads::keyed},
      {"postings of an account", postings(Filter::by_account), Reads::keyed},
      {"orders", orders(Filter::none), Reads::keyed},
      {"orders of an account", orders(Filter::by_account), Reads::keyed},
      {"open orders", open_orders(Filter::none), Reads::keyed},
      {"open orders of an account", open_orders(Filter::by_account), Reads::keyed},
      {"fills", fills(Filter::none), Reads::keyed},
      {"fills of an account", fills(Filter::by_account), Reads::keyed},
      {"denials", denials(), Reads::keyed},
      {"decision", decision(), Reads::keyed},
      {"decisions", decisions(DecisionFilter::none), Reads::keyed},
      {"decisions of a pair", decisions(DecisionFilter::by_pair), Reads::keyed},
      {"tool statistics since a day", tool_stats(ToolFilter::none), Reads::keyed},
      {"statistics of a tool", tool_stats(ToolFilter::by_tool), Reads::keyed},
      {"whether statistics are owed", tool_stats_owed(), Reads::keyed},
      {"decision logs", decision_logs(), Reads::whole_table},
      {"decision logs after one", decision_logs_after(), Reads::keyed},
  };
  for (unsigned mask = 0; mask < 16; ++mask) {
    TradeFilter filter;
    if ((mask & 1U) != 0) filter.account = AccountIx{};
    if ((mask & 2U) != 0) filter.instrument = InstrumentIx{};
    if ((mask & 4U) != 0) filter.pair = PairIx{};
    if ((mask & 8U) != 0) filter.decider = "";
    out.push_back({"trades filter " + std::to_string(mask), trades(filter, lead), Reads::keyed});
  }
  return out;
}

}  // namespace prom::ledger_queries
