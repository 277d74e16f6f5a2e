// One function for each event and taken input: what it leaves in which table. The writing thread.
#include "adapters/stores/ledger_rows/ledger_projection.h"

#include <set>
#include <utility>
#include <variant>

#include "adapters/stores/ledger_rows/packed_records.h"
#include "domain/instrument.h"

namespace prom::ledger_rows {
namespace {

/// The columns that a struct leaves, and further ones.
template <class T>
std::string with(const std::string& more) {
  return columns_of<T>() + ", " + more;
}

const RowShape& order_progress() {
  static const RowShape shape("orders", "id, state, last_text, quantity, filled, filled_value, instrument", "id");
  return shape;
}
const RowShape& balance() {
  static const RowShape shape("balances", "account, asset, amount", "account, asset");
  return shape;
}
const RowShape& known_decision() {
  static const RowShape shape("decisions", "id, time_ns", "id");
  return shape;
}

}  // namespace

StoreResult<void> LedgerProjection::expect(std::span<const RecordedFrame> frames) {
  std::set<std::int64_t> orders, decisions, made;  // what is made on the way need not be asked for
  std::set<std::pair<std::int64_t, std::int64_t>> balances;
  std::set<InstrumentIx> analysed;
  for (const RecordedFrame& frame : frames) {
    if (const auto* decided = std::get_if<DecisionRecorded>(&frame.input.body)) {
      decisions.insert(static_cast<std::int64_t>(decided->record.id.v));
      analysed.insert(decided->record.instrument);
    }
    const auto need = [&](OrderId id) {
      if (!made.contains(static_cast<std::int64_t>(id.v))) orders.insert(static_cast<std::int64_t>(id.v));
    };
    for (const Event& event : frame.events) {
      if (const auto* created = std::get_if<OrderCreated>(&event)) made.insert(static_cast<std::int64_t>(created->spec.id.v));
      if (const auto* moved = std::get_if<OrderMoved>(&event)) need(moved->order);
      if (const auto* filled = std::get_if<FillApplied>(&event)) need(filled->fill.order);
      if (const auto* posted = std::get_if<Posted>(&event)) balances.emplace(posted->posting.account.v, posted->posting.asset.v);
    }
  }
  PROM_CHECK_OK(tool_stats_.expect(std::vector(analysed.begin(), analysed.end())));
  std::vector<Cells> keys;
  for (const std::int64_t id : orders) keys.push_back({id});
  PROM_CHECK_OK(sink_->expect(order_progress(), keys));
  keys.clear();
  for (const std::int64_t id : decisions) keys.push_back({id});
  PROM_CHECK_OK(sink_->expect(known_decision(), keys));
  keys.clear();
  for (const auto& [account, asset] : balances) keys.push_back({account, asset});
  return sink_->expect(balance(), keys);
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

StoreResult<void> LedgerProjection::on(const AssetRegistered& input) {
  static const RowShape kShape("assets", "ix, name", "ix");
  return sink_->put(kShape, cells_of(input.ix, input.name));
}

StoreResult<void> LedgerProjection::on(const InstrumentRegistered& input) {
  static const RowShape kShape("instruments", "ix, code, body", "ix");
  instruments_.insert_or_assign(input.instrument.ix, input.instrument);
  return sink_->put(kShape, cells_of(input.instrument.ix, instrument_code(input.instrument), pack(input)));
}

StoreResult<void> LedgerProjection::on(const UserRegistered& input) {
  static const RowShape kShape("users", columns_of<User>(), "ix");
  return sink_->put(kShape, cells_of(input.user));
}

StoreResult<void> LedgerProjection::on(const AccountRegistered& input) {
  static const RowShape kShape("accounts", columns_of<Account>(), "ix");
  return sink_->put(kShape, cells_of(input.account));
}

StoreResult<void> LedgerProjection::on(const PairRegistered& input) {
  static const RowShape kShape("pairs", columns_of<TradingPair>(), "ix");
  return sink_->put(kShape, cells_of(input.pair));
}

StoreResult<void> LedgerProjection::on(const TradingStateSet& input) {
  static const RowShape kShape("risk_state", "user, trading_state", "user");
  PROM_CHECK_OK(sink_->put(kShape, cells_of(input.user, input.state)));
  return risk_event(input.user, "trading_state", std::string(enum_text(input.state)) + ": " + input.reason);
}

StoreResult<void> LedgerProjection::on(const PairStateSet& input) {
  static const RowShape kShape("pairs", "state, paused_reason, ix", "ix");
  return sink_->set(kShape, cells_of(input.state, input.reason, input.pair));
}

StoreResult<void> LedgerProjection::on(const DeciderStatusSet& input) {
  static const RowShape kShape("decider_status", "pair, status, reason, time_ns", "pair");
  return sink_->put(kShape, cells_of(input.pair, input.status, input.reason, now_));
}

StoreResult<void> LedgerProjection::on(const LimitsSet& input) {
  static const RowShape kShape = [] {
    std::string columns;
    append_columns<RiskLimits>(columns, "limits_");
    return RowShape("users", columns + ", ix", "ix");
  }();
  return sink_->set(kShape, cells_of(input.limits, input.user));
}

// --- deciders ---

StoreResult<void> LedgerProjection::on(const DecisionRecorded& input) {
  static const RowShape kOld("verdicts", "decision", "decision"), kShape("verdicts", "decision, n, role, stance, confidence, weight, summary", "decision, n");
  const DecisionRecord& record = input.record;
  PROM_TRY(const auto before, sink_->find(known_decision(), cells_of(record.id)));
  PROM_CHECK_OK(brief_and_log(input));
  if (before) {
    PROM_CHECK_OK(sink_->erase(kOld, cells_of(record.id)));
  } else {
    PROM_CHECK_OK(tool_stats_.add(record));
  }
  std::int64_t n = 0;
  for (const Verdict& verdict : record.verdicts)
    PROM_CHECK_OK(sink_->put(kShape, cells_of(record.id, n++, verdict.role, verdict.stance, verdict.confidence, verdict.weight, verdict.summary)));
  return {};
}

StoreResult<void> LedgerProjection::brief_and_log(const DecisionRecorded& input) {
  static const RowShape kBrief("decisions", "id, time_ns, account, pair, instrument, action, score, summary, regime, body", "id");
  static const RowShape kLog("decision_logs", "id, body", "id");
  DecisionRecorded brief = input;
  for (Verdict& verdict : brief.record.verdicts) verdict.steps.clear();
  const DecisionRecord& record = input.record;
  PROM_CHECK_OK(sink_->put(kBrief, cells_of(record.id, record.as_of.time, record.account, record.pair, record.instrument, record.action, record.score,
                                            record.summary, record.regime, pack(brief))));
  return sink_->put(kLog, cells_of(record.id, pack(input)));
}

StoreResult<void> LedgerProjection::on(const MemoryNoted& input) {
  static const RowShape kShape("memories", "id, kind, scope, user, agent, importance, created_ns, expires_ns, text, body", "id");
  MemoryNoted kept = input;
  const Memory& memory = kept.memory;
  if (memory.id == 0) kept.memory.id = frame_->seq;  // nobody gave it a number: its frame's is its own
  return sink_->put(kShape, cells_of(memory.id, memory.kind, memory.scope, memory.user, memory.agent, memory.importance, memory.created_at, memory.expires_at,
                                     memory.text, pack(kept)));
}

StoreResult<void> LedgerProjection::on(const ProposalReceived& event) {
  static const RowShape kShape("proposals",
                               "id, received_ns, account, pair, instrument, intent, side, decider, reason, status, approved_quantity, risked, body", "id");
  const TradeProposal& proposal = event.proposal;
  constexpr std::optional<std::int64_t> kNone;
  return sink_->put(kShape, cells_of(proposal.id, now_, proposal.account, proposal.pair, proposal.instrument, proposal.intent, proposal.side, proposal.decider,
                                     proposal.reason, std::string("received"), kNone, kNone, pack(Event(event))));
}

StoreResult<void> LedgerProjection::on(const ProposalApproved& event) {
  static const RowShape kShape("proposals", "status, approved_quantity, risked, id", "id");
  return sink_->set(kShape, cells_of(std::string("approved"), event.quantity, event.risked, event.proposal));
}

StoreResult<void> LedgerProjection::on(const ProposalDenied& event) {
  static const RowShape kStatus("proposals", "status, id", "id"), kShape("denials", with<Denial>("proposal, time_ns"), "");
  PROM_CHECK_OK(sink_->set(kStatus, cells_of(std::string("denied"), event.proposal)));
  return sink_->add(kShape, cells_of(event.denial, event.proposal, now_));
}

// --- orders and fills ---

StoreResult<void> LedgerProjection::on(const OrderCreated& event) {
  static const RowShape kShape("orders", with<OrderSpec>("state, is_open, filled, filled_value, last_text, created_ns, updated_ns"), "id");
  return sink_->put(kShape, cells_of(event.spec, OrderState::pending, 1, 0, Decimal(), std::string(), now_, now_));
}

StoreResult<void> LedgerProjection::on(const OrderMoved& event) {
  static const RowShape kShape("orders", "state, is_open, last_text, updated_ns, id", "id");
  PROM_TRY(const auto found, sink_->find(order_progress(), cells_of(event.order)));
  if (!found) return {};
  CellReader row(*found);
  const auto from = row.get<OrderState>();
  const auto before = row.get<std::string>();
  if (!row.ok()) return err(corrupt_row("an order's state is unknown"));
  // A pair that the table does not know is the venue's oddity: the engine kept the state, and so does its projection.
  const OrderState to = next_state(from, event.kind).value_or(from);
  return sink_->set(kShape, cells_of(to, is_terminal(to) ? 0 : 1, event.text.empty() ? before : event.text, now_, event.order));
}

StoreResult<void> LedgerProjection::on(const OrderAmended& event) {
  static const RowShape kShape("orders", "quantity, limit, trigger, updated_ns, id", "id");
  return sink_->set(kShape, cells_of(event.quantity, event.limit, event.trigger, now_, event.order));
}

StoreResult<void> LedgerProjection::on(const FillApplied& event) {
  static const RowShape kShape("fills", columns_of<Fill>(), "");
  PROM_CHECK_OK(sink_->add(kShape, cells_of(event.fill)));
  return advance_order(event.fill);
}

StoreResult<const Instrument*> LedgerProjection::instrument(InstrumentIx ix) {
  static const RowShape kShape("instruments", "ix, body", "ix");
  const auto known = instruments_.find(ix);
  if (known != instruments_.end()) return &known->second;
  PROM_TRY(const auto found, sink_->find(kShape, cells_of(ix)));
  if (!found) return err(corrupt_row("an order's instrument is not there"));
  CellReader row(*found);
  const auto body = row.get<std::vector<std::byte>>();
  PROM_TRY(auto registered, unpack_input<InstrumentRegistered>(body));
  return &instruments_.emplace(ix, std::move(registered.instrument)).first->second;
}

StoreResult<void> LedgerProjection::advance_order(const Fill& fill) {
  static const RowShape kShape("orders", "state, is_open, filled, filled_value, updated_ns, id", "id");
  PROM_TRY(const auto found, sink_->find(order_progress(), cells_of(fill.order)));
  if (!found) return {};  // the venue's own order, e.g. a liquidation
  CellReader row(*found);
  const auto from = row.get<OrderState>();
  (void)row.get<std::string>();
  const auto quantity = row.get<QuantityUnits>();
  const auto filled = row.get<QuantityUnits>() + fill.quantity;
  const auto value = row.get<Decimal>();
  const auto ix = row.get<InstrumentIx>();
  if (!row.ok()) return err(corrupt_row("an order's row cannot be read"));
  PROM_TRY(const Instrument* traded, instrument(ix));
  const auto kind = filled >= quantity ? OrderEventKind::filled : OrderEventKind::partially_filled;
  const OrderState to = next_state(from, kind).value_or(from);
  return sink_->set(kShape, cells_of(to, is_terminal(to) ? 0 : 1, filled, value + notional(*traded, fill.price, fill.quantity), now_, fill.order));
}

StoreResult<void> LedgerProjection::on(const FillRepeated&) { return {}; }  // recorded in the journal; changes nothing here either

// --- money and positions ---

StoreResult<void> LedgerProjection::on(const Posted& event) {
  static const RowShape kShape("postings", columns_of<Posting>(), "");
  const Posting& posting = event.posting;
  PROM_CHECK_OK(sink_->add(kShape, cells_of(posting)));
  Decimal before;
  PROM_TRY(const auto found, sink_->find(balance(), cells_of(posting.account, posting.asset)));
  if (found) {
    CellReader row(*found);
    before = row.get<Decimal>();
    if (!row.ok()) return err(corrupt_row("a balance is no decimal"));
  }
  const auto sum = checked_add(before, posting.amount);
  if (!sum) return err(corrupt_row("a balance leaves the range of decimals"));
  return sink_->put(balance(), cells_of(posting.account, posting.asset, *sum));
}

StoreResult<void> LedgerProjection::on(const PositionSet& event) {
  static const RowShape kShape("positions", columns_of<Position>(), "account, instrument, leg");
  return sink_->put(kShape, cells_of(event.position));
}

StoreResult<void> LedgerProjection::on(const FundingApplied& event) {
  static const RowShape kShape("positions", "funding, account, instrument, leg", "account, instrument, leg");
  return sink_->set(kShape, cells_of(event.total, event.account, event.instrument, event.leg));
}

StoreResult<void> LedgerProjection::on(const RoundTripClosed& event) {
  static const RowShape kShape("trades", columns_of<JournalEntry>(), "");
  return sink_->add(kShape, cells_of(event.entry));
}

StoreResult<void> LedgerProjection::on(const CoverageSet& event) {
  static const RowShape kShape("coverage", "account, instrument, leg, state, stop, stop_order, failures, deadline_ns, body", "account, instrument, leg");
  return sink_->put(kShape, cells_of(event.account, event.instrument, event.leg, event.state, event.stop, event.stop_order, event.failures, event.deadline,
                                     pack(Event(event))));
}

StoreResult<void> LedgerProjection::on(const WatermarkMoved&) { return {}; }  // the engine's own; a closed trade carries its excursions

StoreResult<void> LedgerProjection::on(const ReconcileSet&) { return {}; }  // the engine's own timer

// --- risk ---

StoreResult<void> LedgerProjection::risk_event(std::optional<UserIx> user, std::string_view kind, const std::string& text) {
  static const RowShape kShape("risk_events", "seq, time_ns, user, kind, text", "");
  return sink_->add(kShape, cells_of(frame_->seq, now_, user, kind, text));
}

StoreResult<void> LedgerProjection::on(const BreakerTripped& event) {
  static const RowShape kShape("breakers", columns_of<BreakerTripped>(), "user, kind");
  PROM_CHECK_OK(sink_->put(kShape, cells_of(event)));
  return risk_event(event.user, "breaker_tripped",
                    std::string(enum_text(event.kind)) + ": limit " + event.limit.to_string() + ", actual " + event.actual.to_string());
}

StoreResult<void> LedgerProjection::on(const BreakerResumed& event) {
  static const RowShape kShape("breakers", "user, kind", "user, kind");
  PROM_CHECK_OK(sink_->erase(kShape, cells_of(event.user, event.kind)));
  return risk_event(event.user, "breaker_resumed", std::string(enum_text(event.kind)));
}

StoreResult<void> LedgerProjection::on(const KillSwitchMoved& event) {
  static const RowShape kShape("risk_state", "user, kill_phase", "user");
  PROM_CHECK_OK(sink_->put(kShape, cells_of(event.user, event.phase)));
  return risk_event(event.user, "kill_switch", std::string(enum_text(event.phase)) + ": " + event.reason);
}

StoreResult<void> LedgerProjection::on(const DayRolled& event) {
  static const RowShape kShape("risk_state", "user, day_start_ns, day_equity", "user");
  return sink_->put(kShape, cells_of(event.user, event.day_start, event.equity));
}

StoreResult<void> LedgerProjection::on(const PeakRaised& event) {
  static const RowShape kShape("risk_state", "user, peak_equity", "user");
  return sink_->put(kShape, cells_of(event.user, event.equity));
}

StoreResult<void> LedgerProjection::on(const EquitySampled& event) {
  static const RowShape kShape("equity_samples", "user, time_ns, equity", "user, time_ns");
  return sink_->put(kShape, cells_of(event.user, event.time, event.equity));
}

StoreResult<void> LedgerProjection::on(const QuarantineSet& event) {
  static const RowShape kShape("quarantine", "account, instrument, diff", "account, instrument"),
      kGone("quarantine", "account, instrument", "account, instrument");
  switch (event.quarantined) {
    case Switch::on: PROM_CHECK_OK(sink_->put(kShape, cells_of(event.account, event.instrument, event.diff))); break;
    case Switch::off: PROM_CHECK_OK(sink_->erase(kGone, cells_of(event.account, event.instrument))); break;
  }
  return risk_event(std::nullopt, "quarantine", std::string(enum_text(event.quarantined)) + ": " + event.diff);
}

StoreResult<void> LedgerProjection::on(const OddityNoted& event) { return risk_event(std::nullopt, "oddity", event.what); }

}  // namespace prom::ledger_rows
