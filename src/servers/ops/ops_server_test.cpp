// The server as a client on a socket meets it: good requests, hostile ones, many at once, and stopping under load.
#include "servers/ops/ops_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <latch>
#include <stdexcept>
#include <thread>

namespace prom {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class Client {
 public:
  explicit Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  }
  ~Client() { ::close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool connected() const { return connected_; }
  bool send(std::string_view text) const { return ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()); }
  // Whatever comes until the server closes, or "TIMEOUT" behind it after 20 s.
  std::string read_all() const {
    std::string out;
    for (;;) {
      pollfd readable{fd_, POLLIN, 0};
      if (::poll(&readable, 1, 20'000) <= 0) return out + "TIMEOUT";
      char buffer[4096];
      const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
      if (got <= 0) return out;
      out.append(buffer, static_cast<std::size_t>(got));
    }
  }
  // Until `end` has arrived.
  std::string read_until(std::string_view end) const {
    std::string out;
    char byte = 0;
    while (!out.ends_with(end) && ::recv(fd_, &byte, 1, 0) == 1) out += byte;
    return out;
  }

 private:
  int fd_;
  bool connected_ = false;
};

HealthReport good_report() {
  return {.mode = "PAPER",
          .version = "1",
          .uptime = 5 * kSecond,
          .components = {{"engine", HealthState::ok, ""}},
          .readiness = Readiness::ready,
          .not_ready_reason = ""};
}

OpsProviders good_providers() {
  return {.health = &good_report, .metrics = [] { return std::string("promtrade_bars_total 7\n"); }};
}

std::unique_ptr<OpsServer> started(OpsConfig config = {}, OpsProviders providers = good_providers()) {
  config.port = 0;
  auto server = OpsServer::start(config, std::move(providers));
  if (!server) throw std::runtime_error(server.error().message());
  return std::move(*server);
}

std::string ask(std::uint16_t port, std::string_view request) {
  const Client client(port);
  EXPECT_TRUE(client.connected());
  EXPECT_TRUE(client.send(request));
  return client.read_all();
}

std::string get(std::uint16_t port, std::string_view path) {
  return ask(port, "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
}

TEST(OpsServer, ServesTheThreePages) {
  auto server = started();
  const std::string health = get(server->port(), "/health");
  EXPECT_THAT(health, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(health, HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(health, HasSubstr("\"status\":\"ok\",\"mode\":\"PAPER\""));
  EXPECT_THAT(get(server->port(), "/ready?verbose=1"), StartsWith("HTTP/1.1 200 OK\r\n"));
  const std::string metrics = get(server->port(), "/metrics");
  EXPECT_THAT(metrics, HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  EXPECT_TRUE(metrics.ends_with("\r\n\r\npromtrade_bars_total 7\n")) << metrics;
}

TEST(OpsServer, FailureAndStartAreServiceUnavailable) {
  std::atomic<HealthState> state = HealthState::failed;
  auto server = started({}, {.health =
                                 [&] {
                                   HealthReport report = good_report();
                                   report.components.push_back({"journal", state, "disk is full"});
                                   report.readiness = Readiness::not_ready;
                                   return report;
                                 },
                             .metrics = [] { return std::string(); }});
  const std::string failed = get(server->port(), "/health");
  EXPECT_THAT(failed, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(failed, HasSubstr("disk is full"));
  state = HealthState::degraded;
  EXPECT_THAT(get(server->port(), "/health"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(get(server->port(), "/ready"), StartsWith("HTTP/1.1 503 "));
}

TEST(OpsServer, HeadHasTheLengthAndNoBody) {
  auto server = started();
  const std::string reply = ask(server->port(), "HEAD /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(reply, HasSubstr("Content-Length: 23\r\n"));
  EXPECT_TRUE(reply.ends_with("\r\n\r\n")) << reply;
}

TEST(OpsServer, UnknownPathsAndMethodsAreRefusedInJson) {
  auto server = started();
  for (const char* const path : {"/", "/healthz", "/health/", "/../health", "//metrics", "http://x/health"}) {
    const std::string reply = get(server->port(), path);
    EXPECT_THAT(reply, StartsWith("HTTP/1.1 404 Not Found\r\n")) << path;
    EXPECT_THAT(reply, HasSubstr("{\"error\":{\"code\":\"not_found\"")) << path;
  }
  const std::string post = ask(server->port(), "POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(post, StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(post, HasSubstr("Allow: GET, HEAD\r\n"));
  EXPECT_THAT(ask(server->port(), "POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"), StartsWith("HTTP/1.1 413 "));
}

TEST(OpsServer, OneConnectionServesManyRequests) {
  auto server = started();
  const Client client(server->port());
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(client.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"));
    EXPECT_THAT(client.read_until("promtrade_bars_total 7\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
  }
  ASSERT_TRUE(client.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\nGET /ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  const std::string both = client.read_all();
  EXPECT_THAT(both, HasSubstr("promtrade_bars_total 7\nHTTP/1.1 200 OK\r\n"));
}

TEST(OpsServer, GarbageIsAnsweredAndCut) {
  auto server = started();
  EXPECT_THAT(ask(server->port(), "\x16\x03\x01\x02 TLS hello?\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ask(server->port(), "GET\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ask(server->port(), "GET /health HTTP/9.9\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ask(server->port(), "GET /health HTTP/1.1\r\nContent-Length: -1\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(get(server->port(), "/health"), StartsWith("HTTP/1.1 200 "));
}

TEST(OpsServer, OversizedHeaderIsRefused) {
  auto server = started();
  const std::string big = "GET /health HTTP/1.1\r\nHost: x\r\nX-Big: " + std::string(100'000, 'a') + "\r\n\r\n";
  const Client client(server->port());
  client.send(big);
  EXPECT_THAT(client.read_all(), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(get(server->port(), "/" + std::string(9'000, 'a')), StartsWith("HTTP/1.1 431 "));
}

TEST(OpsServer, SlowRequestIsCutAtTheDeadlineWhileOthersAreServed) {
  auto server = started({.request_timeout = 300 * kMillisecond});
  const Client slow(server->port());
  const auto began = std::chrono::steady_clock::now();
  std::jthread dripping([&slow](const std::stop_token& stop) {
    // One byte at a time, each well within the deadline: only a deadline for the whole request ends this.
    while (!stop.stop_requested() && slow.send("G")) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  });
  EXPECT_THAT(get(server->port(), "/health"), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(slow.read_all(), "");
  const auto took = std::chrono::steady_clock::now() - began;
  EXPECT_GE(took, std::chrono::milliseconds(290));
  EXPECT_LT(took, std::chrono::seconds(15));
}

TEST(OpsServer, SilentConnectionsAreBoundedAndGoAway) {
  auto server = started({.request_timeout = 400 * kMillisecond, .max_connections = 4});
  std::vector<std::unique_ptr<Client>> silent;
  for (int i = 0; i < 4; ++i) silent.push_back(std::make_unique<Client>(server->port()));
  EXPECT_THAT(Client(server->port()).read_all(), StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
  for (const auto& client : silent) EXPECT_EQ(client->read_all(), "");
  EXPECT_THAT(get(server->port(), "/health"), StartsWith("HTTP/1.1 200 "));
}

TEST(OpsServer, ManyClientsAtOnce) {
  auto server = started();
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> clients;
    for (int t = 0; t < 8; ++t) {
      clients.emplace_back([&] {
        for (int i = 0; i < 40; ++i) {
          if (get(server->port(), i % 2 == 0 ? "/health" : "/metrics").starts_with("HTTP/1.1 200 ")) ++good;
        }
      });
    }
  }
  EXPECT_EQ(good, 320);
}

TEST(OpsServer, ProviderThatThrowsIsAnErrorOfThatRequestOnly) {
  auto server = started({}, {.health = &good_report, .metrics = []() -> std::string { throw std::runtime_error("secret detail"); }});
  const std::string reply = get(server->port(), "/metrics");
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(reply, Not(HasSubstr("secret detail")));
  EXPECT_THAT(get(server->port(), "/health"), StartsWith("HTTP/1.1 200 "));
}

TEST(OpsServer, BusyPortNamesTheSettingThatMovesIt) {
  auto first = started();
  const auto second = OpsServer::start({.port = first->port()}, good_providers());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, OpsError::Code::port_in_use);
  EXPECT_THAT(second.error().message(), HasSubstr("127.0.0.1:" + std::to_string(first->port())));
  EXPECT_THAT(second.error().message(), HasSubstr("http.port"));
}

TEST(OpsServer, BadAddressNamesItsSetting) {
  for (const char* const address : {"localhost", "", "999.1.1.1", "203.0.113.7"}) {
    const auto server = OpsServer::start({.address = address, .port = 0}, good_providers());
    ASSERT_FALSE(server) << address;
    EXPECT_EQ(server.error().code, OpsError::Code::bad_address) << address;
    EXPECT_THAT(server.error().message(), HasSubstr("http.bind")) << address;
  }
}

TEST(OpsServer, StopsWhileClientsAreConnectedAndFreesThePort) {
  auto server = started();
  const std::uint16_t port = server->port();
  const Client idle(port);
  const Client half(port);
  ASSERT_TRUE(half.send("GET /health HTTP/1.1\r\nHo"));
  const Client kept(port);
  ASSERT_TRUE(kept.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_THAT(kept.read_until("promtrade_bars_total 7\n"), StartsWith("HTTP/1.1 200 "));
  const auto began = std::chrono::steady_clock::now();
  server->stop();
  server->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
  EXPECT_EQ(idle.read_all(), "");
  EXPECT_EQ(half.read_all(), "");
  EXPECT_EQ(kept.read_all(), "");
  EXPECT_FALSE(Client(port).connected());
  EXPECT_TRUE(OpsServer::start({.port = port}, good_providers()).has_value());
}

TEST(OpsServer, AnswerUnderWayGoesOutBeforeTheStop) {
  std::latch inside(1);
  std::latch go_on(1);
  auto server = started({}, {.health =
                                 [&] {
                                   inside.count_down();
                                   go_on.wait();
                                   return good_report();
                                 },
                             .metrics = [] { return std::string(); }});
  const Client client(server->port());
  ASSERT_TRUE(client.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n"));
  inside.wait();
  std::jthread stopping([&] { server->stop(); });
  go_on.count_down();
  const std::string reply = client.read_all();
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(reply, HasSubstr("\"status\":\"ok\""));
}

TEST(OpsServer, StopUnderLoad) {
  for (int round = 0; round < 5; ++round) {
    auto server = started();
    std::latch running(4);
    std::vector<std::jthread> clients;
    for (int t = 0; t < 4; ++t) {
      clients.emplace_back([&running, port = server->port()] {
        for (int i = 0;; ++i) {
          const Client client(port);
          if (i == 3) running.count_down();
          if (!client.connected()) return;
          client.send("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
          (void)client.read_all();
        }
      });
    }
    running.wait();
    server.reset();
  }
}

}  // namespace
}  // namespace prom
