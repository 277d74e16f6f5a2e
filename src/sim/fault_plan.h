// Planned faults of the simulated venue: which counted request or reply goes wrong, and how. Deterministic: counts, never chances. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"

namespace prom {

/// What is counted. Requests count on arrival at the venue, fills when they happen; each subject has its own count from 1.
enum class FaultSubject : std::uint8_t { place, stop_order, amend, cancel, query, snapshot, fill };

enum class FaultAction : std::uint8_t {
  lose_request,     ///< place, amend, cancel, query, snapshot: the request never arrives and nobody says so
  drop_reply,       ///< the request (or fill) takes effect, its first reply is never delivered
  duplicate_reply,  ///< the reply is delivered twice
  delay_reply,      ///< the reply is delivered `delay` later
  in_doubt,         ///< the request takes effect, VenueInDoubt is delivered in place of its reply
  reject,           ///< place and stop_order: VenueRejected; amend: VenueAmendRefused; cancel: VenueCancelRefused although the order works on
};

/// `stop_order` counts only stop_market, stop_limit and trailing_stop orders among the placed ones.
struct SimFault {
  FaultSubject subject = FaultSubject::place;
  FaultAction action = FaultAction::drop_reply;
  std::optional<std::uint64_t> nth;  ///< none = every one
  DurationNs delay{};
};

struct SimFaultPlan {
  std::vector<SimFault> faults;
};

}  // namespace prom
