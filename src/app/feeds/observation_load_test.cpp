// That a series which repeats itself at every fetch pushes no other out, and that what is cut is named. Single thread.
#include "app/feeds/observation_load.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>

#include "adapters/stores/sqlite_market/observation_store.h"

namespace prom {
namespace {

constexpr TimeNs kNow{1'790'000'000'000'000'000};

struct ObservationLoading : testing::Test {
  void SetUp() override { store = *open_sqlite_observation_store(path.string()); }
  void TearDown() override {
    store.reset();
    for (const char* side : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + side);
  }
  /// Known at the instant that it speaks of.
  void put(std::string_view series, std::string subject, DurationNs age) {
    Observation o;
    o.series = series;
    o.subject = std::move(subject);
    o.source = "test";
    o.event_time = o.available_at = kNow - age;
    o.value = 1.0;
    ASSERT_TRUE(store->put(std::span(&o, 1)));
  }
  LoadedObservations load(const ObservationSpan& span, std::size_t most) {
    auto out = load_observations(*store, span, most);
    EXPECT_TRUE(out) << (out ? "" : out.error().detail);
    return out ? std::move(*out) : LoadedObservations{};
  }
  static std::ptrdiff_t count(const LoadedObservations& loaded, std::string_view series) {
    return std::ranges::count(loaded.rows, series, &Observation::series);
  }
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("prom_loading_" + std::to_string(::getpid()) + ".db");
  std::unique_ptr<SqliteObservationStore> store;
};

TEST_F(ObservationLoading, slow_series_stay_where_options_say_more_than_is_read) {
  put(series::kMacro, "CPIAUCSL", kDay * 390);
  put(series::kMacro, "CPIAUCSL", kDay * 30);
  put(series::kFearGreed, "", kDay);
  for (int i = 0; i < 20; ++i) put(series::kOptionForward, "BTC-" + std::to_string(i), kMinute * i);
  const auto got = load({.from = kNow, .until = kNow}, 5);
  EXPECT_EQ(count(got, series::kMacro), 2);
  EXPECT_EQ(count(got, series::kFearGreed), 1);
  EXPECT_EQ(count(got, series::kOptionForward), 5);
  EXPECT_EQ(got.cut, std::vector<std::string>{std::string(series::kOptionForward)});
  EXPECT_TRUE(std::ranges::all_of(got.rows, [](const Observation& o) { return o.series != series::kOptionForward || o.event_time >= kNow - kMinute * 4; }))
      << "the newest";
  EXPECT_TRUE(std::ranges::is_sorted(got.rows, {}, &Observation::available_at));
  EXPECT_TRUE(load({.from = kNow, .until = kNow}, 20).cut.empty()) << "exactly as many as are read are not cut";
}

TEST_F(ObservationLoading, options_are_read_as_far_back_as_tools_look_and_over_the_whole_of_a_run) {
  for (const int hours : {1, 2, 5, 30, 60}) put(series::kOptionVolatility, "BTC-A", kHour * hours);
  for (const int hours : {1, 24, 60}) put(series::kOptionTrade, "BTC-A", kHour * hours);
  const auto now = load({.from = kNow, .until = kNow}, 100);
  EXPECT_EQ(count(now, series::kOptionVolatility), 2);
  EXPECT_EQ(count(now, series::kOptionTrade), 2);
  const auto run = load({.from = kNow - kHour * 30, .until = kNow}, 100);
  EXPECT_EQ(count(run, series::kOptionVolatility), 4);
  EXPECT_EQ(count(run, series::kOptionTrade), 3);
}

TEST_F(ObservationLoading, of_a_series_that_fell_silent_the_last_row_tells_how_stale_it_is) {
  put(series::kOptionVolatility, "BTC-A", kDay * 9);
  put(series::kOptionVolatility, "BTC-A", kDay * 8);
  const auto got = load({.from = kNow, .until = kNow}, 100);
  ASSERT_EQ(got.rows.size(), 1u);
  EXPECT_EQ(got.rows[0].event_time, kNow - kDay * 8);
  EXPECT_TRUE(got.cut.empty());
  EXPECT_TRUE(load({.from = kNow - kDay * 10, .until = kNow - kDay * 10}, 100).rows.empty()) << "nothing that became known later";
}

}  // namespace
}  // namespace prom
