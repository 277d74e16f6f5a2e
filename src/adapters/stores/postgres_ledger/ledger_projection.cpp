// One function for each event and taken input: what it leaves in which table. The writing thread.
#include "adapters/stores/postgres_ledger/ledger_projection.h"

#include <concepts>
#include <variant>

#include "adapters/stores/postgres_ledger/flat_rows.h"
#include "adapters/stores/postgres_ledger/packed_records.h"
#include "domain/instrument.h"

namespace prom::postgres {

using ledger_rows::Columns;
using ledger_rows::columns_of;
using ledger_rows::insert_sql;
using ledger_rows::Parameters;
using ledger_rows::upsert_sql;

template <class... Values>
StoreResult<void> LedgerProjection::run(const std::string& sql, const Values&... values) {
  Parameters parameters;
  (parameters.put(values), ...);
  PROM_CHECK_OK(connection_->run(sql, parameters.values()));
  return {};
}

StoreResult<void> LedgerProjection::apply(const RecordedFrame& frame) {
  frame_ = &frame;
  now_ = frame.input.available_at;
  for (const Event& event : frame.events) {
    PROM_CHECK_OK(std::visit([this](const auto& happened) { return on(happened); }, event));
  }
  return {};
}

StoreResult<void> LedgerProjection::on(const InputTaken&) {
  return std::visit(
      [this](const auto& input) {
        if constexpr (requires { this->on(input); }) {
          return this->on(input);
        } else {
          return this->on_other(input);
        }
      },
      frame_->input.body);
}

// --- configuration ---

StoreResult<void> LedgerProjection::on(const AssetRegistered& input) { return run(upsert_sql("assets", "ix, name", "ix"), input.ix, input.name); }

StoreResult<void> LedgerProjection::on(const InstrumentRegistered& input) {
  return run(upsert_sql("instruments", "ix, code, body", "ix"), input.instrument.ix, instrument_code(input.instrument), pack(input));
}

StoreResult<void> LedgerProjection::on(const UserRegistered& input) {
  static const std::string kSql = upsert_sql("users", columns_of<User>(), "ix");
  return run(kSql, input.user);
}

StoreResult<void> LedgerProjection::on(const AccountRegistered& input) {
  static const std::string kSql = upsert_sql("accounts", columns_of<Account>(), "ix");
  return run(kSql, input.account);
}

StoreResult<void> LedgerProjection::on(const PairRegistered& input) {
  static const std::string kSql = upsert_sql("pairs", columns_of<TradingPair>(), "ix");
  return run(kSql, input.pair);
}

StoreResult<void> LedgerProjection::on(const TradingStateSet& input) {
  PROM_CHECK_OK(
      run("INSERT INTO risk_state (\"user\", trading_state) VALUES (?, ?) ON CONFLICT (\"user\") DO UPDATE SET trading_state = excluded.trading_state",
          input.user, input.state));
  return risk_event(input.user, "trading_state", std::string(enum_text(input.state)) + ": " + input.reason);
}

StoreResult<void> LedgerProjection::on(const PairStateSet& input) {
  return run("UPDATE pairs SET state = ?, paused_reason = ? WHERE ix = ?", input.state, input.reason, input.pair);
}

StoreResult<void> LedgerProjection::on(const DeciderStatusSet& input) {
  return run(upsert_sql("decider_status", "pair, status, reason, time_ns", "pair"), input.pair, input.status, input.reason, now_);
}

StoreResult<void> LedgerProjection::on(const LimitsSet& input) {
  static const std::string kSql = [] {
    std::string columns;
    ledger_rows::append_columns<RiskLimits>(columns, "limits_");
    int count = 1;
    for (const char c : columns) count += c == ',' ? 1 : 0;
    std::string marks = "?";
    for (int i = 1; i < count; ++i) marks += ", ?";
    return "UPDATE users SET (" + columns + ") = (" + marks + ") WHERE ix = ?";
  }();
  return run(kSql, input.limits, input.user);
}

// --- deciders ---

StoreResult<void> LedgerProjection::on(const DecisionRecorded& input) {
  DecisionRecorded brief = input;
  for (Verdict& verdict : brief.record.verdicts) verdict.steps.clear();
  const DecisionRecord& record = input.record;
  PROM_CHECK_OK(run(upsert_sql("decisions", "id, time_ns, account, pair, instrument, action, score, summary, regime, body", "id"), record.id, record.as_of.time,
                    record.account, record.pair, record.instrument, record.action, record.score, record.summary, record.regime, pack(brief)));
  PROM_CHECK_OK(run(upsert_sql("decision_logs", "id, body", "id"), record.id, pack(input)));
  PROM_CHECK_OK(run("DELETE FROM verdicts WHERE decision = ?", record.id));
  std::int64_t n = 0;
  for (const Verdict& verdict : record.verdicts) {
    PROM_CHECK_OK(run("INSERT INTO verdicts (decision, n, role, stance, confidence, weight, summary) VALUES (?, ?, ?, ?, ?, ?, ?)", record.id, n++,
                      verdict.role, verdict.stance, verdict.confidence, verdict.weight, verdict.summary));
  }
  return {};
}

StoreResult<void> LedgerProjection::on(const MemoryNoted& input) {
  const Memory& memory = input.memory;
  return run(upsert_sql("memories", "id, kind, scope, \"user\", agent, importance, created_ns, expires_ns, text, body", "id"), memory.id, memory.kind,
             memory.scope, memory.user, memory.agent, memory.importance, memory.created_at, memory.expires_at, memory.text, pack(input));
}

StoreResult<void> LedgerProjection::on(const ProposalReceived& event) {
  const TradeProposal& proposal = event.proposal;
  return run(upsert_sql("proposals", "id, received_ns, account, pair, instrument, intent, side, decider, reason, status, body", "id"), proposal.id, now_,
             proposal.account, proposal.pair, proposal.instrument, proposal.intent, proposal.side, proposal.decider, proposal.reason, std::string("received"),
             pack(Event(event)));
}

StoreResult<void> LedgerProjection::on(const ProposalApproved& event) {
  return run("UPDATE proposals SET status = 'approved', approved_quantity = ?, risked = ? WHERE id = ?", event.quantity, event.risked, event.proposal);
}

StoreResult<void> LedgerProjection::on(const ProposalDenied& event) {
  PROM_CHECK_OK(run("UPDATE proposals SET status = 'denied' WHERE id = ?", event.proposal));
  static const std::string kSql = insert_sql<Denial>("denials", "proposal, time_ns");
  return run(kSql, event.denial, event.proposal, now_);
}

// --- orders and fills ---

StoreResult<void> LedgerProjection::on(const OrderCreated& event) {
  static const std::string kSql =
      upsert_sql("orders", columns_of<OrderSpec>() + ", state, is_open, filled, filled_value, last_text, created_ns, updated_ns", "id");
  return run(kSql, event.spec, OrderState::pending, 1, 0, Decimal(), std::string(), now_, now_);
}

StoreResult<void> LedgerProjection::on(const OrderMoved& event) {
  PROM_TRY(const Rows found, connection_->run("SELECT state, last_text FROM orders WHERE id = ?", Parameters().put(event.order).values()));
  if (found.empty()) return {};
  Columns columns(found.front());
  const auto from = columns.get<OrderState>();
  const auto before = columns.get<std::string>();
  if (!columns.ok()) return err(corrupt_row("an order's state is unknown"));
  // A pair that the table does not know is the venue's oddity: the engine kept the state, and so does its projection.
  const OrderState to = next_state(from, event.kind).value_or(from);
  return run("UPDATE orders SET state = ?, is_open = ?, last_text = ?, updated_ns = ? WHERE id = ?", to, is_terminal(to) ? 0 : 1,
             event.text.empty() ? before : event.text, now_, event.order);
}

StoreResult<void> LedgerProjection::on(const OrderAmended& event) {
  return run("UPDATE orders SET quantity = ?, \"limit\" = ?, \"trigger\" = ?, updated_ns = ? WHERE id = ?", event.quantity, event.limit, event.trigger, now_,
             event.order);
}

StoreResult<void> LedgerProjection::on(const FillApplied& event) {
  static const std::string kSql = insert_sql<Fill>("fills");
  PROM_CHECK_OK(run(kSql, event.fill));
  return advance_order(event.fill);
}

StoreResult<void> LedgerProjection::advance_order(const Fill& fill) {
  PROM_TRY(const Rows found, connection_->run("SELECT o.state, o.quantity, o.filled, o.filled_value, i.body FROM orders o"
                                              " JOIN instruments i ON i.ix = o.instrument WHERE o.id = ?",
                                              Parameters().put(fill.order).values()));
  if (found.empty()) return {};  // the venue's own order, e.g. a liquidation
  Columns columns(found.front());
  const auto from = columns.get<OrderState>();
  const auto quantity = columns.get<QuantityUnits>();
  const auto filled = columns.get<QuantityUnits>() + fill.quantity;
  const auto value = columns.get<Decimal>();
  const auto body = columns.get<std::vector<std::byte>>();
  if (!columns.ok()) return err(corrupt_row("an order's row cannot be read"));
  PROM_TRY(const auto registered, unpack_input<InstrumentRegistered>(body));
  const auto kind = filled >= quantity ? OrderEventKind::filled : OrderEventKind::partially_filled;
  const OrderState to = next_state(from, kind).value_or(from);
  return run("UPDATE orders SET state = ?, is_open = ?, filled = ?, filled_value = ?, updated_ns = ? WHERE id = ?", to, is_terminal(to) ? 0 : 1, filled,
             value + notional(registered.instrument, fill.price, fill.quantity), now_, fill.order);
}

StoreResult<void> LedgerProjection::on(const FillRepeated&) { return {}; }  // recorded in the journal; changes nothing here either

// --- money and positions ---

StoreResult<void> LedgerProjection::on(const Posted& event) {
  static const std::string kSql = insert_sql<Posting>("postings");
  const Posting& posting = event.posting;
  PROM_CHECK_OK(run(kSql, posting));
  Decimal balance;
  PROM_TRY(const Rows found,
           connection_->run("SELECT amount FROM balances WHERE account = ? AND asset = ?", Parameters().put(posting.account).put(posting.asset).values()));
  if (!found.empty()) {
    Columns columns(found.front());
    columns.read(balance);
    if (!columns.ok()) return err(corrupt_row("a balance is no decimal"));
  }
  const auto sum = checked_add(balance, posting.amount);
  if (!sum) return err(corrupt_row("a balance leaves the range of decimals"));
  return run(upsert_sql("balances", "account, asset, amount", "account, asset"), posting.account, posting.asset, *sum);
}

StoreResult<void> LedgerProjection::on(const PositionSet& event) {
  static const std::string kSql = upsert_sql("positions", columns_of<Position>(), "account, instrument, leg");
  return run(kSql, event.position);
}

StoreResult<void> LedgerProjection::on(const FundingApplied& event) {
  return run("UPDATE positions SET funding = ? WHERE account = ? AND instrument = ? AND leg = ?", event.total, event.account, event.instrument, event.leg);
}

StoreResult<void> LedgerProjection::on(const RoundTripClosed& event) {
  static const std::string kSql = insert_sql<JournalEntry>("trades");
  return run(kSql, event.entry);
}

StoreResult<void> LedgerProjection::on(const CoverageSet& event) {
  return run(upsert_sql("coverage", "account, instrument, leg, state, stop, stop_order, failures, deadline_ns, body", "account, instrument, leg"),
             event.account, event.instrument, event.leg, event.state, event.stop, event.stop_order, event.failures, event.deadline, pack(Event(event)));
}

StoreResult<void> LedgerProjection::on(const WatermarkMoved&) { return {}; }  // the engine's own; a closed trade carries its excursions

StoreResult<void> LedgerProjection::on(const ReconcileSet&) { return {}; }  // the engine's own timer

// --- risk ---

StoreResult<void> LedgerProjection::risk_event(std::optional<UserIx> user, std::string_view kind, const std::string& text) {
  return run("INSERT INTO risk_events (seq, time_ns, \"user\", kind, text) VALUES (?, ?, ?, ?, ?)", frame_->seq, now_, user, kind, text);
}

StoreResult<void> LedgerProjection::on(const BreakerTripped& event) {
  static const std::string kSql = upsert_sql("breakers", columns_of<BreakerTripped>(), "\"user\", kind");
  PROM_CHECK_OK(run(kSql, event));
  return risk_event(event.user, "breaker_tripped",
                    std::string(enum_text(event.kind)) + ": limit " + event.limit.to_string() + ", actual " + event.actual.to_string());
}

StoreResult<void> LedgerProjection::on(const BreakerResumed& event) {
  PROM_CHECK_OK(run("DELETE FROM breakers WHERE \"user\" = ? AND kind = ?", event.user, event.kind));
  return risk_event(event.user, "breaker_resumed", std::string(enum_text(event.kind)));
}

StoreResult<void> LedgerProjection::on(const KillSwitchMoved& event) {
  PROM_CHECK_OK(run("INSERT INTO risk_state (\"user\", kill_phase) VALUES (?, ?) ON CONFLICT (\"user\") DO UPDATE SET kill_phase = excluded.kill_phase",
                    event.user, event.phase));
  return risk_event(event.user, "kill_switch", std::string(enum_text(event.phase)) + ": " + event.reason);
}

StoreResult<void> LedgerProjection::on(const DayRolled& event) {
  return run(
      "INSERT INTO risk_state (\"user\", day_start_ns, day_equity) VALUES (?, ?, ?)"
      " ON CONFLICT (\"user\") DO UPDATE SET day_start_ns = excluded.day_start_ns, day_equity = excluded.day_equity",
      event.user, event.day_start, event.equity);
}

StoreResult<void> LedgerProjection::on(const PeakRaised& event) {
  return run("INSERT INTO risk_state (\"user\", peak_equity) VALUES (?, ?) ON CONFLICT (\"user\") DO UPDATE SET peak_equity = excluded.peak_equity", event.user,
             event.equity);
}

StoreResult<void> LedgerProjection::on(const EquitySampled& event) {
  return run(upsert_sql("equity_samples", "\"user\", time_ns, equity", "\"user\", time_ns"), event.user, event.time, event.equity);
}

StoreResult<void> LedgerProjection::on(const QuarantineSet& event) {
  switch (event.quarantined) {
    case Switch::on:
      PROM_CHECK_OK(run(upsert_sql("quarantine", "account, instrument, diff", "account, instrument"), event.account, event.instrument, event.diff));
      break;
    case Switch::off: PROM_CHECK_OK(run("DELETE FROM quarantine WHERE account = ? AND instrument = ?", event.account, event.instrument)); break;
  }
  return risk_event(std::nullopt, "quarantine", std::string(enum_text(event.quarantined)) + ": " + event.diff);
}

StoreResult<void> LedgerProjection::on(const OddityNoted& event) { return risk_event(std::nullopt, "oddity", event.what); }

}  // namespace prom::postgres
