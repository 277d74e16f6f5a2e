// Replay: decides every recorded input again and compares with what was recorded. Tells whether this binary would have done the same. One thread.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "engine/engine.h"
#include "ports/journal.h"

namespace prom {

struct ReplayDifference {
  std::uint64_t seq = 0;
  std::string recorded;  ///< events of the frame as JSON, one a line
  std::string decided;
};
struct ReplayVerdict {
  std::uint64_t frames = 0;
  std::uint64_t state_digest = 0;                    ///< after the last frame
  std::optional<ReplayDifference> first_difference;  ///< none: the same decisions, bit for bit
};

/// Reads the journal from its first frame. Decisions of models and agents are inputs there, so nobody thinks again.
std::expected<ReplayVerdict, JournalError> verify_replay(JournalReader& journal, const EngineOptions& options);

}  // namespace prom
