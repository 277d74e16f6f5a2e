// Sockets by hand: Asio would cost 25 s of compile time for one request to loopback.
#include "app/commands/http_get.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "base/text.h"

namespace prom {
namespace {

class Socket {
 public:
  explicit Socket(int family) : fd_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

std::optional<Address> address_of(const HttpRequest& request) {
  Address out;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&out.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&out.storage);
  if (::inet_pton(AF_INET, request.address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(static_cast<std::uint16_t>(request.port));
    out.length = sizeof *v4;
    return out;
  }
  if (::inet_pton(AF_INET6, request.address.c_str(), &v6->sin6_addr) != 1) return std::nullopt;
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons(static_cast<std::uint16_t>(request.port));
  out.length = sizeof *v6;
  return out;
}

std::unexpected<std::string> failed(std::string_view what) {
  const bool late = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINPROGRESS;
  return std::unexpected(std::string(what) + ": " + (late ? "no answer in time" : std::strerror(errno)));
}

std::expected<HttpReply, std::string> parse_reply(std::string_view text) {
  const auto end = text.find("\r\n\r\n");
  const auto words = split(text.substr(0, text.find("\r\n")), ' ');
  const auto status = words.size() >= 2 ? parse_u64(words[1]) : std::nullopt;
  if (end == std::string_view::npos || !words.front().starts_with("HTTP/1.") || !status || *status < 100 || *status > 599) {
    return std::unexpected(std::string("the answer is not HTTP: another program listens there"));
  }
  return HttpReply{static_cast<int>(*status), std::string(text.substr(end + 4))};
}

}  // namespace

std::expected<HttpReply, std::string> http_get(const HttpRequest& request) {
  const auto address = address_of(request);
  if (!address) return std::unexpected("not an IP address: " + request.address);
  const Socket socket(address->storage.ss_family);
  const timeval timeout{request.timeout_ms / 1000, request.timeout_ms % 1000 * 1000};
  ::setsockopt(socket.fd(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  ::setsockopt(socket.fd(), SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  if (::connect(socket.fd(), reinterpret_cast<const sockaddr*>(&address->storage), address->length) != 0) return failed("connect");
  const std::string text = "GET " + request.path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  if (::send(socket.fd(), text.data(), text.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(text.size())) return failed("send");
  std::string reply;
  char buffer[4096];
  while (reply.size() < kMaxHttpReply) {
    const ssize_t got = ::recv(socket.fd(), buffer, sizeof buffer, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("receive");
    if (got == 0) break;
    reply.append(buffer, static_cast<std::size_t>(got));
  }
  return parse_reply(reply);
}

}  // namespace prom
