// The date of the RSS specification, an item in its layout, and documents that attack.
#include "adapters/feeds/rss/rss.h"

#include <gtest/gtest.h>

#include <string>

namespace prom {
namespace {

constexpr TimeNs kFetched{1'780'000'000'000'000'000};

// Written in the layout of the RSS 2.0 specification (rssboard.org/rss-specification), with the date that it gives as an example; no recorded feed of a
// publisher that may be passed on was at hand.
constexpr std::string_view kFeed = R"(<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>A channel</title><link>https://example.org</link>
<item><title><![CDATA[Bitcoin &  ether
 rise]]></title><link>https://example.org/1</link><guid isPermaLink="false">a-1</guid><pubDate>Sat, 07 Sep 2002 00:00:01 GMT</pubDate>
<media:content><title>not this one</title></media:content></item>
<item><title>Caf&#233; &amp; coins</title><link>https://example.org/2</link><pubDate>07 Sep 2002 02:30 +0230</pubDate></item>
</channel></rss>)";

TEST(Rss, reads_items_of_the_specified_layout) {
  const auto got = parse_rss(kFeed, "CoinDesk", kFetched);
  ASSERT_TRUE(got) << got.error().detail;
  ASSERT_EQ(got->size(), 2u);
  EXPECT_EQ((*got)[0].text, "Bitcoin & ether rise");
  EXPECT_EQ((*got)[0].id, "a-1");
  EXPECT_EQ(format_rfc3339((*got)[0].event_time), "2002-09-07T00:00:01Z");
  EXPECT_EQ((*got)[1].text, "Caf\xC3\xA9 & coins");
  EXPECT_EQ((*got)[1].id, "https://example.org/2");
  EXPECT_EQ(format_rfc3339((*got)[1].event_time), "2002-09-07T00:00:00Z");
  EXPECT_EQ((*got)[1].trust, TrustTier::publisher);
}

TEST(Rss, refuses_documents_that_declare_entities) {
  for (const auto* bad : {R"(<!DOCTYPE r [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;&a;">]><rss><channel>&b;</channel></rss>)",
                          R"(<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel>&x;</channel></rss>)", R"(<!DOCTYPE rss><rss/>)"}) {
    const auto got = parse_rss(bad, "x", kFetched);
    ASSERT_FALSE(got) << bad;
    EXPECT_NE(got.error().detail.find("DOCTYPE"), std::string::npos) << got.error().detail;
  }
}

TEST(Rss, refuses_torn_deep_and_incomplete_documents) {
  for (std::size_t n = 0; n + 1 < kFeed.size(); n += 5) EXPECT_FALSE(parse_rss(kFeed.substr(0, n), "x", kFetched)) << n;
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "<a>";
  EXPECT_NE(parse_rss(deep, "x", kFetched).error().detail.find("deeper"), std::string::npos);
  EXPECT_FALSE(parse_rss("<rss><item><title>t</title><guid>g</guid></item></rss>", "x", kFetched)) << "no date";
  EXPECT_FALSE(parse_rss("<rss><item><title>\xFF</title></item></rss>", "x", kFetched)) << "not UTF-8";
  EXPECT_EQ(parse_rss(std::string(kMaxFeedBytes + 1, ' '), "x", kFetched).error().fault, FeedFault::too_large);
}

TEST(Rss, an_item_that_is_not_sound_is_left_out_and_counted) {
  constexpr std::string_view kSound = "<item><title>t</title><guid>g</guid><pubDate>Sat, 07 Sep 2002 00:00:01 GMT</pubDate></item>";
  const auto document = [](std::string_view items) { return "<rss><channel>" + std::string(items) + "</channel></rss>"; };
  for (const auto* bad : {"<item><guid>g2</guid><pubDate>Sat, 07 Sep 2002 00:00:01 GMT</pubDate></item>",
                          "<item><title>t2</title><pubDate>Sat, 07 Sep 2002 00:00:01 GMT</pubDate></item>", "<item><title>t2</title><guid>g2</guid></item>",
                          "<item><title>t2</title><guid>g2</guid><pubDate>yesterday</pubDate></item>", "<item/>"}) {
    for (const std::string& items : {bad + std::string(kSound), std::string(kSound) + bad}) {
      const auto got = read_rss(document(items), "x", kFetched);
      ASSERT_TRUE(got) << items << ": " << got.error().detail;
      ASSERT_EQ(got->headlines.size(), 1u) << items;
      EXPECT_EQ(got->headlines[0].id, "g");
      EXPECT_EQ(got->unsound, 1u);
    }
    const auto none = read_rss(document(std::string(bad) + bad), "x", kFetched);
    ASSERT_FALSE(none) << "no item is sound: " << bad;
    EXPECT_EQ(none.error().fault, FeedFault::malformed);
  }
  const auto empty = read_rss(document(""), "x", kFetched);
  ASSERT_TRUE(empty) << "an outlet without news";
  EXPECT_EQ(empty->headlines.size() + empty->unsound, 0u);
}

TEST(RssDate, refuses_what_is_no_date) {
  for (const auto* bad : {"", "Sat, 31 Sep 2002 00:00:01 GMT", "Sat, 07 Sep 02 00:00:01 GMT", "Sat, 07 Sep 2002 24:00:01 GMT", "Sat, 07 Sep 2002 00:00:01",
                          "Sat, 07 Sep 2002 00:00:01 LMT", "Sat, 07 Sep 2002 00:00:01 +9900"}) {
    EXPECT_FALSE(time_of_rss_date(bad)) << bad;
  }
  EXPECT_EQ(format_rfc3339(*time_of_rss_date("Mon, 15 Jun 2026 21:05:00 -0400")), "2026-06-16T01:05:00Z");
}

}  // namespace
}  // namespace prom
