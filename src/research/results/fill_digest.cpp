// Fill digest. One thread.
#include "research/results/fill_digest.h"

namespace prom {

std::string fill_line(const Fill& fill, const Instrument& instrument, const std::string& fee_asset) {
  std::string line;
  line.reserve(128);
  line += std::to_string(fill.time.ns);
  line += ',';
  line += venue_name(instrument.venue);
  line += ',';
  line += instrument_code(instrument);
  line += ',';
  line += name_of(fill.side);
  line += ',';
  line += to_decimal(instrument, fill.price).to_string();
  line += ',';
  line += to_decimal(instrument, fill.quantity).to_string();
  line += ',';
  line += fee_asset;
  line += ',';
  line += fill.fee.amount.to_string();
  return line;
}

void FillDigest::add(const Fill& fill, const Instrument& instrument, const std::string& fee_asset) {
  std::string line = fill_line(fill, instrument, fee_asset);
  line += '\n';
  sha_.update(line);
}

std::string FillDigest::hex() { return sha_.hex(); }

}  // namespace prom
