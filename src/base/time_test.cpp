// Times against std::chrono's calendar and Python's datetime (values in the tables), and the grammar's edges.
#include "base/time.h"

#include <gtest/gtest.h>

#include <chrono>  // det-ok: the calendar types as reference; no clock

#include "base/prng.h"

namespace prom {
namespace {

TEST(Time, CivilDaysMatchStdChrono) {
  for (std::int32_t days = -720'000; days <= 2'900'000; ++days) {
    const std::chrono::year_month_day reference{std::chrono::sys_days{std::chrono::days{days}}};  // det-ok
    const CivilDate date = civil_from_days(days);
    ASSERT_EQ(date.year, static_cast<int>(reference.year()));
    ASSERT_EQ(date.month, static_cast<std::int32_t>(static_cast<unsigned>(reference.month())));
    ASSERT_EQ(date.day, static_cast<std::int32_t>(static_cast<unsigned>(reference.day())));
    ASSERT_EQ(days_from_civil(date), days);
  }
  EXPECT_EQ(iso_weekday(0), 4);  // 1970-01-01, Thursday
  EXPECT_EQ(iso_weekday(-1), 3);
  EXPECT_EQ(iso_weekday(20'212), 7);  // 2025-05-04, Sunday
}

TEST(Time, FormatAndParse) {
  // ns from Python: datetime(...).timestamp() in exact integers.
  const struct {
    std::int64_t ns;
    const char* text;
  } table[] = {{1'746'372'780'000'000'000, "2025-05-04T15:33:00Z"},
               {0, "1970-01-01T00:00:00Z"},
               {-1, "1969-12-31T23:59:59.999999999Z"},
               {951'782'400'500'000'000, "2000-02-29T00:00:00.5Z"},
               {1'748'908'799'123'456'000, "2025-06-02T23:59:59.123456Z"},
               {INT64_MAX, "2262-04-11T23:47:16.854775807Z"},
               {INT64_MIN, "1677-09-21T00:12:43.145224192Z"}};
  for (const auto& row : table) {
    EXPECT_EQ(format_rfc3339(TimeNs{row.ns}), row.text);
    EXPECT_EQ(parse_rfc3339(row.text), TimeNs{row.ns}) << row.text;
    EXPECT_EQ(parse_time_any(row.text), TimeNs{row.ns}) << row.text;
  }
}

TEST(Time, Rfc3339Variants) {
  const TimeNs expected{1'746'372'780'000'000'000};
  for (const char* text : {"2025-05-04t15:33:00z", "2025-05-04 15:33:00Z", "2025-05-04T15:33:00+00:00", "2025-05-04T18:33:00+03:00",
                           "2025-05-04T10:03:00-05:30", "2025-05-04T15:33:00.000Z", "2025-05-04T15:33:00.0000000000000Z"}) {
    EXPECT_EQ(parse_rfc3339(text), expected) << text;
  }
  EXPECT_EQ(parse_rfc3339("").error(), TimeError::empty);
  for (const char* text : {"2025-05-04", "2025-05-04T15:33:00", "2025-05-04T15:33Z", "2025-5-4T15:33:00Z", "2025-05-04T15:33:00.Z", "2025-05-04T15:33:00Zx",
                           "2025-05-04T15:33:00+0300", "x", "1746372780", "2025-05-04T15:33:00 Z", " 2025-05-04T15:33:00Z"}) {
    EXPECT_EQ(parse_rfc3339(text).error(), TimeError::malformed) << text;
  }
  for (const char* text : {"2025-02-29T00:00:00Z", "2025-13-01T00:00:00Z", "2025-00-01T00:00:00Z", "2025-04-31T00:00:00Z", "2025-05-04T24:00:00Z",
                           "2025-05-04T15:60:00Z", "2016-12-31T23:59:60Z", "2025-05-04T15:33:00+24:00", "2263-01-01T00:00:00Z", "1677-01-01T00:00:00Z",
                           "2262-04-11T23:47:16.854775808Z", "0000-01-01T00:00:00Z", "1900-02-29T00:00:00Z"}) {
    EXPECT_EQ(parse_rfc3339(text).error(), TimeError::out_of_range) << text;
  }
  EXPECT_EQ(parse_rfc3339("2025-05-04T15:33:00.0000000001Z").error(), TimeError::too_precise);
}

TEST(Time, ParseAny) {
  const TimeNs expected{1'746'372'780'000'000'000};
  for (const char* text : {"1746372780", "1746372780000", "1746372780000000", "1746372780000000000", "2025-05-04T15:33", "2025-05-04 15:33",
                           "2025-05-04 15:33:00", "2025-05-04 15:33:00+00:00"}) {
    EXPECT_EQ(parse_time_any(text), expected) << text;
  }
  EXPECT_EQ(parse_time_any("2025-05-04"), (TimeNs{1'746'316'800'000'000'000}));
  EXPECT_EQ(parse_time_any("-1"), (TimeNs{-1'000'000'000}));
  EXPECT_EQ(parse_time_any("0"), TimeNs{0});
  EXPECT_EQ(parse_time_any("99999999999").error(), TimeError::out_of_range);  // the year 5138 in seconds
  EXPECT_EQ(parse_time_any("99999999999999999999").error(), TimeError::out_of_range);
  EXPECT_EQ(parse_time_any("").error(), TimeError::empty);
  for (const char* text : {"-", "17e9", "1746372780.5", "2025-05", "2025/05/04", "2025-05-04T", "yesterday"}) {
    EXPECT_EQ(parse_time_any(text).error(), TimeError::malformed) << text;
  }
}

TEST(Time, RandomInstantsRoundTrip) {
  Xoshiro256pp random(11);
  for (int i = 0; i < 100'000; ++i) {
    const TimeNs time{static_cast<std::int64_t>(random.next())};
    ASSERT_EQ(parse_rfc3339(format_rfc3339(time)), time);
    ASSERT_EQ(from_civil(to_civil(time)), time);
  }
}

TEST(Time, FloorAndBars) {
  EXPECT_EQ(floor_to(TimeNs{119}, DurationNs{60}), TimeNs{60});
  EXPECT_EQ(floor_to(TimeNs{120}, DurationNs{60}), TimeNs{120});
  EXPECT_EQ(floor_to(TimeNs{-1}, DurationNs{60}), TimeNs{-60});
  EXPECT_EQ(floor_to(TimeNs{-60}, DurationNs{60}), TimeNs{-60});
  // Monday 2025-04-28 opens the week of Sunday 2025-05-04; so it does on Binance.
  EXPECT_EQ(format_rfc3339(bar_open(*parse_rfc3339("2025-05-04T15:33:00Z"), kWeek)), "2025-04-28T00:00:00Z");
  EXPECT_EQ(format_rfc3339(bar_open(*parse_rfc3339("2025-05-05T00:00:00Z"), kWeek)), "2025-05-05T00:00:00Z");
  EXPECT_EQ(format_rfc3339(bar_open(*parse_rfc3339("2025-05-04T15:33:00Z"), 4 * kHour)), "2025-05-04T12:00:00Z");
  EXPECT_EQ(iso_weekday(bar_open(TimeNs{-1}, kWeek).ns / kDay.ns), 1);
}

TEST(Time, Arithmetic) {
  EXPECT_EQ(TimeNs{5} + DurationNs{3} - DurationNs{1}, TimeNs{7});
  EXPECT_EQ(TimeNs{5} - TimeNs{8}, DurationNs{-3});
  EXPECT_EQ(kDay / kHour, 24);
  EXPECT_EQ((kHour + kMinute) % kHour, kMinute);
  EXPECT_EQ(kWeek / 7, kDay);
  EXPECT_LT(TimeNs{1}, TimeNs{2});
}

TEST(TimeDeathTest, OverflowStops) {
  EXPECT_DEATH(static_cast<void>(TimeNs{INT64_MAX} + DurationNs{1}), "overflow");
  EXPECT_DEATH(static_cast<void>(TimeNs{INT64_MIN} - TimeNs{1}), "overflow");
  EXPECT_DEATH(static_cast<void>(kWeek * INT64_MAX), "overflow");
  EXPECT_DEATH(static_cast<void>(floor_to(TimeNs{1}, DurationNs{0})), "positive");
}

TEST(Time, Intervals) {
  const struct {
    const char* text;
    DurationNs length;
  } table[] = {{"1m", kMinute}, {"5m", 5 * kMinute}, {"1h", kHour},         {"4h", 4 * kHour},
               {"1d", kDay},    {"1w", kWeek},       {"90m", 90 * kMinute}, {"250ms", 250 * kMillisecond}};
  for (const auto& row : table) {
    EXPECT_EQ(parse_interval(row.text), row.length);
    EXPECT_EQ(format_interval(row.length), row.text);
  }
  EXPECT_EQ(parse_interval("60s"), kMinute);
  EXPECT_EQ(format_interval(7 * kDay), "1w");
  EXPECT_EQ(parse_interval("").error(), TimeError::empty);
  for (const char* text : {"m", "1", "1M", "1x", "-1m", "1 m", "1mm", "1.5h"}) EXPECT_EQ(parse_interval(text).error(), TimeError::malformed) << text;
  for (const char* text : {"0m", "99999999w", "99999999999999999999s"}) EXPECT_EQ(parse_interval(text).error(), TimeError::out_of_range) << text;
}

}  // namespace
}  // namespace prom
