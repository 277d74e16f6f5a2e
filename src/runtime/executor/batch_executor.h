// Between the shard and its venue clients: gathers opening orders into the venue's batch requests and sends what reduces risk at once. Whatever enters leaves in
// one of two ways: to the client of its account, or back as an input that says why not. One thread, the dispatcher's; time is handed in.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <vector>

#include "domain/input.h"
#include "engine/state/state.h"
#include "ports/execution.h"

namespace prom {

struct BatchExecutorConfig {
  std::size_t batch_size = 1;    ///< orders that make a batch go at once, at least 1; the client's batch_limit() bounds a request further
  DurationNs interval{};         ///< the longest that an order waits for company; zero: it goes at once
  std::size_t max_queue = 1000;  ///< orders of one account that may wait, at least 1; the next is refused
};

class BatchExecutor final : public ExecutionPort {
 public:
  struct Parts {
    std::function<void(TimeNs at, InputBody body)> answer;  ///< takes what would have been the venue's reply
    std::function<std::uint32_t()> halt_epoch;              ///< the engine's present one: approvals minted before it moved are void; null: it never moves
    std::function<bool()> may_send{};                       ///< see Shard::set_permit; asked again when an order has waited; null: always
  };
  BatchExecutor(BatchExecutorConfig config, Parts parts);

  /// From now on the account's commands go to `client`, which outlives this object or is detached first.
  void attach(AccountIx account, ExecutionPort& client);
  /// The client went away: what waits for it is refused, and so is what comes later.
  void detach(AccountIx account, TimeNs now);

  // --- ExecutionPort. A command of an account without a client: an order is refused (DispatchRefused), a cancel or amend answered as refused, so that the engine
  // asks what became of its order; queries are dropped, and the engine's own retries report them.
  /// An order that only reduces goes at once, past whatever waits. One that opens waits for its batch. It is refused when its approval ran out or was voided by a
  /// halt or the right to send ended (also while it waited), when too many wait, and after close().
  void place(const Approved<OrderSpec>& order, TimeNs now) override;
  /// Waiting orders of the account go first.
  void amend(const Approved<AmendSpec>& amend, TimeNs now) override;
  /// Of an order that waits: it never leaves and is answered as cancelled.
  void cancel(const Approved<CancelSpec>& cancel, TimeNs now) override;
  /// Waiting orders of the account go first: they were meant for the leverage before.
  void set_leverage(const Approved<LeverageSpec>& leverage, TimeNs now) override;
  /// Waiting orders of the account go first, so that "absent" means absent.
  void query(const QueryOrder& query, TimeNs now) override;
  void query_snapshot(const QuerySnapshot& query, TimeNs now) override;

  /// When the next batch is due; kNever when nothing waits.
  TimeNs next_due() const { return next_due_; }
  /// Sends the batches that are due.
  void run_due(TimeNs now);
  /// Shutdown: waiting orders are refused as not sent. Reducing orders, cancels and queries still pass; openings no more.
  void close(TimeNs now);

  struct Counts {
    std::uint64_t sent_at_once = 0;  ///< reducing orders
    std::uint64_t batches = 0;       ///< requests that carried opening orders
    std::uint64_t sent = 0;          ///< opening orders in them
    std::uint64_t cancelled = 0;     ///< while they waited
    std::uint64_t refused = 0;
    std::uint64_t waiting = 0;
  };
  Counts counts() const;

 private:
  struct Waiting {
    Approved<OrderSpec> order;
    TimeNs since{};
    std::uint8_t rank = 0;  ///< lower goes first; never below that of an earlier order of the same instrument
  };
  struct Lane {
    ExecutionPort* client = nullptr;
    std::deque<Waiting> waiting;  ///< ascending by rank, then by arrival
    TimeNs due = kNever;
  };

  Lane* lane_of(AccountIx account);
  ExecutionPort* client_of(AccountIx account);
  void refuse(OrderId order, const char* why, TimeNs now);
  /// Why the order may not leave now; null when it may.
  const char* void_since(const Approved<OrderSpec>& order, TimeNs now) const;
  void send_waiting(Lane& lane, TimeNs now);
  void refresh_due();

  BatchExecutorConfig config_;
  Parts parts_;
  std::map<AccountIx, Lane> lanes_;
  std::vector<Approved<OrderSpec>> batch_;  ///< of the request being made; kept for its memory
  TimeNs next_due_ = kNever;
  Counts counts_;
  bool closed_ = false;
};

}  // namespace prom
