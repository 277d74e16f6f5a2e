// A bounded first-in-first-out queue between threads: many producers, one consumer (more are safe), try or wait, close.
// The one place in base, besides log, where threads meet; the deterministic floors do not use it. det-ok: hand-over between threads.
#pragma once
#include <chrono>              // det-ok: lengths of waits only; no clock is read for a decision
#include <condition_variable>  // det-ok: hand-over between threads
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>  // det-ok: hand-over between threads
#include <optional>
#include <utility>
#include <vector>

#include "base/assert.h"

namespace prom {

enum class PushResult : std::uint8_t { pushed, full, closed };

template <class T>
class BoundedQueue {
 public:
  // Holds at most `capacity` (> 0) items; memory is taken at once.
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity), slots_(std::make_unique<std::optional<T>[]>(capacity)) {
    PROM_ASSERT(capacity > 0, "a queue needs room");
  }
  BoundedQueue(const BoundedQueue&) = delete;
  BoundedQueue& operator=(const BoundedQueue&) = delete;

  // Moves from `item` only when the result is `pushed`.
  [[nodiscard]] PushResult try_push(T&& item) {
    const std::lock_guard lock(mutex_);  // det-ok
    return push_locked(item);
  }
  [[nodiscard]] PushResult try_push(const T& item) {
    T copy(item);
    return try_push(std::move(copy));
  }

  // Waits up to `timeout` for room; `full` when it passes. Moves from `item` only when the result is `pushed`.
  [[nodiscard]] PushResult push_wait(T&& item, std::chrono::nanoseconds timeout) {  // det-ok
    std::unique_lock lock(mutex_);                                                  // det-ok
    not_full_.wait_for(lock, timeout, [&] { return closed_ || size_ < capacity_; });
    return push_locked(item);
  }

  // nullopt when empty.
  [[nodiscard]] std::optional<T> try_pop() {
    const std::lock_guard lock(mutex_);  // det-ok
    return pop_locked();
  }

  // Waits up to `timeout` for an item; nullopt when it passes, or at once when the queue is closed and empty (see drained()).
  [[nodiscard]] std::optional<T> pop_wait(std::chrono::nanoseconds timeout) {  // det-ok
    std::unique_lock lock(mutex_);                                             // det-ok
    not_empty_.wait_for(lock, timeout, [&] { return closed_ || size_ > 0; });
    return pop_locked();
  }

  // Waits as pop_wait for the first item, then appends up to `max` items to `out` without waiting again; returns how many.
  std::size_t pop_batch(std::vector<T>& out, std::size_t max, std::chrono::nanoseconds timeout) {  // det-ok
    std::unique_lock lock(mutex_);                                                                 // det-ok
    not_empty_.wait_for(lock, timeout, [&] { return closed_ || size_ > 0; });
    std::size_t count = 0;
    while (count < max && size_ > 0) {
      out.push_back(std::move(*pop_locked()));
      ++count;
    }
    return count;
  }

  // No more pushes; waiting threads wake. Items inside can still be popped.
  void close() {
    const std::lock_guard lock(mutex_);  // det-ok
    closed_ = true;
    not_full_.notify_all();
    not_empty_.notify_all();
  }

  [[nodiscard]] bool closed() const {
    const std::lock_guard lock(mutex_);  // det-ok
    return closed_;
  }
  // Closed and empty: the consumer may leave.
  [[nodiscard]] bool drained() const {
    const std::lock_guard lock(mutex_);  // det-ok
    return closed_ && size_ == 0;
  }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);  // det-ok
    return size_;
  }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  // The largest size ever reached, for the metric of this bound.
  [[nodiscard]] std::size_t high_water() const {
    const std::lock_guard lock(mutex_);  // det-ok
    return high_water_;
  }

 private:
  PushResult push_locked(T& item) {
    if (closed_) return PushResult::closed;
    if (size_ == capacity_) return PushResult::full;
    std::size_t tail = head_ + size_;
    if (tail >= capacity_) tail -= capacity_;
    slots_[tail].emplace(std::move(item));
    if (++size_ > high_water_) high_water_ = size_;
    not_empty_.notify_one();
    return PushResult::pushed;
  }
  std::optional<T> pop_locked() {
    if (size_ == 0) return std::nullopt;
    std::optional<T> out = std::move(slots_[head_]);
    slots_[head_].reset();
    if (++head_ == capacity_) head_ = 0;
    --size_;
    not_full_.notify_one();
    return out;
  }

  const std::size_t capacity_;
  mutable std::mutex mutex_;           // det-ok: guards everything below
  std::condition_variable not_full_;   // det-ok: wakes pushers of this queue
  std::condition_variable not_empty_;  // det-ok: wakes poppers of this queue
  std::unique_ptr<std::optional<T>[]> slots_;
  std::size_t head_ = 0;
  std::size_t size_ = 0;
  std::size_t high_water_ = 0;
  bool closed_ = false;
};

}  // namespace prom
