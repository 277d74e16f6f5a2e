// Run results from frames. One thread.
#include "research/results/collector.h"

#include <algorithm>

#include "base/assert.h"
#include "engine/risk/equity.h"
#include "research/results/summary.h"

namespace prom {
namespace {

DecisionAction action_of(const TradeProposal& proposal) {
  switch (proposal.intent) {
    case Intent::open: return proposal.side == Side::buy ? DecisionAction::open_long : DecisionAction::open_short;
    case Intent::add: return DecisionAction::add;
    case Intent::reduce: return DecisionAction::reduce;
    case Intent::close: return DecisionAction::close;
  }
  PROM_UNREACHABLE();
}

/// What a strategy asks for is its decision: it thinks aloud in one sentence, and has no verdicts.
DecisionRecord decision_of(const TradeProposal& proposal) {
  DecisionRecord record;
  record.id = proposal.decision;
  record.as_of = proposal.as_of;
  record.account = proposal.account;
  record.pair = proposal.pair;
  record.instrument = proposal.instrument;
  record.action = action_of(proposal);
  record.summary = proposal.decider + ": " + (proposal.reason.empty() ? std::string(name_of(record.action)) : proposal.reason);
  record.proposal = proposal;
  return record;
}

}  // namespace

void RunCollector::on_order(const EngineState& state, OrderId id) {
  const Order* order = state.find_order(id);
  if (order == nullptr) return;
  if (orders_.size() <= id.v) orders_.resize(id.v + 1);
  orders_[id.v] = {order->spec, order->state, order->filled, order->created_at, order->updated_at};
}

void RunCollector::on_fill(const EngineState& state, const Fill& fill) {
  ++fill_count_;
  digest_.add(fill, state.instrument(fill.instrument), state.assets[fill.fee.asset.v]);
  slippage_ += fill.slippage;
  if (level_ != CollectLevel::full) return;
  fills_.push_back(fill);
  on_order(state, fill.order);
}

void RunCollector::observe(const EngineState& state, const Input& input, const std::vector<Event>& events) {
  for (const Event& event : events) {
    if (const auto* applied = std::get_if<FillApplied>(&event)) {
      on_fill(state, applied->fill);
      continue;
    }
    if (const auto* closed = std::get_if<RoundTripClosed>(&event)) {
      if (history_.use_count() > 1) history_ = std::make_shared<std::vector<JournalEntry>>(*history_);  // a decider may still read the old copy
      // In large steps: memory that is set aside and not written costs nothing, and each move to a larger piece writes all of it anew.
      if (history_->size() == history_->capacity()) history_->reserve(std::max<std::size_t>(16'384, 4 * history_->size()));
      history_->push_back(closed->entry);
      continue;
    }
    if (level_ != CollectLevel::full) continue;
    if (const auto* posted = std::get_if<Posted>(&event)) {
      postings_.push_back(posted->posting);
    } else if (const auto* created = std::get_if<OrderCreated>(&event)) {
      on_order(state, created->spec.id);
    } else if (const auto* moved = std::get_if<OrderMoved>(&event)) {
      on_order(state, moved->order);
    } else if (const auto* amended = std::get_if<OrderAmended>(&event)) {
      on_order(state, amended->order);
    } else if (const auto* verdict = std::get_if<ProposalDenied>(&event)) {
      const auto* posted_proposal = std::get_if<ProposalPosted>(&input.body);
      if (posted_proposal == nullptr) continue;
      DeniedProposal denied{state.now, posted_proposal->proposal, verdict->denial};
      denied.proposal.id = verdict->proposal;
      denials_.push_back(std::move(denied));
    }
  }
  if (const auto* decided = std::get_if<DecisionRecorded>(&input.body)) {
    const DecisionRecord& record = decided->record;
    last_decision_ = std::max(last_decision_, record.id);
    if (decided_at_.size() <= record.pair.v) decided_at_.resize(record.pair.v + 1);
    decided_at_[record.pair.v] = input.available_at;
    if (level_ == CollectLevel::full) decisions_.push_back(record);
  } else if (const auto* posted = std::get_if<ProposalPosted>(&input.body)) {
    const TradeProposal& proposal = posted->proposal;
    last_decision_ = std::max(last_decision_, proposal.decision);
    if (level_ == CollectLevel::full && proposal.source == ProposalSource::strategy) decisions_.push_back(decision_of(proposal));
  }
}

std::optional<TimeNs> RunCollector::last_decision_at(PairIx pair) const { return pair.v < decided_at_.size() ? decided_at_[pair.v] : std::nullopt; }

void RunCollector::sample_equity(TimeNs time, Decimal equity) {
  if (!equity_.empty() && equity_.back().time == time) {
    equity_.back().equity = equity;
  } else {
    equity_.push_back({time, equity});
  }
}

void RunCollector::finish(const EngineState& state, AccountIx account, RunResult& result) {
  result.digest = digest_.hex();
  result.fills = std::move(fills_);
  result.postings = std::move(postings_);
  result.denials = std::move(denials_);
  std::erase_if(orders_, [](const OrderOutcome& o) { return o.spec.id.v == 0; });
  result.orders = std::move(orders_);
  result.decisions = std::move(decisions_);
  result.alerts = std::move(alerts_);
  result.trades = history_.use_count() == 1 ? std::move(*history_) : *history_;
  result.instruments = state.instruments;
  result.assets = state.assets;
  const AccountState& a = state.accounts[account.v];
  result.quote = state.assets[a.account.reporting_asset.v];
  if (const auto equity = equity_of(state, account)) sample_equity(result.to, *equity);
  result.equity = std::move(equity_);
  summarise(state, account, fill_count_, slippage_, level_, result);
}

}  // namespace prom
