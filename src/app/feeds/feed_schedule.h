// When each provider may be asked next, kept across starts beside the state: its interval after an answer, ever longer waits after failures. Main thread.
#pragma once

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "app/cli/command.h"
#include "base/time.h"

namespace prom {

class FeedSchedule {
 public:
  struct Entry {
    TimeNs next{INT64_MIN};     ///< not asked before
    std::int64_t failures = 0;  ///< in a row
    std::string reason;         ///< what failed at the last fetch; empty where all was answered
  };
  inline static constexpr DurationNs kLongestWait{6 * kHour.ns};

  /// From the file; empty where there is none. What cannot be read is taken for nothing: providers are asked at once, and the file is written anew.
  static FeedSchedule load(const std::string& path);
  std::expected<void, CommandError> save(const std::string& path) const;

  const Entry& of(std::string_view source) const;
  /// `reason`: what was not answered beside the rest.
  void answered(std::string_view source, TimeNs now, DurationNs interval, std::string reason = {});
  /// Doubles the wait from the interval on, at most kLongestWait; `retry_after` where the provider named a longer one.
  void failed(std::string_view source, TimeNs now, DurationNs interval, std::optional<DurationNs> retry_after, std::string reason);

 private:
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace prom
