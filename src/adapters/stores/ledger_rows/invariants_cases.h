// What the tables of a ledger must refuse, in words that SQLite and PostgreSQL both understand: one list for both stores. Tests only.
#pragma once

#include <string>
#include <vector>

#include "domain/account.h"
#include "domain/enum_text.h"
#include "domain/event.h"
#include "domain/fill.h"
#include "domain/input.h"
#include "domain/memory.h"
#include "domain/order.h"
#include "domain/proposal.h"
#include "domain/verdict.h"

namespace prom::ledger_invariants {

/// A column that holds an enumeration; its constraint is named table_column_known.
struct NamedColumn {
  std::string table, column;
  std::vector<std::string> names;
};
template <class E>
std::vector<std::string> names() {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < kEnumCount<E>; ++i) out.emplace_back(enum_text(static_cast<E>(i)));
  return out;
}
inline std::vector<NamedColumn> named_columns() {
  return {
      {"users", "level", names<RiskLevel>()},
      {"users", "limits_mandatory_stop", names<Switch>()},
      {"users", "limits_circuit_breaker", names<Switch>()},
      {"accounts", "venue", names<Venue>()},
      {"accounts", "kind", names<AccountKind>()},
      {"accounts", "position_mode", names<PositionMode>()},
      {"accounts", "margin_mode", names<MarginMode>()},
      {"pairs", "leg", names<PositionLeg>()},
      {"pairs", "mode", names<PairMode>()},
      {"pairs", "state", names<PairState>()},
      {"decider_status", "status", names<DeciderStatus>()},
      {"orders", "leg", names<PositionLeg>()},
      {"orders", "side", names<Side>()},
      {"orders", "type", names<OrderType>()},
      {"orders", "time_in_force", names<TimeInForce>()},
      {"orders", "effect", names<Effect>()},
      {"orders", "purpose", names<OrderPurpose>()},
      {"orders", "state", names<OrderState>()},
      {"fills", "leg", names<PositionLeg>()},
      {"fills", "side", names<Side>()},
      {"fills", "liquidity", names<Liquidity>()},
      {"fills", "source", names<FillSource>()},
      {"postings", "kind", names<PostingKind>()},
      {"positions", "leg", names<PositionLeg>()},
      {"coverage", "leg", names<PositionLeg>()},
      {"coverage", "state", names<CoverageState>()},
      {"proposals", "intent", names<Intent>()},
      {"proposals", "side", names<Side>()},
      {"trades", "side", names<Side>()},
      {"decisions", "action", names<DecisionAction>()},
      {"verdicts", "role", names<AgentRole>()},
      {"verdicts", "stance", names<Stance>()},
      {"memories", "kind", names<MemoryKind>()},
      {"memories", "scope", names<MemoryScope>()},
      {"memories", "agent", names<AgentRole>()},
      {"breakers", "kind", names<BreakerKind>()},
      {"risk_state", "trading_state", names<TradingState>()},
      {"risk_state", "kill_phase", names<KillPhase>()},
      {"tool_stats", "agent", names<AgentRole>()},
  };
}

/// One row a table, each of which is sound; of the tables that the first version had.
inline std::vector<std::string> sound_rows() {
  return {
      R"(INSERT INTO users ("ix", "name", "telegram_id", "language", "time_zone", "utc_offset_ns", "level", "limits_max_positions", "limits_max_orders_per_minute", "limits_max_consecutive_losses", "limits_max_errors_per_hour", "limits_risk_per_trade", "limits_max_position", "limits_max_instrument_exposure", "limits_max_group_exposure", "limits_max_total_exposure", "limits_max_leverage", "limits_max_daily_drawdown", "limits_max_drawdown", "limits_price_collar", "limits_min_liquidation_distance", "limits_max_data_age_ns", "limits_breaker_cooldown_ns", "limits_mandatory_stop", "limits_circuit_breaker") VALUES (1, '0', 1, '0', '0', 1, 'conservative', 1, 1, 1, 1, '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', 1, 1, 'off', 'off'))",
      R"(INSERT INTO accounts ("ix", "user", "venue", "kind", "label", "reporting_asset", "position_mode", "margin_mode") VALUES (1, 1, 'sim', 'paper', '0', 1, 'one_way', 'cross'))",
      R"(INSERT INTO pairs ("ix", "account", "instrument", "leg", "decider", "budget", "leverage", "mode", "state", "paused_reason") VALUES (1, 1, 1, 'net', '0', '0', '0', 'auto_trade', 'active', '0'))",
      R"(INSERT INTO decider_status ("pair", "status", "reason", "time_ns") VALUES (1, 'active', '0', 1))",
      R"(INSERT INTO orders ("id", "client_id_account", "client_id_epoch", "client_id_sequence", "account", "pair", "instrument", "leg", "side", "type", "time_in_force", "effect", "purpose", "quantity", "limit", "trigger", "trailing_distance", "oco_group", "proposal", "state", "is_open", "filled", "filled_value", "last_text", "created_ns", "updated_ns") VALUES (1, 1, 1, 1, 1, 1, 1, 'net', 'buy', 'market', 'gtc', 'open_or_add', 'entry', 1, 1, 1, 1, 1, 1, 'pending', 1, 1, '0', '0', 1, 1))",
      R"(INSERT INTO fills ("trade", "order", "account", "instrument", "leg", "side", "price", "quantity", "fee_asset", "fee_amount", "slippage", "liquidity", "source", "time_ns") VALUES (1, 1, 1, 1, 'net', 'buy', 1, 1, 1, '0', '0', 'maker', 'venue', 1))",
      R"(INSERT INTO postings ("time_ns", "account", "asset", "kind", "amount", "instrument", "ref") VALUES (1, 1, 1, 'transfer', '0', 1, 1))",
      R"(INSERT INTO positions ("account", "instrument", "leg", "quantity", "cost", "realised", "fees", "funding", "opened_at_ns", "round_trip", "version") VALUES (1, 1, 'net', 1, '0', '0', '0', '0', 1, 1, 1))",
      R"(INSERT INTO coverage ("account", "instrument", "leg", "state", "stop", "stop_order", "failures", "deadline_ns", "body") VALUES (1, 1, 'net', 'none', 1, 1, 1, 1, ''))",
      R"(INSERT INTO proposals ("id", "received_ns", "account", "pair", "instrument", "intent", "side", "decider", "reason", "status", "approved_quantity", "risked", "body") VALUES (1, 1, 1, 1, 1, 'open', 'buy', '0', '0', 'received', NULL, NULL, ''))",
      R"(INSERT INTO trades ("trade", "account", "pair", "instrument", "side", "decider", "decision", "proposal", "opened_at_ns", "closed_at_ns", "quantity", "entry_price", "exit_price", "gross", "fees", "funding", "slippage", "net", "risked", "best_excursion", "worst_excursion", "exit_reason", "regime", "lesson") VALUES (1, 1, 1, 1, 'buy', '0', 1, 1, 1, 1, 1, '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0'))",
      R"(INSERT INTO decisions ("id", "time_ns", "account", "pair", "instrument", "action", "score", "summary", "regime", "body") VALUES (1, 1, 1, 1, 1, 'hold', 1, '0', '0', ''))",
      R"(INSERT INTO verdicts ("decision", "n", "role", "stance", "confidence", "weight", "summary") VALUES (1, 1, 'market_analyst', 'bullish', 1, 1, '0'))",
      R"(INSERT INTO memories ("id", "kind", "scope", "user", "agent", "importance", "created_ns", "expires_ns", "text", "body") VALUES (1, 'observation', 'user', 1, 'market_analyst', 1, 1, 1, '0', ''))",
      R"(INSERT INTO breakers ("user", "kind", "limit", "actual", "until_ns") VALUES (1, 'daily_loss', '0', '0', 1))",
      R"(INSERT INTO risk_state ("user", "trading_state", "kill_phase", "day_start_ns", "day_equity", "peak_equity") VALUES (1, 'active', 'released', 1, '0', '0'))",
  };
}

/// The same of tables that came later.
inline std::vector<std::string> later_rows() {
  return {
      R"(INSERT INTO tool_stats ("day_ns", "agent", "tool", "calls", "cached", "refused", "bad_argument", "unavailable", "not_enough_data", "failed", "took_total_ns", "took_longest_ns") VALUES (86400000000000, 'market_analyst', 'rsi', 5, 1, 1, 0, 1, 0, 0, 30, 20))",
  };
}

struct Broken {
  std::string sql;         ///< changes a sound row
  std::string constraint;  ///< that forbids it
};
inline std::vector<Broken> broken_rows() {
  std::vector<Broken> out;
  for (const NamedColumn& one : named_columns())
    out.push_back({"UPDATE " + one.table + " SET \"" + one.column + "\" = 'nonsense'", one.table + "_" + one.column + "_known"});
  out.push_back({"UPDATE orders SET is_open = 0", "orders_open_until_terminal"});
  out.push_back({"UPDATE orders SET state = 'filled'", "orders_open_until_terminal"});
  out.push_back({"UPDATE orders SET filled = -1", "orders_filled_not_negative"});
  out.push_back({"UPDATE fills SET quantity = 0", "fills_quantity_positive"});
  out.push_back({"UPDATE proposals SET status = 'approved'", "proposals_approved_has_quantity"});
  out.push_back({"UPDATE proposals SET status = 'approved', approved_quantity = 1", "proposals_approved_has_quantity"});
  out.push_back({"UPDATE verdicts SET confidence = 1.5", "verdicts_confidence_is_a_share"});
  out.push_back({"UPDATE verdicts SET confidence = -0.1", "verdicts_confidence_is_a_share"});
  out.push_back({"UPDATE tool_stats SET day_ns = 1", "tool_stats_day_begins_at_midnight"});
  out.push_back({"UPDATE tool_stats SET calls = 1, took_total_ns = 0, took_longest_ns = 0", "tool_stats_parts_of_calls"});
  out.push_back({"UPDATE tool_stats SET failed = -1", "tool_stats_parts_of_calls"});
  out.push_back({"UPDATE tool_stats SET unavailable = 5", "tool_stats_parts_of_calls"});
  out.push_back({"UPDATE tool_stats SET took_longest_ns = 40", "tool_stats_times_of_what_ran"});
  out.push_back({"UPDATE tool_stats SET cached = 4", "tool_stats_times_of_what_ran"});
  return out;
}
/// Allowed all the same.
inline std::vector<std::string> sound_changes() {
  return {"UPDATE orders SET state = 'filled', is_open = 0", "UPDATE proposals SET status = 'approved', approved_quantity = 1, risked = '5'",
          "UPDATE memories SET agent = NULL", "UPDATE risk_state SET kill_phase = NULL",
          "UPDATE tool_stats SET cached = 4, took_total_ns = 0, took_longest_ns = 0"};
}

}  // namespace prom::ledger_invariants
