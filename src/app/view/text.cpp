// See text.h.
#include "app/view/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

namespace prom::view::text {
namespace {

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t bytes = 0;  // 0 = not UTF-8
};

CodePoint decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t bytes = first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xc2 && first < 0xe0 ? 2 : 0;
  if (bytes == 0 || text.size() < bytes) return {};
  std::uint32_t value = first & (0xffU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) return {};
    value = value << 6 | (byte(i) & 0x3fU);
  }
  if ((bytes == 3 && value < 0x800) || (bytes == 4 && value < 0x10000)) return {};
  return {value, bytes};
}

// Latin, Greek, Cyrillic, and the punctuation, arrows, mathematics and box shapes that fonts draw one column wide.
bool one_column(std::uint32_t c) {
  if (c < 0x7f) return true;
  if (c >= 0xa1 && c < 0x300) return c != 0xad;
  if (c >= 0x370 && c < 0x483) return true;
  if (c >= 0x48a && c < 0x530) return true;
  if (c >= 0x2010 && c < 0x2028) return true;
  if (c >= 0x2030 && c < 0x205f) return true;
  if (c >= 0x20a0 && c < 0x20c1) return true;
  return (c >= 0x2190 && c < 0x231a) || (c >= 0x2500 && c < 0x25fd);
}

bool is_blank(std::uint32_t c) { return c <= 0x20 || c == 0x7f || (c >= 0x80 && c <= 0xa0) || (c >= 0x2028 && c <= 0x202f); }

std::string grouped(std::uint64_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

std::string with_plus(std::string text) {
  if (text.starts_with('-')) return text;
  const bool zero = text.find_first_of("123456789") == std::string::npos;
  return zero ? text : "+" + text;
}

}  // namespace

std::string clean(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const CodePoint c = decode(text);
    if (c.bytes == 0) {
      out += '?';
      text.remove_prefix(1);
      continue;
    }
    if (is_blank(c.value)) {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else if (one_column(c.value)) {
      out += text.substr(0, c.bytes);
    } else {
      out += '?';
    }
    text.remove_prefix(c.bytes);
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

std::size_t width(std::string_view cleaned) {
  return static_cast<std::size_t>(std::count_if(cleaned.begin(), cleaned.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

std::string cut(std::string_view cleaned, std::size_t columns) {
  if (width(cleaned) <= columns) return std::string(cleaned);
  if (columns == 0) return "";
  std::size_t bytes = 0;
  for (std::size_t kept = 0; kept + 1 < columns; ++kept) bytes += decode(cleaned.substr(bytes)).bytes;
  std::string out(cleaned.substr(0, bytes));
  while (out.ends_with(' ')) out.pop_back();
  return out + "…";
}

std::string pad_right(std::string text, std::size_t columns) {
  const std::size_t has = width(text);
  if (has < columns) text.append(columns - has, ' ');
  return text;
}

std::string pad_left(std::string text, std::size_t columns) {
  const std::size_t has = width(text);
  return has < columns ? std::string(columns - has, ' ') + text : text;
}

std::string money(Decimal value, int decimals) {
  const auto units = value.to_units(decimals, Round::half_even);
  if (!units) return value.to_string();  // beyond 64 bits: plain digits
  const auto size = *units < 0 ? 0 - static_cast<std::uint64_t>(*units) : static_cast<std::uint64_t>(*units);
  std::uint64_t scale = 1;
  for (int i = 0; i < decimals; ++i) scale *= 10;
  std::string out = (*units < 0 ? "-" : "") + grouped(size / scale);
  if (decimals > 0) out += fmt::format(".{:0{}}", size % scale, decimals);
  return out;
}

std::string signed_money(Decimal value, int decimals) { return with_plus(money(value, decimals)); }

std::string rounded(double value) {
  if (!(std::abs(value) < 1e15)) return "";
  const std::int64_t whole = std::llround(value);
  return whole < 0 ? "-" + grouped(static_cast<std::uint64_t>(-whole)) : grouped(static_cast<std::uint64_t>(whole));
}

int price_decimals(Decimal price) {
  if (price.abs() >= Decimal::from_int(100)) return 2;
  return price.abs() >= kDecimalOne ? 4 : 8;
}

std::string quantity(Decimal value) {
  std::string text = money(value, 6);
  if (text.find_first_of("123456789") == std::string::npos) return value.to_string();
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string percent(Decimal fraction) {
  const Decimal hundredfold = fraction.abs() < Decimal::from_int(1'000'000'000) ? mul(fraction, Decimal::from_int(100), Round::half_even) : fraction;
  return money(hundredfold, 2) + " %";
}

std::string signed_percent(Decimal fraction) { return with_plus(percent(fraction)); }

std::string duration(double seconds) {
  if (!(seconds >= 0) || seconds > 1e9) return "";
  const auto whole = static_cast<std::int64_t>(std::ceil(seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  if (whole < 86'400) return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
  return fmt::format("{} d {} h", whole / 86'400, whole % 86'400 / 3600);
}

std::string speed(double factor) {
  if (!(factor > 0) || factor > 1e15) return "";
  if (factor < 10) return fmt::format("{:.1f}x", factor);
  return grouped(static_cast<std::uint64_t>(std::llround(factor))) + "x";
}

std::string count(std::uint64_t value) { return grouped(value); }

std::string date(TimeNs time) {
  const CivilTime civil = to_civil(time);
  return fmt::format("{:04}-{:02}-{:02}", civil.date.year, civil.date.month, civil.date.day);
}

std::string date_time(TimeNs time) {
  const CivilTime civil = to_civil(time);
  return fmt::format("{} {:02}:{:02}", date(time), civil.hour, civil.minute);
}

std::string short_time(TimeNs time) { return date_time(time).substr(5); }

std::string sparkline(std::span<const double> values, std::size_t columns) {
  static constexpr std::array<const char*, 8> kBars{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  std::vector<double> shown;
  for (const double value : values) {
    if (std::isfinite(value)) shown.push_back(value);
  }
  if (shown.empty() || columns == 0) return "";
  const std::size_t bars = std::min(columns, shown.size());
  const auto [low, high] = std::minmax_element(shown.begin(), shown.end());
  // Halved, so that the distance of two finite values is finite.
  const double bottom = *low / 2;
  const double range = *high / 2 - bottom;
  std::string out;
  for (std::size_t i = 0; i < bars; ++i) {
    // The last value of each part, so that the right end is always the present.
    const double value = shown[(i + 1) * shown.size() / bars - 1];
    const double height = range > 0 ? (value / 2 - bottom) / range * 7.0 : 3.0;
    out += kBars.at(static_cast<std::size_t>(std::lround(height)));
  }
  return out;
}

std::string progress_bar(double fraction, std::size_t columns) {
  const double clamped = fraction > 0 ? std::min(fraction, 1.0) : 0.0;
  const auto full = static_cast<std::size_t>(clamped * static_cast<double>(columns));
  std::string out;
  for (std::size_t i = 0; i < columns; ++i) out += i < full ? "█" : "░";
  return out;
}

}  // namespace prom::view::text
