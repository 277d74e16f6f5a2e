// Queues of opening orders, one an account. Dispatcher thread.
#include "runtime/executor/batch_executor.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace prom {
namespace {

/// What waiting costs most goes first: the price of a market order moves meanwhile, a limit order keeps its price, a rung of a ladder is far from the market.
std::uint8_t rank_of(const OrderSpec& spec) {
  if (spec.purpose == OrderPurpose::ladder) return 2;
  return spec.type == OrderType::market ? 0 : 1;
}

constexpr const char* kNoClient = "no venue client serves this account";
constexpr const char* kClosing = "the executor is closing: no new risk";

}  // namespace

BatchExecutor::BatchExecutor(BatchExecutorConfig config, Parts parts) : config_(config), parts_(std::move(parts)) {
  PROM_ASSERT(config_.batch_size > 0 && config_.max_queue > 0 && config_.interval.ns >= 0, "a batch holds at least one order");
  PROM_ASSERT(static_cast<bool>(parts_.answer), "refusals need somewhere to go");
}

void BatchExecutor::attach(AccountIx account, ExecutionPort& client) { lanes_[account].client = &client; }

void BatchExecutor::detach(AccountIx account, TimeNs now) {
  Lane* lane = lane_of(account);
  if (lane == nullptr) return;
  lane->client = nullptr;
  for (const Waiting& w : std::exchange(lane->waiting, {})) refuse(w.order.value().id, kNoClient, now);
  lane->due = kNever;
  refresh_due();
}

BatchExecutor::Lane* BatchExecutor::lane_of(AccountIx account) {
  const auto at = lanes_.find(account);
  return at == lanes_.end() ? nullptr : &at->second;
}

ExecutionPort* BatchExecutor::client_of(AccountIx account) {
  const Lane* lane = lane_of(account);
  return lane == nullptr ? nullptr : lane->client;
}

void BatchExecutor::refuse(OrderId order, const char* why, TimeNs now) {
  ++counts_.refused;
  parts_.answer(now, DispatchRefused{order, why});
}

const char* BatchExecutor::void_since(const Approved<OrderSpec>& order, TimeNs now) const {
  if (now > order.expires_at()) return "approval expired before dispatch";
  if (parts_.may_send && !parts_.may_send()) return "the right to send ended before dispatch";
  // What only reduces stays wanted in a halt.
  const bool opens = order.value().effect == Effect::open_or_add;
  if (opens && parts_.halt_epoch && parts_.halt_epoch() != order.halt_epoch()) return "trading was halted after the approval";
  return nullptr;
}

void BatchExecutor::place(const Approved<OrderSpec>& order, TimeNs now) {
  const OrderSpec& spec = order.value();
  Lane* lane = lane_of(spec.account);
  if (lane == nullptr || lane->client == nullptr) return refuse(spec.id, kNoClient, now);
  if (const char* why = void_since(order, now)) return refuse(spec.id, why, now);
  if (spec.effect == Effect::reduce_only) {
    ++counts_.sent_at_once;
    return lane->client->place(order, now);
  }
  if (closed_) return refuse(spec.id, kClosing, now);
  if (lane->waiting.empty() && (config_.batch_size == 1 || config_.interval.ns == 0)) {  // nothing to gather
    ++counts_.batches;
    ++counts_.sent;
    return lane->client->place(order, now);
  }
  if (lane->waiting.size() >= config_.max_queue) return refuse(spec.id, "too many orders of this account wait to be sent", now);
  Waiting entry{order, now, rank_of(spec)};
  for (const Waiting& w : lane->waiting)
    if (w.order.value().instrument == spec.instrument) entry.rank = std::max(entry.rank, w.rank);
  const auto behind = std::upper_bound(lane->waiting.begin(), lane->waiting.end(), entry, [](const Waiting& a, const Waiting& b) { return a.rank < b.rank; });
  lane->waiting.insert(behind, entry);
  if (lane->waiting.size() >= config_.batch_size || config_.interval.ns == 0) return send_waiting(*lane, now);
  lane->due = std::min(lane->due, now + config_.interval);
  next_due_ = std::min(next_due_, lane->due);
}

void BatchExecutor::amend(const Approved<AmendSpec>& amend, TimeNs now) {
  const AmendSpec& spec = amend.value();
  Lane* lane = lane_of(spec.client_id.account);
  if (lane == nullptr || lane->client == nullptr) return parts_.answer(now, VenueAmendRefused{spec.order});
  send_waiting(*lane, now);
  lane->client->amend(amend, now);
}

void BatchExecutor::cancel(const Approved<CancelSpec>& cancel, TimeNs now) {
  const CancelSpec& spec = cancel.value();
  Lane* lane = lane_of(spec.client_id.account);
  if (lane == nullptr || lane->client == nullptr) return parts_.answer(now, VenueCancelRefused{spec.order});
  const auto at = std::find_if(lane->waiting.begin(), lane->waiting.end(), [&](const Waiting& w) { return w.order.value().id == spec.order; });
  if (at == lane->waiting.end()) return lane->client->cancel(cancel, now);
  lane->waiting.erase(at);
  if (lane->waiting.empty()) lane->due = kNever;
  refresh_due();
  ++counts_.cancelled;
  parts_.answer(now, VenueCancelled{spec.order});
}

void BatchExecutor::set_leverage(const Approved<LeverageSpec>& leverage, TimeNs now) {
  Lane* lane = lane_of(leverage.value().account);
  if (lane == nullptr || lane->client == nullptr) return;  // no input speaks of it, and the order that it was for is refused too
  send_waiting(*lane, now);
  lane->client->set_leverage(leverage, now);
}

void BatchExecutor::query(const QueryOrder& query, TimeNs now) {
  Lane* lane = lane_of(query.client_id.account);
  if (lane == nullptr || lane->client == nullptr) return;
  send_waiting(*lane, now);
  lane->client->query(query, now);
}

void BatchExecutor::query_snapshot(const QuerySnapshot& query, TimeNs now) {
  Lane* lane = lane_of(query.account);
  if (lane == nullptr || lane->client == nullptr) return;
  send_waiting(*lane, now);
  lane->client->query_snapshot(query, now);
}

void BatchExecutor::send_waiting(Lane& lane, TimeNs now) {
  const std::size_t most = std::max<std::size_t>(1, std::min(config_.batch_size, lane.client->batch_limit()));
  while (!lane.waiting.empty()) {
    batch_.clear();
    while (!lane.waiting.empty() && batch_.size() < most) {
      const Approved<OrderSpec> order = lane.waiting.front().order;
      lane.waiting.pop_front();
      if (const char* why = void_since(order, now)) {
        refuse(order.value().id, why, now);
      } else {
        batch_.push_back(order);
      }
    }
    if (batch_.empty()) break;
    ++counts_.batches;
    counts_.sent += batch_.size();
    if (batch_.size() == 1) {
      lane.client->place(batch_.front(), now);
    } else {
      lane.client->place_batch(batch_, now);
    }
  }
  lane.due = kNever;
  refresh_due();
}

void BatchExecutor::refresh_due() {
  next_due_ = kNever;
  for (const auto& [account, lane] : lanes_) next_due_ = std::min(next_due_, lane.due);
}

void BatchExecutor::run_due(TimeNs now) {
  if (next_due_ > now) return;
  for (auto& [account, lane] : lanes_)
    if (lane.due <= now) send_waiting(lane, now);
}

void BatchExecutor::close(TimeNs now) {
  closed_ = true;
  for (auto& [account, lane] : lanes_) {
    for (const Waiting& w : std::exchange(lane.waiting, {})) refuse(w.order.value().id, kClosing, now);
    lane.due = kNever;
  }
  next_due_ = kNever;
}

BatchExecutor::Counts BatchExecutor::counts() const {
  Counts out = counts_;
  for (const auto& [account, lane] : lanes_) out.waiting += lane.waiting.size();
  return out;
}

}  // namespace prom
