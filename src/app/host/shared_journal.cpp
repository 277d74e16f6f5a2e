// Compared at the last frame that both have: frames carry the whole input, so two stories differ there or nowhere before.
#include "app/host/shared_journal.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

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

/// Whether both hold the same frame `seq`.
std::expected<bool, DisagreedJournal> same_at(std::uint64_t seq, const std::string& directory, JournalCopy& copy) {
  std::optional<std::vector<std::byte>> ours, theirs;
  const auto keep_in = [](std::optional<std::vector<std::byte>>& place) {
    return [&place](const RecordedFrame& frame) {
      place = bytes_of(frame);
      return false;
    };
  };
  if (const auto read = open_journal_reader(directory)->read(seq, keep_in(ours)); !read) return because(read.error());
  if (const auto read = copy.read_journal(seq, keep_in(theirs)); !read) return because(read.error());
  return ours.has_value() && ours == theirs;
}

std::expected<std::string, DisagreedJournal> move_aside(const std::string& directory, std::uint64_t fence) {
  const std::string place = directory + "-" + std::to_string(fence);
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
    PROM_TRY(const bool same, same_at(both, options.directory, copy));
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
