// A key in a header is for the host that was asked, not for where it sends us.
#include "io/http/url_client.h"

#include <utility>

namespace prom::http {

namespace {

HttpError refused(std::string detail) { return {ErrorKind::bad_request, Retry::never, std::move(detail)}; }
bool leads_on(unsigned status) { return status == 301 || status == 302 || status == 303 || status == 307 || status == 308; }

}  // namespace

Client& UrlClient::client_of(const Url& url) {
  if (client_ == nullptr || origin_ != url.origin()) {
    client_ = std::make_unique<Client>(Endpoint{url.host, url.port, url.tls ? Scheme::tls : Scheme::plain, options_.ca_file}, options_.bounds);
    origin_ = url.origin();
  }
  return *client_;
}

std::expected<UrlReply, HttpError> UrlClient::ask(const UrlRequest& request) {
  auto url = parse_url(request.url);
  if (!url) return std::unexpected(refused("what was asked for is no http or https address"));
  const std::string first_host = url->host;
  for (int redirects = 0;; ++redirects) {
    Request message{.method = request.method,
                    .target = url->target,
                    .headers = {{"User-Agent", options_.user_agent}, {"Accept-Encoding", "identity"}},
                    .body = request.body};
    if (url->host == first_host) message.headers.insert(message.headers.end(), request.headers.begin(), request.headers.end());
    auto response = client_of(*url).exchange(message);
    if (!response) return std::unexpected(std::move(response.error()));
    const auto location = response->header("location");
    if (request.method != "GET" || !leads_on(response->status) || !location)
      return UrlReply{std::move(*response), url->origin() + url->target.substr(0, url->target.find('?'))};
    auto next = redirects < options_.max_redirects ? follow(*url, *location) : std::nullopt;
    if (!next) return std::unexpected(refused(url->origin() + ": it leads on to where this client does not go"));
    url = std::move(next);
  }
}

}  // namespace prom::http
