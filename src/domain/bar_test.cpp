// Bars: gaps, checks, conversion and aggregation, with calendars worked out by hand.
#include "domain/bar.h"

#include <gtest/gtest.h>

namespace prom {
namespace {

TimeNs at(const char* text) { return *parse_rfc3339(text); }

void add(BarColumns& columns, TimeNs time, std::int64_t open, std::int64_t high, std::int64_t low, std::int64_t close, std::int64_t volume) {
  columns.open_time_ns.push_back(time.ns);
  columns.open.push_back(open);
  columns.high.push_back(high);
  columns.low.push_back(low);
  columns.close.push_back(close);
  columns.volume.push_back(volume);
}

/// `n` bars from `start`, bar i: open 100+i, high +5, low -5, close +1, volume i+1; taker buys are half of it, rounded down.
BarColumns make(TimeNs start, DurationNs interval, std::int64_t n) {
  BarColumns out;
  out.price_digits = 2;
  out.quantity_digits = 3;
  out.interval = interval;
  for (std::int64_t i = 0; i < n; ++i) {
    add(out, start + interval * i, 100 + i, 105 + i, 95 + i, 101 + i, i + 1);
    out.taker_buy_volume.push_back((i + 1) / 2);
  }
  return out;
}

TEST(BarColumns, FloatsAreNearestDoubles) {
  BarColumns x = make(at("2024-01-01T00:00:00Z"), kMinute, 3);
  x.open[1] = 6'500'037;
  x.make_floats();
  EXPECT_EQ(x.open_f[1], 65'000.37);
  EXPECT_EQ(x.low_f[0], 0.95);
  EXPECT_EQ(x.volume_f[2], 0.003);
  EXPECT_EQ(x.taker_buy_volume_f.size(), 3U);
  EXPECT_EQ(x.at(2).close.v, 103);
  EXPECT_EQ(x.lower_bound(at("2024-01-01T00:01:00Z")), 1U);
  EXPECT_EQ(x.lower_bound(at("2024-01-01T00:01:01Z")), 2U);
  EXPECT_EQ(x.lower_bound(at("2024-01-01T00:03:00Z")), 3U);
}

TEST(BarGaps, CountsWhatIsMissing) {
  BarColumns x = make(at("2024-01-01T00:00:00Z"), kMinute, 3);
  EXPECT_TRUE(gaps(x).empty());
  EXPECT_TRUE(gaps(make(at("2024-01-01T00:00:00Z"), kMinute, 0)).empty());
  add(x, at("2024-01-01T00:06:00Z"), 1, 1, 1, 1, 1);
  add(x, at("2024-01-01T00:07:00Z"), 1, 1, 1, 1, 1);
  add(x, at("2024-01-01T00:09:00Z"), 1, 1, 1, 1, 1);
  const auto found = gaps(x);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].from, at("2024-01-01T00:03:00Z"));
  EXPECT_EQ(found[0].to, at("2024-01-01T00:06:00Z"));
  EXPECT_EQ(found[0].missing, 3U);
  EXPECT_EQ(found[1].missing, 1U);
}

TEST(BarCheck, NamesTheFault) {
  const Bar good{at("2024-01-01T00:00:00Z"), {10}, {12}, {9}, {11}, {0}};
  EXPECT_EQ(check_bar(good, kMinute), BarFault::none);
  Bar x = good;
  x.low = {0};
  EXPECT_EQ(check_bar(x, kMinute), BarFault::price_not_positive);
  x = good;
  x.high = {8};
  EXPECT_EQ(check_bar(x, kMinute), BarFault::high_below_low);
  x = good;
  x.open = {13};
  EXPECT_EQ(check_bar(x, kMinute), BarFault::open_outside);
  x = good;
  x.close = {8};
  EXPECT_EQ(check_bar(x, kMinute), BarFault::close_outside);
  x = good;
  x.volume = {-1};
  EXPECT_EQ(check_bar(x, kMinute), BarFault::volume_negative);
  x = good;
  x.open_time = x.open_time + kSecond;
  EXPECT_EQ(check_bar(x, kMinute), BarFault::time_off_grid);
  // 2024-01-01 was a Monday: a weekly bar opens there, not on the Thursday of the epoch's grid.
  EXPECT_EQ(check_bar(good, kWeek), BarFault::none);
  x = good;
  x.open_time = at("2024-01-04T00:00:00Z");
  EXPECT_EQ(check_bar(x, kWeek), BarFault::time_off_grid);
}

TEST(BarResample, AggregatesWholeBuckets) {
  const BarColumns x = make(at("2024-01-01T00:00:00Z"), kMinute, 12);
  const BarColumns five = resample(x, kMinute * 5);
  ASSERT_EQ(five.size(), 2U);  // 00:10 and 00:11 are not a whole bar
  EXPECT_EQ(five.interval, kMinute * 5);
  EXPECT_EQ(five.at(0), (Bar{at("2024-01-01T00:00:00Z"), {100}, {109}, {95}, {105}, {1 + 2 + 3 + 4 + 5}}));
  EXPECT_EQ(five.at(1), (Bar{at("2024-01-01T00:05:00Z"), {105}, {114}, {100}, {110}, {6 + 7 + 8 + 9 + 10}}));
  EXPECT_EQ(five.taker_buy_volume[0], 0 + 1 + 1 + 2 + 2);
  EXPECT_TRUE(five.open_f.empty());
}

TEST(BarResample, InnerGapsAreBridgedAndTheEndIsNot) {
  BarColumns x = make(at("2024-01-01T00:00:00Z"), kMinute, 2);
  x.taker_buy_volume.clear();
  add(x, at("2024-01-01T00:07:00Z"), 200, 210, 190, 205, 7);  // 00:02-00:06 are missing
  add(x, at("2024-01-01T00:09:00Z"), 205, 220, 180, 206, 7);
  const BarColumns five = resample(x, kMinute * 5);
  ASSERT_EQ(five.size(), 2U);
  EXPECT_EQ(five.at(0).close.v, 102);
  EXPECT_EQ(five.at(1), (Bar{at("2024-01-01T00:05:00Z"), {200}, {220}, {180}, {206}, {14}}));
  EXPECT_TRUE(five.taker_buy_volume.empty());
  x.open_time_ns.back() = at("2024-01-01T00:08:00Z").ns;
  EXPECT_EQ(resample(x, kMinute * 5).size(), 1U);
}

TEST(BarResample, WeeksOpenOnMonday) {
  // Wednesday 2024-01-03 to Wednesday 2024-01-17: the week of 1 January (five days), the week of 8 January, and an unfinished one.
  BarColumns x = make(at("2024-01-03T00:00:00Z"), kDay, 15);
  x.make_floats();
  const BarColumns weeks = resample(x, kWeek);
  ASSERT_EQ(weeks.size(), 2U);
  EXPECT_EQ(weeks.open_time_ns[0], at("2024-01-01T00:00:00Z").ns);
  EXPECT_EQ(weeks.open_time_ns[1], at("2024-01-08T00:00:00Z").ns);
  EXPECT_EQ(weeks.volume[0], 1 + 2 + 3 + 4 + 5);
  EXPECT_EQ(weeks.volume[1], 6 + 7 + 8 + 9 + 10 + 11 + 12);
  EXPECT_EQ(weeks.close_f[1], 1.12);  // bar 11 closes at 101 + 11 hundredths
}

}  // namespace
}  // namespace prom
