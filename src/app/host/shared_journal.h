// The local journal of a shard and its shared copy, brought to one story before the shard goes on. The shard's thread.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "adapters/stores/journal_file/journal_file.h"
#include "ports/journal_copy.h"

namespace prom {

struct AgreedJournal {
  std::unique_ptr<JournalFileWriter> writer;
  std::uint64_t fetched = 0;  ///< frames that came from the copy
  std::string set_aside;      ///< where the local journal was moved that told another story; empty: it did not
};
struct DisagreedJournal {
  std::string why;      ///< one sentence
  bool locked = false;  ///< by an instance that has not ended
};

/// Takes the turn to write the copy (JournalCopy::claim) and opens the local journal for writing. What the copy has beyond it is fetched. A local journal that is ahead of
/// the copy stays as it is; one whose frames are not those of the copy was continued elsewhere meanwhile, and what it holds beyond that was never acknowledged to the one
/// who did: it is moved aside, whole, and the copy takes its place.
std::expected<AgreedJournal, DisagreedJournal> open_agreed_journal(const JournalFileOptions& options, JournalCopy& copy, std::uint64_t fence);

}  // namespace prom
