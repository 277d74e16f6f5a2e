// Any bytes as a file of trades: a tape in order of time whose numbers are sound, or an error.
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
  const auto tape = prom::parse_trades({reinterpret_cast<const char*>(data), size}, instrument);
  if (!tape) return 0;
  PROM_ASSERT(tape->tells_trades && !tape->tells_book, "trades alone");
  PROM_ASSERT(!prom::fault_of(*tape), "what was read is a tape");
  return 0;
}
