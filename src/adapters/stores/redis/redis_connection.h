// One connection to Redis: commands out, replies in, every wait bounded. The only file pair that knows hiredis. One thread; SIGPIPE must be blocked on it
// (hiredis writes without MSG_NOSIGNAL).
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "adapters/stores/redis/redis_shared.h"

namespace prom::redis {

using Command = std::vector<std::string>;

struct Reply {
  enum class Kind : std::uint8_t { nil, integer, text, list, error } kind = Kind::nil;
  std::int64_t integer = 0;
  std::string text;  ///< of text and error
  std::vector<Reply> list;
};

class Connection {
 public:
  virtual ~Connection() = default;
  /// Connects, logs in, checks the version and chooses the database, within options.timeout for the whole.
  static StoreResult<std::unique_ptr<Connection>> open(const RedisOptions& options);

  /// Sends all, then waits for a reply to each, in order, all before `deadline`. Fewer replies than commands come with `broken`: the rest are in
  /// doubt, and the connection is of no more use.
  struct Outcome {
    std::vector<Reply> replies;
    std::optional<StoreError> broken;
  };
  virtual Outcome exchange(std::span<const Command> commands, std::chrono::steady_clock::time_point deadline) = 0;
  /// Nothing has come that nobody asked for, the end included: a connection that the server closed while it was idle is not quiet.
  virtual bool quiet() = 0;

  // For a subscription, where replies come by themselves.
  virtual StoreResult<void> send(const Command& command) = 0;
  /// The next reply; nothing when none has come within `wait`.
  virtual StoreResult<std::optional<Reply>> next(std::chrono::milliseconds wait) = 0;
};

/// What an error reply means; `subject` is the command and key for the sentence.
StoreError error_of(const RedisOptions& options, const std::string& text, const std::string& subject);

/// The version in an answer to INFO; empty where there is none.
std::string version_in(const std::string& info);

/// "Redis at host:port".
std::string place_of(const RedisOptions& options);

}  // namespace prom::redis
