// Of many threads that want the same thing at once, one gets it and the others share what it got. For implementations of Cache. Any thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/time.h"
#include "ports/store_error.h"

namespace prom {

class SingleFlight {
 public:
  using Work = std::function<StoreResult<std::string>()>;
  enum class Others : std::uint8_t { wait, pass };
  /// Runs `work` when nobody does for `name`. Else waits for what the running one gives (Others::wait; nothing after `patience`), or returns nothing at once.
  /// What `work` throws reaches its own caller; those who wait get an `io` error.
  std::optional<StoreResult<std::string>> run(const std::string& name, Others others, const Work& work);
  explicit SingleFlight(DurationNs patience) : patience_(patience) {}

 private:
  struct Flight {
    std::optional<StoreResult<std::string>> outcome;
    std::condition_variable landed;
  };
  DurationNs patience_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Flight>> flights_;  ///< bounded by the threads that call
};

}  // namespace prom
