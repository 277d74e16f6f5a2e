// What is true of a running market and its accounts just now, for other instances and for whoever asks from elsewhere: last prices, money, regimes, in the shared cache under
// PRODUCT's keys and lifetimes. A thread of its own writes; whoever offers never waits, and what cannot be written is forgotten: the next offer says it again.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "domain/instrument.h"
#include "ports/shared_state.h"

namespace prom {

/// Under which names the values of one run lie. A replay's prices are not today's: they stand under the simulated venue and the run's name (RunState::ledger), where nobody takes
/// them for an exchange's.
CacheKey live_ticker_key(std::string_view run, const Instrument& instrument);
CacheKey live_regime_key(std::string_view run, const Instrument& instrument);
/// The account's number among those of all installations: made of both names.
CacheKey live_balance_key(std::string_view run, std::string_view user);

class LiveValues {
 public:
  /// Values that wait at most; one more is dropped.
  static constexpr std::size_t kMostWaiting = 20'000;

  /// `cache` outlives it.
  explicit LiveValues(Cache& cache);
  /// Ends after the write that is under way; what waits is dropped.
  ~LiveValues();
  LiveValues(const LiveValues&) = delete;
  LiveValues& operator=(const LiveValues&) = delete;

  /// Takes the place of a value of the same name that waits. Any thread; never waits for the cache.
  void offer(CacheKey key, std::string value);

  struct Counts {
    std::uint64_t written = 0;
    std::uint64_t forgotten = 0;  ///< the cache was away, or too many waited
  };
  Counts counts() const;
  /// Until nothing waits or is being written. For tests.
  void settle();

 private:
  struct Entry {
    CacheKey key;
    std::string value;
  };
  void work();

  Cache& cache_;
  mutable std::mutex mutex_;
  std::condition_variable changed_, settled_;
  std::map<std::string, Entry> waiting_;
  bool writing_ = false, stopping_ = false;
  Counts counts_;
  std::thread thread_;  // last: it uses everything above
};

}  // namespace prom
