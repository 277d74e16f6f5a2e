// The cache: a value with its lifetime, and one load among all instances, kept by a short-lived turn beside the key.
#include <thread>
#include <tuple>

#include "adapters/stores/redis/redis_parts.h"

namespace prom::redis {
namespace {
// Longer than a caller waits: whoever loads that slowly has been overtaken by then.
constexpr const char* kTurnMs = "5000";
constexpr std::chrono::milliseconds kFirstLook{2}, kLastLook{40};

constexpr const char* kGet = R"(
local value = redis.call('GET', KEYS[1])
if not value then return false end
return {value, redis.call('PTTL', KEYS[1])})";

constexpr const char* kRelease = R"(
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0)";

std::string turn_name(const CacheKey& key) { return "flight:" + key.name; }

const std::string* value_of(const CacheRead& read) {
  if (const auto* hit = std::get_if<CacheHit>(&read)) return &hit->value;
  if (const auto* stale = std::get_if<CacheStale>(&read)) return &stale->value;
  return nullptr;
}
}  // namespace

CacheRead RedisCache::get(const CacheKey& key) {
  CacheRead found = look(key);
  ++(std::holds_alternative<CacheMiss>(found) ? misses_ : hits_);
  return found;
}

CacheRead RedisCache::look(const CacheKey& key) {
  const auto asked = link_.ask_again(script(kGet, {key.name}, {}));
  if (!asked.reply) return CacheMiss{CacheMiss::Why::away};
  const Reply& reply = *asked.reply;
  if (reply.kind != Reply::Kind::list || reply.list.size() != 2) return CacheMiss{};
  const std::int64_t left_ms = reply.list[1].integer;
  if (left_ms <= 0) return CacheMiss{};  // a value without an end was not put by us
  if (left_ms > (key.lifetime.ns - key.fresh.ns) / kMillisecond.ns) return CacheHit{reply.list[0].text};
  return CacheStale{reply.list[0].text};
}

StoreResult<void> RedisCache::put(const CacheKey& key, const std::string& value) {
  PROM_CHECK_OK(link_.ask_again({"SET", key.name, value, "PX", milliseconds(key.lifetime)}).reply);
  return {};
}

StoreResult<void> RedisCache::erase(const CacheKey& key) {
  PROM_CHECK_OK(link_.ask_again({"DEL", key.name}).reply);
  return {};
}

RedisCache::Turn RedisCache::take_turn(const CacheKey& key, const std::string& token) {
  const auto reply = link_.ask({"SET", turn_name(key), token, "NX", "PX", kTurnMs});
  if (!reply) return Turn::away;
  return reply->kind == Reply::Kind::nil ? Turn::another : Turn::ours;
}

StoreResult<std::string> RedisCache::load_and_put(const CacheKey& key, const Load& load) {
  StoreResult<std::string> loaded = load();
  // That nobody else will find it is no fault of the caller's value.
  if (loaded) std::ignore = put(key, *loaded);
  return loaded;
}

StoreResult<std::string> RedisCache::load_in_turn(const CacheKey& key, const std::string& token, const Load& load) {
  struct GiveBack {
    Link& link;
    const CacheKey& key;
    const std::string& token;
    ~GiveBack() { static_cast<void>(link.ask_again(script(kRelease, {turn_name(key)}, {token}))); }
  } const give_back{link_, key, token};
  return load_and_put(key, load);
}

StoreResult<std::string> RedisCache::load_or_wait(const CacheKey& key, const Load& load) {
  const std::string token = names_.next();
  const auto until = std::chrono::steady_clock::now() + std::chrono::nanoseconds(kFlightWait.ns);
  for (auto pause = kFirstLook; std::chrono::steady_clock::now() < until; pause = std::min(2 * pause, kLastLook)) {
    const Turn turn = take_turn(key, token);
    if (turn == Turn::away) break;
    // Whoever had the turn before us puts the value before giving the turn back.
    const CacheRead read = get(key);
    if (const std::string* value = value_of(read)) {
      if (turn == Turn::ours) static_cast<void>(link_.ask_again(script(kRelease, {turn_name(key)}, {token})));
      return *value;
    }
    if (turn == Turn::ours) return load_in_turn(key, token, load);
    std::this_thread::sleep_for(pause);
  }
  return load_and_put(key, load);
}

StoreResult<std::string> RedisCache::fetch(const CacheKey& key, const Load& load) {
  const CacheRead read = get(key);
  if (const auto* hit = std::get_if<CacheHit>(&read)) return hit->value;
  if (const auto* stale = std::get_if<CacheStale>(&read)) {
    const auto refreshed = flights_.run(key.name, SingleFlight::Others::pass, [&]() -> StoreResult<std::string> {
      const std::string token = names_.next();
      if (take_turn(key, token) != Turn::ours) return stale->value;
      return load_in_turn(key, token, load);
    });
    return refreshed && *refreshed ? **refreshed : stale->value;
  }
  const auto got = flights_.run(key.name, SingleFlight::Others::wait, [&] { return load_or_wait(key, load); });
  return got ? *got : load_and_put(key, load);
}

}  // namespace prom::redis
