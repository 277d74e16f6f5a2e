// The real Redis of dev/servers.py for the tests of this folder: settings, an own empty database for each harness, a connection to look behind the adapter.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "adapters/stores/redis/redis_link.h"
#include "io/testing/test_servers.h"

namespace prom::redis_test {

inline const TestServers& servers() {
  static const TestServers found;
  return found;
}

inline bool there() { return servers().setting("REDIS_PORT").has_value(); }

/// Database 0 is left to people; each caller of next_db() gets another of 1 to 15 and empties it.
inline int next_db() {
  static int last = 0;
  return last = last % 15 + 1;
}

inline RedisOptions options(int db, std::uint16_t port = 0, std::chrono::milliseconds timeout = std::chrono::seconds(1)) {
  RedisOptions out;
  out.host = servers().setting("REDIS_HOST").value_or("127.0.0.1");
  out.port = port != 0 ? port : static_cast<std::uint16_t>(std::stoi(servers().setting("REDIS_PORT").value_or("1")));
  out.password = SecretString(servers().setting("REDIS_PASSWORD").value_or(""));
  out.db = db;
  out.timeout = timeout;
  return out;
}

/// Asks the server directly.
class Behind {
 public:
  explicit Behind(int db) : link_(std::make_shared<const RedisOptions>(options(db))) {}
  redis::Reply ask(redis::Command command) {
    auto reply = link_.ask(std::move(command));
    EXPECT_TRUE(reply) << reply.error().detail;
    return reply.value_or(redis::Reply{});
  }
  void empty() { ask({"FLUSHDB"}); }
  std::int64_t lifetime_ms(const std::string& key) { return ask({"PTTL", key}).integer; }
  /// Everything grows older at once: what would have ended is deleted, as the server does it.
  void age(DurationNs time) {
    constexpr const char* kAge = R"(
for _, key in ipairs(redis.call('KEYS', '*')) do
  local left = redis.call('PTTL', key)
  if left >= 0 and left <= tonumber(ARGV[1]) then redis.call('DEL', key)
  elseif left >= 0 then redis.call('PEXPIRE', key, left - tonumber(ARGV[1])) end
end)";
    ask({"EVAL", kAge, "0", std::to_string(time.ns / 1'000'000)});
  }

 private:
  redis::Link link_;
};

inline std::unique_ptr<RedisShared> open(int db, std::uint16_t port = 0, std::chrono::milliseconds timeout = std::chrono::seconds(1)) {
  auto opened = open_redis_shared(options(db, port, timeout));
  EXPECT_TRUE(opened) << opened.error().detail;
  return opened ? *std::move(opened) : nullptr;
}

}  // namespace prom::redis_test
