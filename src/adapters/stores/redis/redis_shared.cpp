// Rates, sessions and invalidations, and the object that holds all parts together.
#include "adapters/stores/redis/redis_shared.h"

#include <charconv>

#include "adapters/stores/redis/redis_parts.h"
#include "adapters/stores/redis/redis_subscriber.h"

namespace prom {
namespace redis {
namespace {

constexpr const char* kTake = R"(
local limit, count = tonumber(ARGV[1]), tonumber(redis.call('GET', KEYS[1]) or '0')
if count == 0 then
  if limit == 0 then return {0, 0, 0} end
  redis.call('SET', KEYS[1], 1, 'PX', ARGV[2])
  return {1, limit - 1, tonumber(ARGV[2])}
end
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  left = tonumber(ARGV[2])
end
if count >= limit then return {0, 0, left} end
redis.call('INCR', KEYS[1])
return {1, limit - count - 1, left})";

constexpr const char* kSave = R"(
local version = redis.call('HGET', KEYS[1], 'version') or '0'
if version ~= ARGV[1] then return {0, version} end
local next = redis.call('HINCRBY', KEYS[1], 'version', 1)
redis.call('HSET', KEYS[1], 'data', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return {1, tostring(next)})";

std::uint64_t number(const std::string& text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

Names::Names() {
  std::random_device random;
  for (int part = 0; part < 3; ++part) base_ += std::to_string(random()) + "-";
}
std::string Names::next() { return base_ + std::to_string(++count_); }

Command script(const char* text, std::vector<std::string> keys, const std::vector<std::string>& arguments) {
  Command command{"EVAL", text, std::to_string(keys.size())};
  for (std::string& key : keys) command.push_back(std::move(key));
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

std::string milliseconds(DurationNs time) { return std::to_string(time.ns / kMillisecond.ns); }

StoreError unexpected_reply(const Link& link, const std::string& name) {
  return {StoreErrorKind::corrupt, Retry::never, place_of(link.options()) + " answers something else than the script gives for " + name,
          "is another program using it?"};
}

StoreResult<RateVerdict> RedisRates::take(const RateOf& of, const RateRule& rule) {
  const std::string name = rate_name(of);
  PROM_TRY(const Reply reply, link_.ask(script(kTake, {name}, {std::to_string(rule.limit), milliseconds(rule.window)})));
  if (reply.list.size() != 3) return std::unexpected(unexpected_reply(link_, name));
  const auto answer = reply.list[0].integer == 1 ? RateVerdict::Answer::allowed : RateVerdict::Answer::refused;
  return RateVerdict{answer, static_cast<std::uint32_t>(reply.list[1].integer), {reply.list[2].integer * kMillisecond.ns}};
}

StoreResult<Session> RedisSessions::load(const SessionOf& of) {
  PROM_TRY(const Reply reply, link_.ask_again({"HMGET", session_name(of), "version", "data"}).reply);
  if (reply.list.size() != 2) return std::unexpected(unexpected_reply(link_, session_name(of)));
  return Session{number(reply.list[0].text), reply.list[1].text};
}

StoreResult<std::uint64_t> RedisSessions::save(const SessionOf& of, const Session& session) {
  const std::string name = session_name(of);
  PROM_TRY(const Reply reply, link_.ask(script(kSave, {name}, {std::to_string(session.version), session.data, milliseconds(kSessionLifetime)})));
  if (reply.list.size() != 2) return std::unexpected(unexpected_reply(link_, name));
  const std::string& version = reply.list[1].text;
  if (reply.list[0].integer == 1) return number(version);
  return std::unexpected(
      StoreError{StoreErrorKind::conflict, Retry::never, name + " is at version " + version + ", not " + std::to_string(session.version), "load it again"});
}

StoreResult<void> RedisSessions::end(const SessionOf& of) {
  PROM_CHECK_OK(link_.ask_again({"DEL", session_name(of)}).reply);
  return {};
}

namespace {

class RedisInvalidations final : public Invalidations {
 public:
  RedisInvalidations(Link& link, std::shared_ptr<const RedisOptions> options)
      : link_(link),
        channel_("cache:invalidate:" + std::to_string(options->db)),  // channels are common to all databases of a server
        subscriber_(std::make_shared<Subscriber>(std::move(options), channel_)) {}
  ~RedisInvalidations() override { subscriber_->stop(); }
  RedisInvalidations(const RedisInvalidations&) = delete;
  RedisInvalidations& operator=(const RedisInvalidations&) = delete;
  StoreResult<void> tell(const CacheKey& key) override {
    PROM_CHECK_OK(link_.ask_again({"PUBLISH", channel_, key.name}).reply);
    return {};
  }
  std::unique_ptr<Subscription> listen(Hear hear) override { return subscriber_->listen(std::move(hear)); }

 private:
  Link& link_;
  std::string channel_;
  std::shared_ptr<Subscriber> subscriber_;
};

class Instance final : public RedisShared {
 public:
  explicit Instance(const std::shared_ptr<const RedisOptions>& options)
      : link_(options), cache_(link_, names_), leases_(link_, names_), rates_(link_), sessions_(link_), invalidations_(link_, options) {}
  Cache& cache() override { return cache_; }
  Leases& leases() override { return leases_; }
  RateLimits& rate_limits() override { return rates_; }
  Sessions& sessions() override { return sessions_; }
  Invalidations& invalidations() override { return invalidations_; }
  RedisCounters counters() const override {
    RedisCounters out = link_.counters();
    out.hits = cache_.hits();
    out.misses = cache_.misses();
    return out;
  }
  StoreResult<std::string> version() override {
    PROM_TRY(const Reply reply, link_.ask_again({"INFO", "server"}).reply);
    return version_in(reply.text);
  }
  Link& link() { return link_; }

 private:
  Names names_;
  Link link_;
  RedisCache cache_;
  RedisLeases leases_;
  RedisRates rates_;
  RedisSessions sessions_;
  RedisInvalidations invalidations_;
};

}  // namespace
}  // namespace redis

StoreResult<std::unique_ptr<RedisShared>> open_redis_shared(RedisOptions options) {
  using Clock = std::chrono::steady_clock;
  const auto given = std::make_shared<const RedisOptions>(std::move(options));
  const auto until = Clock::now() + kRedisOpening;
  while (true) {
    const auto began = Clock::now();
    auto instance = std::make_unique<redis::Instance>(given);
    // Connecting checks address, password, version and database; a script checks the right to do what all parts do.
    auto answer = instance->link().ask(redis::script("return redis.call('GET', KEYS[1])", {"lock:-"}, {}));
    if (answer) return instance;
    // What was refused at once will be refused again; what took its time may only have been late.
    const bool late = answer.error().kind == StoreErrorKind::away && Clock::now() - began >= given->timeout;
    if (!late || Clock::now() >= until) return std::unexpected(std::move(answer).error());
  }
}

}  // namespace prom
