// The server: one io_context on one thread, one Session per connection, each request under one deadline. The only file with Asio and Beast here.
#include "servers/ops/ops_server.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_static_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "base/assert.h"

namespace prom {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr std::size_t kHeaderBytes = 8 * 1024;   // of one request
constexpr std::size_t kDrainBytes = 256 * 1024;  // read and thrown away after a refusal, so that the answer is not lost to a reset
constexpr auto kDrainPatience = std::chrono::seconds(1);
constexpr auto kStopPatience = std::chrono::seconds(1);
constexpr auto kAcceptPause = std::chrono::milliseconds(100);  // after an error such as too many open files
constexpr const char* kJson = "application/json";

struct Answer {
  http::status status = http::status::ok;
  std::string content_type = kJson;
  std::string body;
  enum class Then : std::uint8_t { keep, close } then = Then::keep;
};

Answer refusal(http::status status, std::string_view code, std::string_view message, std::string_view hint, Answer::Then then) {
  return {status, kJson, fmt::format("{{\"error\":{{\"code\":\"{}\",\"message\":\"{}\",\"hint\":\"{}\"}}}}\n", code, message, hint), then};
}

Answer answer_to_broken(const ErrorCode& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return refusal(http::status::request_header_fields_too_large, "header_too_large", "The request's header is larger than 8 KiB.", "", Answer::Then::close);
  }
  if (error == http::error::body_limit) {
    return refusal(http::status::payload_too_large, "body_refused", "Requests here have no body.", "", Answer::Then::close);
  }
  return refusal(http::status::bad_request, "bad_request", "This is not an HTTP/1.1 request.", "", Answer::Then::close);
}

Answer call_providers(std::string_view path, const OpsProviders& providers) {
  if (path == "/metrics") return {http::status::ok, "text/plain; version=0.0.4; charset=utf-8", providers.metrics()};
  const HealthReport report = providers.health();
  const bool good = path == "/health" ? report.state() != HealthState::failed : is_ready(report);
  return {good ? http::status::ok : http::status::service_unavailable, kJson, path == "/health" ? health_json(report) : ready_json(report)};
}

Answer answer_to(http::verb method, std::string_view target, const OpsProviders& providers) {
  if (method != http::verb::get && method != http::verb::head) {
    return refusal(http::status::method_not_allowed, "method_not_allowed", "Only GET and HEAD are answered here.", "", Answer::Then::keep);
  }
  const std::string_view path = target.substr(0, target.find('?'));
  if (path != "/health" && path != "/ready" && path != "/metrics") {
    return refusal(http::status::not_found, "not_found", "There is nothing at this path.", "GET /health, /ready or /metrics", Answer::Then::keep);
  }
  try {
    return call_providers(path, providers);
  } catch (const std::exception&) {
    // What was thrown may hold anything; the log of whoever threw has it.
    return refusal(http::status::internal_server_error, "provider_failed", "The report could not be made.", "see the log", Answer::Then::close);
  }
}

template <class Body>
void set_headers(http::response<Body>& response, const Answer& answer) {
  response.set(http::field::server, "promtrade");
  response.set(http::field::content_type, answer.content_type);
  response.set(http::field::cache_control, "no-store");
  response.set("X-Content-Type-Options", "nosniff");
  if (answer.status == http::status::method_not_allowed) response.set(http::field::allow, "GET, HEAD");
}

class Session;

// What sessions share; lives in Core on the server's thread.
struct Hub {
  OpsProviders providers;
  std::chrono::nanoseconds request_timeout{};
  std::set<Session*> sessions;
  asio::steady_timer* last_call = nullptr;  // set while stopping
  bool stopping() const { return last_call != nullptr; }
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, Hub& hub) : stream_(std::move(socket)), hub_(hub) { hub_.sessions.insert(this); }
  ~Session() {
    hub_.sessions.erase(this);
    if (hub_.stopping() && hub_.sessions.empty()) hub_.last_call->cancel();
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void read_request() {
    parser_.emplace();
    parser_->header_limit(kHeaderBytes);
    parser_->body_limit(0);
    idle_ = true;
    stream_.expires_after(hub_.request_timeout);
    http::async_read(stream_, buffer_, *parser_, [self = shared_from_this()](ErrorCode error, std::size_t) { self->on_request(error); });
  }
  // A request that is being waited for is dropped; an answer that is being sent goes out.
  void stop() {
    if (idle_) stream_.close();
  }

 private:
  void on_request(ErrorCode error) {
    idle_ = false;
    if (error == http::error::end_of_stream || error == http::error::partial_message) return;
    static const auto& of_parser = http::make_error_code(http::error::bad_method).category();
    if (error && error.category() != of_parser) return;  // too slow, cut, stopped
    const auto& request = parser_->get();
    const bool head = !error && request.method() == http::verb::head;
    Answer answer = error ? answer_to_broken(error) : answer_to(request.method(), {request.target().data(), request.target().size()}, hub_.providers);
    if (!error && (!request.keep_alive() || hub_.stopping())) answer.then = Answer::Then::close;
    send(std::move(answer), head ? Content::omitted : Content::sent, error ? 11 : request.version());
  }

  enum class Content : std::uint8_t { sent, omitted };

  void send(Answer answer, Content content, unsigned version) {
    const bool keep = answer.then == Answer::Then::keep;
    switch (content) {
      case Content::sent: {
        http::response<http::string_body> response{answer.status, version};
        set_headers(response, answer);
        response.keep_alive(keep);
        response.body() = std::move(answer.body);
        response.prepare_payload();
        return write(std::move(response), keep);
      }
      case Content::omitted: {
        http::response<http::empty_body> response{answer.status, version};
        set_headers(response, answer);
        response.keep_alive(keep);
        response.content_length(answer.body.size());
        return write(std::move(response), keep);
      }
    }
    PROM_UNREACHABLE();
  }

  void write(http::message_generator message, bool keep) {
    beast::async_write(stream_, std::move(message), [self = shared_from_this(), keep](ErrorCode error, std::size_t) {
      if (error) return;
      if (keep && !self->hub_.stopping()) return self->read_request();
      self->begin_drain();
    });
  }

  void begin_drain() {
    ErrorCode ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    if (hub_.stopping()) return;
    stream_.expires_after(kDrainPatience);
    drain(kDrainBytes);
  }

  void drain(std::size_t left) {
    idle_ = true;
    stream_.async_read_some(asio::buffer(scratch_), [self = shared_from_this(), left](ErrorCode error, std::size_t got) {
      if (!error && got < left) self->drain(left - got);
    });
  }

  beast::tcp_stream stream_;
  Hub& hub_;
  beast::flat_static_buffer<kHeaderBytes + 1024> buffer_;
  std::array<char, 4096> scratch_{};
  std::optional<http::request_parser<http::empty_body>> parser_;
  bool idle_ = false;
};

OpsError error_of(const OpsConfig& config, const ErrorCode& error) {
  OpsError out{OpsError::Code::system, config.address, config.port, error.message()};
  if (error == asio::error::address_in_use) out.code = OpsError::Code::port_in_use;
  if (error == asio::error::access_denied) out.code = OpsError::Code::port_forbidden;
  if (error == boost::system::errc::address_not_available) out.code = OpsError::Code::bad_address;
  return out;
}

}  // namespace

std::string OpsError::message() const {
  const bool v6 = address.find(':') != std::string::npos;
  const std::string place = v6 ? fmt::format("[{}]:{}", address, port) : fmt::format("{}:{}", address, port);
  switch (code) {
    case Code::bad_address:
      return fmt::format("The operations endpoint cannot listen on {}: http.bind must be a numeric address of this machine ({}).", place, detail);
    case Code::port_in_use:
      return fmt::format("The operations endpoint cannot listen on {}: another program uses this port; set http.port to another one, or 0 for a free one.",
                         place);
    case Code::port_forbidden:
      return fmt::format("The operations endpoint may not listen on {}: ports below 1024 need a privilege; set http.port to 1024 or more.", place);
    case Code::system: return fmt::format("The operations endpoint cannot listen on {} (http.bind, http.port): {}.", place, detail);
  }
  PROM_UNREACHABLE();
}

struct OpsServer::Core {
  // The hub outlives io, whose destructor destroys the sessions that are left.
  Hub hub;
  asio::io_context io{1};
  tcp::acceptor acceptor{io};
  asio::steady_timer accept_pause{io};
  asio::steady_timer last_call{io};
  std::size_t max_connections = 0;
  std::uint16_t port = 0;
  std::thread thread;

  ErrorCode listen(const OpsConfig& config) {
    ErrorCode error;
    const asio::ip::address address = asio::ip::make_address(config.address, error);
    if (error) return make_error_code(boost::system::errc::address_not_available);
    const tcp::endpoint endpoint(address, config.port);
    if (acceptor.open(endpoint.protocol(), error)) return error;
    if (acceptor.set_option(tcp::acceptor::reuse_address(true), error)) return error;  // a restart need not wait for TIME_WAIT
    if (acceptor.bind(endpoint, error)) return error;
    if (acceptor.listen(asio::socket_base::max_listen_connections, error)) return error;
    port = acceptor.local_endpoint(error).port();
    return error;
  }

  void accept() {
    acceptor.async_accept([this](ErrorCode error, tcp::socket socket) {
      if (error == asio::error::operation_aborted || hub.stopping()) return;
      if (error) {
        accept_pause.expires_after(kAcceptPause);
        accept_pause.async_wait([this](ErrorCode cancelled) {
          if (!cancelled) accept();
        });
        return;
      }
      if (hub.sessions.size() >= max_connections) {
        refuse(socket);
      } else {
        std::make_shared<Session>(std::move(socket), hub)->read_request();
      }
      accept();
    });
  }

  // Best effort: it fits the empty send buffer, and nothing is waited for.
  static void refuse(tcp::socket& socket) {
    const std::string body = refusal(http::status::service_unavailable, "too_many_connections", "Too many connections.", "", Answer::Then::close).body;
    const std::string busy =
        fmt::format("HTTP/1.1 503 Service Unavailable\r\nServer: promtrade\r\nContent-Type: {}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{}", kJson,
                    body.size(), body);
    ErrorCode ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(busy), ignored);
    socket.shutdown(tcp::socket::shutdown_send, ignored);
  }

  void begin_stop() {
    ErrorCode ignored;
    acceptor.close(ignored);
    accept_pause.cancel();
    hub.last_call = &last_call;
    if (hub.sessions.empty()) return;
    last_call.expires_after(kStopPatience);
    last_call.async_wait([this](ErrorCode cancelled) {
      if (!cancelled) io.stop();
    });
    for (Session* const session : std::set<Session*>(hub.sessions)) session->stop();
  }

  void stop() {
    if (!thread.joinable()) return;
    asio::post(io, [this] { begin_stop(); });
    thread.join();
  }

  ~Core() {
    stop();
    hub.last_call = nullptr;  // it goes before io, whose sessions would cancel it
  }
};

OpsServer::OpsServer(std::unique_ptr<Core> core) : core_(std::move(core)) {}
OpsServer::~OpsServer() = default;

std::expected<std::unique_ptr<OpsServer>, OpsError> OpsServer::start(const OpsConfig& config, OpsProviders providers) {
  PROM_ASSERT(providers.health && providers.metrics, "the operations endpoint needs both providers");
  PROM_ASSERT(config.request_timeout.ns > 0 && config.max_connections > 0, "the operations endpoint needs positive bounds");
  auto core = std::make_unique<Core>();
  core->hub.providers = std::move(providers);
  core->hub.request_timeout = std::chrono::nanoseconds(config.request_timeout.ns);
  core->max_connections = config.max_connections;
  if (const ErrorCode error = core->listen(config)) return std::unexpected(error_of(config, error));
  core->accept();
  core->thread = std::thread([raw = core.get()] { raw->io.run(); });
  return std::unique_ptr<OpsServer>(new OpsServer(std::move(core)));
}

std::uint16_t OpsServer::port() const { return core_->port; }
void OpsServer::stop() { core_->stop(); }

}  // namespace prom
