// The projecting thread.
#include "runtime/projector/projector_worker.h"

#include <chrono>
#include <utility>

namespace prom {

ProjectorWorker::ProjectorWorker(Projector& projector) : projector_(projector), thread_([this] { work(); }) {}

ProjectorWorker::~ProjectorWorker() { finish(); }

void ProjectorWorker::poke(std::uint64_t durable) {
  {
    const std::scoped_lock lock(mutex_);
    durable_ = std::max(durable_, durable);
    wanted_ += 1;
  }
  changed_.notify_one();
}

ProjectorWorker::Status ProjectorWorker::status() const {
  const std::scoped_lock lock(mutex_);
  return status_;
}

void ProjectorWorker::finish() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void ProjectorWorker::work() {
  std::uint64_t served = 0;
  for (;;) {
    std::uint64_t upto = 0;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stopping_ || wanted_ != served; });
      if (stopping_) return;
      served = wanted_;
      upto = durable_;
    }
    const auto began = std::chrono::steady_clock::now();
    const auto applied = projector_.catch_up(upto);
    const DurationNs took{std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - began).count()};
    const std::scoped_lock lock(mutex_);
    ++status_.rounds;
    status_.applied = applied ? std::optional(*applied) : std::nullopt;
    status_.why = applied ? "" : applied.error().side == ProjectorError::Side::ledger ? applied.error().ledger.detail : applied.error().journal.detail;
    if (!applied) status_.retry = applied.error().side == ProjectorError::Side::ledger ? applied.error().ledger.retry : Retry::never;
    status_.took = took;
  }
}

}  // namespace prom
