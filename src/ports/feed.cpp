// Cleaning keeps whole UTF-8 characters: a cut in the middle of one would make a text that no JSON can carry.
#include "ports/feed.h"

#include <cmath>

#include "base/text.h"

namespace prom {

std::string clean_text(std::string_view text, std::size_t most) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool blank = byte <= 0x20 || byte == 0x7F;
    if (blank && (out.empty() || out.back() == ' ')) continue;
    out.push_back(blank ? ' ' : c);
    if (out.size() > most) break;
  }
  if (out.size() > most) {
    std::size_t end = most;
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0U) == 0x80U) --end;
    out.resize(end);
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::optional<TimeNs> time_of_seconds(double seconds) {
  constexpr double kFirst = 1'230'768'000, kLast = 7'258'118'400;  // 2009-01-01, 2200-01-01
  if (!(seconds >= kFirst && seconds < kLast)) return std::nullopt;
  return TimeNs{static_cast<std::int64_t>(std::floor(seconds * 1000.0)) * kMillisecond.ns};
}

std::optional<TimeNs> time_of_date(std::string_view date) {
  if (date.size() != 10 || date[4] != '-' || date[7] != '-') return std::nullopt;
  const auto year = parse_u64(date.substr(0, 4)), month = parse_u64(date.substr(5, 2)), day = parse_u64(date.substr(8, 2));
  if (!year || !month || !day || *year < 1900 || *year >= 2200 || *month < 1 || *month > 12 || *day < 1) return std::nullopt;
  const CivilDate civil{static_cast<std::int32_t>(*year), static_cast<std::int32_t>(*month), static_cast<std::int32_t>(*day)};
  const std::int64_t days = days_from_civil(civil);
  if (civil_from_days(days) != civil) return std::nullopt;
  return TimeNs{days * kDay.ns};
}

}  // namespace prom
