// Journal to ledger. One thread.
#include "runtime/projector/projector.h"

#include <vector>

namespace prom {

std::expected<std::uint64_t, ProjectorError> Projector::catch_up(std::uint64_t upto) {
  const auto ledger_failed = [](StoreError error) { return std::unexpected(ProjectorError{ProjectorError::Side::ledger, {}, std::move(error)}); };
  auto applied = ledger_.applied_seq();
  if (!applied) return ledger_failed(std::move(applied.error()));
  if (*applied >= upto) return *applied;
  std::vector<RecordedFrame> batch;
  std::optional<StoreError> failed;
  const auto flush = [&] {
    if (batch.empty() || failed) return;
    if (auto done = ledger_.project(batch); !done) {
      failed = std::move(done.error());
    } else {
      *applied = batch.back().seq;
    }
    batch.clear();
  };
  const auto read = journal_.read(*applied + 1, [&](const RecordedFrame& frame) {
    if (frame.seq > upto) return false;
    batch.push_back(frame);
    if (batch.size() >= kBatch) flush();
    return !failed.has_value();
  });
  if (!read) return std::unexpected(ProjectorError{ProjectorError::Side::journal, read.error(), {}});
  flush();
  if (failed) return ledger_failed(std::move(*failed));
  return *applied;
}

}  // namespace prom
