// Decimal text to mantissa and digits; the hot path of every import.
#include "adapters/feeds/archive/number_text.h"

#include "base/text.h"

namespace prom::archive {
namespace {

constexpr int kMaxSignificant = 18;
constexpr int kMaxDigits = 40;

bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

// The digits of `text` (one optional point) into `number`; false on anything that is not a digit.
bool read_digits(std::string_view text, Number& number) {
  int significant = 0;
  bool any = false;
  bool point = false;
  bool cut = false;
  for (const char c : text) {
    if (c == '.') {
      if (point) return false;
      point = true;
      continue;
    }
    if (!is_digit(c)) return false;
    any = true;
    if (significant == kMaxSignificant) {
      if (!point) return false;  // 1e18 and above
      if (!cut) number.rest = c >= '5' ? Number::Rest::half_or_more : Number::Rest::below_half;
      if (!cut && c == '0') number.rest = Number::Rest::none;
      if (cut && c != '0' && number.rest == Number::Rest::none) number.rest = Number::Rest::below_half;
      cut = true;
      continue;
    }
    number.mantissa = number.mantissa * 10 + static_cast<std::uint64_t>(c - '0');
    if (number.mantissa != 0) ++significant;
    if (point) ++number.digits;
    if (number.digits > kMaxDigits) return false;
  }
  return any;
}

bool apply_exponent(Number& number, std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto exponent = parse_i64(text);
  if (!exponent || *exponent > kMaxDigits || *exponent < -kMaxDigits) return false;
  number.digits -= static_cast<int>(*exponent);
  while (number.digits < 0) {
    if (number.mantissa > static_cast<std::uint64_t>(kPowersOfTen[17]) || number.rest != Number::Rest::none) return false;
    number.mantissa *= 10;
    ++number.digits;
  }
  while (number.digits > 0 && number.mantissa != 0 && number.mantissa % 10 == 0) {
    number.mantissa /= 10;
    --number.digits;
  }
  if (number.mantissa == 0) number.digits = 0;
  return number.digits <= kMaxDigits;
}

}  // namespace

std::optional<Number> parse_number(std::string_view text) {
  Number number;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    number.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  std::string_view exponent;
  const std::size_t mark = text.find_first_of("eE");
  if (mark != std::string_view::npos) {
    exponent = text.substr(mark + 1);
    if (exponent.empty()) return std::nullopt;
    text = text.substr(0, mark);
  }
  // Zeros at the end of the fraction say nothing; ".0" keeps its digit.
  if (text.find('.') != std::string_view::npos) {
    while (text.size() > 2 && text.ends_with('0')) text.remove_suffix(1);
  }
  if (!read_digits(text, number)) return std::nullopt;
  if (mark != std::string_view::npos && !apply_exponent(number, exponent)) return std::nullopt;
  if (number.mantissa == 0 && number.rest == Number::Rest::none) number.digits = 0;
  return number;
}

std::optional<Scaled> to_scale(const Number& number, int digits, Cut cut) {
  std::uint64_t units = number.mantissa;
  bool exact = number.rest == Number::Rest::none;
  if (number.digits <= digits) {
    const int up = digits - number.digits;
    if (up > 18) return number.mantissa == 0 ? std::optional<Scaled>(Scaled{0, exact}) : std::nullopt;
    if (__builtin_mul_overflow(units, static_cast<std::uint64_t>(kPowersOfTen[up]), &units)) return std::nullopt;
    if (up == 0 && cut == Cut::nearest && number.rest == Number::Rest::half_or_more) ++units;
  } else {
    const int down = number.digits - digits;
    const std::uint64_t divisor = down > 18 ? 0 : static_cast<std::uint64_t>(kPowersOfTen[down]);
    const std::uint64_t rest = divisor == 0 ? units : units % divisor;
    units = divisor == 0 ? 0 : units / divisor;
    exact = exact && rest == 0;
    if (cut == Cut::nearest && divisor != 0 && rest >= divisor / 2) ++units;
  }
  if (units > static_cast<std::uint64_t>(kUnitLimit)) return std::nullopt;
  return Scaled{number.negative ? -static_cast<std::int64_t>(units) : static_cast<std::int64_t>(units), exact};
}

}  // namespace prom::archive
