// What a fuzzer of a feed's parser asks of any answer: a named error, or observations that may be kept and were not known before they were fetched.
#pragma once

#include "base/assert.h"
#include "ports/feed.h"

namespace prom {

inline constexpr TimeNs kFuzzNow{1'800'000'000'000'000'000};

inline void judge_feed(const FeedResult& result) {
  if (!result) {
    PROM_ASSERT(!result.error().detail.empty(), "an error says what is wrong");
    return;
  }
  for (const Observation& o : *result) {
    PROM_ASSERT(!fault_of(o), "a parsed observation may be kept");
    PROM_ASSERT(o.available_at == kFuzzNow, "nothing is known before it was fetched");
  }
}

}  // namespace prom
