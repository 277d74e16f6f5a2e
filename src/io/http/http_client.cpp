// Beast and Asio behind the client. Each exchange runs its own small event loop on the caller's thread, so that every step has its time.
#include "io/http/http_client.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <chrono>
#include <memory>
#include <variant>

#include "base/text.h"
#include "io/http/url.h"

namespace prom::http {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using Message = beast::http::request<beast::http::string_body>;
using Parser = beast::http::response_parser<beast::http::string_body>;
using Plain = beast::tcp_stream;
using Tls = beast::ssl_stream<beast::tcp_stream>;

constexpr std::uint32_t kMaxHeaders = 64 * 1024;

std::chrono::nanoseconds chrono_of(DurationNs duration) { return std::chrono::nanoseconds(duration.ns); }

struct Exchange {
  const Url& url;
  const Options& options;
  const Message& message;
  Asked asked = Asked::surely_not;
  std::variant<std::monostate, Reply, Error> outcome = {};

  Error fail(Fault fault, std::string_view what) { return Error{fault, asked, url.origin() + ": " + std::string(what)}; }

  Error fail(const error_code& code, Fault otherwise) {
    if (code == beast::error::timeout) return fail(Fault::timeout, "no answer in time");
    if (code == beast::http::error::body_limit || code == beast::http::error::header_limit || code == beast::http::error::buffer_overflow)
      return fail(Fault::too_large, "the reply is larger than what is read");
    if (code == beast::http::error::end_of_stream || code == beast::http::error::partial_message || code == asio::error::eof ||
        code == asio::error::connection_reset || code == asio::error::broken_pipe || code == asio::ssl::error::stream_truncated)
      return fail(Fault::cut, "the connection was closed before the reply was whole");
    if (code.category() == beast::http::make_error_code(beast::http::error::bad_line_ending).category())
      return fail(Fault::protocol, "what came is no HTTP reply");
    return fail(otherwise, code.message());
  }

  template <class Stream>
  asio::awaitable<void> talk(Stream& stream) {
    beast::get_lowest_layer(stream).expires_after(chrono_of(options.timeout));
    asked = Asked::perhaps;
    error_code code;
    co_await beast::http::async_write(stream, message, asio::redirect_error(asio::use_awaitable, code));
    if (code) {
      outcome = fail(code, Fault::cut);
      co_return;
    }
    beast::flat_buffer buffer;
    Parser parser;
    parser.body_limit(options.max_body);
    parser.header_limit(kMaxHeaders);
    if (message.method() == beast::http::verb::head) parser.skip(true);
    co_await beast::http::async_read(stream, buffer, parser, asio::redirect_error(asio::use_awaitable, code));
    if (code) {
      outcome = fail(code, Fault::protocol);
      co_return;
    }
    Reply reply;
    auto response = parser.release();
    reply.status = static_cast<int>(response.result_int());
    for (const auto& field : response) reply.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    reply.body = std::move(response.body());
    reply.url = url.origin() + url.target.substr(0, url.target.find('?'));
    outcome = std::move(reply);
  }

  asio::awaitable<bool> connect(Plain& stream) {
    error_code code;
    asio::ip::tcp::resolver resolver(stream.get_executor());
    const auto places = co_await resolver.async_resolve(url.host, std::to_string(url.port), asio::redirect_error(asio::use_awaitable, code));
    if (code) {
      outcome = fail(Fault::resolve, "the name is not known: " + code.message());
      co_return false;
    }
    stream.expires_after(chrono_of(options.connect_timeout));
    co_await stream.async_connect(places, asio::redirect_error(asio::use_awaitable, code));
    if (code) {
      outcome = code == beast::error::timeout ? fail(Fault::timeout, "nobody answers") : fail(Fault::connect, "cannot connect: " + code.message());
      co_return false;
    }
    co_return true;
  }

  asio::awaitable<void> plain(asio::io_context& context) {
    Plain stream(context);
    if (co_await connect(stream)) co_await talk(stream);
    error_code ignored;
    stream.socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  }

  asio::awaitable<void> tls(asio::io_context& context, asio::ssl::context& trust) {
    Tls stream(context, trust);
    if (SSL_set_tlsext_host_name(stream.native_handle(), url.host.c_str()) != 1) {
      outcome = fail(Fault::tls, "the host's name cannot be asked for");
      co_return;
    }
    stream.set_verify_callback(asio::ssl::host_name_verification(url.host));
    if (!co_await connect(stream.next_layer())) co_return;
    error_code code;
    co_await stream.async_handshake(asio::ssl::stream_base::client, asio::redirect_error(asio::use_awaitable, code));
    if (code) {
      outcome = code == beast::error::timeout ? fail(Fault::timeout, "no handshake in time") : fail(Fault::tls, "no trusted connection: " + code.message());
      co_return;
    }
    // Closing politely is left out: the reply has its length, and many servers never answer.
    co_await talk(stream);
    error_code ignored;
    stream.next_layer().socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  }
};

std::expected<Reply, Error> once(const Url& url, const Message& message, const Options& options) {
  asio::io_context context(1);
  Exchange exchange{url, options, message};
  std::unique_ptr<asio::ssl::context> trust;
  if (url.tls) {
    trust = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
    error_code code;
    trust->set_options(asio::ssl::context::no_sslv2 | asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1);
    trust->set_verify_mode(asio::ssl::verify_peer);
    if (options.ca_file.empty()) {
      trust->set_default_verify_paths(code);
    } else {
      trust->load_verify_file(options.ca_file, code);
    }
    if (code) return std::unexpected(exchange.fail(Fault::tls, "the trusted authorities cannot be read: " + code.message()));
  }
  // The outcome stands in `exchange`; an exception would be a defect and is thrown on.
  const auto done = [](const std::exception_ptr& thrown) {
    if (thrown) std::rethrow_exception(thrown);
  };
  asio::co_spawn(context, trust ? exchange.tls(context, *trust) : exchange.plain(context), done);
  // A name server that says nothing is bounded here: the resolver has no time of its own.
  context.run_for(chrono_of(options.connect_timeout) * 2 + chrono_of(options.timeout));
  if (auto* reply = std::get_if<Reply>(&exchange.outcome)) return std::move(*reply);
  if (auto* error = std::get_if<Error>(&exchange.outcome)) return std::unexpected(std::move(*error));
  return std::unexpected(exchange.fail(Fault::timeout, "no answer in time"));
}

bool leads_on(int status) { return status == 301 || status == 302 || status == 303 || status == 307 || status == 308; }

}  // namespace

std::optional<std::string_view> Reply::header(std::string_view name) const {
  const std::string wanted = to_lower(name);
  for (const auto& [key, value] : headers)
    if (to_lower(key) == wanted) return value;
  return std::nullopt;
}

std::expected<Reply, Error> Client::send(const Request& request) const {
  auto url = parse_url(request.url);
  if (!url) return std::unexpected(Error{Fault::bad_url, Asked::surely_not, "what was asked for is no http or https address"});
  const std::string first_host = url->host;
  for (int redirects = 0;; ++redirects) {
    Message message;
    message.version(11);
    message.method_string(request.method);
    message.target(url->target);
    const bool usual = url->port == (url->tls ? 443 : 80);
    message.set(beast::http::field::host, usual ? url->host : url->host + ":" + std::to_string(url->port));
    message.set(beast::http::field::user_agent, options_.user_agent);
    message.set(beast::http::field::accept_encoding, "identity");
    message.set(beast::http::field::connection, "close");
    // A key in a header is for the host that was asked, not for where it sends us.
    if (url->host == first_host)
      for (const auto& [name, value] : request.headers) message.set(name, value);
    message.body() = request.body;
    message.prepare_payload();
    auto reply = once(*url, message, options_);
    const auto location = reply ? reply->header("location") : std::nullopt;
    if (!reply || request.method != "GET" || !leads_on(reply->status) || !location) return reply;
    auto next = redirects < options_.max_redirects ? follow(*url, *location) : std::nullopt;
    if (!next) return std::unexpected(Error{Fault::redirect, Asked::perhaps, url->origin() + ": it leads on to where this client does not go"});
    url = std::move(next);
  }
}

}  // namespace prom::http
