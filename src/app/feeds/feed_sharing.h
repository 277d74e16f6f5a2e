// One request to a provider for all instances: its reply lies in Redis for as long as nobody may ask again, and all instances together keep to the provider's requests a minute.
// Main thread; blocks.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/stores/redis/redis_shared.h"
#include "app/cli/command.h"
#include "base/time.h"

namespace prom {

struct FeedReply {
  TimeNs fetched_at{};  ///< by the clock of the instance that asked
  std::string body;
};
/// Whether a failure says anything of further requests: `request`, it was this one's alone; `provider`, it is not there or wants no more.
enum class FailureOf : std::uint8_t { request, provider };
struct FeedFailure {
  std::string reason;
  std::optional<DurationNs> retry_after = std::nullopt;
  FailureOf whose = FailureOf::provider;
};

/// Of one provider in a minute, all instances together: the strictest of them allows 30.
inline constexpr std::uint32_t kFeedRequestsPerMinute = 28;

class FeedSharing {
 public:
  /// Null where no Redis is named; exit code 4 where it cannot be used: without it the quota would be spent by each instance alone.
  static std::expected<std::unique_ptr<FeedSharing>, CommandError> start(AppContext& context);

  enum class From : std::uint8_t { shared_or_provider, provider };
  using Ask = std::function<std::expected<FeedReply, FeedFailure>()>;
  /// What any instance was answered within `interval`, else what `ask` gives. `address` names the question, without a key in it. While another instance asks it is waited for, kFlightWait
  /// at most; before `ask` the provider's share of the minute is waited for. What `ask` gives must be worth keeping: an error page is a failure.
  std::expected<FeedReply, FeedFailure> fetch(std::string_view source, std::string_view address, DurationNs interval, From from, const Ask& ask);
  /// Replies that another instance had been given.
  std::int64_t taken() const { return taken_; }

 private:
  explicit FeedSharing(std::unique_ptr<RedisShared> redis) : redis_(std::move(redis)) {}
  std::expected<void, FeedFailure> wait_for_turn(std::string_view source);

  std::unique_ptr<RedisShared> redis_;
  std::int64_t taken_ = 0;
};

}  // namespace prom
