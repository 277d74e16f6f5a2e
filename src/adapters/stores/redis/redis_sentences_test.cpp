// What an operator reads when Redis cannot be used, against a peer that answers as servers do. The answers are those of Redis 6.0 and 7.0, and of a web server.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <thread>

#include "adapters/stores/redis/redis_link.h"

namespace prom {
namespace {

/// Answers each request with what `answer` says for it, until the client goes.
class Peer {
 public:
  using Answer = std::function<std::string(const std::string& request)>;
  explicit Peer(Answer answer) : answer_(std::move(answer)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_, 8), 0);
    EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~Peer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  std::uint16_t port() const { return port_; }

 private:
  void serve() {
    for (int client = ::accept(listener_, nullptr, nullptr); client >= 0; client = ::accept(listener_, nullptr, nullptr)) {
      char buffer[4096];
      for (ssize_t got = ::recv(client, buffer, sizeof buffer, 0); got > 0; got = ::recv(client, buffer, sizeof buffer, 0)) {
        const std::string reply = answer_(std::string(buffer, static_cast<std::size_t>(got)));
        ::send(client, reply.data(), reply.size(), MSG_NOSIGNAL);
      }
      ::close(client);
    }
  }
  Answer answer_;
  int listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
  std::uint16_t port_ = 0;
  std::thread thread_;
};

std::string info(const std::string& version) {
  const std::string text = "# Server\r\nredis_version:" + version + "\r\nredis_git_sha1:00000000\r\n";
  return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
}

/// A good Redis 7 but for the commands named in `others`.
Peer::Answer redis_but(std::string command, std::string reply) {
  return [command = std::move(command), reply = std::move(reply)](const std::string& request) -> std::string {
    if (request.find("\r\n" + command + "\r\n") != std::string::npos) return reply;
    if (request.find("\r\nINFO\r\n") != std::string::npos) return info("7.0.15");
    if (request.find("\r\nEVAL\r\n") != std::string::npos) return "$-1\r\n";
    return "+OK\r\n";
  };
}

StoreError refused(std::uint16_t port, RedisOptions options = {}) {
  options.port = port;
  options.timeout = std::chrono::milliseconds(2000);
  const auto opened = open_redis_shared(std::move(options));
  EXPECT_FALSE(opened);
  return opened ? StoreError{} : opened.error();
}

std::string at(std::uint16_t port) { return "Redis at 127.0.0.1:" + std::to_string(port); }

RedisOptions with_password() {
  RedisOptions options;
  options.password = SecretString(std::string("guess"));
  return options;
}

TEST(RedisSentences, AGoodServerIsTaken) {
  const Peer peer(redis_but("", ""));
  RedisOptions options;
  options.port = peer.port();
  options.timeout = std::chrono::milliseconds(2000);
  const auto opened = open_redis_shared(std::move(options));
  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_EQ((*opened)->counters().connects, 1U);
}

TEST(RedisSentences, WrongPassword) {
  const Peer peer(redis_but("AUTH", "-WRONGPASS invalid username-password pair or user is disabled.\r\n"));
  const StoreError error = refused(peer.port(), with_password());
  EXPECT_EQ(error.detail, at(peer.port()) + " refuses the password");
  EXPECT_EQ(error.hint, "check REDIS_PASSWORD");
  EXPECT_EQ(error.kind, StoreErrorKind::bad_argument);
  EXPECT_EQ(error.retry, Retry::never);
}

TEST(RedisSentences, APasswordThatTheServerDoesNotHave) {
  const Peer peer(
      redis_but("AUTH", "-ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?\r\n"));
  EXPECT_EQ(refused(peer.port(), with_password()).detail, at(peer.port()) + " refuses the password");
}

TEST(RedisSentences, NoPassword) {
  const Peer peer([](const std::string&) { return "-NOAUTH Authentication required.\r\n"; });
  const StoreError error = refused(peer.port());
  EXPECT_EQ(error.detail, at(peer.port()) + " asks for a password and none is set");
  EXPECT_EQ(error.hint, "set REDIS_PASSWORD");
}

TEST(RedisSentences, WrongVersion) {
  const Peer peer(redis_but("INFO", info("6.0.16")));
  const StoreError error = refused(peer.port());
  EXPECT_EQ(error.detail, at(peer.port()) + " is version 6.0.16; 7 or newer is needed");
  EXPECT_EQ(error.kind, StoreErrorKind::version);
  EXPECT_EQ(error.retry, Retry::never);
}

TEST(RedisSentences, NoRights) {
  const Peer peer(redis_but("EVAL", "-NOPERM User default has no permissions to run the 'eval' command\r\n"));
  const StoreError error = refused(peer.port());
  EXPECT_EQ(error.detail, at(peer.port()) + " does not let the default user run EVAL on lock:-");
  EXPECT_EQ(error.kind, StoreErrorKind::bad_argument);
}

TEST(RedisSentences, NoSuchDatabase) {
  const Peer peer(redis_but("SELECT", "-ERR DB index is out of range\r\n"));
  RedisOptions options;
  options.db = 99;
  EXPECT_EQ(refused(peer.port(), std::move(options)).detail, at(peer.port()) + " has no database 99");
}

TEST(RedisSentences, AnotherProtocol) {
  const Peer peer([](const std::string&) { return "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"; });
  const StoreError error = refused(peer.port());
  EXPECT_EQ(error.detail, "what answers at 127.0.0.1:" + std::to_string(peer.port()) + " does not speak Redis' protocol");
  EXPECT_EQ(error.hint, "check REDIS_HOST and REDIS_PORT");
}

TEST(RedisSentences, NobodyThere) {
  std::uint16_t port = 0;
  {
    port = Peer([](const std::string&) { return ""; }).port();
  }
  const StoreError error = refused(port);
  EXPECT_EQ(error.detail, at(port) + " cannot be reached: Connection refused");
  EXPECT_EQ(error.kind, StoreErrorKind::away);
  EXPECT_EQ(error.retry, Retry::after);
}

TEST(RedisSentences, AServerThatStartsIsAwayForNow) {
  const Peer peer([](const std::string&) { return "-LOADING Redis is loading the dataset in memory\r\n"; });
  const StoreError error = refused(peer.port());
  EXPECT_EQ(error.kind, StoreErrorKind::away);
  EXPECT_EQ(error.retry, Retry::after);
}

TEST(RedisSentences, PasswordsAreInNone) {
  const Peer peer(redis_but("AUTH", "-WRONGPASS invalid username-password pair or user is disabled.\r\n"));
  const StoreError error = refused(peer.port(), with_password());
  EXPECT_EQ((error.detail + error.hint).find("guess"), std::string::npos);
}

TEST(RedisLink, WaitsLongerAfterEachFailureUpToASecond) {
  std::vector<std::int64_t> waits;
  for (int failures = 0; failures <= 9; ++failures) waits.push_back(redis::backoff(failures).count());
  EXPECT_EQ(waits, (std::vector<std::int64_t>{0, 0, 50, 100, 200, 400, 800, 1000, 1000, 1000}));
}

TEST(RedisLink, AnAnswerThatNobodyAskedForIsNotTakenForTheNext) {
  // Two replies to one request: the second must not become the answer to what is asked later.
  const Peer peer([good = redis_but("", "")](const std::string& request) {
    const bool asks = request.find("\r\nGET\r\n") != std::string::npos;
    return asks ? "$5\r\nright\r\n$5\r\nwrong\r\n" : good(request);
  });
  auto options = std::make_shared<RedisOptions>();
  options->port = peer.port();
  options->timeout = std::chrono::milliseconds(2000);
  redis::Link link(options);
  for (int i = 0; i < 3; ++i) {
    const auto reply = link.ask({"GET", "k"});
    ASSERT_TRUE(reply) << reply.error().detail;
    EXPECT_EQ(reply->text, "right");
  }
  EXPECT_EQ(link.counters().connects, 3U) << "a connection with something unasked in it is given up";
}

}  // namespace
}  // namespace prom
