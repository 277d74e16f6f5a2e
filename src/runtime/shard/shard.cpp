// Shard loop body. One thread.
#include "runtime/shard/shard.h"

#include <type_traits>
#include <utility>

namespace prom {

std::expected<void, ShardError> Shard::take(Input&& input) {
  engine_.step(std::move(input), frame_);
  return finish();
}

std::expected<void, ShardError> Shard::take_bar(InstrumentIx instrument, const Bar& bar, DurationNs interval, TimeNs closed_at) {
  if (journal_ != nullptr) return take(Input{closed_at, ++source_seq_, BarClosed{instrument, interval, bar}});
  engine_.step_bar(instrument, bar.high, bar.low, bar.close, closed_at, frame_);
  if (frame_.events.empty() && frame_.commands.empty()) [[likely]]
    return {};
  frame_.input.available_at = closed_at;
  frame_.input.source_seq = ++source_seq_;
  if (auto* closed = std::get_if<BarClosed>(&frame_.input.body)) {
    *closed = {instrument, interval, bar};
  } else {
    frame_.input.body.emplace<BarClosed>(instrument, interval, bar);
  }
  return finish();
}

std::expected<void, ShardError> Shard::finish() {
  if (journal_ != nullptr) {
    if (auto appended = journal_->append(frame_); !appended) return std::unexpected(ShardError{ShardFault::journal, std::move(appended.error())});
    if (!frame_.commands.empty())
      if (auto durable = journal_->commit(); !durable) return std::unexpected(ShardError{ShardFault::journal, std::move(durable.error())});
  }
  if (observer_ && (!frame_.events.empty() || !frame_.commands.empty())) observer_(frame_);
  for (const Command& command : frame_.commands) {
    if (may_send_ && !std::holds_alternative<Alert>(command) && !may_send_()) return std::unexpected(ShardError{ShardFault::permit, {}});
    dispatch(command);
  }
  return {};
}

std::expected<void, ShardError> Shard::commit() {
  if (journal_ == nullptr) return {};
  if (auto durable = journal_->commit(); !durable) return std::unexpected(ShardError{ShardFault::journal, std::move(durable.error())});
  return {};
}

void Shard::dispatch(const Command& command) {
  const TimeNs now = engine_.state().now;
  std::visit(
      [&](const auto& c) {
        using C = std::decay_t<decltype(c)>;
        if constexpr (std::is_same_v<C, Approved<OrderSpec>>) {
          venue_.place(c, now);
        } else if constexpr (std::is_same_v<C, Approved<AmendSpec>>) {
          venue_.amend(c, now);
        } else if constexpr (std::is_same_v<C, Approved<CancelSpec>>) {
          venue_.cancel(c, now);
        } else if constexpr (std::is_same_v<C, Approved<LeverageSpec>>) {
          venue_.set_leverage(c, now);
        } else if constexpr (std::is_same_v<C, QueryOrder>) {
          venue_.query(c, now);
        } else if constexpr (std::is_same_v<C, QuerySnapshot>) {
          venue_.query_snapshot(c, now);
        } else if (alerts_) {
          alerts_(c, now);
        }
      },
      command);
}

}  // namespace prom
