// Any bytes as a reply: an answer or an error, never a crash, and what is answered may be kept.
#include "adapters/feeds/deribit/deribit.h"

#include <cstddef>
#include <cstdint>

#include "adapters/feeds/json_reply/feed_judge.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  prom::judge_feed(prom::parse_deribit_option_summary(text, prom::kFuzzNow));
  prom::judge_feed(prom::parse_deribit_option_trades(text, prom::kFuzzNow));
  (void)prom::deribit_older_trades_until(text);
  return 0;
}
