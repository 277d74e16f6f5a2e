// See the header: blocking Asio, one connection at a time.
#include "io/http/http_test_server.h"

#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <mutex>
#include <optional>
#include <thread>

namespace prom::http_test {
namespace {
namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using Code = boost::system::error_code;

/// The next whole request, empty at the end of the connection.
template <class Stream>
std::string next_request(Stream& stream, std::string& pending) {
  while (true) {
    const std::size_t head = pending.find("\r\n\r\n");
    if (head != std::string::npos) {
      const std::size_t at = pending.find("Content-Length: ");
      const std::size_t whole = head + 4 + (at < head ? std::stoul(pending.substr(at + 16)) : 0);
      if (pending.size() >= whole) {
        std::string out = pending.substr(0, whole);
        pending.erase(0, whole);
        return out;
      }
    }
    char buffer[65'536];
    Code code;
    const std::size_t got = stream.read_some(asio::buffer(buffer), code);
    if (code) return "";
    pending.append(buffer, got);
  }
}

template <class Stream>
void converse(Stream& stream, const Answer& answer, std::atomic<unsigned>& requests) {
  std::string pending;
  for (std::string request = next_request(stream, pending); !request.empty(); request = next_request(stream, pending)) {
    ++requests;
    std::string out = answer(request);
    const std::size_t mark = out.find(kThenClose);
    Code code;
    asio::write(stream, asio::buffer(out.substr(0, mark)), code);
    if (code || mark != std::string::npos) return;
  }
}
}  // namespace

std::string reply(const std::string& body, const std::string& status, const std::string& headers) {
  return "HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

struct Server::Parts {
  Answer answer;
  asio::io_context io;
  Tcp::acceptor acceptor{io, Tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  std::optional<asio::ssl::context> tls;
  std::atomic<unsigned> requests = 0;
  std::atomic<int> connected = -1;
  std::atomic<bool> stopping = false;
  std::mutex name_mutex;
  std::string name;
  std::thread thread;

  void work() {
    while (!stopping) {
      Code code;
      Tcp::socket socket(io);
      acceptor.accept(socket, code);
      if (code || stopping) continue;
      connected = socket.native_handle();
      if (!tls) {
        converse(socket, answer, requests);
      } else {
        asio::ssl::stream<Tcp::socket&> stream(socket, *tls);
        stream.handshake(asio::ssl::stream_base::server, code);
        const char* shown = SSL_get_servername(stream.native_handle(), TLSEXT_NAMETYPE_host_name);
        {
          const std::lock_guard lock(name_mutex);
          name = shown == nullptr ? "" : shown;
        }
        if (!code) converse(stream, answer, requests);
      }
      connected = -1;
    }
  }
};

Server::Server(Answer answer, const std::string& certificate, const std::string& key) : parts_(std::make_unique<Parts>()) {
  parts_->answer = std::move(answer);
  if (!certificate.empty()) {
    parts_->tls.emplace(asio::ssl::context::tls_server);
    parts_->tls->use_certificate(asio::buffer(certificate), asio::ssl::context::pem);
    parts_->tls->use_private_key(asio::buffer(key), asio::ssl::context::pem);
  }
  parts_->thread = std::thread([this] { parts_->work(); });
}

Server::~Server() {
  parts_->stopping = true;
  if (const int socket = parts_->connected; socket >= 0) ::shutdown(socket, SHUT_RDWR);
  ::shutdown(parts_->acceptor.native_handle(), SHUT_RDWR);
  parts_->thread.join();
}

std::uint16_t Server::port() const { return parts_->acceptor.local_endpoint().port(); }
unsigned Server::requests() const { return parts_->requests; }
std::string Server::seen_name() const {
  const std::lock_guard lock(parts_->name_mutex);
  return parts_->name;
}

}  // namespace prom::http_test
