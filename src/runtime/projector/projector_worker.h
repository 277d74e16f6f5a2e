// Projection on a thread of its own: a ledger that is slow or away never holds up the shard. Owner: one thread; the worker's own thread does the projecting.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/time.h"
#include "runtime/projector/projector.h"

namespace prom {

class ProjectorWorker {
 public:
  /// Nobody else uses the projector until finish(); it outlives the worker.
  explicit ProjectorWorker(Projector& projector);
  ~ProjectorWorker();
  ProjectorWorker(const ProjectorWorker&) = delete;
  ProjectorWorker& operator=(const ProjectorWorker&) = delete;

  /// Frames up to `durable` may be projected. Never waits.
  void poke(std::uint64_t durable);

  struct Status {
    std::uint64_t rounds = 0;              ///< catch-ups that have ended
    std::optional<std::uint64_t> applied;  ///< none: the last one failed
    std::string why;                       ///< of that failure
    Retry retry = Retry::after;            ///< whether trying again may help; `never` where the journal failed
    DurationNs took{};                     ///< by the last one
  };
  Status status() const;

  /// Ends the thread, after the catch-up under way. Idempotent; afterwards the projector is the caller's.
  void finish();

 private:
  void work();

  Projector& projector_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t durable_ = 0, wanted_ = 0;  ///< frames that may be projected; of the last round
  bool stopping_ = false;
  Status status_;
  std::thread thread_;
};

}  // namespace prom
