// Words of signals. Pure; any thread.
#include "strategies/strategy_base.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace prom::strategies {

namespace {

/// `n` * 10^(exponent - 5) in plain digits without trailing zeros; n has six digits, exponent lies in [-4, 5].
char* write_digits(char* out, std::int64_t n, int exponent) {
  int decimals = 5 - exponent;
  for (; decimals > 0 && n % 10 == 0; --decimals) n /= 10;
  if (decimals == 0) return std::to_chars(out, out + 40, n).ptr;
  std::int64_t unit = 1;
  for (int i = 0; i < decimals; ++i) unit *= 10;
  out = std::to_chars(out, out + 20, n / unit).ptr;
  *out++ = '.';
  std::int64_t rest = n % unit;
  for (int i = decimals - 1; i >= 0; --i, rest /= 10) out[i] = static_cast<char>('0' + rest % 10);
  return out + decimals;
}

/// Six significant digits, at most 40 characters. Everyday numbers take a short way; the library's exact one costs ten times as much.
char* write_short(char* out, double value) {
  constexpr std::array<double, 11> kPowers{1e-4, 1e-3, 1e-2, 1e-1, 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
  const double size = std::fabs(value);
  if (!(size >= kPowers.front() && size < kPowers.back())) return std::to_chars(out, out + 40, value, std::chars_format::general, 6).ptr;
  std::size_t place = 0;  // of the power of ten at or below the number
  while (size >= kPowers[place + 1]) ++place;
  // Exact powers of ten on either side of the fraction: one rounding before that to a whole number.
  const double scaled = place < 4 ? size * 1e5 / kPowers[place] : size * kPowers[13 - place];
  std::int64_t n = std::llround(scaled);
  int exponent = static_cast<int>(place) - 4;
  if (n >= 1'000'000) {
    n = 100'000;
    if (++exponent == 6) return std::to_chars(out, out + 40, value, std::chars_format::general, 6).ptr;
  }
  if (value < 0) *out++ = '-';
  return write_digits(out, n, exponent);
}

}  // namespace

std::string short_number(double value) {
  char buffer[40];
  return std::string(buffer, write_short(buffer, value));
}

std::string fill_in(std::string_view text, std::initializer_list<double> numbers) {
  std::array<char, 512> buffer;  // one allocation, of the right size, at the end
  char* out = buffer.data();
  auto number = numbers.begin();
  while (!text.empty()) {
    const std::size_t at = std::min(text.find("{}"), text.size());
    PROM_ASSERT(out + at + 40 < buffer.data() + buffer.size(), "a reason is one sentence");
    out = std::copy_n(text.data(), at, out);
    if (at == text.size()) break;
    PROM_ASSERT(number != numbers.end(), "a reason lacks a number");
    out = write_short(out, *number++);
    text.remove_prefix(at + 2);
  }
  return std::string(buffer.data(), out);
}

SignalIntent intent_of(const LastSignal& last, std::string reason) {
  SignalIntent out;
  out.signal = last.kind();
  if (out.signal == Signal::none) return out;
  out.price = last.price;
  if (last.stop > 0) out.stop_price = last.stop;
  if (last.target > 0) out.targets.push_back({last.target, 1.0});
  out.size_fraction = last.size;
  out.reason = std::move(reason);
  return out;
}

}  // namespace prom::strategies
