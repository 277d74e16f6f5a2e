// One shard running: inputs in, steps, frames made durable, commands dispatched. History first: a command leaves only when its frame is durable.
// One thread owns a shard.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "domain/command.h"
#include "engine/engine.h"
#include "ports/execution.h"
#include "ports/journal.h"

namespace prom {

enum class ShardFault : std::uint8_t {
  journal,
  permit,  ///< this instance may not send any more; its frame is durable, and what was not sent is settled after the next start
  venue,   ///< the simulated venue cannot keep what it answers
};
struct ShardError {
  ShardFault fault = ShardFault::journal;
  JournalError journal;    ///< where that is the fault
  std::string venue = {};  ///< where that is: one sentence without its full stop
};

class Shard {
 public:
  /// `journal` null: nothing is recorded (a backtest journals a reference to its data set). `venue` and `journal` outlive the shard.
  Shard(EngineOptions options, ExecutionPort& venue, JournalWriter* journal) : engine_(options), venue_(venue), journal_(journal) {}

  /// Called for every frame that has events or commands, after it was applied and before it is dispatched (projection, reports, views).
  void set_observer(std::function<void(const Frame&)> observer) { observer_ = std::move(observer); }
  /// Receives alerts once their frame is durable.
  void set_alert_sink(std::function<void(const Alert&, TimeNs)> sink) { alerts_ = std::move(sink); }

  /// Asked before each command that would leave: false ends the shard with ShardFault::permit, and nothing of it leaves any more. Not set: all may leave.
  void set_permit(std::function<bool()> may_send) { may_send_ = std::move(may_send); }

  /// Steps one input; journals it; when commands follow, commits the group and dispatches them.
  std::expected<void, ShardError> take(Input&& input);
  std::expected<void, ShardError> take(const Input& input) { return take(Input(input)); }
  /// The hot path of a closed bar. With a journal the bar itself is recorded too.
  std::expected<void, ShardError> take_bar(InstrumentIx instrument, const Bar& bar, DurationNs interval, TimeNs closed_at);
  /// Commits what is buffered (end of a batch, shutdown).
  std::expected<void, ShardError> commit();

  Engine& engine() { return engine_; }
  const Engine& engine() const { return engine_; }
  const EngineState& state() const { return engine_.state(); }

 private:
  std::expected<void, ShardError> finish();
  void dispatch(const Command& command);

  Engine engine_;
  ExecutionPort& venue_;
  JournalWriter* journal_;
  std::function<void(const Frame&)> observer_;
  std::function<void(const Alert&, TimeNs)> alerts_;
  std::function<bool()> may_send_;
  Frame frame_;
  std::uint64_t source_seq_ = 0;
};

}  // namespace prom
