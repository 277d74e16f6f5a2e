// See the header. The sending thread alone touches sink, spill and batches; producers and it meet in the shards. Tokens are the writer's random name and a number.
#include "adapters/stores/clickhouse/batch_writer.h"

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <random>
#include <thread>

#include "adapters/stores/clickhouse/batch_spill.h"

namespace prom {
namespace {

constexpr std::size_t kShards = 8;

struct Shard {
  std::mutex mutex;
  std::string bytes;
  std::uint64_t rows = 0;
};

struct Table {
  BatchTable names;
  std::array<Shard, kShards> shards;
  std::atomic<std::uint64_t> rows = 0;
  std::atomic<std::size_t> bytes = 0;
};

/// The same for all rows of one thread, so that they keep their order.
std::size_t shard_of_this_thread() {
  static std::atomic<std::size_t> next = 0;
  thread_local const std::size_t mine = next++ % kShards;
  return mine;
}

std::string random_name() {
  std::random_device source;
  return "prom-" + std::to_string(source()) + "-" + std::to_string(source()) + "-";
}

class Writer final : public BatchWriter {
 public:
  Writer(std::unique_ptr<BatchSink> sink, std::vector<BatchTable> tables, BatchWriterOptions options, BatchSpill spill)
      : options_(std::move(options)), sink_(std::move(sink)), spill_(std::move(spill)), name_(random_name()) {
    for (BatchTable& table : tables) tables_.emplace_back().names = std::move(table);
    spill_batches_ = spill_.batches();
    thread_ = std::thread([this] { work(); });
  }
  ~Writer() override { finish(); }

  StoreResult<void> push(std::size_t table, std::string_view rows, std::uint64_t count) override;
  StoreResult<void> flush() override;
  BatchClosed close() override { return finish(); }
  BatchCounters counters() const override { return {pushed_, refused_, stored_, failures_, spilled_, set_aside_, damaged_, spill_batches_, memory_}; }
  StoreError last_error() const override {
    const std::lock_guard lock(state_mutex_);
    return last_error_;
  }

 private:
  BatchClosed finish();
  bool reserve(std::size_t bytes);
  void release(std::size_t bytes);
  void work();
  void round(bool last);
  void gather();
  bool drain_spill();
  bool send_waiting(bool last);
  bool sent(const Batch& batch, unsigned attempts);
  void note(const StoreError& error);
  void pause();
  bool over_threshold(const Table& table) const { return table.rows >= options_.rows || table.bytes >= options_.bytes; }

  const BatchWriterOptions options_;
  std::unique_ptr<BatchSink> sink_;  // the sending thread's, as spill_ and waiting_
  BatchSpill spill_;
  std::deque<Batch> waiting_;  // in the order in which they were made
  const std::string name_;
  std::uint64_t serial_ = 0;
  bool refused_last_ = false;  // the server's last word was that it will never take these rows
  std::deque<Table> tables_;

  std::atomic<std::size_t> memory_ = 0;
  std::atomic<std::uint64_t> pushed_ = 0, refused_ = 0, stored_ = 0, failures_ = 0, spilled_ = 0, set_aside_ = 0, damaged_ = 0, spill_batches_ = 0;
  std::atomic<bool> closing_ = false;
  std::atomic<std::chrono::steady_clock::time_point> drain_until_{};  // set before closing_
  std::atomic<unsigned> pushing_ = 0;                                 // producers inside push, whom close waits for

  mutable std::mutex state_mutex_;  // the sending thread's state below; producers take it only to wake it or to wait for room
  std::condition_variable wake_, room_, rounds_changed_;
  bool asked_ = false;
  bool finished_ = false;
  std::uint64_t rounds_begun_ = 0, rounds_done_ = 0;
  bool clean_ = true;  // nothing was left waiting or spilled at the end of the last round
  StoreError last_error_;
  std::mutex close_mutex_;
  std::optional<BatchClosed> closed_;
  std::thread thread_;
};

bool Writer::reserve(std::size_t bytes) {
  std::size_t held = memory_;
  while (held + bytes <= options_.memory) {
    if (memory_.compare_exchange_weak(held, held + bytes)) return true;
  }
  return false;
}

void Writer::release(std::size_t bytes) {
  memory_ -= bytes;
  const std::lock_guard lock(state_mutex_);
  room_.notify_all();
}

StoreResult<void> Writer::push(std::size_t table, std::string_view rows, std::uint64_t count) {
  ++pushing_;
  struct Leave {
    std::atomic<unsigned>& inside;
    ~Leave() { --inside; }
  } const leave{pushing_};
  const auto refuse = [&](StoreErrorKind kind, Retry retry, std::string words) {
    refused_ += count;
    return err(StoreError{kind, retry, std::move(words), ""});
  };
  if (closing_) return refuse(StoreErrorKind::bad_argument, Retry::never, "the batch writer is closed");
  if (table >= tables_.size()) return refuse(StoreErrorKind::bad_argument, Retry::never, "the batch writer has no such table");
  const std::string bound = "the batch writer's " + std::to_string(options_.memory) + " bytes of memory are full";
  if (rows.size() > options_.memory) return refuse(StoreErrorKind::full, Retry::never, bound);
  if (!reserve(rows.size())) {
    if (options_.when_full == WhenFull::refuse) return refuse(StoreErrorKind::full, Retry::after, bound);
    std::unique_lock lock(state_mutex_);
    asked_ = true;
    wake_.notify_one();
    bool held = false;
    room_.wait(lock, [&] { return closing_ || (held = reserve(rows.size())); });
    if (!held) return refuse(StoreErrorKind::bad_argument, Retry::never, "the batch writer was closed while it was full");
  }
  Table& to = tables_[table];
  // Counted before they are there: the sending thread subtracts only what it found.
  const bool below = !over_threshold(to);
  to.rows += count;
  to.bytes += rows.size();
  {
    Shard& shard = to.shards[shard_of_this_thread()];
    const std::lock_guard lock(shard.mutex);
    shard.bytes.append(rows);
    shard.rows += count;
  }
  pushed_ += count;
  if (below && over_threshold(to)) {
    const std::lock_guard lock(state_mutex_);
    asked_ = true;
    wake_.notify_one();
  }
  return {};
}

void Writer::gather() {
  for (Table& table : tables_) {
    Batch batch{table.names.name, table.names.columns, "", 0, ""};
    for (Shard& shard : table.shards) {
      std::string bytes;
      {
        // The producer's buffer changes hands whole: nothing that is under way is written to again.
        const std::lock_guard lock(shard.mutex);
        bytes.swap(shard.bytes);
        batch.rows += std::exchange(shard.rows, 0);
      }
      if (batch.bytes.empty()) {
        batch.bytes = std::move(bytes);
      } else {
        batch.bytes += bytes;
      }
    }
    if (batch.rows == 0) continue;
    table.rows -= batch.rows;
    table.bytes -= batch.bytes.size();
    batch.token = name_ + std::to_string(++serial_);
    waiting_.push_back(std::move(batch));
  }
}

void Writer::note(const StoreError& error) {
  ++failures_;
  const std::lock_guard lock(state_mutex_);
  last_error_ = error;
}

void Writer::pause() {
  std::unique_lock lock(state_mutex_);
  wake_.wait_for(lock, options_.pause, [&] { return closing_.load(); });
}

bool Writer::sent(const Batch& batch, unsigned attempts) {
  refused_last_ = false;
  for (unsigned attempt = 1; attempt <= attempts; ++attempt) {
    const auto done = sink_->insert(batch);
    if (done) {
      stored_ += batch.rows;
      return true;
    }
    note(done.error());
    refused_last_ = done.error().kind == StoreErrorKind::conflict;
    if (refused_last_) return false;
    if (closing_) return false;  // whoever closes waits for one sending, not for all attempts
    if (attempt < attempts) pause();
  }
  return false;
}

bool Writer::drain_spill() {
  while (!spill_.empty()) {
    if (closing_ && std::chrono::steady_clock::now() > drain_until_.load()) return false;
    const auto batch = spill_.front();
    if (!batch) {
      note(batch.error());
      if (batch.error().kind != StoreErrorKind::corrupt) return false;
      ++damaged_;
      spill_.set_front_aside("damaged");
    } else if (sent(*batch, 1)) {
      spill_.drop_front();
    } else if (refused_last_) {
      set_aside_ += batch->rows;
      spill_.set_front_aside("refused");
    } else {
      return false;
    }
    spill_batches_ = spill_.batches();
  }
  return true;
}

bool Writer::send_waiting(bool last) {
  bool drained = drain_spill();
  while (!waiting_.empty()) {
    const Batch& batch = waiting_.front();
    // Behind a spill nothing overtakes: newer rows join it.
    const bool stored = drained && sent(batch, last ? 1 : options_.attempts);
    if (!stored) {
      const auto spilled = spill_.append(batch);
      if (!spilled) {
        note(spilled.error());
        return false;
      }
      spilled_ += batch.rows;
      spill_batches_ = spill_.batches();
      drained = drained && refused_last_ && drain_spill();  // sends it once more, is refused, and sets it aside
    }
    release(batch.bytes.size());
    waiting_.pop_front();
  }
  return drained;
}

void Writer::round(bool last) {
  gather();
  const bool clean = send_waiting(last);
  const std::lock_guard lock(state_mutex_);
  clean_ = clean;
}

void Writer::work() {
  for (bool last = false; !last;) {
    std::uint64_t number = 0;
    {
      std::unique_lock lock(state_mutex_);
      const auto wait = clean_ ? options_.interval : std::min(options_.interval, options_.pause);
      wake_.wait_for(lock, wait, [&] { return asked_ || closing_; });
      asked_ = false;
      last = closing_;
      number = ++rounds_begun_;
    }
    // Whoever got past the check of closing_ is let through, so that what push accepted is in the last round.
    while (last && pushing_ != 0) std::this_thread::yield();
    round(last);
    const std::lock_guard lock(state_mutex_);
    rounds_done_ = number;
    finished_ = last;
    rounds_changed_.notify_all();
  }
}

StoreResult<void> Writer::flush() {
  std::unique_lock lock(state_mutex_);
  if (closing_) return err(StoreError{StoreErrorKind::bad_argument, Retry::never, "the batch writer is closed", ""});
  const std::uint64_t wanted = rounds_begun_ + 1;
  asked_ = true;
  wake_.notify_one();
  rounds_changed_.wait(lock, [&] { return rounds_done_ >= wanted || finished_; });
  if (clean_) return {};
  StoreError error = last_error_;
  error.detail = "not all rows are stored: " + error.detail;
  return err(std::move(error));
}

BatchClosed Writer::finish() {
  const std::lock_guard only(close_mutex_);
  if (closed_) return *closed_;
  const std::uint64_t spilled_before = spilled_;
  {
    const std::lock_guard lock(state_mutex_);
    drain_until_ = std::chrono::steady_clock::now() + options_.last_drain;
    closing_ = true;
    wake_.notify_all();
    room_.notify_all();
  }
  thread_.join();
  BatchClosed out;
  out.rows_in_spill = spilled_ - spilled_before;
  for (const Batch& batch : waiting_) out.rows_lost += batch.rows;
  if (!waiting_.empty() || !spill_.empty()) out.why = last_error_.detail;
  closed_ = out;
  return out;
}

}  // namespace

StoreResult<std::unique_ptr<BatchWriter>> open_batch_writer(std::unique_ptr<BatchSink> sink, std::vector<BatchTable> tables, BatchWriterOptions options) {
  if (options.spill.empty()) return err(StoreError{StoreErrorKind::bad_argument, Retry::never, "a batch writer needs a folder for its spill", ""});
  PROM_TRY(BatchSpill spill, BatchSpill::open(options.spill, options.spill_bytes));
  return std::unique_ptr<BatchWriter>(std::make_unique<Writer>(std::move(sink), std::move(tables), std::move(options), std::move(spill)));
}

}  // namespace prom
