// A client of one HTTP/1.1 server, plain or TLS: every wait and every reply is bounded, and an error tells 'surely not sent' from 'in doubt'.
// One thread at a time each client; it keeps one connection and uses it again. No redirects, no decoding of content, no proxy.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace prom::http {

enum class Scheme : std::uint8_t { plain, tls };

struct Endpoint {
  std::string host;  ///< name or address, without brackets; TLS checks the certificate for it and sends it as SNI
  std::uint16_t port = 80;
  Scheme scheme = Scheme::plain;
  /// PEM file of certificate authorities that are trusted beside the system's; empty: the system's alone. There is no way to switch the check off.
  std::string ca_file;
};

struct Bounds {
  std::chrono::milliseconds connect{3'000};    ///< TCP and TLS together; a name's look-up is bounded by the system's resolver, not by this
  std::chrono::milliseconds exchange{10'000};  ///< from the first byte sent to the last byte received, however slowly they drip
  std::chrono::milliseconds idle{2'000};       ///< a connection unused for longer is not used again: servers close theirs about then
  std::size_t response = std::size_t{64} << 20;
  std::size_t header = std::size_t{64} << 10;
};

struct Header {
  std::string name, value;
};

/// What is referred to must live until exchange() returns.
struct Request {
  std::string_view method = "GET";
  std::string_view target = "/";
  std::vector<Header> headers;  ///< beside Host, Content-Length and Connection, which the client writes
  std::string_view body;
};

struct Response {
  unsigned status = 0;
  std::vector<Header> headers;
  std::string body;
  /// First value under that name, letters' case ignored.
  std::optional<std::string_view> header(std::string_view name) const;
};

enum class ErrorKind : std::uint8_t {
  bad_request,  ///< a header or target with a line break: never sent
  resolve,      ///< the name has no address
  connect,      ///< refused, unreachable or too late
  tls,          ///< no TLS, or a certificate that is not trusted for this host
  timeout,      ///< connected, and no whole reply within `exchange`
  broken,       ///< the connection ended before the reply did
  malformed,    ///< what came is not HTTP
  too_large,    ///< the reply exceeds `response` or `header`
};

struct HttpError {
  ErrorKind kind = ErrorKind::broken;
  /// `after`: not one byte of the request left. `in_doubt`: the server may have acted on it. `never`: the same request fails again.
  Retry retry = Retry::in_doubt;
  std::string detail;  ///< one sentence with the server's place; never a header, target or body
};

class Client {
 public:
  explicit Client(Endpoint endpoint, Bounds bounds = {});
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  /// Sends and waits for the whole reply. Any status is a reply, not an error. A request is sent once: the client itself never repeats one. A connection that
  /// the server closed while it was idle is noticed before anything is sent on it. After an error the next call connects anew.
  std::expected<Response, HttpError> exchange(const Request& request);
  /// Connections made so far: for tests and metrics of reuse.
  std::uint64_t connections() const;
  const Endpoint& endpoint() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace prom::http
