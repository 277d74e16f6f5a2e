// Addresses asked through servers of our own on loopback: what is sent, redirects within bounds, keys that stay with their host, bounds and sentences.
#include "io/http/url_client.h"

#include <gtest/gtest.h>

#include "io/http/http_test_server.h"

namespace prom::http {
namespace {

using http_test::reply;
using http_test::Server;

UrlOptions quick() {
  UrlOptions options;
  options.bounds.exchange = std::chrono::milliseconds{500};
  options.bounds.response = 1'000;
  return options;
}

std::string at(std::uint16_t port, const std::string& rest = "/") { return "http://127.0.0.1:" + std::to_string(port) + rest; }

TEST(UrlClient, asks_and_gets_an_answer_with_its_headers) {
  std::string seen;
  const Server server([&](const std::string& request) {
    seen = request;
    return reply("hello", "200 OK", "X-One: two\r\n");
  });
  UrlClient client(quick());
  const auto got = client.ask({.method = "POST", .url = at(server.port(), "/p?key=secret"), .headers = {{"X-Key", "k"}}, .body = "body"});
  ASSERT_TRUE(got) << got.error().detail;
  EXPECT_EQ(got->response.status, 200U);
  EXPECT_EQ(got->response.body, "hello");
  EXPECT_EQ(got->response.header("x-one"), "two");
  EXPECT_EQ(got->url, at(server.port(), "/p")) << "without the query";
  EXPECT_TRUE(seen.starts_with("POST /p?key=secret HTTP/1.1\r\n")) << seen;
  EXPECT_NE(seen.find("X-Key: k\r\n"), std::string::npos);
  EXPECT_NE(seen.find("promtrade"), std::string::npos);
}

TEST(UrlClient, a_refusal_is_a_reply) {
  const Server server([](const std::string&) { return reply("", "429 Slow down", "Retry-After: 7\r\n"); });
  UrlClient client(quick());
  const auto got = client.ask({.url = at(server.port())});
  ASSERT_TRUE(got) << got.error().detail;
  EXPECT_EQ(got->response.status, 429U);
  EXPECT_EQ(got->response.header("retry-after"), "7");
}

TEST(UrlClient, no_sentence_holds_a_key) {
  UrlClient client(quick());
  const Server large([](const std::string&) { return reply(std::string(5'000, 'x')); });
  for (const std::string& url : {at(large.port(), "/?key=secret"), at(1, "/?key=secret"), std::string("ftp://secret/")}) {
    const auto got = client.ask({.url = url, .headers = {{"X-Key", "secret"}}});
    ASSERT_FALSE(got) << url;
    EXPECT_FALSE(got.error().detail.empty());
    EXPECT_EQ(got.error().detail.find("secret"), std::string::npos) << got.error().detail;
  }
}

TEST(UrlClient, follows_a_few_redirects_and_takes_no_key_to_another_host) {
  std::string last;
  const Server target([&](const std::string& request) {
    last = request;
    return reply("there");
  });
  const std::string elsewhere = "http://localhost:" + std::to_string(target.port()) + "/end";
  const Server first([&](const std::string& request) {
    if (request.starts_with("GET /loop")) return reply("", "302 Found", "Location: /loop\r\n");
    if (request.starts_with("GET /out")) return reply("", "302 Found", "Location: file:///etc/passwd\r\n");
    return reply("", "301 Moved", "Location: " + elsewhere + "\r\n");
  });
  UrlClient client(quick());
  const auto got = client.ask({.url = at(first.port(), "/start"), .headers = {{"X-Key", "k"}}});
  ASSERT_TRUE(got) << got.error().detail;
  EXPECT_EQ(got->response.body, "there");
  EXPECT_EQ(last.find("X-Key"), std::string::npos) << "localhost is another host than 127.0.0.1";
  for (const char* path : {"/loop", "/out"}) {
    const auto lost = client.ask({.url = at(first.port(), path)});
    ASSERT_FALSE(lost) << path;
    EXPECT_EQ(lost.error().kind, ErrorKind::bad_request);
  }
  EXPECT_LE(first.requests(), 7U);
  const auto posted = client.ask({.method = "POST", .url = at(first.port(), "/start"), .body = "x"});
  ASSERT_TRUE(posted);
  EXPECT_EQ(posted->response.status, 301U) << "what changes something is not sent elsewhere";
}

}  // namespace
}  // namespace prom::http
