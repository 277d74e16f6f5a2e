// Text forms of instants and intervals; see time.h for the grammar.
#include "base/time.h"

#include <array>
#include <optional>

#include "base/text.h"

namespace prom {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

constexpr std::int32_t days_in_month(std::int32_t year, std::int32_t month) {
  constexpr std::array<std::int32_t, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

// Takes fixed-width numbers and single characters from the front of a text.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  std::optional<std::int32_t> number(std::size_t width) {
    if (rest_.size() < width) return std::nullopt;
    std::int32_t value = 0;
    for (const char c : rest_.substr(0, width)) {
      if (!is_digit(c)) return std::nullopt;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(width);
    return value;
  }
  bool take(std::string_view any_of) {
    if (rest_.empty() || !any_of.contains(rest_.front())) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool at_end() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }

 private:
  std::string_view rest_;
};

Result<CivilDate, TimeError> parse_date(Cursor& in) {
  const auto year = in.number(4);
  if (!year || !in.take("-")) return err(TimeError::malformed);
  const auto month = in.number(2);
  if (!month || !in.take("-")) return err(TimeError::malformed);
  const auto day = in.number(2);
  if (!day) return err(TimeError::malformed);
  return CivilDate{*year, *month, *day};
}

// Digits after the point as nanoseconds.
Result<std::int32_t, TimeError> parse_fraction(Cursor& in) {
  std::int32_t nanoseconds = 0;
  int digits = 0;
  while (is_digit(in.peek())) {
    const std::int32_t digit = *in.number(1);
    if (digits < 9) nanoseconds = nanoseconds * 10 + digit;
    if (digits >= 9 && digit != 0) return err(TimeError::too_precise);
    ++digits;
  }
  if (digits == 0) return err(TimeError::malformed);
  for (; digits < 9; ++digits) nanoseconds *= 10;
  return nanoseconds;
}

// Offset of the zone east of UTC.
Result<DurationNs, TimeError> parse_zone(Cursor& in) {
  if (in.take("Zz")) return DurationNs{0};
  const bool west = in.peek() == '-';
  if (!in.take("+-")) return err(TimeError::malformed);
  const auto hours = in.number(2);
  if (!hours || !in.take(":")) return err(TimeError::malformed);
  const auto minutes = in.number(2);
  if (!minutes) return err(TimeError::malformed);
  if (*hours > 23 || *minutes > 59) return err(TimeError::out_of_range);
  const DurationNs offset = kHour * *hours + kMinute * *minutes;
  return west ? -offset : offset;
}

enum class Grammar : std::uint8_t { strict, lenient };

Result<TimeNs, TimeError> parse_civil(std::string_view text, Grammar grammar) {
  if (text.empty()) return err(TimeError::empty);
  Cursor in(text);
  CivilTime civil;
  PROM_TRY(civil.date, parse_date(in));
  DurationNs offset{0};
  if (!in.at_end() || grammar == Grammar::strict) {
    if (!in.take("Tt ")) return err(TimeError::malformed);
    const auto hour = in.number(2);
    if (!hour || !in.take(":")) return err(TimeError::malformed);
    const auto minute = in.number(2);
    if (!minute) return err(TimeError::malformed);
    civil.hour = *hour;
    civil.minute = *minute;
    if (in.take(":")) {
      const auto second = in.number(2);
      if (!second) return err(TimeError::malformed);
      civil.second = *second;
      if (in.take(".")) {
        PROM_TRY(civil.nanosecond, parse_fraction(in));
      }
    } else if (grammar == Grammar::strict) {
      return err(TimeError::malformed);
    }
    if (!in.at_end() || grammar == Grammar::strict) {
      PROM_TRY(offset, parse_zone(in));
    }
    if (!in.at_end()) return err(TimeError::malformed);
  }
  PROM_TRY(const TimeNs local, from_civil(civil));
  std::int64_t utc = 0;
  if (__builtin_sub_overflow(local.ns, offset.ns, &utc)) return err(TimeError::out_of_range);
  return TimeNs{utc};
}

Result<TimeNs, TimeError> parse_epoch(std::string_view text) {
  const auto value = parse_i64(text);
  if (!value) return err(TimeError::out_of_range);
  const std::uint64_t size = *value < 0 ? 0 - static_cast<std::uint64_t>(*value) : static_cast<std::uint64_t>(*value);
  DurationNs unit = kNanosecond;
  if (size < 100'000'000'000ULL) {
    unit = kSecond;
  } else if (size < 100'000'000'000'000ULL) {
    unit = kMillisecond;
  } else if (size < 100'000'000'000'000'000ULL) {
    unit = kMicrosecond;
  }
  std::int64_t ns = 0;
  if (__builtin_mul_overflow(*value, unit.ns, &ns)) return err(TimeError::out_of_range);
  return TimeNs{ns};
}

bool is_integer(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.empty()) return false;
  for (const char c : text) {
    if (!is_digit(c)) return false;
  }
  return true;
}

void append_padded(std::string& out, std::int64_t value, std::size_t width) {
  const std::string digits = std::to_string(value);
  if (digits.size() < width) out.append(width - digits.size(), '0');
  out += digits;
}

struct Unit {
  std::string_view name;
  DurationNs length;
};
constexpr std::array<Unit, 8> kUnits{
    {{"w", kWeek}, {"d", kDay}, {"h", kHour}, {"m", kMinute}, {"s", kSecond}, {"ms", kMillisecond}, {"us", kMicrosecond}, {"ns", kNanosecond}}};

}  // namespace

std::string_view describe(TimeError error) {
  switch (error) {
    case TimeError::empty: return "the time is empty";
    case TimeError::malformed: return "not a time in a known form";
    case TimeError::out_of_range: return "a field of the time, or the time itself, is out of range";
    case TimeError::too_precise: return "the time has digits below one nanosecond";
  }
  PROM_UNREACHABLE();
}

CivilTime to_civil(TimeNs time) {
  // Not floor_to(): the day that holds the earliest instant begins before the range.
  std::int64_t days = time.ns / kDay.ns;
  std::int64_t rest = time.ns % kDay.ns;
  if (rest < 0) {
    rest += kDay.ns;
    --days;
  }
  CivilTime out;
  out.date = civil_from_days(days);
  out.hour = static_cast<std::int32_t>(rest / kHour.ns);
  out.minute = static_cast<std::int32_t>(rest / kMinute.ns % 60);
  out.second = static_cast<std::int32_t>(rest / kSecond.ns % 60);
  out.nanosecond = static_cast<std::int32_t>(rest % kSecond.ns);
  return out;
}

Result<TimeNs, TimeError> from_civil(const CivilTime& civil) {
  const CivilDate& date = civil.date;
  if (date.year < 1 || date.year > 9999 || date.month < 1 || date.month > 12) return err(TimeError::out_of_range);
  if (date.day < 1 || date.day > days_in_month(date.year, date.month)) return err(TimeError::out_of_range);
  if (civil.hour < 0 || civil.hour > 23 || civil.minute < 0 || civil.minute > 59) return err(TimeError::out_of_range);
  if (civil.second < 0 || civil.second > 59) return err(TimeError::out_of_range);
  if (civil.nanosecond < 0 || civil.nanosecond >= kSecond.ns) return err(TimeError::out_of_range);
  const std::int64_t in_day = (civil.hour * 60LL + civil.minute) * kMinute.ns + civil.second * kSecond.ns + civil.nanosecond;
  __extension__ const __int128 total = static_cast<__int128>(days_from_civil(date)) * kDay.ns + in_day;
  if (total < INT64_MIN || total > INT64_MAX) return err(TimeError::out_of_range);
  return TimeNs{static_cast<std::int64_t>(total)};
}

std::string format_rfc3339(TimeNs time) {
  const CivilTime civil = to_civil(time);
  std::string out;
  out.reserve(30);
  append_padded(out, civil.date.year, 4);
  out += '-';
  append_padded(out, civil.date.month, 2);
  out += '-';
  append_padded(out, civil.date.day, 2);
  out += 'T';
  append_padded(out, civil.hour, 2);
  out += ':';
  append_padded(out, civil.minute, 2);
  out += ':';
  append_padded(out, civil.second, 2);
  if (civil.nanosecond != 0) {
    out += '.';
    append_padded(out, civil.nanosecond, 9);
    while (out.back() == '0') out.pop_back();
  }
  out += 'Z';
  return out;
}

Result<TimeNs, TimeError> parse_rfc3339(std::string_view text) { return parse_civil(text, Grammar::strict); }

Result<TimeNs, TimeError> parse_time_any(std::string_view text) {
  if (is_integer(text)) return parse_epoch(text);
  return parse_civil(text, Grammar::lenient);
}

Result<DurationNs, TimeError> parse_interval(std::string_view text) {
  if (text.empty()) return err(TimeError::empty);
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  if (digits == 0) return err(TimeError::malformed);
  for (const Unit& unit : kUnits) {
    if (unit.name != text.substr(digits)) continue;
    const auto count = parse_i64(text.substr(0, digits));
    std::int64_t ns = 0;
    if (!count || *count < 1 || __builtin_mul_overflow(*count, unit.length.ns, &ns)) return err(TimeError::out_of_range);
    return DurationNs{ns};
  }
  return err(TimeError::malformed);
}

std::string format_interval(DurationNs interval) {
  PROM_ASSERT(interval.ns > 0, "an interval is positive");
  for (const Unit& unit : kUnits) {
    if (interval.ns % unit.length.ns == 0) return std::to_string(interval.ns / unit.length.ns) + std::string(unit.name);
  }
  PROM_UNREACHABLE();
}

}  // namespace prom
