// Compared by a digest of every frame that both have: recovery reads the local ones anyway.
#include "app/host/shared_journal.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "base/sha256.h"
#include "domain/codec/frame_codec.h"

namespace prom {
namespace {

std::unexpected<DisagreedJournal> because(std::string why) { return std::unexpected(DisagreedJournal{std::move(why), false}); }
std::unexpected<DisagreedJournal> because(const JournalError& error) {
  return std::unexpected(DisagreedJournal{"the journal " + error.path + " failed: " + error.detail, error.kind == JournalErrorKind::locked});
}
std::unexpected<DisagreedJournal> because(const StoreError& error) { return because(error.detail); }

std::vector<std::byte> bytes_of(const RecordedFrame& frame) {
  std::vector<std::byte> out;
  encode_recorded_frame(frame, out);
  return out;
}

/// Digest of the frames up to and including `last`, or why they cannot all be read.
template <class Journal>
auto digest_of(std::uint64_t last, Journal& read) -> std::expected<std::string, DisagreedJournal> {
  Sha256 digest;
  std::uint64_t seen = 0;
  const auto done = read([&](const RecordedFrame& frame) {
    digest.update(bytes_of(frame));
    seen = frame.seq;
    return seen < last;
  });
  if (!done) return because(done.error());
  if (seen != last) return because("the journal ends at sequence " + std::to_string(seen) + ", where " + std::to_string(last) + " were expected");
  return digest.hex();
}

/// Whether both hold the same frames up to `last`. All of them: two stories that parted may have a later frame alike, such as a bar.
std::expected<bool, DisagreedJournal> same_until(std::uint64_t last, const std::string& directory, JournalCopy& copy) {
  const auto reader = open_journal_reader(directory);
  auto local = [&](const std::function<bool(const RecordedFrame&)>& visit) { return reader->read(1, visit); };
  auto shared = [&](const std::function<bool(const RecordedFrame&)>& visit) { return copy.read_journal(1, visit); };
  PROM_TRY(const std::string ours, digest_of(last, local));
  PROM_TRY(const std::string theirs, digest_of(last, shared));
  return ours == theirs;
}

std::expected<std::string, DisagreedJournal> move_aside(const std::string& directory, std::uint64_t fence) {
  std::string place = directory + "-" + std::to_string(fence);
  std::error_code failed;
  std::filesystem::rename(directory, place, failed);
  if (failed) return because(directory + " cannot be moved aside: " + failed.message());
  return place;
}

}  // namespace

std::expected<AgreedJournal, DisagreedJournal> open_agreed_journal(const JournalFileOptions& options, JournalCopy& copy, std::uint64_t fence) {
  AgreedJournal out;
  auto writer = open_journal_writer(options);
  if (!writer) return because(writer.error());
  const auto head = copy.claim(fence);
  if (!head) return because(head.error());
  const std::uint64_t both = std::min(*head, (*writer)->durable_seq());
  if (both > 0) {
    PROM_TRY(const bool same, same_until(both, options.directory, copy));
    if (!same) {
      writer->reset();
      PROM_TRY(out.set_aside, move_aside(options.directory, fence));
      writer = open_journal_writer(options);
      if (!writer) return because(writer.error());
    }
  }
  out.writer = *std::move(writer);
  if (out.writer->durable_seq() >= *head) return out;
  std::optional<JournalError> failed;
  const auto read = copy.read_journal(out.writer->durable_seq() + 1, [&](const RecordedFrame& frame) {
    if (auto appended = out.writer->append_recorded(frame); !appended) failed = std::move(appended.error());
    ++out.fetched;
    return !failed && frame.seq < *head;
  });
  if (!read) return because(read.error());
  if (!failed)
    if (auto durable = out.writer->commit(); !durable) failed = std::move(durable.error());
  if (failed) return because(*failed);
  return out;
}

}  // namespace prom
