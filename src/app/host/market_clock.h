// Where the recorded market of a host stands: it goes on by the clock on the wall, for all instances the same, whether or not a shard is hosted. Any thread but keep().
#pragma once

#include <expected>
#include <string>

#include "app/cli/command.h"
#include "base/time.h"

namespace prom {

class MarketClock {
 public:
  enum class Others : std::uint8_t { none, at_work };
  /// Joins the market of `path`. Where no other instance is at work it goes on from where the last one left it (from `first` where there was none), else it stands
  /// where the others see it. `speed` > 0: market seconds in a second.
  static std::expected<MarketClock, CommandError> join(const std::string& path, TimeNs first, double speed, Others others);

  TimeNs now() const { return at(wall_clock()); }
  double speed() const { return speed_; }
  /// Notes in the file that the market was seen to go on until now. Call every second or so: what is not noted is played again after all instances have ended. An
  /// error is one sentence, and changes nothing.
  std::expected<void, std::string> keep() const;

 private:
  TimeNs at(TimeNs wall) const { return market_ + DurationNs{static_cast<std::int64_t>(static_cast<double>((wall - wall_).ns) * speed_)}; }

  std::string path_;
  TimeNs market_{}, wall_{};  ///< the market stood there then
  double speed_ = 1;
};

}  // namespace prom
