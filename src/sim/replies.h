// What the venue has said and the engine has not heard yet, in order of (delivery time, creation), with the fault plan applied. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/time.h"
#include "domain/input.h"
#include "sim/fault_plan.h"

namespace prom::sim {

inline constexpr TimeNs kNever{INT64_MAX};

class ReplyQueue {
 public:
  /// `body`: one of InputBody's alternatives, or all of it.
  template <class Body>
  void push(TimeNs deliver_at, Body body) {
    InputBody& kept = bodies_[enqueue(deliver_at)];
    if constexpr (std::is_same_v<Body, InputBody>) {
      kept = std::move(body);
    } else {
      kept.template emplace<Body>(std::move(body));
    }
  }
  /// A reply that the fault plan may drop, double, delay or turn into VenueInDoubt. `ordinal` is the subject's number from count().
  template <class Body>
  void push_answer(FaultSubject subject, std::uint64_t ordinal, OrderId order, TimeNs deliver_at, Body body) {
    if (plan_.faults.empty()) [[likely]]
      return push(deliver_at, std::move(body));
    push_planned(subject, ordinal, order, deliver_at, std::move(body));
  }
  TimeNs next() const { return heap_.empty() ? kNever : heap_.front().deliver_at; }
  bool pop(TimeNs until, Input& out);

  void set_faults(SimFaultPlan plan);
  /// Counts one more of the subject; its number, from 1.
  std::uint64_t count(FaultSubject subject) { return ++counts_[static_cast<std::size_t>(subject)]; }
  /// The planned fault of this kind for the n-th of the subject; null when none.
  const SimFault* planned(FaultSubject subject, std::uint64_t ordinal, FaultAction action) const;
  /// Whether anything is planned for the reply to the n-th of the subject.
  bool plans_reply(FaultSubject subject, std::uint64_t ordinal) const;

 private:
  struct Waiting {
    TimeNs deliver_at;
    std::uint64_t seq;
    std::uint32_t slot;
  };
  static bool later(const Waiting& a, const Waiting& b) { return a.deliver_at != b.deliver_at ? a.deliver_at > b.deliver_at : a.seq > b.seq; }
  /// A place in the order of delivery; the slot for the body.
  std::uint32_t enqueue(TimeNs deliver_at);
  void push_planned(FaultSubject subject, std::uint64_t ordinal, OrderId order, TimeNs deliver_at, InputBody body);
  std::vector<Waiting> heap_;  // small keys; the bodies, some hundred bytes each, stay where they are
  std::vector<InputBody> bodies_;
  std::vector<std::uint32_t> free_;
  std::uint64_t seq_ = 0;
  SimFaultPlan plan_;
  std::array<std::uint64_t, 7> counts_{};
};

}  // namespace prom::sim
