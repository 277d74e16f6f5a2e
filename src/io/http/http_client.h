// An HTTP/1.1 client for feeds and databases: one request at a time, each on a connection of its own, plain or TLS with the host's certificate checked. Blocks its
// thread within the limits; one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

namespace prom::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method = "GET";
  std::string url;
  Headers headers = {};  ///< beside Host, User-Agent, Accept-Encoding and Content-Length, which are the client's
  std::string body = {};
};

struct Reply {
  int status = 0;  ///< whatever the server says, refusals too
  Headers headers;
  std::string body = {};
  std::string url;  ///< where it came from in the end, without its query
  /// First header of that name, whatever its case.
  std::optional<std::string_view> header(std::string_view name) const;
};

enum class Fault : std::uint8_t {
  bad_url,
  resolve,    ///< the name is not known
  connect,    ///< refused, or nobody answers
  tls,        ///< the certificate is not that host's, or no trusted authority signed it
  timeout,    ///< within the time of the whole
  too_large,  ///< more than max_body, or than 64 KiB of headers
  cut,        ///< closed before the reply was whole
  protocol,   ///< what came is no HTTP reply
  redirect    ///< too many, or to where a client must not go
};

/// `asked`: whether the server may have seen the request. What changes something is sent again only where it has surely not.
enum class Asked : std::uint8_t { surely_not, perhaps };

struct Error {
  Fault fault = Fault::connect;
  Asked asked = Asked::surely_not;
  std::string detail;  ///< one sentence with the host; never the query, a header or a body, which may hold a key
};

struct Options {
  DurationNs connect_timeout{5'000'000'000};  ///< name, connection and handshake
  DurationNs timeout{20'000'000'000};         ///< from then to the last byte
  std::size_t max_body = std::size_t{8} << 20U;
  int max_redirects = 3;  ///< of GET alone; headers are sent again only to the same host
  std::string ca_file;    ///< PEM with the authorities to trust; empty = the system's
  std::string user_agent = "promtrade";
};

class Client {
 public:
  explicit Client(Options options = {}) : options_(std::move(options)) {}
  std::expected<Reply, Error> send(const Request& request) const;

 private:
  Options options_;
};

}  // namespace prom::http
