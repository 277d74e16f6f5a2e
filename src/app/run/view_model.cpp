// State to view. Main thread.
#include "app/run/view_model.h"

#include <algorithm>

#include "engine/risk/equity.h"

namespace prom {
namespace {

constexpr std::size_t kRows = 8;

template <class T>
void push_bounded(std::vector<T>& rows, T row) {
  if (rows.size() == kRows) rows.erase(rows.begin());
  rows.push_back(std::move(row));
}

std::string words(DecisionAction action) {
  std::string text(name_of(action));
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

}  // namespace

ViewFiller::ViewFiller(const Scenario& scenario) : scenario_(scenario) {
  for (int role = 0; role < kAgentCount; ++role) {
    view::AgentRow row;
    row.name = name_of(static_cast<AgentRole>(role));
    row.reason = scenario.options.strategy.empty() ? "no decision yet" : "a strategy decides in this run";
    agents_.push_back(std::move(row));
  }
}

void ViewFiller::on_decision(const EngineState& state, const DecisionRecord& record) {
  view::DecisionRow row;
  row.number = ++decision_count_;
  row.time = record.as_of.time;
  row.instrument = state.instrument(record.instrument).symbol;
  row.action = words(record.action);
  row.summary = record.summary;
  row.kind = record.action == DecisionAction::hold ? view::DecisionRow::Kind::holds : view::DecisionRow::Kind::acts;
  push_bounded(decisions_, std::move(row));
  on_verdicts(record);
}

void ViewFiller::on_verdicts(const DecisionRecord& record) {
  for (const Verdict& verdict : record.verdicts) {
    view::AgentRow& agent = agents_[static_cast<std::size_t>(verdict.role)];
    const bool abstains = verdict.stance == Stance::abstain;
    agent.state = abstains ? view::AgentRow::State::abstains : view::AgentRow::State::has_data;
    agent.reason = abstains ? verdict.summary : std::string{};
  }
}

void ViewFiller::on_fill(const EngineState& state, const Fill& fill) {
  const Instrument& instrument = state.instrument(fill.instrument);
  view::TradeRow row;
  row.number = ++fill_count_;
  row.time = fill.time;
  row.instrument = instrument.symbol;
  row.side = name_of(fill.side);
  row.quantity = to_decimal(instrument, fill.quantity);
  row.price = to_decimal(instrument, fill.price);
  push_bounded(trades_, std::move(row));
}

void ViewFiller::observe(const EngineState& state, const Frame& frame) {
  if (const auto* decided = std::get_if<DecisionRecorded>(&frame.input.body)) on_decision(state, decided->record);
  for (const Event& event : frame.events) {
    if (const auto* applied = std::get_if<FillApplied>(&event)) on_fill(state, applied->fill);
    if (const auto* closed = std::get_if<RoundTripClosed>(&event)) {
      ++trade_count_;
      if (!trades_.empty()) trades_.back().realised = closed->entry.net;
    }
    if (const auto* denied = std::get_if<ProposalDenied>(&event)) {
      ++denial_count_;
      if (const auto* posted = std::get_if<ProposalPosted>(&frame.input.body)) {
        view::DecisionRow row;
        row.number = ++decision_count_;
        row.time = state.now;
        row.instrument = posted->proposal.instrument.v < state.instruments.size() ? state.instrument(posted->proposal.instrument).symbol : "?";
        row.action = "denied";
        row.summary = explain(denied->denial);
        row.kind = view::DecisionRow::Kind::acts;
        push_bounded(decisions_, std::move(row));
      }
    }
  }
  for (const Command& command : frame.commands)
    if (const auto* alert = std::get_if<Alert>(&command)) push_bounded(alerts_, view::AlertRow{state.now, alert->text});
}

void ViewFiller::recover(const RecordedFrame& frame) {
  if (const auto* decided = std::get_if<DecisionRecorded>(&frame.input.body)) {
    ++decision_count_;
    on_verdicts(decided->record);
  }
  const bool posted = std::holds_alternative<ProposalPosted>(frame.input.body);
  for (const Event& event : frame.events) {
    if (std::holds_alternative<FillApplied>(event)) ++fill_count_;
    if (std::holds_alternative<RoundTripClosed>(event)) ++trade_count_;
    if (!std::holds_alternative<ProposalDenied>(event)) continue;
    ++denial_count_;
    if (posted) ++decision_count_;
  }
}

view::RunViewModel ViewFiller::fill(const Simulation& simulation, const RunPace& pace) const {
  const EngineState& state = simulation.state();
  const AccountIx account_ix = simulation.account();
  const AccountState& account = state.accounts[account_ix.v];
  const UserState& user = state.user_of(account_ix);
  view::RunViewModel m;
  m.title = "replay: " + scenario_.title;
  m.data_from = scenario_.data.first();
  m.data_to = scenario_.data.last_close();
  m.now = state.now;
  m.bars_done = pace.progress.bars_done;
  m.bars_total = pace.progress.bars_total;
  m.speed = pace.speed;
  m.eta_seconds = pace.eta_seconds;
  m.asset = state.assets[account.account.reporting_asset.v];
  m.cash = balance_of(account, account.account.reporting_asset);
  m.equity = equity_of(state, account_ix).value_or(Decimal{});
  m.net = m.equity - scenario_.options.cash;
  m.net_ratio = div(m.net, scenario_.options.cash, Round::half_even);
  m.day_pnl = m.equity - user.day_start_equity - user.day_transfers;
  if (user.peak_equity > Decimal{} && user.peak_equity > m.equity) m.drawdown = div(user.peak_equity - m.equity, user.peak_equity, Round::half_even);
  Decimal peak;
  for (const EquityPoint& point : const_cast<Simulation&>(simulation).collector().equity()) {
    m.equity_history.push_back(point.equity.to_double());
    peak = std::max(peak, point.equity);
    if (peak > Decimal{}) m.max_drawdown = std::max(m.max_drawdown, div(peak - point.equity, peak, Round::half_even));
  }
  m.max_drawdown = std::max(m.max_drawdown, m.drawdown);
  for (const Holding& holding : account.holdings) {
    if (holding.position.is_flat()) continue;
    const Instrument& instrument = state.instrument(holding.position.instrument);
    const PriceUnits mark = state.market[instrument.ix.v].last;
    view::PositionRow row;
    row.instrument = instrument.symbol;
    row.side = holding.position.quantity.v > 0 ? view::Exposure::long_position : view::Exposure::short_position;
    row.quantity = to_decimal(instrument, QuantityUnits{std::abs(holding.position.quantity.v)});
    row.entry = average_price(instrument, holding.position.quantity, holding.position.cost).value_or(Decimal{});
    row.mark = to_decimal(instrument, mark);
    row.unrealised = unrealised_pnl(instrument, holding.position.quantity, holding.position.cost, mark);
    if (holding.coverage.stop) row.stop = to_decimal(instrument, *holding.coverage.stop);
    m.positions.push_back(std::move(row));
  }
  m.decisions = decisions_;
  m.trades = trades_;
  m.agents = agents_;
  m.alerts = alerts_;
  m.decisions_total = decision_count_;
  m.trades_total = trade_count_;
  m.fills_total = fill_count_;
  m.denials_total = denial_count_;
  if (user.kill_phase != KillPhase::released) {
    m.trading = view::TradingState::killed;
    m.trading_reason = user.kill_reason;
  } else if (!user.breakers.empty()) {
    m.trading = view::TradingState::breaker_open;
    m.trading_reason = std::string(name_of(user.breakers.front().kind)) + " until " + format_rfc3339(user.breakers.front().until);
  }
  m.notice = pace.notice;
  m.ops_address = pace.ops_address;
  return m;
}

std::unique_ptr<view::RunView> make_view(AppContext& context) {
  if (!context.json() && view::screen_of_stdout() == view::Screen::terminal)
    if (auto terminal = view::make_terminal_view(view::colours_wanted())) return std::move(*terminal);
  return view::make_plain_view(context.json() ? context.err : context.out);
}

}  // namespace prom
