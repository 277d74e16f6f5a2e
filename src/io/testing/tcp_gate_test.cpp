// The gate between a client and a server that sends everything back, both written here.
#include "io/testing/tcp_gate.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

namespace prom {
namespace {

struct Echo {
  int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  std::uint16_t port = 0;
  std::thread thread;
  Echo() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener, 8), 0);
    EXPECT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port = ntohs(address.sin_port);
    thread = std::thread([this] {
      for (int peer = ::accept(listener, nullptr, nullptr); peer >= 0; peer = ::accept(listener, nullptr, nullptr)) {
        char buffer[4096];
        for (ssize_t got = ::recv(peer, buffer, sizeof buffer, 0); got > 0; got = ::recv(peer, buffer, sizeof buffer, 0))
          ::send(peer, buffer, static_cast<std::size_t>(got), MSG_NOSIGNAL);
        ::close(peer);
      }
    });
  }
  ~Echo() {
    ::shutdown(listener, SHUT_RDWR);
    thread.join();
    ::close(listener);
  }
  Echo(const Echo&) = delete;
  Echo& operator=(const Echo&) = delete;
};

struct Client {
  int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  explicit Client(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~Client() { ::close(socket); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  void say(const std::string& text) const { ASSERT_EQ(::send(socket, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size())); }
  /// What comes until `count` bytes, the end, or `wait_ms` of silence.
  std::string hear(std::size_t count, int wait_ms) {
    std::string out;
    char buffer[4096];
    for (pollfd waiting{socket, POLLIN, 0}; out.size() < count && ::poll(&waiting, 1, wait_ms) > 0;) {
      const ssize_t got = ::recv(socket, buffer, std::min(sizeof buffer, count - out.size()), 0);
      if (got <= 0) {
        ended = true;
        return out;
      }
      out.append(buffer, static_cast<std::size_t>(got));
    }
    return out;
  }
  bool ended = false;
};

struct Gate : testing::Test {
  Echo echo;
  TcpGate gate{echo.port};
};

TEST_F(Gate, Passes) {
  Client client(gate.port());
  const std::string much(200'000, 'm');
  std::thread speaker([&] { client.say(much); });
  EXPECT_EQ(client.hear(much.size(), 5000), much);
  speaker.join();
}

TEST_F(Gate, IsLate) {
  gate.set(TcpGate::Mode::late);
  Client client(gate.port());
  const auto started = std::chrono::steady_clock::now();
  client.say("hello");
  EXPECT_EQ(client.hear(5, 5000), "hello");
  EXPECT_GE(std::chrono::steady_clock::now() - started, 2 * TcpGate::kLate);
}

TEST_F(Gate, Drips) {
  gate.set(TcpGate::Mode::drip);
  Client client(gate.port());
  const auto started = std::chrono::steady_clock::now();
  client.say("0123456789abcdef");
  EXPECT_EQ(client.hear(16, 5000), "0123456789abcdef");
  EXPECT_GE(std::chrono::steady_clock::now() - started, 4 * TcpGate::kDrip);
}

TEST_F(Gate, Garbles) {
  gate.set(TcpGate::Mode::garbage);
  Client client(gate.port());
  client.say("hello");
  const std::string heard = client.hear(5, 5000);
  EXPECT_EQ(heard.size(), 5U);
  EXPECT_NE(heard, "hello");
}

TEST_F(Gate, SwallowsWithoutClosing) {
  for (const auto mode : {TcpGate::Mode::half_open, TcpGate::Mode::deaf}) {
    gate.set(mode);
    Client client(gate.port());
    client.say("hello");
    EXPECT_EQ(client.hear(5, 200), "");
    EXPECT_FALSE(client.ended);
  }
}

TEST_F(Gate, ATrapChangesTheModeWithTheBytesThatItWaitsFor) {
  Client client(gate.port());
  gate.trap("COMMIT", TcpGate::Mode::half_open);
  client.say("BEGIN");
  EXPECT_EQ(client.hear(5, 5000), "BEGIN");
  client.say("COMMIT");
  EXPECT_EQ(client.hear(6, 200), "");
  gate.set(TcpGate::Mode::pass);
  client.say("again");
  EXPECT_EQ(client.hear(5, 5000), "again") << "once only, and what was swallowed has not reached the server";
}

TEST_F(Gate, Cuts) {
  Client client(gate.port());
  client.say("hello");
  EXPECT_EQ(client.hear(5, 5000), "hello");
  gate.set(TcpGate::Mode::cut);
  EXPECT_EQ(client.hear(1, 5000), "");
  EXPECT_TRUE(client.ended);
  Client second(gate.port());
  EXPECT_EQ(second.hear(1, 5000), "");
  EXPECT_TRUE(second.ended);
  gate.set(TcpGate::Mode::pass);
  Client third(gate.port());
  third.say("again");
  EXPECT_EQ(third.hear(5, 5000), "again");
  gate.cut_now();
  EXPECT_EQ(third.hear(1, 5000), "");
  EXPECT_TRUE(third.ended);
}

}  // namespace
}  // namespace prom
