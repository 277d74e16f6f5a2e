// Until where pages are asked for. Single thread.
#include "app/feeds/feed_pages.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace prom {
namespace {

constexpr std::int64_t kNowMs = 1'790'000'000'000;
constexpr TimeNs kNow{kNowMs * 1'000'000};

TimeNs ms(std::int64_t milliseconds) { return TimeNs{milliseconds * 1'000'000}; }

FeedReply page_of(const std::vector<std::int64_t>& times, bool more = true) {
  std::string trades;
  for (const std::int64_t time : times) trades += (trades.empty() ? "" : ",") + std::string(R"({"timestamp":)") + std::to_string(time) + "}";
  return {kNow, R"({"result":{"trades":[)" + trades + R"(],"has_more":)" + (more ? "true" : "false") + "}}"};
}
std::vector<Observation> read_at(const std::vector<std::int64_t>& times) {
  std::vector<Observation> out;
  for (const std::int64_t time : times) out.emplace_back().event_time = ms(time);
  return out;
}
const FeedRequest kFirst{"deribit-option-trades", "", "https://x.org/trades?currency=BTC&count=1000"};

TEST(FeedPages, the_page_before_ends_where_this_one_begins) {
  const std::vector<std::int64_t> times{kNowMs - 10, kNowMs - 20};
  const auto second = page_before(kFirst, page_of(times), read_at(times), 2);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->url, kFirst.url + "&end_timestamp=" + std::to_string(kNowMs - 20));
  EXPECT_EQ(second->page, 2);
  const std::vector<std::int64_t> older{kNowMs - 20, kNowMs - 30};
  const auto third = page_before(*second, page_of(older), read_at(older), 1);
  ASSERT_TRUE(third) << "the trade of the common instant was known from the first page";
  EXPECT_EQ(third->url, kFirst.url + "&end_timestamp=" + std::to_string(kNowMs - 30));
  EXPECT_EQ(third->page, 3);
}

TEST(FeedPages, end_at_what_is_known_at_a_day_and_where_the_provider_has_no_more) {
  const std::vector<std::int64_t> times{kNowMs - 10, kNowMs - 20};
  EXPECT_FALSE(page_before(kFirst, page_of(times, false), read_at(times), 2));
  EXPECT_FALSE(page_before(kFirst, page_of(times), read_at(times), 1)) << "one of them was known, so what lies before it is";
  EXPECT_FALSE(page_before(kFirst, page_of({}), {}, 0));
  const std::vector<std::int64_t> old{kNowMs - 86'400'001};
  EXPECT_FALSE(page_before(kFirst, page_of(old), read_at(old), 1));
  FeedRequest second = kFirst;
  second.until = ms(kNowMs - 20);
  const std::vector<std::int64_t> stuck{kNowMs - 20, kNowMs - 20};
  EXPECT_FALSE(page_before(second, page_of(stuck), read_at(stuck), 1)) << "a page of one instant leads nowhere";
  FeedRequest other = kFirst;
  other.kind = "deribit-options";
  EXPECT_FALSE(page_before(other, page_of(times), read_at(times), 2));
}

}  // namespace
}  // namespace prom
