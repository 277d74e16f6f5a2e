// Asks any http or https address: the client of one server behind it, a few redirects, the same bounds. Blocks; one thread at a time.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/http/http_client.h"
#include "io/http/url.h"

namespace prom::http {

struct UrlRequest {
  std::string method = "GET";
  std::string url;
  std::vector<Header> headers = {};  ///< beside what the client writes, User-Agent and Accept-Encoding
  std::string body = {};
};

struct UrlReply {
  Response response;
  std::string url;  ///< where it came from in the end, without its query
};

struct UrlOptions {
  Bounds bounds{.connect = std::chrono::milliseconds{5'000},
                .exchange = std::chrono::milliseconds{20'000},
                .idle = std::chrono::milliseconds{2'000},
                .response = std::size_t{8} << 20U,
                .header = std::size_t{64} << 10U};
  int max_redirects = 3;  ///< of GET alone
  std::string ca_file = {};
  std::string user_agent = "promtrade";
};

class UrlClient {
 public:
  explicit UrlClient(UrlOptions options = {}) : options_(std::move(options)) {}
  /// Any status is a reply. An address that may not be asked, and a redirect to one, is bad_request; the sentence holds no query, header or body.
  std::expected<UrlReply, HttpError> ask(const UrlRequest& request);

 private:
  Client& client_of(const Url& url);

  UrlOptions options_;
  std::unique_ptr<Client> client_;  ///< of the server that was asked last: its connection is used again
  std::string origin_;
};

}  // namespace prom::http
