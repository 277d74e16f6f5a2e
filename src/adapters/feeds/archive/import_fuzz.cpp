// Any bytes through every text parser of the import: an answer or an error, never a crash, and what is answered is sound.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "adapters/feeds/archive/catalogue.h"
#include "adapters/feeds/archive/import.h"
#include "base/assert.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void judge(const prom::ImportedBars& in) {
  const prom::BarColumns& c = in.bars;
  PROM_ASSERT(!c.empty() && c.interval.ns > 0, "an import has bars");
  for (std::size_t i = 0; i < c.size(); ++i) {
    PROM_ASSERT(prom::check_bar(c.at(i), c.interval) == prom::BarFault::none, "an imported bar is sound");
    PROM_ASSERT(i == 0 || c.open_time_ns[i - 1] < c.open_time_ns[i], "imported bars ascend");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  // The first byte chooses the reader and its options, the rest is the file.
  const std::uint8_t choice = data[0];
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  if ((choice & 7) == 7) {
    (void)prom::parse_funding(text);
    return 0;
  }
  if ((choice & 7) == 6) {
    (void)prom::parse_instruments(text, "fuzz");
    return 0;
  }
  prom::BarsOptions options;
  if ((choice & 8) != 0) options.interval = prom::kMinute;
  if ((choice & 16) != 0) options.venue = prom::Venue::bybit;
  if ((choice & 32) != 0) options.last_bar = prom::LastBar::drop;
  if ((choice & 64) != 0) {
    options.instrument.emplace();
    options.instrument->price_digits = 2;
    options.instrument->quantity_digits = 3;
  }
  if ((choice & 128) != 0) options.as_of = prom::TimeNs{1'700'000'000'000'000'000};
  if (const auto in = prom::parse_bars(text, options)) judge(*in);
  return 0;
}
