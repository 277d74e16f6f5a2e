// See the header.
#include "app/feeds/feed_sharing.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "app/shared/redis_at_hand.h"
#include "base/hash.h"
#include "base/text.h"

namespace prom {
namespace {

constexpr SharedUserId kNoUser{0};  // feeds are asked for everybody

std::string packed(const FeedReply& reply) { return std::to_string(reply.fetched_at.ns) + "\n" + reply.body; }
std::optional<FeedReply> unpacked(const std::string& text) {
  const std::size_t end = text.find('\n');
  const auto at = parse_i64(text.substr(0, end));
  if (end == std::string::npos || !at) return std::nullopt;
  return FeedReply{TimeNs{*at}, text.substr(end + 1)};
}

}  // namespace

std::expected<std::unique_ptr<FeedSharing>, CommandError> FeedSharing::start(AppContext& context) {
  PROM_TRY(auto redis, open_redis(context));
  if (!redis) return nullptr;
  return std::unique_ptr<FeedSharing>(new FeedSharing(std::move(redis)));
}

std::expected<void, FeedFailure> FeedSharing::wait_for_turn(std::string_view source) {
  const std::string action = "feed." + std::string(source);
  while (true) {
    const auto verdict = redis_->rate_limits().take({kNoUser, action}, {.limit = kFeedRequestsPerMinute});
    if (!verdict) return std::unexpected(FeedFailure{"whether it may be asked cannot be counted: " + verdict.error().detail});
    if (verdict->answer == RateVerdict::Answer::allowed) return {};
    std::this_thread::sleep_for(std::chrono::nanoseconds(std::clamp<std::int64_t>(verdict->window_ends.ns, kMillisecond.ns, kSecond.ns)));
  }
}

std::expected<FeedReply, FeedFailure> FeedSharing::fetch(std::string_view source, std::string_view address, DurationNs interval, From from, const Ask& ask) {
  const CacheKey key{"cache:feed:" + key_part(source) + ":" + std::to_string(hash_bytes(address, 0)), interval, interval};
  if (from == From::provider) [[maybe_unused]]
    const auto erased = redis_->cache().erase(key);
  std::optional<FeedFailure> failure;
  bool asked = false;
  const auto text = redis_->cache().fetch(key, [&]() -> StoreResult<std::string> {
    asked = true;
    const auto turn = wait_for_turn(source);
    auto reply = turn ? ask() : std::unexpected(turn.error());
    if (reply) return packed(*reply);
    failure = std::move(reply).error();
    return std::unexpected(StoreError{StoreErrorKind::away, Retry::after, failure->reason, ""});
  });
  if (failure) return std::unexpected(*std::move(failure));
  if (!text) return std::unexpected(FeedFailure{text.error().detail});
  auto reply = unpacked(*text);
  if (!reply) return std::unexpected(FeedFailure{"what another instance left in Redis under " + key.name + " cannot be read"});
  taken_ += asked ? 0 : 1;
  return *std::move(reply);
}

}  // namespace prom
