// Cleaning keeps whole UTF-8 characters: a cut in the middle of one would make a text that no JSON can carry.
#include "ports/feed.h"

#include <cmath>

#include "base/text.h"

namespace prom {

namespace {

/// Bytes of a character at the front of `text` that shows nothing or turns what follows: zero widths, directions, joiners, C1 controls, tags and the variation
/// selectors beyond the basic plane. 0 where it shows. A text may hide words in them that a model reads and a person does not.
std::size_t unseen_bytes(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned>(static_cast<unsigned char>(text[i])) : 0U; };
  const auto within = [&](std::size_t i, unsigned low, unsigned high) { return byte(i) >= low && byte(i) <= high; };
  if (byte(0) == 0xC2 && (within(1, 0x80, 0x9F) || byte(1) == 0xAD)) return 2;                           // C1, soft hyphen
  if (byte(0) == 0xD8 && byte(1) == 0x9C) return 2;                                                      // U+061C
  if (byte(0) == 0xE2 && byte(1) == 0x80 && (within(2, 0x8B, 0x8F) || within(2, 0xA8, 0xAE))) return 3;  // U+200B..F, U+2028..E
  if (byte(0) == 0xE2 && byte(1) == 0x81 && within(2, 0xA0, 0xAF)) return 3;                             // U+2060..F
  if (byte(0) == 0xEF && byte(1) == 0xBB && byte(2) == 0xBF) return 3;                                   // U+FEFF
  if (byte(0) == 0xF3 && byte(1) == 0xA0 && within(2, 0x80, 0x87) && within(3, 0x80, 0xBF)) return 4;    // U+E0000..E01FF
  return 0;
}

}  // namespace

std::string clean_text(std::string_view text, std::size_t most) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (const std::size_t unseen = unseen_bytes(text.substr(i)); unseen > 0) {
      i += unseen - 1;
      continue;
    }
    const char c = text[i];
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
