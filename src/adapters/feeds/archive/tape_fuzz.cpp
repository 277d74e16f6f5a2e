// Any bytes as a recording of a feed: a tape in order of time whose numbers are sound, or an error.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "adapters/feeds/archive/tape_file.h"
#include "base/assert.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  prom::Instrument instrument;
  instrument.symbol = instrument.venue_symbol = "X";
  instrument.contract_value = prom::kDecimalOne;
  // The first byte chooses venue and payoff; contracts are counted in several ways.
  if (size > 0 && (data[0] & 1) != 0) instrument.payoff = prom::Payoff::inverse;
  if (size > 0 && (data[0] & 2) != 0) instrument.venue = prom::Venue::okx;
  const auto tape = prom::parse_book_recording({reinterpret_cast<const char*>(data), size}, instrument);
  if (!tape) return 0;
  const auto fault = prom::fault_of(*tape);
  PROM_ASSERT(!fault, "what was read is a tape");
  PROM_ASSERT(prom::sha256_of(*tape).size() == 64, "and has a name");
  return 0;
}
