// One market for several instances: it goes on while any is at work, and from where the last one left it.
#include "app/host/market_clock.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

namespace prom {
namespace {

struct MarketClockTest : ::testing::Test {
  std::string path = (std::filesystem::path(::testing::TempDir()) / ("market_clock_test_" + std::to_string(::getpid()) + ".json")).string();
  TimeNs first{1'746'316'800'000'000'000};
  void SetUp() override { std::filesystem::remove(path); }
  void TearDown() override { std::filesystem::remove(path); }
};

TEST_F(MarketClockTest, AllInstancesSeeOneMarket) {
  const auto one = MarketClock::join(path, first, 1000, MarketClock::Others::none);
  ASSERT_TRUE(one.has_value()) << one.error().message;
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const auto two = MarketClock::join(path, first, 1000, MarketClock::Others::at_work);
  ASSERT_TRUE(two.has_value());
  EXPECT_GE(two->now(), first + DurationNs{20'000 * kMillisecond.ns}) << "it had gone on when the second came";
  const TimeNs a = one->now(), b = two->now(), c = one->now();
  EXPECT_LE(a, b);
  EXPECT_LE(b, c) << "the same market at the same time";
}

TEST_F(MarketClockTest, ItStandsStillWhileNobodyIsAtWork) {
  TimeNs left;
  {
    const auto one = MarketClock::join(path, first, 1000, MarketClock::Others::none);
    ASSERT_TRUE(one.has_value());
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    ASSERT_TRUE(one->keep().has_value());
    left = one->now();
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  const auto joining = std::chrono::steady_clock::now();
  const auto next = MarketClock::join(path, first, 1000, MarketClock::Others::none);
  ASSERT_TRUE(next.has_value());
  const TimeNs now = next->now();
  // However long this thread was kept waiting since: the market goes a thousand times as fast.
  const auto since = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - joining).count();
  EXPECT_GT(now, first + DurationNs{5'000 * kMillisecond.ns});
  EXPECT_LT(now, left + DurationNs{150'000 * kMillisecond.ns + 1000 * since}) << "the 200 ms between the two are 200 s of the market";
}

TEST_F(MarketClockTest, AForeignFileIsNotTakenForAMarket) {
  for (const char* text : {"", "{}", "[1]", R"({"market_ns":"x","wall_ns":"1","seen_ns":"1"})", R"({"market_ns":1,"wall_ns":"1","seen_ns":"1"})"}) {
    std::ofstream(path, std::ios::trunc) << text;
    const auto joined = MarketClock::join(path, first, 1, MarketClock::Others::none);
    ASSERT_FALSE(joined.has_value()) << text;
    EXPECT_EQ(joined.error().exit, ExitCode::input_data);
  }
}

}  // namespace
}  // namespace prom
