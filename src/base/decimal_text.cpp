// Decimal to and from text, exact in both directions.
#include "base/decimal.h"

namespace prom {
namespace {

using wide::U128;

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The parts of a well-formed number; `digits` may hold one point.
struct Parts {
  detail::Sign sign = detail::Sign::plus;
  std::string_view digits;
  std::int64_t integer_digits = 0;  // before the point
  std::int64_t exponent = 0;
};

// Far outside every representable value, yet safe to add to a length.
constexpr std::int64_t kExponentCap = 1'000'000'000'000;

Result<std::int64_t, DecimalError> parse_exponent(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty()) return err(DecimalError::malformed);
  std::int64_t value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return err(DecimalError::malformed);
    if (value < kExponentCap) value = value * 10 + (c - '0');
  }
  return negative ? -value : value;
}

Result<Parts, DecimalError> split_number(std::string_view text) {
  if (text.empty()) return err(DecimalError::empty);
  Parts out;
  if (text.front() == '-') out.sign = detail::Sign::minus;
  if (text.front() == '-' || text.front() == '+') text.remove_prefix(1);
  std::size_t end = 0;
  std::int64_t digits = 0;
  bool point = false;
  for (; end < text.size(); ++end) {
    if (is_digit(text[end])) {
      ++digits;
      if (!point) ++out.integer_digits;
    } else if (text[end] == '.' && !point) {
      point = true;
    } else {
      break;
    }
  }
  if (digits == 0) return err(DecimalError::malformed);
  out.digits = text.substr(0, end);
  if (end == text.size()) return out;
  if (text[end] != 'e' && text[end] != 'E') return err(DecimalError::malformed);
  PROM_TRY(out.exponent, parse_exponent(text.substr(end + 1)));
  return out;
}

}  // namespace

Result<Decimal, DecimalError> Decimal::parse(std::string_view text) {
  PROM_TRY(const Parts parts, split_number(text));
  // Power of ten of the first and of the last digit that is not zero.
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::int64_t power = parts.integer_digits + parts.exponent;
  bool any = false;
  for (const char c : parts.digits) {
    if (c == '.') continue;
    --power;
    if (c == '0') continue;
    if (!any) first = power;
    any = true;
    last = power;
  }
  if (!any) return Decimal();
  if (first > 26) return err(DecimalError::overflow);
  if (last < -kDigits) return err(DecimalError::inexact);

  // 39 digits at most from here, and the point at 1e-12 is at or after the last one.
  U128 value = 0;
  power = parts.integer_digits + parts.exponent;
  for (const char c : parts.digits) {
    if (c == '.') continue;
    --power;
    if (power > first) continue;
    if (power < -kDigits) break;
    if (__builtin_mul_overflow(value, U128{10}, &value)) return err(DecimalError::overflow);
    if (__builtin_add_overflow(value, static_cast<U128>(c - '0'), &value)) return err(DecimalError::overflow);
  }
  for (; power > -kDigits; --power) {
    if (__builtin_mul_overflow(value, U128{10}, &value)) return err(DecimalError::overflow);
  }
  const bool negative = parts.sign == detail::Sign::minus;
  if (value > static_cast<U128>(kMaxMantissa) + (negative ? 1 : 0)) return err(DecimalError::overflow);
  return Decimal(static_cast<Mantissa>(negative ? U128{0} - value : value));
}

std::string Decimal::to_string() const {
  char buffer[48];  // sign, 27 digits, point, 12 digits
  char* const end = buffer + sizeof buffer;
  char* at = end;
  const U128 size = wide::magnitude(mantissa_);
  const wide::Quotient128 parts = wide::divide_by_64(size, static_cast<std::uint64_t>(kScale));
  auto fraction = static_cast<std::uint64_t>(parts.remainder);
  if (fraction != 0) {
    int digits = kDigits;
    for (; fraction % 10 == 0; --digits) fraction /= 10;
    for (; digits > 0; --digits, fraction /= 10) *--at = static_cast<char>('0' + fraction % 10);
    *--at = '.';
  }
  U128 whole = parts.quotient;
  for (; wide::high64(whole) != 0; whole /= 10) *--at = static_cast<char>('0' + static_cast<int>(whole % 10));
  std::uint64_t rest = wide::low64(whole);  // nearly always all of it: 64-bit divisions
  do {
    *--at = static_cast<char>('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  if (is_negative()) *--at = '-';
  return std::string(at, end);
}

}  // namespace prom
