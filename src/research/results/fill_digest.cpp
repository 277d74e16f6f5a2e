// Fill digest. One thread.
#include "research/results/fill_digest.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <string_view>

namespace prom {

namespace {

char* put(char* out, std::string_view text) { return std::copy(text.begin(), text.end(), out); }

/// "00" to "99".
constexpr auto kPairs = [] {
  std::array<char, 200> out{};
  for (std::size_t i = 0; i < 100; ++i) {
    out[2 * i] = static_cast<char>('0' + i / 10);
    out[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return out;
}();

/// The digits of `units`, ending before `end`; where they begin. Two at a time.
char* digits_before(char* end, std::uint64_t units) {
  for (; units >= 100; units /= 100) std::memcpy(end -= 2, &kPairs[2 * (units % 100)], 2);
  if (units >= 10) {
    std::memcpy(end -= 2, &kPairs[2 * units], 2);
  } else {
    *--end = static_cast<char>('0' + units);
  }
  return end;
}

constexpr std::size_t kDigits = 24;

/// Shortest exact text of a positive integer at 10^-digits: what Decimal::to_string() gives for it.
char* put_units(char* out, std::int64_t units, int digits) {
  PROM_ASSERT(units >= 0, "prices and quantities of fills are not negative");
  const auto whole_unit = static_cast<std::uint64_t>(detail::kPow10[digits]);
  const std::uint64_t whole = static_cast<std::uint64_t>(units) / whole_unit;
  std::uint64_t part = static_cast<std::uint64_t>(units) % whole_unit;
  // Digits are copied as kDigits bytes, whatever their number: what follows them is written over, and a copy of fixed length needs no call.
  char text[2 * kDigits];
  char* const end = text + kDigits;
  const auto put_digits = [&](std::uint64_t digits_of) {
    const char* const first = digits_before(end, digits_of);
    std::memcpy(out, first, kDigits);
    out += end - first;
  };
  put_digits(whole);
  if (part == 0) return out;
  for (; part % 1'000 == 0; digits -= 3) part /= 1'000;
  for (; part % 10 == 0; --digits) part /= 10;
  *out++ = '.';
  for (int left = digits; left > 1 && part < static_cast<std::uint64_t>(detail::kPow10[left - 1]); --left) *out++ = '0';
  put_digits(part);
  return out;
}

/// As put_units() for any amount.
char* put_amount(char* out, Decimal amount) {
  const auto mantissa = amount.mantissa();
  if (mantissa >= 0 && mantissa <= INT64_MAX) [[likely]]
    return put_units(out, static_cast<std::int64_t>(mantissa), Decimal::kDigits);
  return put(out, amount.to_string());
}

/// Commas, a time, a side, two amounts of at most 22 characters, a fee of at most 42, and room behind the last digits.
constexpr std::size_t kWithoutNames = 160 + kDigits;

/// Written in place: a line has a dozen parts, and adding each to the string costs more than writing it.
void append_line(std::string& line, const Fill& fill, const Instrument& instrument, const std::string& fee_asset) {
  const std::string_view venue = venue_name(instrument.venue), market = market_name(instrument.payoff), side = name_of(fill.side);
  const std::size_t before = line.size();
  const std::size_t most = before + kWithoutNames + 2 * venue.size() + market.size() + side.size() + instrument.symbol.size() + fee_asset.size();
  line.resize_and_overwrite(most, [&](char* text, std::size_t) {
    char* out = text + before;
    out = std::to_chars(out, out + 24, fill.time.ns).ptr;
    *out++ = ',';
    out = put(out, venue);
    *out++ = ',';
    out = put(out, venue);
    *out++ = ':';
    out = put(out, market);
    *out++ = ':';
    out = put(out, instrument.symbol);
    *out++ = ',';
    out = put(out, side);
    *out++ = ',';
    out = put_units(out, fill.price.v, instrument.price_digits);
    *out++ = ',';
    out = put_units(out, fill.quantity.v, instrument.quantity_digits);
    *out++ = ',';
    out = put(out, fee_asset);
    *out++ = ',';
    out = put_amount(out, fill.fee.amount);
    return static_cast<std::size_t>(out - text);
  });
}

}  // namespace

std::string fill_line(const Fill& fill, const Instrument& instrument, const std::string& fee_asset) {
  std::string line;
  append_line(line, fill, instrument, fee_asset);
  return line;
}

void FillDigest::add(const Fill& fill, const Instrument& instrument, const std::string& fee_asset) {
  append_line(waiting_, fill, instrument, fee_asset);
  waiting_ += '\n';
  if (waiting_.size() < 4'096) return;
  sha_.update(waiting_);
  waiting_.clear();
}

std::string FillDigest::hex() {
  sha_.update(waiting_);
  waiting_.clear();
  return sha_.hex();
}

}  // namespace prom
