// Shared state on Redis 7: what several instances on several machines share and may lose. Meets ports/shared_state_contract.h. Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/secret.h"
#include "ports/shared_state.h"

namespace prom {

struct RedisOptions {
  std::string host = "127.0.0.1";  ///< REDIS_HOST
  std::uint16_t port = 6379;       ///< REDIS_PORT
  std::string user;                ///< empty: Redis' default user
  SecretString password;           ///< REDIS_PASSWORD; empty: none is sent
  int db = 0;                      ///< REDIS_DB
  /// For connecting, and for each exchange from its first byte to its last: a caller waits for at most four times this, whatever the network does.
  std::chrono::milliseconds timeout{250};
};

/// How long opening goes on asking a server that is silent: at the start a moment's patience costs nobody a stop.
inline constexpr std::chrono::seconds kRedisOpening{3};
/// Requests that wait for the connection; one more is refused at once.
inline constexpr std::size_t kRedisQueue = 1024;
/// Requests that leave together.
inline constexpr std::size_t kRedisBatch = 64;

struct RedisCounters {
  std::uint64_t asked = 0;
  std::uint64_t refused = 0;   ///< nothing was sent: away, or the queue was full
  std::uint64_t in_doubt = 0;  ///< sent, and no answer came
  std::uint64_t connects = 0;
  std::uint64_t queue_high_water = 0;
  DurationNs waited;                                                              ///< by all who asked, together, until their answer
  std::uint64_t hits = 0, misses = 0;                                             ///< of the cache; a stale value is a hit
  enum class Last : std::uint8_t { answered, unanswered } last = Last::answered;  ///< the newest request
};

class RedisShared : public SharedState {
 public:
  virtual RedisCounters counters() const = 0;
  /// As the server names it, "7.0.15".
  virtual StoreResult<std::string> version() = 0;
};

/// Connects, checks password, version (7 or newer), rights and database once; each fault is one sentence that names the setting. A server that only does not
/// answer in time is asked again until `kRedisOpening` is over. Afterwards the connection is made anew whenever it breaks, and what is asked meanwhile is
/// answered `away` at once. Destruction waits for the exchange that is under way.
StoreResult<std::unique_ptr<RedisShared>> open_redis_shared(RedisOptions options);

}  // namespace prom
