// Carries journal frames into the ledger, in order, each once. The journal is the truth: a ledger that is away only falls behind. One thread.
#pragma once

#include <cstdint>
#include <expected>

#include "ports/journal.h"
#include "ports/ledger.h"

namespace prom {

struct ProjectorError {
  enum class Side : std::uint8_t { journal, ledger };
  Side side = Side::ledger;
  JournalError journal;
  StoreError ledger;
};

class Projector {
 public:
  /// At most this many frames in one transaction.
  static constexpr std::size_t kBatch = 2'000;

  /// Both outlive the projector.
  Projector(JournalReader& journal, Ledger& ledger) : journal_(journal), ledger_(ledger) {}

  /// Projects everything in the journal, up to and including frame `upto`, that the ledger does not have yet. Returns the ledger's applied sequence. While
  /// frames are still appended, `upto` is the durable sequence: what a power cut may take back must not be in the ledger.
  std::expected<std::uint64_t, ProjectorError> catch_up(std::uint64_t upto = UINT64_MAX);

 private:
  JournalReader& journal_;
  Ledger& ledger_;
};

}  // namespace prom
