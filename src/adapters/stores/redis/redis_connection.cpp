// See the header. hiredis does the protocol; waiting is ours, because its own timeouts count from the last byte and a drip would never end.
#include "adapters/stores/redis/redis_connection.h"

#include <hiredis/hiredis.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace prom::redis {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kOldestMajor = 7;

struct FreeContext {
  void operator()(redisContext* context) const { redisFree(context); }
};
struct FreeReply {
  void operator()(void* reply) const { freeReplyObject(reply); }
};

Reply take(const redisReply& reply) {
  Reply out;
  switch (reply.type) {
    case REDIS_REPLY_INTEGER:
      out.kind = Reply::Kind::integer;
      out.integer = reply.integer;
      break;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      out.kind = Reply::Kind::text;
      out.text.assign(reply.str, static_cast<std::size_t>(reply.len));
      break;
    case REDIS_REPLY_ERROR:
      out.kind = Reply::Kind::error;
      out.text.assign(reply.str, static_cast<std::size_t>(reply.len));
      break;
    case REDIS_REPLY_ARRAY:
      out.kind = Reply::Kind::list;
      for (std::size_t i = 0; i < reply.elements; ++i) out.list.push_back(take(*reply.element[i]));
      break;
    default: break;
  }
  return out;
}

timeval as_timeval(std::chrono::milliseconds time) { return {static_cast<time_t>(time.count() / 1000), static_cast<suseconds_t>(time.count() % 1000 * 1000)}; }

class HiredisConnection final : public Connection {
 public:
  HiredisConnection(const RedisOptions& options, redisContext* context) : options_(options), context_(context) {}

  Outcome exchange(std::span<const Command> commands, Clock::time_point deadline) override {
    Outcome outcome;
    for (const Command& command : commands) append(command);
    if (auto wrote = flush(); !wrote) {
      outcome.broken = std::move(wrote).error();
      return outcome;
    }
    while (outcome.replies.size() < commands.size()) {
      auto reply = next_until(deadline);
      if (reply && *reply) {
        outcome.replies.push_back(*std::move(*reply));
        continue;
      }
      outcome.broken = reply ? StoreError{StoreErrorKind::away, Retry::in_doubt,
                                          place_of(options_) + " did not answer within " + std::to_string(options_.timeout.count()) + " ms", ""}
                             : std::move(reply).error();
      return outcome;
    }
    return outcome;
  }

  bool quiet() override {
    // A reply too many may have arrived together with the last one.
    if (context_->reader->pos < context_->reader->len) return false;
    pollfd waiting{context_->fd, POLLIN, 0};
    return ::poll(&waiting, 1, 0) == 0;
  }

  StoreResult<void> send(const Command& command) override {
    append(command);
    return flush();
  }

  StoreResult<std::optional<Reply>> next(std::chrono::milliseconds wait) override { return next_until(Clock::now() + wait); }

 private:
  void append(const Command& command) {
    std::vector<const char*> parts;
    std::vector<std::size_t> lengths;
    for (const std::string& part : command) {
      parts.push_back(part.data());
      lengths.push_back(part.size());
    }
    redisAppendCommandArgv(context_.get(), static_cast<int>(parts.size()), parts.data(), lengths.data());
  }

  StoreResult<void> flush() {
    for (int done = 0; done == 0;) {
      if (redisBufferWrite(context_.get(), &done) != REDIS_OK) return std::unexpected(broken());
    }
    return {};
  }

  StoreResult<std::optional<Reply>> next_until(Clock::time_point deadline) {
    while (true) {
      void* raw = nullptr;
      if (redisGetReplyFromReader(context_.get(), &raw) != REDIS_OK) return std::unexpected(broken());
      if (raw != nullptr) {
        const std::unique_ptr<void, FreeReply> held(raw);
        return take(*static_cast<const redisReply*>(raw));
      }
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
      if (left.count() <= 0) return std::nullopt;
      pollfd waiting{context_->fd, POLLIN, 0};
      if (::poll(&waiting, 1, static_cast<int>(left.count())) > 0 && redisBufferRead(context_.get()) != REDIS_OK) return std::unexpected(broken());
    }
  }

  StoreError broken() const {
    if (context_->err == REDIS_ERR_PROTOCOL)
      return {StoreErrorKind::away, Retry::in_doubt,
              "what answers at " + options_.host + ":" + std::to_string(options_.port) + " does not speak Redis' protocol", "check REDIS_HOST and REDIS_PORT"};
    return {StoreErrorKind::away, Retry::in_doubt, "the connection to " + place_of(options_) + " broke: " + context_->errstr, ""};
  }

  const RedisOptions& options_;
  std::unique_ptr<redisContext, FreeContext> context_;
};

StoreResult<Reply> ask(Connection& connection, const RedisOptions& options, const Command& command, Clock::time_point deadline) {
  auto outcome = connection.exchange(std::span(&command, 1), deadline);
  if (outcome.broken) {
    outcome.broken->retry = Retry::after;  // nothing of a caller's has been sent yet
    return std::unexpected(*std::move(outcome.broken));
  }
  Reply& reply = outcome.replies.front();
  if (reply.kind == Reply::Kind::error) return std::unexpected(error_of(options, reply.text, command.front()));
  return std::move(reply);
}

StoreResult<void> check_version(const RedisOptions& options, const std::string& info) {
  const std::string version = version_in(info);
  int major = 0;
  std::from_chars(version.data(), version.data() + version.size(), major);
  if (major >= kOldestMajor) return {};
  return std::unexpected(
      StoreError{StoreErrorKind::version, Retry::never,
                 place_of(options) + " is version " + (version.empty() ? "unknown" : version) + "; " + std::to_string(kOldestMajor) + " or newer is needed",
                 "name a newer server in REDIS_HOST and REDIS_PORT"});
}

}  // namespace

std::string version_in(const std::string& info) {
  constexpr std::string_view kName = "redis_version:";
  const std::size_t at = info.find(kName);
  return at == std::string::npos ? "" : info.substr(at + kName.size(), info.find_first_of("\r\n", at) - at - kName.size());
}

std::string place_of(const RedisOptions& options) { return "Redis at " + options.host + ":" + std::to_string(options.port); }

StoreError error_of(const RedisOptions& options, const std::string& text, const std::string& subject) {
  const std::string place = place_of(options);
  const std::string word = text.substr(0, text.find(' '));
  const auto is = [&](std::initializer_list<const char*> words) { return std::ranges::any_of(words, [&](const char* w) { return word == w; }); };
  if (is({"WRONGPASS"}) || (word == "ERR" && subject == "AUTH"))
    return {StoreErrorKind::bad_argument, Retry::never, place + " refuses the password", "check REDIS_PASSWORD"};
  if (is({"NOAUTH"})) return {StoreErrorKind::bad_argument, Retry::never, place + " asks for a password and none is set", "set REDIS_PASSWORD"};
  if (is({"NOPERM"}))
    return {StoreErrorKind::bad_argument, Retry::never,
            place + " does not let " + (options.user.empty() ? "the default user" : "user " + options.user) + " run " + subject,
            "give it the right (ACL SETUSER): " + text};
  if (word == "ERR" && subject == "SELECT")
    return {StoreErrorKind::bad_argument, Retry::never, place + " has no database " + std::to_string(options.db), "check REDIS_DB"};
  if (is({"OOM"})) return {StoreErrorKind::full, Retry::after, place + " has no memory left", "raise its maxmemory"};
  if (is({"LOADING", "BUSY", "MASTERDOWN", "READONLY", "CLUSTERDOWN", "TRYAGAIN"}))
    return {StoreErrorKind::away, Retry::after, place + " cannot serve now: " + text, ""};
  return {StoreErrorKind::io, Retry::never, place + " refuses " + subject + ": " + text, ""};
}

StoreResult<std::unique_ptr<Connection>> Connection::open(const RedisOptions& options) {
  const auto deadline = Clock::now() + options.timeout;
  redisContext* raw = redisConnectWithTimeout(options.host.c_str(), options.port, as_timeval(options.timeout));
  const bool failed = raw == nullptr || raw->err != 0;
  if (failed) {
    const std::string why = raw == nullptr ? "no memory" : raw->errstr;
    if (raw != nullptr) redisFree(raw);
    return std::unexpected(StoreError{StoreErrorKind::away, Retry::after, place_of(options) + " cannot be reached: " + why, "check REDIS_HOST and REDIS_PORT"});
  }
  auto connection = std::make_unique<HiredisConnection>(options, raw);
  redisSetTimeout(raw, as_timeval(options.timeout));  // bounds writes
  if (!options.password.empty()) {
    Command auth{"AUTH"};
    if (!options.user.empty()) auth.push_back(options.user);
    auth.emplace_back(options.password.expose());
    const auto let_in = ask(*connection, options, auth, deadline);
    wipe(auth.back());
    PROM_CHECK_OK(let_in);
  }
  PROM_TRY(const Reply info, ask(*connection, options, {"INFO", "server"}, deadline));
  PROM_CHECK_OK(check_version(options, info.text));
  PROM_CHECK_OK(ask(*connection, options, {"SELECT", std::to_string(options.db)}, deadline));
  return connection;
}

}  // namespace prom::redis
