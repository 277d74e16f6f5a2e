// Any bytes as a reply: an answer or an error, never a crash, and what is answered may be kept.
#include "adapters/feeds/rss/rss.h"

#include <cstddef>
#include <cstdint>

#include "base/assert.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr prom::TimeNs kNow{1'800'000'000'000'000'000};

void judge(const prom::FeedResult& result) {
  if (!result) {
    PROM_ASSERT(!result.error().detail.empty(), "an error says what is wrong");
    return;
  }
  for (const prom::Observation& o : *result) {
    PROM_ASSERT(!prom::fault_of(o), "a parsed observation may be kept");
    PROM_ASSERT(o.available_at == kNow, "nothing is known before it was fetched");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  judge(prom::parse_rss(text, "fuzz", kNow));
  (void)prom::time_of_rss_date(text);
  return 0;
}
