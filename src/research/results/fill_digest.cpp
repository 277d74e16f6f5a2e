// Fill digest. One thread.
#include "research/results/fill_digest.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace prom {

namespace {

char* put(char* out, std::string_view text) { return std::copy(text.begin(), text.end(), out); }

/// Shortest exact text of a positive integer at 10^-digits: what Decimal::to_string() gives for it.
char* put_units(char* out, std::int64_t units, int digits) {
  PROM_ASSERT(units >= 0, "prices and quantities of fills are not negative");
  for (; digits > 0 && units % 10 == 0; --digits) units /= 10;
  char text[24];
  char* const end = text + sizeof text;
  char* at = end;
  for (; digits > 0; --digits, units /= 10) {
    *--at = static_cast<char>('0' + units % 10);
    if (digits == 1) *--at = '.';
  }
  do {
    *--at = static_cast<char>('0' + units % 10);
    units /= 10;
  } while (units != 0);
  return std::copy(at, end, out);
}

/// Commas, a time, a side, two amounts of at most 22 characters and a fee of at most 42.
constexpr std::size_t kWithoutNames = 160;

/// Written in place: a line has a dozen parts, and adding each to the string costs more than writing it.
void append_line(std::string& line, const Fill& fill, const Instrument& instrument, const std::string& fee_asset) {
  const std::string_view venue = venue_name(instrument.venue), market = market_name(instrument.payoff), side = name_of(fill.side);
  const std::size_t before = line.size();
  line.resize(before + kWithoutNames + 2 * venue.size() + market.size() + side.size() + instrument.symbol.size() + fee_asset.size());
  char* out = line.data() + before;
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
  out = put(out, fill.fee.amount.to_string());
  line.resize(static_cast<std::size_t>(out - line.data()));
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
