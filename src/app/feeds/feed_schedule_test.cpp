// When a provider may be asked again, and that it is remembered. Single thread.
#include "app/feeds/feed_schedule.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "app/feeds/feed_sources.h"
#include "app/feeds/feeds_at_hand.h"
#include "io/http/url.h"

namespace prom {
namespace {

constexpr TimeNs kNow{1'790'000'000'000'000'000};

TEST(FeedSchedule, waits_the_interval_after_an_answer_and_ever_longer_after_failures) {
  FeedSchedule schedule;
  EXPECT_LT(schedule.of("x").next, kNow) << "never asked";
  schedule.answered("x", kNow, kMinute);
  EXPECT_EQ(schedule.of("x").next, kNow + kMinute);
  DurationNs before{};
  for (int i = 0; i < 40; ++i) {
    schedule.failed("x", kNow, kMinute, std::nullopt, "away");
    const DurationNs wait = schedule.of("x").next - kNow;
    EXPECT_GE(wait, before);
    EXPECT_LE(wait, FeedSchedule::kLongestWait);
    before = wait;
  }
  EXPECT_EQ(before, FeedSchedule::kLongestWait);
  schedule.failed("y", kNow, kMinute, DurationNs{kHour.ns}, "429");
  EXPECT_EQ(schedule.of("y").next, kNow + kHour) << "as the provider asked";
  schedule.answered("x", kNow, kMinute);
  EXPECT_EQ(schedule.of("x").failures, 0);
}

TEST(FeedSchedule, what_failed_beside_answers_is_remembered_without_a_longer_wait) {
  FeedSchedule schedule;
  schedule.failed("x", kNow, kMinute, std::nullopt, "away");
  schedule.answered("x", kNow, kMinute, "1 of 3 requests failed");
  EXPECT_EQ(schedule.of("x").next, kNow + kMinute);
  EXPECT_EQ(schedule.of("x").failures, 0);
  EXPECT_EQ(schedule.of("x").reason, "1 of 3 requests failed");
  schedule.answered("x", kNow, kMinute);
  EXPECT_EQ(schedule.of("x").reason, "");
}

TEST(FeedSchedule, is_remembered_and_a_damaged_file_is_nothing) {
  const std::string path = (std::filesystem::temp_directory_path() / ("feed_schedule_" + std::to_string(::getpid()))).string();
  FeedSchedule schedule;
  schedule.failed("x", kNow, kMinute, std::nullopt, "away");
  schedule.answered("y", kNow, kHour);
  ASSERT_TRUE(schedule.save(path));
  const FeedSchedule again = FeedSchedule::load(path);
  EXPECT_EQ(again.of("x").next, kNow + kMinute);
  EXPECT_EQ(again.of("x").failures, 1);
  EXPECT_EQ(again.of("x").reason, "away");
  EXPECT_EQ(again.of("y").next, kNow + kHour);
  for (const char* text : {"", "{", "[]", R"({"sources":[{"source":"x","next":"soon","failures":1}]})", R"({"sources":[1]})"}) {
    std::ofstream(path) << text;
    EXPECT_LT(FeedSchedule::load(path).of("x").next, kNow) << text;
  }
  std::filesystem::remove(path);
  EXPECT_LT(FeedSchedule::load(path).of("x").next, kNow);
}

TEST(FeedSources, ask_sound_addresses_over_tls_for_replies_that_can_be_read) {
  const std::string kinds = feed_kinds();
  for (const FeedSource& source : feed_sources()) {
    EXPECT_GT(source.interval.ns, 0) << source.name;
    EXPECT_EQ(source.key.empty(), source.place == KeyPlace::none) << source.name;
    ASSERT_FALSE(source.requests().empty()) << source.name;
    for (const FeedRequest& request : source.requests()) {
      const auto url = http::parse_url(request.url);
      ASSERT_TRUE(url) << request.url;
      EXPECT_TRUE(url->tls) << request.url;
      EXPECT_NE((", " + kinds + ",").find(", " + request.kind + ","), std::string::npos) << request.kind;
      EXPECT_EQ(request.url.find("key="), std::string::npos) << "keys are added when a request is sent";
    }
  }
}

}  // namespace
}  // namespace prom
