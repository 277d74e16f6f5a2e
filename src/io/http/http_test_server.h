// A loopback server that answers each request by a function of the test's, optionally through TLS. Tests only. One thread of its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace prom::http_test {

/// The whole request as it came (head and body) to the raw bytes of the answer. An answer that ends in kThenClose (not sent) is followed by a close.
using Answer = std::function<std::string(const std::string& request)>;
inline constexpr const char* kThenClose = "\x01then close";

std::string reply(const std::string& body, const std::string& status = "200 OK", const std::string& headers = "");

class Server {
 public:
  /// Listens on a free port of 127.0.0.1; with a certificate and key (PEM) through TLS.
  explicit Server(Answer answer, const std::string& certificate = "", const std::string& key = "");
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  std::uint16_t port() const;
  unsigned requests() const;
  std::string seen_name() const;  ///< the SNI of the last handshake

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace prom::http_test
