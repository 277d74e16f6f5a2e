// Any bytes as a recording of a feed: a tape in order of time whose numbers are sound, or an error.
#include <cmath>
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
  const auto tape = prom::parse_book_recording({reinterpret_cast<const char*>(data), size}, instrument);
  if (!tape) return 0;
  prom::TimeNs last = tape->events.front().time;
  for (const prom::TapeEvent& e : tape->events) {
    PROM_ASSERT(e.time >= last, "a tape is in order of time");
    PROM_ASSERT(e.kind == prom::TapeKind::clear || (std::isfinite(e.price) && e.price > 0 && std::isfinite(e.quantity) && e.quantity >= 0),
                "numbers are sound");
    last = e.time;
  }
  return 0;
}
