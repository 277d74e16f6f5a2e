// Points in time and durations in integer nanoseconds, their text forms and civil dates (UTC only, no leap seconds).
// Nothing here reads a clock: time arrives as a value. Arithmetic asserts on overflow. Any thread.
#pragma once
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "base/result.h"

namespace prom {

// A signed length of time.
struct DurationNs {
  std::int64_t ns = 0;
  constexpr auto operator<=>(const DurationNs&) const = default;
};

// Nanoseconds since 1970-01-01T00:00:00Z; covers 1677-09-21 to 2262-04-11.
struct TimeNs {
  std::int64_t ns = 0;
  constexpr auto operator<=>(const TimeNs&) const = default;
};

inline constexpr DurationNs kNanosecond{1};
inline constexpr DurationNs kMicrosecond{1'000};
inline constexpr DurationNs kMillisecond{1'000'000};
inline constexpr DurationNs kSecond{1'000'000'000};
inline constexpr DurationNs kMinute{60 * kSecond.ns};
inline constexpr DurationNs kHour{60 * kMinute.ns};
inline constexpr DurationNs kDay{24 * kHour.ns};
inline constexpr DurationNs kWeek{7 * kDay.ns};

namespace detail {
constexpr std::int64_t add_i64(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  PROM_ASSERT(!__builtin_add_overflow(a, b, &sum), "time overflow");
  return sum;
}
constexpr std::int64_t sub_i64(std::int64_t a, std::int64_t b) {
  std::int64_t difference = 0;
  PROM_ASSERT(!__builtin_sub_overflow(a, b, &difference), "time overflow");
  return difference;
}
constexpr std::int64_t mul_i64(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  PROM_ASSERT(!__builtin_mul_overflow(a, b, &product), "time overflow");
  return product;
}
}  // namespace detail

constexpr DurationNs operator+(DurationNs a, DurationNs b) { return {detail::add_i64(a.ns, b.ns)}; }
constexpr DurationNs operator-(DurationNs a, DurationNs b) { return {detail::sub_i64(a.ns, b.ns)}; }
constexpr DurationNs operator-(DurationNs a) { return {detail::sub_i64(0, a.ns)}; }
constexpr DurationNs operator*(DurationNs a, std::int64_t k) { return {detail::mul_i64(a.ns, k)}; }
constexpr DurationNs operator*(std::int64_t k, DurationNs a) { return a * k; }
// Truncates toward zero; k != 0.
constexpr DurationNs operator/(DurationNs a, std::int64_t k) {
  PROM_ASSERT(k != 0 && !(k == -1 && a.ns == INT64_MIN), "division of a duration");
  return {a.ns / k};
}
// How many whole `b` fit into `a` (truncated toward zero); b.ns > 0.
constexpr std::int64_t operator/(DurationNs a, DurationNs b) {
  PROM_ASSERT(b.ns > 0, "division by a duration that is not positive");
  return a.ns / b.ns;
}
constexpr DurationNs operator%(DurationNs a, DurationNs b) {
  PROM_ASSERT(b.ns > 0, "remainder by a duration that is not positive");
  return {a.ns % b.ns};
}
constexpr TimeNs operator+(TimeNs t, DurationNs d) { return {detail::add_i64(t.ns, d.ns)}; }
constexpr TimeNs operator+(DurationNs d, TimeNs t) { return t + d; }
constexpr TimeNs operator-(TimeNs t, DurationNs d) { return {detail::sub_i64(t.ns, d.ns)}; }
constexpr DurationNs operator-(TimeNs a, TimeNs b) { return {detail::sub_i64(a.ns, b.ns)}; }
constexpr TimeNs& operator+=(TimeNs& t, DurationNs d) { return t = t + d; }
constexpr TimeNs& operator-=(TimeNs& t, DurationNs d) { return t = t - d; }
constexpr DurationNs& operator+=(DurationNs& a, DurationNs b) { return a = a + b; }
constexpr DurationNs& operator-=(DurationNs& a, DurationNs b) { return a = a - b; }

// The latest multiple of `step` (counted from the epoch) at or before `t`, also before 1970. step.ns > 0.
constexpr TimeNs floor_to(TimeNs t, DurationNs step) {
  PROM_ASSERT(step.ns > 0, "step must be positive");
  const std::int64_t rest = t.ns % step.ns;
  return {detail::sub_i64(t.ns, rest < 0 ? rest + step.ns : rest)};
}

// Opening time of the bar of length `interval` that holds `t`: floor_to, but whole weeks begin on Monday as venues have it.
constexpr TimeNs bar_open(TimeNs t, DurationNs interval) {
  constexpr DurationNs kThursdayToMonday{4 * kDay.ns};  // 1970-01-01 was a Thursday
  if (interval.ns <= 0 || interval.ns % kWeek.ns != 0) return floor_to(t, interval);
  return floor_to(t - kThursdayToMonday, interval) + kThursdayToMonday;
}

// Proleptic Gregorian date; month 1..12, day 1..31.
struct CivilDate {
  std::int32_t year = 1970;
  std::int32_t month = 1;
  std::int32_t day = 1;
  constexpr auto operator<=>(const CivilDate&) const = default;
};

struct CivilTime {
  CivilDate date;
  std::int32_t hour = 0;    // 0..23
  std::int32_t minute = 0;  // 0..59
  std::int32_t second = 0;  // 0..59
  std::int32_t nanosecond = 0;
  constexpr auto operator<=>(const CivilTime&) const = default;
};

// Days since 1970-01-01. Algorithm: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
constexpr std::int64_t days_from_civil(CivilDate date) {
  const std::int64_t year = std::int64_t{date.year} - (date.month <= 2 ? 1 : 0);
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (date.month > 2 ? date.month - 3 : date.month + 9) + 2) / 5 + date.day - 1;
  const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

// Inverse of days_from_civil; same source.
constexpr CivilDate civil_from_days(std::int64_t days) {
  const std::int64_t shifted = days + 719'468;
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
  const std::int64_t day_of_era = shifted - era * 146'097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const auto day = static_cast<std::int32_t>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  const auto month = static_cast<std::int32_t>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  return {static_cast<std::int32_t>(year_of_era + era * 400 + (month <= 2 ? 1 : 0)), month, day};
}

// ISO weekday of a day number: Monday 1 .. Sunday 7.
constexpr std::int32_t iso_weekday(std::int64_t days) {
  const std::int64_t rest = (days + 3) % 7;
  return static_cast<std::int32_t>((rest < 0 ? rest + 7 : rest) + 1);
}

enum class TimeError : std::uint8_t {
  empty,         // no text
  malformed,     // not the expected shape
  out_of_range,  // a field (month 13, second 60) or the whole instant is outside the range
  too_precise,   // digits beyond the nanosecond that are not zero
};
std::string_view describe(TimeError error);

CivilTime to_civil(TimeNs time);
// Fails with out_of_range when a field or the instant is.
Result<TimeNs, TimeError> from_civil(const CivilTime& civil);

// "2025-05-04T15:33:00Z"; up to nine fraction digits, trailing zeros cut, none when zero.
std::string format_rfc3339(TimeNs time);

// RFC 3339 date-time: 'T', 't' or a space between date and time; zone 'Z', 'z' or +-HH:MM is required. Second 60 is refused.
Result<TimeNs, TimeError> parse_rfc3339(std::string_view text);

// What people and files write: RFC 3339; the same without a zone or without seconds (read as UTC); a date alone (midnight UTC);
// or an integer epoch whose unit follows from its magnitude: |v| < 1e11 s, < 1e14 ms, < 1e17 us, else ns.
Result<TimeNs, TimeError> parse_time_any(std::string_view text);

// "<n><unit>" with unit ns, us, ms, s, m, h, d or w, n >= 1, e.g. "1m", "4h". Months ("1M") have no fixed length and are refused.
Result<DurationNs, TimeError> parse_interval(std::string_view text);

// Inverse of parse_interval in the largest unit that divides: 60 s -> "1m", 7 days -> "1w", 90 min -> "90m". interval.ns > 0.
std::string format_interval(DurationNs interval);

}  // namespace prom
