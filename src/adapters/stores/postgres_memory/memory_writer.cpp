// See the header. What cannot be written for another reason than that the server is away stays pending too, so that searches go on to know it.
#include "adapters/stores/postgres_memory/memory_writer.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace prom::postgres {
namespace {

constexpr std::chrono::milliseconds kFirstPause{100}, kLongestPause{5000};

}  // namespace

MemoryWriter::MemoryWriter(std::shared_ptr<const PostgresOptions> options, MemoryLayout layout)
    : options_(std::move(options)), layout_(std::move(layout)), thread_([this] { work(); }) {}

MemoryWriter::~MemoryWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void MemoryWriter::add(std::shared_ptr<const Memory> memory) {
  {
    const std::lock_guard lock(mutex_);
    pending_[memory->id] = std::move(memory);
  }
  changed_.notify_all();
}

std::vector<std::shared_ptr<const Memory>> MemoryWriter::pending() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<const Memory>> out;
  for (const auto& [id, memory] : pending_) out.push_back(memory);
  return out;
}

std::size_t MemoryWriter::pending_count() const {
  const std::lock_guard lock(mutex_);
  return pending_.size();
}

bool MemoryWriter::settle(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [this] { return pending_.empty(); });
}

std::string MemoryWriter::why_away() const {
  const std::lock_guard lock(mutex_);
  return why_away_;
}

void MemoryWriter::found_away(const StoreError& error) {
  {
    const std::lock_guard lock(mutex_);
    if (!why_away_.empty()) return;
    why_away_ = error.detail;
  }
  log_event(LogLevel::warning, "memories", {LogField::flag("reachable", false), {"why", error.detail}});
  changed_.notify_all();
}

void MemoryWriter::told(const StoreResult<void>& outcome) {
  if (!outcome) return found_away(outcome.error());
  {
    const std::lock_guard lock(mutex_);
    if (why_away_.empty()) return;
    why_away_.clear();
  }
  log_event(LogLevel::info, "memories", {LogField::flag("reachable", true)});
}

StoreResult<void> MemoryWriter::write(const std::vector<std::shared_ptr<const Memory>>& batch) {
  if (connection_ && !connection_->quiet()) connection_.reset();
  if (!connection_) {
    PROM_TRY(connection_, PgConnection::open(*options_));
  }
  StoreResult<void> done;
  if (batch.empty()) {  // whether it answers
    if (const auto answer = connection_->ask("SELECT 1"); !answer) done = std::unexpected(answer.error());
  } else {
    done = write_memories(*connection_, layout_, batch);
  }
  if (!done && done.error().kind == StoreErrorKind::away) connection_.reset();
  return done;
}

void MemoryWriter::work() {
  auto pause = kFirstPause;
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !pending_.empty() || !why_away_.empty(); });
    if (stopping_) return;
    std::vector<std::shared_ptr<const Memory>> batch;
    for (auto at = pending_.begin(); at != pending_.end() && batch.size() < kMemoryBatch; ++at) batch.push_back(at->second);
    lock.unlock();
    const auto done = write(batch);
    told(done);
    lock.lock();
    if (done) {
      for (const auto& memory : batch) {
        const auto at = pending_.find(memory->id);
        if (at != pending_.end() && at->second == memory) pending_.erase(at);  // else a newer version came meanwhile
      }
      pause = kFirstPause;
      changed_.notify_all();
      continue;
    }
    changed_.wait_for(lock, pause, [this] { return stopping_; });
    pause = std::min(pause * 2, kLongestPause);
  }
}

}  // namespace prom::postgres
