// Leases. The value of lock:{resource} is owner|fence; each change is one script, so that nobody comes between looking and changing.
#include <charconv>

#include "adapters/stores/redis/redis_parts.h"

namespace prom::redis {
namespace {

// Numbers of Lua are doubles, exact up to 2^53; microseconds since 1970 reach that in the year 2255. The server's clock is the floor of the fence, so that
// it rises also where the server has lost its data. Asking again with the same owner finds the lease that the first request made.
constexpr const char* kAcquire = R"(
local value = redis.call('GET', KEYS[1])
if value then
  if string.sub(value, 1, #ARGV[1] + 1) == ARGV[1] .. '|' then return {1, string.sub(value, #ARGV[1] + 2)} end
  return {0, redis.call('PTTL', KEYS[1])}
end
local time = redis.call('TIME')
local fence = math.max(tonumber(redis.call('GET', KEYS[2]) or '0') + 1, time[1] * 1000000 + time[2])
local text = string.format('%.0f', fence)
redis.call('SET', KEYS[2], text)
redis.call('SET', KEYS[1], ARGV[1] .. '|' .. text, 'PX', ARGV[2])
return {1, text})";

constexpr const char* kRenew = R"(
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2]))";

constexpr const char* kRelease = R"(
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1]))";

// From before the first request, because the lease may be as old as that; less what our clock and the server's may part in a lifetime (NTP slews by 0.05 %).
std::int64_t end_of(std::int64_t asked_at, DurationNs lifetime) { return asked_at + lifetime.ns - lifetime.ns / 1000; }

std::string value_of(const Lease& lease) { return lease.owner + "|" + std::to_string(lease.fence); }

}  // namespace

std::int64_t RedisLeases::monotonic_ns() const { return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1); }

StoreResult<Acquired> RedisLeases::acquire(const std::string& resource, DurationNs lifetime) {
  const std::string name = lock_name(resource);
  Lease lease{resource, names_.next(), 0, end_of(monotonic_ns(), lifetime)};
  PROM_TRY(const Reply reply, link_.ask_again(script(kAcquire, {name, "fence:" + key_part(resource)}, {lease.owner, milliseconds(lifetime)})).reply);
  if (reply.list.size() != 2) return std::unexpected(unexpected_reply(link_, name));
  if (reply.list[0].integer == 0) {
    // A lock that never ends is not one of ours: whoever set it must take it away.
    if (reply.list[1].integer < 0)
      return std::unexpected(StoreError{StoreErrorKind::conflict, Retry::never, name + " has a value without an end", "delete it if nobody holds it"});
    return LeaseHeld{{reply.list[1].integer * kMillisecond.ns}};
  }
  const std::string& text = reply.list[1].text;
  std::from_chars(text.data(), text.data() + text.size(), lease.fence);
  return lease;
}

StoreResult<LeaseFate> RedisLeases::renew(Lease& lease, DurationNs lifetime) {
  const std::int64_t expires = end_of(monotonic_ns(), lifetime);
  PROM_TRY(const Reply reply, link_.ask_again(script(kRenew, {lock_name(lease.resource)}, {value_of(lease), milliseconds(lifetime)})).reply);
  if (reply.integer != 1) return LeaseFate::lost;
  lease.expires = expires;
  return LeaseFate::kept;
}

StoreResult<LeaseFate> RedisLeases::release(const Lease& lease) {
  auto asked = link_.ask_again(script(kRelease, {lock_name(lease.resource)}, {value_of(lease)}));
  PROM_TRY(const Reply reply, std::move(asked.reply));
  if (reply.integer == 1) return LeaseFate::kept;
  // After a doubtful first request the lease may be gone because that one deleted it: until it would have expired, nobody else could have.
  const bool ours = asked.doubt == Link::Repeated::Doubt::first && monotonic_ns() < lease.expires;
  return ours ? LeaseFate::kept : LeaseFate::lost;
}

}  // namespace prom::redis
