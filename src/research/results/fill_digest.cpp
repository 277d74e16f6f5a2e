// Fill digest. One thread.
#include "research/results/fill_digest.h"

#include <charconv>

namespace prom {

namespace {

void append_code(std::string& line, const Instrument& instrument) {
  line += venue_name(instrument.venue);
  line += ':';
  line += market_name(instrument.payoff);
  line += ':';
  line += instrument.symbol;
}

/// Shortest exact text of a positive integer at 10^-digits: what Decimal::to_string() gives for it.
void append_units(std::string& line, std::int64_t units, int digits) {
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
  line.append(at, end);
}

void append_line(std::string& line, const Fill& fill, const Instrument& instrument, const std::string& fee_asset) {
  char time[24];
  line.append(time, std::to_chars(time, time + sizeof time, fill.time.ns).ptr);
  line += ',';
  line += venue_name(instrument.venue);
  line += ',';
  append_code(line, instrument);
  line += ',';
  line += name_of(fill.side);
  line += ',';
  append_units(line, fill.price.v, instrument.price_digits);
  line += ',';
  append_units(line, fill.quantity.v, instrument.quantity_digits);
  line += ',';
  line += fee_asset;
  line += ',';
  line += fill.fee.amount.to_string();
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
