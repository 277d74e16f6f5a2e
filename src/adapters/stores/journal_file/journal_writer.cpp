// Group commit: append only fills a buffer, commit writes it with one call and syncs when asked for. After any error the writer stays shut: what the file
// holds then is known only to the next opening.
#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "adapters/stores/journal_file/journal_file.h"
#include "adapters/stores/journal_file/record.h"
#include "adapters/stores/journal_file/segment_cursor.h"
#include "base/assert.h"
#include "domain/codec/frame_codec.h"

namespace prom {
namespace {

class Writer final : public JournalFileWriter {
 public:
  Writer(const JournalFileOptions& options, FileOps& ops, OpenFile lock) : options_(options), ops_(&ops), lock_(std::move(lock)) {}

  std::expected<void, JournalError> recover();
  std::expected<void, JournalError> append(const Frame& frame) override { return add(frame, &encode_frame); }
  std::expected<void, JournalError> append_recorded(const RecordedFrame& frame) override { return add(frame, &encode_recorded_frame); }
  std::expected<std::uint64_t, JournalError> commit() override;
  std::uint64_t durable_seq() const override { return durable_; }
  const JournalRepair& repair() const override { return repair_; }

 private:
  template <class F>
  std::expected<void, JournalError> add(const F& frame, void (*encode)(const F&, std::vector<std::byte>&));
  std::expected<void, JournalError> recover_last(std::uint64_t first_seq);
  std::expected<void, JournalError> cut(const std::string& path, std::uint64_t good_bytes, std::uint64_t file_bytes, std::uint64_t next_seq);
  void keep_evidence(const std::string& path, std::uint64_t from, std::uint64_t to, std::uint64_t next_seq);
  std::expected<void, JournalError> open_segment(std::uint64_t first_seq);
  std::expected<void, JournalError> flush();
  Err<JournalError> fail(FileFault fault, const std::string& path, const std::string& what);
  Err<JournalError> refuse() const { return err(*failure_); }
  std::string path_of(std::uint64_t first_seq) const { return options_.directory + "/" + segment_name(first_seq); }

  JournalFileOptions options_;
  FileOps* ops_;
  OpenFile lock_;
  std::optional<OpenFile> segment_;
  std::string segment_path_;
  std::uint64_t segment_bytes_ = 0;
  std::vector<std::byte> buffer_;
  std::uint64_t buffered_from_ = 1;  ///< sequence of the first frame in buffer_
  std::uint64_t next_ = 1;
  std::uint64_t durable_ = 0;
  std::optional<JournalError> failure_;  ///< the first; it stays the answer to whatever is asked after it
  JournalRepair repair_;
};

Err<JournalError> Writer::fail(FileFault fault, const std::string& path, const std::string& what) {
  failure_ = journal_error(fault, path, durable_, what);
  return err(*failure_);
}

std::expected<void, JournalError> Writer::recover() {
  PROM_TRY(auto segments, list_segments(*ops_, options_.directory));
  if (segments.empty()) return {};
  PROM_CHECK_OK(recover_last(segments.back()));
  if (options_.durability == Durability::power) {
    // A process killed between write and sync may have left frames that are readable but not yet safe.
    if (segment_) {
      if (auto done = ops_->sync_data(segment_->handle()); !done) return fail(done.error(), segment_path_, "cannot sync the segment");
    }
    if (auto done = ops_->sync_directory(options_.directory); !done) return fail(done.error(), options_.directory, "cannot sync the directory");
  }
  if (segment_ && segment_bytes_ >= options_.segment_bytes && next_ > segments.back()) segment_.reset();
  return {};
}

std::expected<void, JournalError> Writer::recover_last(std::uint64_t first_seq) {
  std::string path;
  std::uint64_t good = 0;
  std::uint64_t size = 0;
  SegmentStop stop = SegmentStop::record;
  {
    PROM_TRY(auto cursor, SegmentCursor::open(*ops_, options_.directory, first_seq, options_.shard));
    RecordView record;
    while (stop == SegmentStop::record) {
      PROM_TRY(stop, cursor.next(record));
    }
    next_ = cursor.expected_seq();
    path = cursor.path();
    good = cursor.good_bytes();
    size = cursor.file_bytes();
    if (cursor.header_stop() == SegmentStop::torn) good = 0;
  }
  durable_ = next_ - 1;
  buffered_from_ = next_;
  if (stop == SegmentStop::damaged) {
    return err(JournalError{JournalErrorKind::corrupt, path, durable_,
                            "the record at byte " + std::to_string(good) + " is damaged, and later records are intact: nothing was changed"});
  }
  if (stop == SegmentStop::torn) PROM_CHECK_OK(cut(path, good, size, next_));
  if (good == 0) return {};  // an unfinished header: the file was removed and the next flush makes the segment anew
  const auto handle = ops_->open(path, OpenMode::append);
  if (!handle) return fail(handle.error(), path, "cannot open the segment for writing");
  segment_.emplace(*ops_, *handle);
  segment_path_ = path;
  segment_bytes_ = good;
  return {};
}

std::expected<void, JournalError> Writer::cut(const std::string& path, std::uint64_t good_bytes, std::uint64_t file_bytes, std::uint64_t next_seq) {
  repair_.torn_bytes = file_bytes - good_bytes;
  if (repair_.torn_bytes > 0) keep_evidence(path, good_bytes, file_bytes, next_seq);
  if (good_bytes == 0) {
    if (auto done = ops_->remove(path); !done) return fail(done.error(), path, "cannot remove the unfinished segment");
    return {};
  }
  const auto handle = ops_->open(path, OpenMode::append);
  if (!handle) return fail(handle.error(), path, "cannot open the segment for writing");
  const OpenFile file(*ops_, *handle);
  if (auto done = ops_->truncate(*handle, good_bytes); !done) return fail(done.error(), path, "cannot cut the torn tail off");
  return {};
}

// Best effort: on a full disk the cut itself is what makes room, and the bytes were never acknowledged.
void Writer::keep_evidence(const std::string& path, std::uint64_t from, std::uint64_t to, std::uint64_t next_seq) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(std::min<std::uint64_t>(to - from, kMaxEvidenceBytes)));
  {
    const auto handle = ops_->open(path, OpenMode::read);
    if (!handle) return;
    const OpenFile file(*ops_, *handle);
    const auto got = ops_->read_at(*handle, from, bytes);
    if (!got) return;
    bytes.resize(*got);
  }
  const std::string name = path.substr(0, path.rfind('.')) + "." + std::to_string(next_seq) + ".torn";
  const auto handle = ops_->open(name, OpenMode::replace);
  if (!handle) return;
  const OpenFile file(*ops_, *handle);
  if (write_all(*ops_, *handle, bytes)) repair_.evidence = name;
}

template <class F>
std::expected<void, JournalError> Writer::add(const F& frame, void (*encode)(const F&, std::vector<std::byte>&)) {
  if (failure_) return refuse();
  PROM_ASSERT(frame.seq == next_, "journal sequences rise by one");
  if (buffer_.empty()) buffered_from_ = next_;
  const std::size_t offset = begin_record(buffer_);
  encode(frame, buffer_);
  if (!finish_record(buffer_, offset, frame.seq, static_cast<std::uint32_t>(frame.seq - durable_ - 1))) {
    const std::size_t size = buffer_.size() - offset;
    buffer_.resize(offset);
    return err(JournalError{JournalErrorKind::full, segment_path_, durable_,
                            "frame " + std::to_string(frame.seq) + " has " + std::to_string(size) + " bytes; at most " + std::to_string(kMaxPayloadBytes)});
  }
  ++next_;
  if (buffer_.size() >= options_.buffer_bytes) return flush();
  return {};
}

std::expected<void, JournalError> Writer::open_segment(std::uint64_t first_seq) {
  segment_path_ = path_of(first_seq);
  const auto handle = ops_->open(segment_path_, OpenMode::replace);
  if (!handle) return fail(handle.error(), segment_path_, "cannot create the segment");
  segment_.emplace(*ops_, *handle);
  std::vector<std::byte> header;
  write_segment_header({kJournalFormatVersion, options_.shard, first_seq}, header);
  if (auto done = write_all(*ops_, *handle, header); !done) return fail(done.error(), segment_path_, "cannot write the segment's header");
  segment_bytes_ = header.size();
  if (options_.durability == Durability::power) {
    if (auto done = ops_->sync_data(*handle); !done) return fail(done.error(), segment_path_, "cannot sync the segment");
    if (auto done = ops_->sync_directory(options_.directory); !done) return fail(done.error(), options_.directory, "cannot sync the directory");
  }
  return {};
}

std::expected<void, JournalError> Writer::flush() {
  if (buffer_.empty()) return {};
  if (!segment_) PROM_CHECK_OK(open_segment(buffered_from_));
  if (auto done = write_all(*ops_, segment_->handle(), buffer_); !done) return fail(done.error(), segment_path_, "cannot write to the segment");
  segment_bytes_ += buffer_.size();
  buffer_.clear();
  return {};
}

std::expected<std::uint64_t, JournalError> Writer::commit() {
  if (failure_) return refuse();
  if (next_ == durable_ + 1) return durable_;
  PROM_CHECK_OK(flush());
  if (options_.durability == Durability::power) {
    if (auto done = ops_->sync_data(segment_->handle()); !done) return fail(done.error(), segment_path_, "cannot sync the segment");
  }
  durable_ = next_ - 1;
  if (segment_bytes_ >= options_.segment_bytes) segment_.reset();
  return durable_;
}

std::string holder_of(FileOps& ops, const std::string& path) {
  const auto bytes = read_whole(ops, path, 64);
  std::string pid;
  if (bytes) {
    for (const std::byte b : *bytes) {
      const char c = static_cast<char>(b);
      if (c >= '0' && c <= '9') pid += c;
    }
  }
  return pid.empty() ? "another process" : "process " + pid;
}

}  // namespace

std::expected<std::unique_ptr<JournalFileWriter>, JournalError> open_journal_writer(const JournalFileOptions& options, FileOps& ops) {
  if (auto done = ops.make_directories(options.directory); !done) {
    return err(journal_error(done.error(), options.directory, 0, "cannot make the journal's directory"));
  }
  const std::string lock_path = options.directory + "/writer.lock";
  const auto lock = ops.lock(lock_path);
  if (!lock) {
    if (lock.error().code != EWOULDBLOCK) return err(journal_error(lock.error(), lock_path, 0, "cannot lock the journal"));
    return err(JournalError{JournalErrorKind::locked, lock_path, 0, holder_of(ops, lock_path) + " is writing this journal"});
  }
  auto writer = std::make_unique<Writer>(options, ops, OpenFile(ops, *lock));
  PROM_CHECK_OK(writer->recover());
  return writer;
}

}  // namespace prom
