// The client against a server of our own on loopback, plain and TLS, and through a gate that spoils the connection. The server runs on a thread of its own.
#include "io/http/http_client.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <thread>

#include "io/testing/tcp_gate.h"

namespace prom::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// A key and a certificate of its own for this name, as PEM files in a folder of their own.
struct Certificate {
  explicit Certificate(const std::string& name)
      : folder(std::filesystem::temp_directory_path() / ("promtrade_http_test_" + std::to_string(::getpid()) + name)) {
    std::filesystem::create_directories(folder);
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* x509 = X509_new();
    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x509), 86'400);
    X509_set_pubkey(x509, key);
    X509_NAME* subject = X509_get_subject_name(x509);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(x509, subject);
    X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, ("DNS:" + name).c_str());
    X509_add_ext(x509, names, -1);
    X509_EXTENSION_free(names);
    X509_sign(x509, key, EVP_sha256());
    std::FILE* file = std::fopen(certificate().c_str(), "wb");
    PEM_write_X509(file, x509);
    std::fclose(file);
    file = std::fopen(private_key().c_str(), "wb");
    PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
    X509_free(x509);
    EVP_PKEY_free(key);
  }
  ~Certificate() { std::filesystem::remove_all(folder); }
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;
  std::string certificate() const { return (folder / "cert.pem").string(); }
  std::string private_key() const { return (folder / "key.pem").string(); }

  std::filesystem::path folder;
};

/// Answers each connection with what `answer` makes of the request's text; an empty answer closes at once.
class Server {
 public:
  using Answer = std::function<std::string(const std::string& request)>;
  explicit Server(Answer answer, const Certificate* certificate = nullptr)
      : answer_(std::move(answer)), acceptor_(context_, {asio::ip::make_address("127.0.0.1"), 0}) {
    if (certificate != nullptr) {
      tls_.emplace(asio::ssl::context::tls_server);
      tls_->use_certificate_file(certificate->certificate(), asio::ssl::context::pem);
      tls_->use_private_key_file(certificate->private_key(), asio::ssl::context::pem);
    }
    port_ = acceptor_.local_endpoint().port();
    thread_ = std::thread([this] { serve(); });
  }
  ~Server() {
    stopping_ = true;
    boost::system::error_code ignored;
    tcp::socket knock(context_);
    knock.connect({asio::ip::make_address("127.0.0.1"), port_}, ignored);
    thread_.join();
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  std::uint16_t port() const { return port_; }
  int served() const { return served_; }

 private:
  void serve() {
    while (!stopping_) {
      boost::system::error_code code;
      tcp::socket socket(context_);
      acceptor_.accept(socket, code);
      if (code || stopping_) continue;
      if (tls_) {
        asio::ssl::stream<tcp::socket> stream(std::move(socket), *tls_);
        stream.handshake(asio::ssl::stream_base::server, code);
        if (!code) talk(stream);
      } else {
        talk(socket);
      }
    }
  }
  template <class Stream>
  void talk(Stream& stream) {
    boost::system::error_code code;
    std::string request;
    asio::read_until(stream, asio::dynamic_buffer(request), "\r\n\r\n", code);
    if (code) return;
    ++served_;
    const std::string reply = answer_(request);
    asio::write(stream, asio::buffer(reply), code);
  }

  Answer answer_;
  asio::io_context context_;
  tcp::acceptor acceptor_;
  std::optional<asio::ssl::context> tls_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> served_ = 0;
  std::thread thread_;
};

std::string ok(const std::string& body, const std::string& headers = "") {
  return "HTTP/1.1 200 OK\r\n" + headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

Options quick() {
  Options options;
  options.connect_timeout = DurationNs{2'000'000'000};
  options.timeout = DurationNs{500'000'000};
  return options;
}

std::string at(std::uint16_t port, const std::string& rest = "/") { return "http://127.0.0.1:" + std::to_string(port) + rest; }

TEST(HttpClient, asks_and_gets_an_answer_with_its_headers) {
  std::string seen;
  const Server server([&](const std::string& request) {
    seen = request;
    return ok("hello", "X-One: two\r\n");
  });
  const auto reply = Client(quick()).send({.method = "POST", .url = at(server.port(), "/p?key=secret"), .headers = {{"X-Key", "k"}}, .body = "body"});
  ASSERT_TRUE(reply) << reply.error().detail;
  EXPECT_EQ(reply->status, 200);
  EXPECT_EQ(reply->body, "hello");
  EXPECT_EQ(reply->header("x-one"), "two");
  EXPECT_EQ(reply->url, at(server.port(), "/p")) << "without the query";
  EXPECT_TRUE(seen.starts_with("POST /p?key=secret HTTP/1.1\r\n")) << seen;
  EXPECT_NE(seen.find("X-Key: k\r\n"), std::string::npos);
  EXPECT_NE(seen.find("Content-Length: 4\r\n"), std::string::npos);
}

TEST(HttpClient, a_refusal_is_a_reply_and_chunks_are_joined) {
  const Server server(
      [](const std::string&) { return "HTTP/1.1 429 Slow down\r\nRetry-After: 7\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"; });
  const auto reply = Client(quick()).send({.url = at(server.port())});
  ASSERT_TRUE(reply) << reply.error().detail;
  EXPECT_EQ(reply->status, 429);
  EXPECT_EQ(reply->header("retry-after"), "7");
  EXPECT_EQ(reply->body, "abcde");
}

TEST(HttpClient, says_what_failed_and_whether_it_was_asked_and_never_the_key) {
  struct Case {
    std::string reply;
    Fault fault;
  };
  for (const Case& one :
       {Case{"", Fault::cut}, Case{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", Fault::cut}, Case{"this is not http at all\r\n\r\n", Fault::protocol},
        Case{"HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x') + "\r\n\r\n", Fault::too_large}, Case{ok(std::string(2'000, 'x')), Fault::too_large}}) {
    const Server server([&](const std::string&) { return one.reply; });
    Options options = quick();
    options.max_body = 1'000;
    const auto reply = Client(options).send({.url = at(server.port(), "/?key=secret"), .headers = {{"X-Key", "secret"}}});
    ASSERT_FALSE(reply) << one.reply.substr(0, 40);
    EXPECT_EQ(reply.error().fault, one.fault) << one.reply.substr(0, 40) << reply.error().detail;
    EXPECT_EQ(reply.error().asked, Asked::perhaps);
    EXPECT_EQ(reply.error().detail.find("secret"), std::string::npos);
  }
  const auto nobody = Client(quick()).send({.url = at(1)});
  EXPECT_EQ(nobody.error().fault, Fault::connect);
  EXPECT_EQ(nobody.error().asked, Asked::surely_not);
  EXPECT_EQ(Client(quick()).send({.url = "ftp://x/"}).error().fault, Fault::bad_url);
}

TEST(HttpClient, waits_no_longer_than_it_may) {
  const Server server([](const std::string&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1'500));
    return ok("late");
  });
  const auto reply = Client(quick()).send({.url = at(server.port())});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().fault, Fault::timeout) << reply.error().detail;
  EXPECT_EQ(reply.error().asked, Asked::perhaps);
}

TEST(HttpClient, follows_a_few_redirects_and_takes_no_key_to_another_host) {
  std::string last;
  const Server target([&](const std::string& request) {
    last = request;
    return ok("there");
  });
  const std::string elsewhere = "http://localhost:" + std::to_string(target.port()) + "/end";
  const Server first([&](const std::string& request) {
    if (request.starts_with("GET /loop")) return std::string("HTTP/1.1 302 Found\r\nLocation: /loop\r\nContent-Length: 0\r\n\r\n");
    return "HTTP/1.1 301 Moved\r\nLocation: " + elsewhere + "\r\nContent-Length: 0\r\n\r\n";
  });
  const auto reply = Client(quick()).send({.url = at(first.port(), "/start"), .headers = {{"X-Key", "k"}}});
  ASSERT_TRUE(reply) << reply.error().detail;
  EXPECT_EQ(reply->body, "there");
  EXPECT_EQ(last.find("X-Key"), std::string::npos) << "localhost is another host than 127.0.0.1";
  const auto loop = Client(quick()).send({.url = at(first.port(), "/loop")});
  EXPECT_EQ(loop.error().fault, Fault::redirect);
  EXPECT_LE(first.served(), 6);
}

TEST(HttpClient, trusts_only_the_hosts_own_certificate) {
  const Certificate good("localhost"), other("example.org");
  const Server server([](const std::string&) { return ok("sealed"); }, &good);
  const Server impostor([](const std::string&) { return ok("forged"); }, &other);
  const auto ask = [](std::uint16_t port, const std::string& authority) {
    Options options = quick();
    options.ca_file = authority;
    return Client(options).send({.url = "https://localhost:" + std::to_string(port) + "/"});
  };
  const auto reply = ask(server.port(), good.certificate());
  ASSERT_TRUE(reply) << reply.error().detail;
  EXPECT_EQ(reply->body, "sealed");
  EXPECT_EQ(ask(server.port(), other.certificate()).error().fault, Fault::tls) << "signed by nobody we trust";
  EXPECT_EQ(ask(impostor.port(), other.certificate()).error().fault, Fault::tls) << "trusted, and not for this name";
  EXPECT_EQ(ask(impostor.port(), "").error().fault, Fault::tls) << "the system's authorities do not know it";
  EXPECT_EQ(ask(server.port(), "/no/such/file").error().fault, Fault::tls);
  EXPECT_EQ(impostor.served(), 0) << "nothing was asked of it";
}

TEST(HttpClient, survives_what_networks_do) {
  const Server server([](const std::string&) { return ok(std::string(200, 'x')); });
  TcpGate gate(server.port());
  const Client client(quick());
  const auto ask = [&](TcpGate::Mode mode) {
    gate.set(mode);
    return client.send({.url = at(gate.port())});
  };
  EXPECT_TRUE(ask(TcpGate::Mode::pass));
  EXPECT_TRUE(ask(TcpGate::Mode::late));
  for (const auto mode : {TcpGate::Mode::garbage, TcpGate::Mode::half_open, TcpGate::Mode::deaf, TcpGate::Mode::cut}) {
    const auto reply = ask(mode);
    ASSERT_FALSE(reply) << static_cast<int>(mode);
    EXPECT_FALSE(reply.error().detail.empty());
  }
  EXPECT_TRUE(ask(TcpGate::Mode::pass)) << "and works again afterwards";
}

}  // namespace
}  // namespace prom::http
