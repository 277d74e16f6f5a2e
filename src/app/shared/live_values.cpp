// Names, and the writing thread.
#include "app/shared/live_values.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/hash.h"

namespace prom {
namespace {

/// "binance.linear.BTCUSDT".
std::string dotted(const Instrument& instrument) {
  std::string out = instrument_code(instrument);
  std::ranges::replace(out, ':', '.');
  return out;
}
std::string venue_of(std::string_view run) { return "sim." + std::string(run); }

}  // namespace

CacheKey live_ticker_key(std::string_view run, const Instrument& instrument) {
  const std::string venue = venue_of(run), symbol = dotted(instrument);
  return ticker_key({venue, symbol});
}
CacheKey live_regime_key(std::string_view run, const Instrument& instrument) { return regime_key(venue_of(run) + "." + dotted(instrument)); }
CacheKey live_balance_key(std::string_view run, std::string_view user) {
  const std::string whole = std::string(run) + '|' + std::string(user);
  return balance_key(SharedAccountId{static_cast<std::int64_t>(hash_bytes(std::as_bytes(std::span(whole))) >> 1U)});
}

LiveValues::LiveValues(Cache& cache) : cache_(cache), thread_([this] { work(); }) {}

LiveValues::~LiveValues() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void LiveValues::offer(CacheKey key, std::string value) {
  {
    const std::scoped_lock lock(mutex_);
    const auto at = waiting_.find(key.name);
    if (at != waiting_.end()) {
      at->second.value = std::move(value);
    } else if (waiting_.size() < kMostWaiting) {
      std::string name = key.name;
      waiting_.emplace(std::move(name), Entry{std::move(key), std::move(value)});
    } else {
      ++counts_.forgotten;
    }
  }
  changed_.notify_one();
}

LiveValues::Counts LiveValues::counts() const {
  const std::scoped_lock lock(mutex_);
  return counts_;
}

void LiveValues::settle() {
  std::unique_lock lock(mutex_);
  settled_.wait(lock, [&] { return waiting_.empty() && !writing_; });
}

void LiveValues::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    auto next = waiting_.extract(waiting_.begin());
    writing_ = true;
    lock.unlock();
    const auto put = cache_.put(next.mapped().key, next.mapped().value);
    lock.lock();
    writing_ = false;
    if (put) {
      ++counts_.written;
    } else {
      // The others would fare no better, and each would have to wait for it.
      counts_.forgotten += 1 + waiting_.size();
      waiting_.clear();
    }
    if (waiting_.empty()) settled_.notify_all();
  }
}

}  // namespace prom
