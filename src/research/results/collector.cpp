// Run results from frames. One thread.
#include "research/results/collector.h"

#include <algorithm>
#include <type_traits>

#include "engine/risk/equity.h"
#include "research/results/summary.h"

namespace prom {

void RunCollector::on_order(const EngineState& state, OrderId id) {
  const Order* order = state.find_order(id);
  if (order == nullptr) return;
  if (orders_.size() <= id.v) orders_.resize(id.v + 1);
  orders_[id.v] = {order->spec, order->state, order->filled, order->created_at, order->updated_at};
}

void RunCollector::observe(const EngineState& state, const Input& input, const std::vector<Event>& events) {
  for (const Event& event : events) {
    std::visit(
        [&](const auto& e) {
          using E = std::decay_t<decltype(e)>;
          if constexpr (std::is_same_v<E, FillApplied>) {
            ++fill_count_;
            digest_.add(e.fill, state.instrument(e.fill.instrument), state.assets[e.fill.fee.asset.v]);
            slippage_ += e.fill.slippage;
            if (level_ == CollectLevel::full) {
              fills_.push_back(e.fill);
              on_order(state, e.fill.order);
            }
          } else if constexpr (std::is_same_v<E, RoundTripClosed>) {
            if (history_.use_count() > 1) history_ = std::make_shared<std::vector<JournalEntry>>(*history_);  // a decider may still read the old copy
            history_->push_back(e.entry);
          } else if (level_ == CollectLevel::full) {
            if constexpr (std::is_same_v<E, Posted>) {
              postings_.push_back(e.posting);
            } else if constexpr (std::is_same_v<E, OrderCreated>) {
              on_order(state, e.spec.id);
            } else if constexpr (std::is_same_v<E, OrderMoved> || std::is_same_v<E, OrderAmended>) {
              on_order(state, e.order);
            } else if constexpr (std::is_same_v<E, ProposalDenied>) {
              if (const auto* posted = std::get_if<ProposalPosted>(&input.body)) {
                DeniedProposal denied{state.now, posted->proposal, e.denial};
                denied.proposal.id = e.proposal;
                denials_.push_back(std::move(denied));
              }
            }
          }
        },
        event);
  }
  if (const auto* decided = std::get_if<DecisionRecorded>(&input.body)) {
    const DecisionRecord& record = decided->record;
    last_decision_ = std::max(last_decision_, record.id);
    if (decided_at_.size() <= record.pair.v) decided_at_.resize(record.pair.v + 1);
    decided_at_[record.pair.v] = input.available_at;
    if (level_ == CollectLevel::full) decisions_.push_back(record);
  } else if (const auto* posted = std::get_if<ProposalPosted>(&input.body)) {
    last_decision_ = std::max(last_decision_, posted->proposal.decision);
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
