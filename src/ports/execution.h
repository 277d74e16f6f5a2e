// The door to a venue. It takes only what the risk engine approved; replies come back as inputs, never as return values. Dispatcher thread.
#pragma once

#include <cstddef>
#include <span>

#include "base/time.h"
#include "domain/command.h"

namespace prom {

/// Implemented by venue adapters and the simulated venue. Calls never block and never fail: what goes wrong is reported as an input (VenueInDoubt, ...).
class ExecutionPort {
 public:
  virtual ~ExecutionPort() = default;
  /// `now` is the engine's time at dispatch; an approval past its expiry must be answered with DispatchRefused.
  virtual void place(const Approved<OrderSpec>& order, TimeNs now) = 0;
  /// Orders that one request may carry, at least 1.
  virtual std::size_t batch_limit() const { return 1; }
  /// Several orders of one account in one request, in this order; each is answered by itself, as if it had been placed alone. At most batch_limit() of them.
  virtual void place_batch(std::span<const Approved<OrderSpec>> orders, TimeNs now) {
    for (const Approved<OrderSpec>& order : orders) place(order, now);
  }
  virtual void amend(const Approved<AmendSpec>& amend, TimeNs now) = 0;
  virtual void cancel(const Approved<CancelSpec>& cancel, TimeNs now) = 0;
  virtual void set_leverage(const Approved<LeverageSpec>& leverage, TimeNs now) = 0;
  virtual void query(const QueryOrder& query, TimeNs now) = 0;
  virtual void query_snapshot(const QuerySnapshot& query, TimeNs now) = 0;
};

}  // namespace prom
