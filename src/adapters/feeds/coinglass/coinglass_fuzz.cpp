// Any bytes as a reply: an answer or an error, never a crash, and what is answered may be kept.
#include "adapters/feeds/coinglass/coinglass.h"

#include <cstddef>
#include <cstdint>

#include "adapters/feeds/json_reply/feed_judge.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  prom::judge_feed(prom::parse_coinglass_liquidations(text, "BTC", prom::kFuzzNow));
  return 0;
}
