// One blocking GET to this machine, for `promtrade health`: plain HTTP/1.1, bounded in time and size. Any thread.
#pragma once

#include <expected>
#include <string>

namespace prom {

struct HttpReply {
  int status = 0;
  std::string body;
};
struct HttpRequest {
  std::string address = "127.0.0.1";  ///< IPv4 or IPv6, no names
  int port = 0;
  std::string path = "/";
  int timeout_ms = 3000;  ///< for each of connect, write and read
};
inline constexpr std::size_t kMaxHttpReply = 1 << 20;

/// The error is one sentence: refused, timed out, not HTTP.
std::expected<HttpReply, std::string> http_get(const HttpRequest& request);

}  // namespace prom
