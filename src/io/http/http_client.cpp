// See the header. Each step is one asynchronous operation run to its end under tcp_stream's deadline: Asio's blocking calls have none.
#include "io/http/http_client.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <utility>

namespace prom::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace wire = boost::beast::http;
using Tcp = asio::ip::tcp;
using Code = boost::system::error_code;
using Clock = std::chrono::steady_clock;
using PlainStream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

std::string place_of(const Endpoint& endpoint) { return endpoint.host + ":" + std::to_string(endpoint.port); }
std::string in_ms(std::chrono::milliseconds time) { return std::to_string(time.count()) + " ms"; }

/// Runs one asynchronous operation to its end.
template <class Start>
Code wait_for(asio::io_context& io, Start&& start) {
  Code result;
  start([&result](const Code& code, auto&&...) { result = code; });
  io.restart();
  io.run();
  return result;
}

bool one_line(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

std::expected<std::string, HttpError> head_of(const Endpoint& endpoint, const Request& request) {
  bool sound = !request.target.empty() && one_line(request.method) && one_line(request.target) && request.target.find(' ') == std::string_view::npos;
  for (const Header& header : request.headers) sound = sound && !header.name.empty() && one_line(header.name) && one_line(header.value);
  if (!sound)
    return err(HttpError{ErrorKind::bad_request, Retry::never, "a request to " + place_of(endpoint) + " has a line break or space where none may be"});
  const bool v6 = endpoint.host.find(':') != std::string::npos;
  std::string out(request.method);
  out.append(" ").append(request.target).append(" HTTP/1.1\r\nHost: ");
  out.append(v6 ? "[" : "").append(endpoint.host).append(v6 ? "]:" : ":").append(std::to_string(endpoint.port)).append("\r\n");
  for (const Header& header : request.headers) out.append(header.name).append(": ").append(header.value).append("\r\n");
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT")
    out.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
  out.append("Connection: keep-alive\r\n\r\n");
  return out;
}

Response take(wire::response_parser<wire::string_body>& parser) {
  auto message = parser.release();
  Response out;
  out.status = message.result_int();
  for (const auto& field : message.base()) out.headers.push_back({std::string(field.name_string()), std::string(field.value())});
  out.body = std::move(message.body());
  return out;
}

}  // namespace

std::optional<std::string_view> Response::header(std::string_view name) const {
  const auto found = std::ranges::find_if(headers, [&](const Header& header) { return beast::iequals(header.name, name); });
  return found == headers.end() ? std::nullopt : std::optional<std::string_view>(found->value);
}

struct Client::Parts {
  Parts(Endpoint where, Bounds limits) : endpoint(std::move(where)), bounds(limits) {}

  Endpoint endpoint;
  Bounds bounds;
  asio::io_context io{1};
  std::optional<asio::ssl::context> tls_context;
  std::unique_ptr<PlainStream> plain;
  std::unique_ptr<TlsStream> tls;
  beast::flat_buffer buffer;
  Clock::time_point last_used;
  std::uint64_t connections = 0;

  HttpError error(ErrorKind kind, Retry retry, const std::string& words) const { return {kind, retry, place_of(endpoint) + " " + words}; }
  PlainStream* lowest() { return tls ? &tls->next_layer() : plain.get(); }

  void drop() {
    tls.reset();
    plain.reset();
    buffer.clear();
  }

  /// Nothing has come on the idle connection, its end included.
  bool quiet() {
    if (buffer.size() != 0 || Clock::now() - last_used > bounds.idle) return false;
    char byte = 0;
    const auto got = ::recv(lowest()->socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  std::expected<void, HttpError> ensure_connected() {
    if (lowest() != nullptr && quiet()) return {};
    drop();
    Code code;
    Tcp::resolver resolver(io);
    const auto addresses = resolver.resolve(endpoint.host, std::to_string(endpoint.port), code);
    if (code) return err(error(ErrorKind::resolve, Retry::after, "has no address: " + code.message()));
    ++connections;
    plain = std::make_unique<PlainStream>(io);
    const auto deadline = Clock::now() + bounds.connect;
    plain->expires_at(deadline);
    code = wait_for(io, [&](auto done) { plain->async_connect(addresses, std::move(done)); });
    if (code) {
      drop();
      const std::string why = code == beast::error::timeout ? "no answer within " + in_ms(bounds.connect) : code.message();
      return err(error(ErrorKind::connect, Retry::after, "cannot be reached: " + why));
    }
    plain->socket().set_option(Tcp::no_delay(true), code);
    return endpoint.scheme == Scheme::tls ? shake_hands(deadline) : std::expected<void, HttpError>{};
  }

  std::expected<void, HttpError> shake_hands(Clock::time_point deadline) {
    Code code;
    if (!tls_context) {
      tls_context.emplace(asio::ssl::context::tls_client);
      SSL_CTX_set_min_proto_version(tls_context->native_handle(), TLS1_2_VERSION);
      tls_context->set_verify_mode(asio::ssl::verify_peer);
      tls_context->set_default_verify_paths(code);
      if (!code && !endpoint.ca_file.empty()) tls_context->load_verify_file(endpoint.ca_file, code);
      if (code) {
        tls_context.reset();
        drop();
        return err(error(ErrorKind::tls, Retry::never, "is not asked: the certificate authorities cannot be read: " + code.message()));
      }
    }
    tls = std::make_unique<TlsStream>(std::move(*plain), *tls_context);
    plain.reset();
    tls->set_verify_callback(asio::ssl::host_name_verification(endpoint.host));
    Code not_an_address;
    asio::ip::make_address(endpoint.host, not_an_address);
    // RFC 6066: SNI carries names only.
    const bool named = !not_an_address || SSL_set_tlsext_host_name(tls->native_handle(), endpoint.host.c_str()) == 1;
    tls->next_layer().expires_at(deadline);
    if (named) code = wait_for(io, [&](auto done) { tls->async_handshake(asio::ssl::stream_base::client, std::move(done)); });
    if (named && !code) return {};
    const long verdict = SSL_get_verify_result(tls->native_handle());
    const std::string why = verdict != X509_V_OK            ? std::string("its certificate is not accepted: ") + X509_verify_cert_error_string(verdict)
                            : code == beast::error::timeout ? "no TLS handshake within " + in_ms(bounds.connect)
                            : named                         ? code.message()
                                                            : "the host's name is too long";
    drop();
    return err(error(ErrorKind::tls, verdict != X509_V_OK ? Retry::never : Retry::after, "gave no trusted TLS connection: " + why));
  }

  HttpError failed(const Code& code, Retry retry) const {
    if (code == beast::error::timeout) return error(ErrorKind::timeout, retry, "did not answer within " + in_ms(bounds.exchange));
    if (code == wire::error::body_limit || code == wire::error::header_limit || code == wire::error::buffer_overflow)
      return error(ErrorKind::too_large, retry, "answered with more than " + std::to_string(bounds.response) + " bytes");
    const bool ended = code == wire::error::end_of_stream || code == wire::error::partial_message;
    if (!ended && code.category() == wire::make_error_code(wire::error::bad_version).category())
      return error(ErrorKind::malformed, retry, "does not speak HTTP: " + code.message());
    return error(ErrorKind::broken, retry, "closed the connection before its answer was whole: " + code.message());
  }

  template <class Stream>
  std::expected<Response, HttpError> exchange_on(Stream& stream, const std::string& head, const Request& request) {
    lowest()->expires_at(Clock::now() + bounds.exchange);
    const std::array<asio::const_buffer, 2> bytes{asio::buffer(head), asio::buffer(request.body)};
    std::size_t sent = 0;
    Code code = wait_for(io, [&](auto done) {
      asio::async_write(stream, bytes, [&sent, done](const Code& result, std::size_t count) {
        sent = count;
        done(result);
      });
    });
    // TLS may have passed on bytes that it does not count.
    const bool nothing_left = sent == 0 && endpoint.scheme == Scheme::plain;
    const Code write_code = code;
    if (code && nothing_left) return err(failed(code, Retry::after));
    // A server may refuse a large body before it has all of it: its answer is read although writing failed.
    if (code == beast::error::timeout) return err(failed(code, Retry::in_doubt));
    wire::response_parser<wire::string_body> parser;
    parser.body_limit(bounds.response);
    parser.header_limit(static_cast<std::uint32_t>(bounds.header));
    if (request.method == "HEAD") parser.skip(true);
    code = wait_for(io, [&](auto done) { wire::async_read(stream, buffer, parser, std::move(done)); });
    if (code) return err(failed(code, Retry::in_doubt));
    const bool again = parser.keep_alive() && !write_code;
    Response out = take(parser);
    if (again) {
      last_used = Clock::now();
      lowest()->expires_never();
    } else {
      drop();
    }
    return out;
  }
};

Client::Client(Endpoint endpoint, Bounds bounds) : parts_(std::make_unique<Parts>(std::move(endpoint), bounds)) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

std::expected<Response, HttpError> Client::exchange(const Request& request) {
  PROM_TRY(const std::string head, head_of(parts_->endpoint, request));
  PROM_CHECK_OK(parts_->ensure_connected());
  auto out = parts_->tls ? parts_->exchange_on(*parts_->tls, head, request) : parts_->exchange_on(*parts_->plain, head, request);
  if (!out) parts_->drop();
  return out;
}

std::uint64_t Client::connections() const { return parts_->connections; }
const Endpoint& Client::endpoint() const { return parts_->endpoint; }

}  // namespace prom::http
