// Fuzz target: what parses as a time prints and parses back to the same instant; so do intervals.
#include <cstdint>
#include <string_view>

#include "base/time.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace prom;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto& time : {parse_rfc3339(text), parse_time_any(text)}) {
    if (time) PROM_ASSERT(parse_rfc3339(format_rfc3339(*time)) == *time);
  }
  if (const auto interval = parse_interval(text)) PROM_ASSERT(parse_interval(format_interval(*interval)) == *interval);
  return 0;
}
