// The queue of replies and its faults. One thread.
#include "sim/replies.h"

#include <algorithm>
#include <utility>

namespace prom::sim {

std::uint32_t ReplyQueue::enqueue(TimeNs deliver_at) {
  std::uint32_t slot = 0;
  if (free_.empty()) {
    slot = static_cast<std::uint32_t>(bodies_.size());
    bodies_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  heap_.push_back({deliver_at, ++seq_, slot});
  std::push_heap(heap_.begin(), heap_.end(), later);
  return slot;
}

void ReplyQueue::push_planned(FaultSubject subject, std::uint64_t ordinal, OrderId order, TimeNs deliver_at, InputBody body) {
  if (planned(subject, ordinal, FaultAction::drop_reply) != nullptr) return;
  if (const SimFault* fault = planned(subject, ordinal, FaultAction::delay_reply)) deliver_at = deliver_at + fault->delay;
  if (planned(subject, ordinal, FaultAction::in_doubt) != nullptr) body = VenueInDoubt{order};
  if (const SimFault* fault = planned(subject, ordinal, FaultAction::duplicate_reply)) push(deliver_at + fault->delay, body);
  push(deliver_at, std::move(body));
}

bool ReplyQueue::pop(TimeNs until, Input& out) {
  if (heap_.empty() || heap_.front().deliver_at > until) return false;
  std::pop_heap(heap_.begin(), heap_.end(), later);
  const Waiting due = heap_.back();
  heap_.pop_back();
  out.available_at = due.deliver_at;
  out.source_seq = due.seq;
  out.body = std::move(bodies_[due.slot]);
  free_.push_back(due.slot);
  return true;
}

void ReplyQueue::set_faults(SimFaultPlan plan) {
  plan_ = std::move(plan);
  counts_ = {};
}

const SimFault* ReplyQueue::planned(FaultSubject subject, std::uint64_t ordinal, FaultAction action) const {
  for (const SimFault& fault : plan_.faults) {
    if (fault.subject == subject && fault.action == action && (!fault.nth || *fault.nth == ordinal)) return &fault;
  }
  return nullptr;
}

bool ReplyQueue::plans_reply(FaultSubject subject, std::uint64_t ordinal) const {
  return planned(subject, ordinal, FaultAction::drop_reply) != nullptr || planned(subject, ordinal, FaultAction::duplicate_reply) != nullptr ||
         planned(subject, ordinal, FaultAction::delay_reply) != nullptr || planned(subject, ordinal, FaultAction::in_doubt) != nullptr;
}

}  // namespace prom::sim
