// Addresses that are taken apart, and those that are not taken. Single thread.
#include "io/http/url.h"

#include <gtest/gtest.h>

namespace prom::http {
namespace {

TEST(Url, is_taken_apart) {
  const auto url = parse_url("https://API.Example.org:8443/v1/x?y=1#z");
  ASSERT_TRUE(url);
  EXPECT_TRUE(url->tls);
  EXPECT_EQ(url->host, "api.example.org");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->target, "/v1/x?y=1");
  EXPECT_EQ(url->origin(), "https://api.example.org:8443");
  EXPECT_EQ(parse_url("http://a?q")->target, "/?q");
  EXPECT_EQ(parse_url("http://127.0.0.1")->port, 80);
}

TEST(Url, that_a_client_must_not_ask_is_refused) {
  for (const auto* bad : {"", "example.org", "ftp://a/", "https://", "https:///x", "https://user:word@host/", "https://a b/", "https://a/\r\nX: y",
                          "https://a:0/", "https://a:99999/", "https://-a/", "https://[::1]/", "https://a\\b/"})
    EXPECT_FALSE(parse_url(bad)) << bad;
}

TEST(Url, follows_a_location_and_never_to_less_safety) {
  const Url base = *parse_url("https://a.org/x/y?q=1");
  EXPECT_EQ(follow(base, "/z")->target, "/z");
  EXPECT_EQ(follow(base, "z?r")->target, "/x/z?r");
  EXPECT_EQ(follow(base, "//b.org/z")->host, "b.org");
  EXPECT_EQ(follow(base, "https://c.org/")->host, "c.org");
  EXPECT_FALSE(follow(base, "http://a.org/x"));
  EXPECT_FALSE(follow(base, "file:///etc/passwd"));
}

TEST(Url, encodes_what_a_query_value_may_not_hold) { EXPECT_EQ(encoded("a b&c=d/\xC3\xA9-._~"), "a%20b%26c%3Dd%2F%C3%A9-._~"); }

}  // namespace
}  // namespace prom::http
