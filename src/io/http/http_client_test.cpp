// The client against a server of the test's own, and through a gate that spoils what passes. Which error, and what it says about the request's fate.
#include "io/http/http_client.h"

#include <gtest/gtest.h>

#include "io/http/http_test_server.h"
#include "io/testing/tcp_gate.h"

namespace prom::http {
namespace {

using http_test::kThenClose;
using http_test::reply;
using http_test::Server;
using namespace std::chrono_literals;

Bounds quick() { return {.connect = 500ms, .exchange = 300ms, .idle = 5'000ms, .response = 100'000, .header = 8'192}; }
Client client_of(std::uint16_t port, Bounds bounds = quick()) { return Client({"127.0.0.1", port, Scheme::plain, ""}, bounds); }

TEST(HttpClient, sends_what_it_was_given_and_gives_back_status_headers_and_body) {
  std::string seen;
  Server server([&](const std::string& request) {
    seen = request;
    return reply("a body", "404 Not Found", "X-One: first\r\nX-One: second\r\n");
  });
  Client client = client_of(server.port());
  const auto got = client.exchange({"POST", "/path?q=1", {{"X-Key", "secret word"}}, std::string_view("\0binary\r\n", 9)});
  ASSERT_TRUE(got) << got.error().detail;
  EXPECT_EQ(got->status, 404U) << "a status is a reply, not an error";
  EXPECT_EQ(got->body, "a body");
  EXPECT_EQ(got->header("x-one"), "first");
  EXPECT_EQ(got->header("x-none"), std::nullopt);
  EXPECT_EQ(seen, "POST /path?q=1 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                      "\r\nX-Key: secret word\r\nContent-Length: 9\r\nConnection: keep-alive\r\n\r\n" + std::string("\0binary\r\n", 9));
}

TEST(HttpClient, one_connection_serves_many_requests_and_a_closed_one_is_replaced_before_sending) {
  std::atomic<bool> close = false;
  Server server([&](const std::string&) { return reply("x") + (close ? kThenClose : ""); });
  Client client = client_of(server.port());
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(client.exchange({}));
  EXPECT_EQ(client.connections(), 1U);
  close = true;
  for (int i = 0; i < 5; ++i) {
    const auto got = client.exchange({});
    // The end of the old connection may still be on its way: then the request is lost with it and the client must say so.
    if (!got) EXPECT_EQ(got.error().retry, Retry::in_doubt) << got.error().detail;
  }
  EXPECT_GT(client.connections(), 1U);
}

TEST(HttpClient, a_reply_that_ends_the_connection_is_not_reused) {
  Server server([](const std::string&) { return "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end" + std::string(kThenClose); });
  Client client = client_of(server.port());
  for (unsigned i = 1; i <= 3; ++i) {
    const auto got = client.exchange({});
    ASSERT_TRUE(got) << got.error().detail;
    EXPECT_EQ(got->body, "until the end");
    EXPECT_EQ(client.connections(), i);
  }
}

TEST(HttpClient, an_idle_connection_is_left_when_it_is_too_old) {
  Server server([](const std::string&) { return reply("x", "200 OK"); });
  Bounds bounds = quick();
  bounds.idle = 0ms;
  Client client = client_of(server.port(), bounds);
  ASSERT_TRUE(client.exchange({}));
  ASSERT_TRUE(client.exchange({}));
  EXPECT_EQ(client.connections(), 2U);
}

TEST(HttpClient, chunks_are_joined) {
  Server server([](const std::string&) { return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"; });
  Client client = client_of(server.port());
  EXPECT_EQ(client.exchange({})->body, "abcde");
  EXPECT_EQ(client.exchange({})->body, "abcde");
  EXPECT_EQ(client.connections(), 1U);
}

TEST(HttpClient, nobody_there_means_surely_not_sent) {
  std::uint16_t port = 0;
  {
    Server gone([](const std::string&) { return reply(""); });
    port = gone.port();
  }
  const auto got = client_of(port).exchange({});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::connect);
  EXPECT_EQ(got.error().retry, Retry::after);
  EXPECT_NE(got.error().detail.find("127.0.0.1:" + std::to_string(port)), std::string::npos);
}

TEST(HttpClient, a_line_break_in_a_header_is_never_sent) {
  Server server([](const std::string&) { return reply(""); });
  Client client = client_of(server.port());
  for (const Request& bad : {Request{"GET", "/", {{"A", "b\r\nEvil: 1"}}, ""}, Request{"GET", "/ x", {}, ""}, Request{"GET", "/\n", {}, ""}}) {
    const auto got = client.exchange(bad);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind, ErrorKind::bad_request);
    EXPECT_EQ(got.error().retry, Retry::never);
  }
  EXPECT_EQ(server.requests(), 0U);
}

struct Spoiled {
  const char* name;
  std::string answer;
  ErrorKind kind;
};
class HttpSpoiled : public testing::TestWithParam<Spoiled> {};

TEST_P(HttpSpoiled, is_told_as_what_it_is_and_leaves_the_request_in_doubt) {
  std::atomic<bool> good = false;
  Server server([&](const std::string&) { return good ? reply("fine") : GetParam().answer; });
  Client client = client_of(server.port());
  const auto got = client.exchange({"POST", "/", {{"Key", "hidden-word"}}, "hidden-body"});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, GetParam().kind) << got.error().detail;
  EXPECT_EQ(got.error().retry, Retry::in_doubt);
  EXPECT_EQ(got.error().detail.find("hidden"), std::string::npos);
  good = true;
  const auto next = client.exchange({});
  ASSERT_TRUE(next) << next.error().detail;
  EXPECT_EQ(next->body, "fine") << "nothing of the spoiled reply is taken for the next";
}

INSTANTIATE_TEST_SUITE_P(
    All, HttpSpoiled,
    testing::Values(Spoiled{"closed_at_once", kThenClose, ErrorKind::broken},
                    Spoiled{"cut_in_the_head", std::string("HTTP/1.1 200 OK\r\nConte") + kThenClose, ErrorKind::broken},
                    Spoiled{"cut_in_the_body", std::string("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc") + kThenClose, ErrorKind::broken},
                    Spoiled{"silence", "", ErrorKind::timeout}, Spoiled{"half_a_head", "HTTP/1.1 200", ErrorKind::timeout},
                    Spoiled{"another_protocol", "-ERR unknown command\r\n\r\n", ErrorKind::malformed},
                    Spoiled{"two_lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", ErrorKind::malformed},
                    Spoiled{"too_long", reply(std::string(100'001, 'x')), ErrorKind::too_large},
                    Spoiled{"too_long_in_chunks",
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n18700\r\n" + std::string(0x18700, 'x') + "\r\n0\r\n\r\n",
                            ErrorKind::too_large},
                    Spoiled{"too_much_head", "HTTP/1.1 200 OK\r\nX: " + std::string(9'000, 'x') + "\r\nContent-Length: 0\r\n\r\n", ErrorKind::too_large}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(HttpGate, late_bytes_arrive_and_the_rest_is_told) {
  Server server([](const std::string&) { return reply(std::string(400, 'y')); });
  TcpGate gate(server.port());
  Client client = client_of(gate.port());
  gate.set(TcpGate::Mode::late);
  const auto late = client.exchange({});
  ASSERT_TRUE(late) << late.error().detail;
  EXPECT_EQ(late->body.size(), 400U);
  const auto fails = [&](TcpGate::Mode mode, ErrorKind kind) {
    gate.set(TcpGate::Mode::pass);
    ASSERT_TRUE(client.exchange({})) << "it recovers after whatever came before";
    gate.set(mode);
    const auto got = client.exchange({"POST", "/", {}, "x"});
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind, kind) << got.error().detail;
    EXPECT_EQ(got.error().retry, Retry::in_doubt) << got.error().detail;
  };
  fails(TcpGate::Mode::garbage, ErrorKind::malformed);
  fails(TcpGate::Mode::half_open, ErrorKind::timeout);
  fails(TcpGate::Mode::deaf, ErrorKind::timeout);
  fails(TcpGate::Mode::drip, ErrorKind::timeout);
}

TEST(HttpGate, a_connection_cut_while_idle_costs_nothing) {
  Server server([](const std::string&) { return reply("x"); });
  TcpGate gate(server.port());
  Client client = client_of(gate.port());
  ASSERT_TRUE(client.exchange({}));
  gate.trap("CUT-HERE", TcpGate::Mode::cut);
  const auto cut = client.exchange({"POST", "/", {}, "CUT-HERE"});
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().kind, ErrorKind::broken);
  EXPECT_EQ(cut.error().retry, Retry::in_doubt);
  gate.set(TcpGate::Mode::pass);
  EXPECT_TRUE(client.exchange({}));
}

}  // namespace
}  // namespace prom::http
