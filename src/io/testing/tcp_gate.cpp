// See the header. One thread polls all sockets; bytes wait in a queue with the instant at which they are due.
#include "io/testing/tcp_gate.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.h"

namespace prom {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kTickMs = 5;
constexpr std::size_t kDripBytes = 4;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

struct Piece {
  Clock::time_point due;
  std::string bytes;
};

/// One direction of a connection.
struct Lane {
  int from = -1;
  int to = -1;
  enum class Way : std::uint8_t { to_server, to_client } way = Way::to_server;
  std::deque<Piece> waiting;

  void take(std::string bytes, TcpGate::Mode mode) {
    const auto now = Clock::now();
    switch (mode) {
      case TcpGate::Mode::half_open:
      case TcpGate::Mode::cut: return;
      case TcpGate::Mode::deaf:
        if (way == Way::to_client) return;
        break;
      case TcpGate::Mode::garbage:
        if (way == Way::to_client) std::ranges::for_each(bytes, [](char& byte) { byte = static_cast<char>(byte ^ 0x5A); });
        break;
      case TcpGate::Mode::late: waiting.push_back({now + TcpGate::kLate, std::move(bytes)}); return;
      case TcpGate::Mode::drip:
        if (way == Way::to_server) break;
        for (std::size_t at = 0; at < bytes.size(); at += kDripBytes) {
          const auto after = waiting.empty() ? now : waiting.back().due;
          waiting.push_back({after + TcpGate::kDrip, bytes.substr(at, kDripBytes)});
        }
        return;
      case TcpGate::Mode::pass: break;
    }
    waiting.push_back({now, std::move(bytes)});
  }
  /// False when the other side takes nothing more.
  bool deliver() {
    while (!waiting.empty() && waiting.front().due <= Clock::now()) {
      std::string& bytes = waiting.front().bytes;
      const ssize_t sent = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0) return errno == EAGAIN;
      bytes.erase(0, static_cast<std::size_t>(sent));
      if (!bytes.empty()) return true;
      waiting.pop_front();
    }
    return true;
  }
  /// False at the end of what `from` sends, which ends the connection as soon as everything has been delivered.
  template <class ModeFor>
  bool receive(const ModeFor& mode_for) {
    char buffer[65'536];
    const ssize_t got = ::recv(from, buffer, sizeof buffer, MSG_DONTWAIT);
    if (got > 0) {
      std::string bytes(buffer, static_cast<std::size_t>(got));
      const TcpGate::Mode mode = mode_for(bytes);
      take(std::move(bytes), mode);
    }
    return got > 0 || (got < 0 && errno == EAGAIN);
  }
};

}  // namespace

struct TcpGate::Pair {
  Lane up, down;
  bool ended = false;
  Pair(int client, int server) : up{client, server, Lane::Way::to_server, {}}, down{server, client, Lane::Way::to_client, {}} {}
  ~Pair() {
    ::close(up.from);
    ::close(up.to);
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
  bool alive(TcpGate& gate) {
    // A connection that the network holds half open does not learn that the other side is gone.
    const bool up_ended = !up.receive([&](const std::string& bytes) { return gate.mode_for(bytes); });
    const bool down_ended = !down.receive([&](const std::string&) -> Mode { return gate.mode_; });
    ended = up_ended || down_ended || ended;
    const Mode mode = gate.mode_;
    const bool flowing = up.deliver() && down.deliver();
    if (mode == Mode::half_open || mode == Mode::deaf) return true;
    return flowing && !(ended && up.waiting.empty() && down.waiting.empty());
  }
};

TcpGate::TcpGate(std::uint16_t server_port) : server_port_(server_port), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  const bool listening = ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 && ::listen(listener_, 64) == 0 &&
                         ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  PROM_ASSERT(listening, "a gate needs a port");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { work(); });
}

TcpGate::~TcpGate() {
  stopping_ = true;
  thread_.join();
  ::close(listener_);
}

void TcpGate::trap(const std::string& text, Mode mode) {
  const std::lock_guard lock(trap_mutex_);
  trap_text_ = text;
  trap_mode_ = mode;
}

bool TcpGate::sprung() {
  const std::lock_guard lock(trap_mutex_);
  return trap_text_.empty();
}

TcpGate::Mode TcpGate::mode_for(const std::string& from_client) {
  const std::lock_guard lock(trap_mutex_);
  if (!trap_text_.empty() && from_client.find(trap_text_) != std::string::npos) {
    trap_text_.clear();
    mode_ = trap_mode_;
  }
  return mode_;
}

void TcpGate::cut_to(std::optional<Mode> mode) {
  std::unique_lock lock(cut_mutex_);
  const std::uint64_t mine = ++cuts_asked_;
  if (mode) after_cut_ = mode;
  cut_done_.wait(lock, [&] { return cuts_made_ >= mine; });
}

void TcpGate::make_cuts(std::vector<std::unique_ptr<Pair>>& pairs) {
  const std::lock_guard lock(cut_mutex_);
  if (cuts_made_ == cuts_asked_) return;
  pairs.clear();
  if (after_cut_) mode_ = *std::exchange(after_cut_, std::nullopt);
  cuts_made_ = cuts_asked_;
  cut_done_.notify_all();
}

void TcpGate::work() {
  std::vector<std::unique_ptr<Pair>> pairs;
  while (!stopping_) {
    std::vector<pollfd> sockets{{listener_, POLLIN, 0}};
    for (const auto& pair : pairs) {
      if (pair->ended) continue;  // would wake us at once, for ever
      sockets.push_back({pair->up.from, POLLIN, 0});
      sockets.push_back({pair->up.to, POLLIN, 0});
    }
    ::poll(sockets.data(), sockets.size(), kTickMs);
    if (mode_ == Mode::cut) pairs.clear();
    make_cuts(pairs);
    for (int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC); client >= 0; client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) {
      const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const sockaddr_in address = loopback(server_port_);
      const int on = 1;
      ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      ::setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      const bool reached = mode_ != Mode::cut &&  // read after the accept: the client may have waited for the mode before it connected
                           ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
      if (reached) {
        pairs.push_back(std::make_unique<Pair>(client, server));
      } else {
        ::close(client);
        ::close(server);
      }
    }
    std::erase_if(pairs, [&](const auto& pair) { return !pair->alive(*this); });
  }
}

}  // namespace prom
