// Streams frames out of the segments, one record in memory at a time.
#include <string>
#include <utility>

#include "adapters/stores/journal_file/journal_file.h"
#include "adapters/stores/journal_file/segment_cursor.h"
#include "domain/codec/frame_codec.h"

namespace prom {
namespace {

enum class Place : std::uint8_t { inner, last };

class Reader final : public JournalReader {
 public:
  Reader(std::string directory, std::uint32_t shard, FileOps& ops) : directory_(std::move(directory)), shard_(shard), ops_(&ops) {}

  std::expected<std::uint64_t, JournalError> read(std::uint64_t from_seq, const std::function<bool(const RecordedFrame&)>& visit) override {
    const std::uint64_t from = from_seq == 0 ? 1 : from_seq;
    PROM_TRY(const auto segments, list_segments(*ops_, directory_));
    std::uint64_t visited = from_seq == 0 ? 0 : from_seq - 1;
    if (segments.empty()) return visited;
    if (segments.front() > from) {
      return err(JournalError{JournalErrorKind::corrupt, directory_, 0, "the journal begins at sequence " + std::to_string(segments.front())});
    }
    std::size_t i = segments.size() - 1;
    while (segments[i] > from) --i;
    stopped_ = false;
    for (; i < segments.size() && !stopped_; ++i) {
      const Place place = i + 1 == segments.size() ? Place::last : Place::inner;
      PROM_TRY(const std::uint64_t next, walk(segments[i], place, from, visited, visit));
      if (place == Place::inner && !stopped_ && next != segments[i + 1]) {
        return err(JournalError{JournalErrorKind::corrupt, directory_, next - 1,
                                "sequences " + std::to_string(next) + " to " + std::to_string(segments[i + 1] - 1) + " are missing"});
      }
    }
    return visited;
  }

 private:
  // Returns the sequence that should follow the segment.
  std::expected<std::uint64_t, JournalError> walk(std::uint64_t first_seq, Place place, std::uint64_t from, std::uint64_t& visited,
                                                  const std::function<bool(const RecordedFrame&)>& visit) {
    PROM_TRY(auto cursor, SegmentCursor::open(*ops_, directory_, first_seq, shard_));
    RecordView record;
    // Who follows a journal reads the newest frames again and again: the segment before them is not walked each time.
    const Mark mark = std::exchange(mark_, Mark{});
    bool resumed = mark.segment == first_seq && mark.seq <= from && cursor.skip_to(mark.seq, mark.offset);
    while (true) {
      const std::uint64_t start = cursor.good_bytes();
      PROM_TRY(const SegmentStop stop, cursor.next(record));
      if (std::exchange(resumed, false) && stop != SegmentStop::record) {
        // A tail that was never acknowledged has been cut off and written anew since: what stands there is judged from the segment's beginning.
        return walk(first_seq, place, from, visited, visit);
      }
      if (stop == SegmentStop::record) mark_ = {first_seq, record.seq, start};
      switch (stop) {
        case SegmentStop::record: break;
        case SegmentStop::end: return cursor.expected_seq();
        case SegmentStop::torn:
          if (place == Place::last) return cursor.expected_seq();
          [[fallthrough]];
        case SegmentStop::damaged:
          return err(JournalError{JournalErrorKind::corrupt, cursor.path(), cursor.expected_seq() - 1,
                                  "the record at byte " + std::to_string(cursor.good_bytes()) + " is damaged"});
      }
      if (record.seq < from) continue;
      PROM_TRY(const RecordedFrame frame, decode(record, cursor.path()));
      visited = record.seq;
      if (!visit(frame)) {
        stopped_ = true;
        return cursor.expected_seq();
      }
    }
  }

  static std::expected<RecordedFrame, JournalError> decode(const RecordView& record, const std::string& path) {
    auto frame = decode_frame(record.payload);
    if (!frame) {
      const bool newer = frame.error() == CodecError::unknown_version;
      return err(JournalError{newer ? JournalErrorKind::version : JournalErrorKind::corrupt, path, record.seq - 1,
                              newer ? "the frame was written by a newer version of this program" : "the record is whole but its frame cannot be read"});
    }
    if (frame->seq != record.seq) {
      return err(JournalError{JournalErrorKind::corrupt, path, record.seq - 1, "the frame's sequence is not its record's"});
    }
    return *std::move(frame);
  }

  /// A record that was read whole, and where.
  struct Mark {
    std::uint64_t segment = 0, seq = 0, offset = 0;
  };

  std::string directory_;
  std::uint32_t shard_;
  FileOps* ops_;
  bool stopped_ = false;
  Mark mark_;
};

}  // namespace

std::unique_ptr<JournalReader> open_journal_reader(const std::string& directory, std::uint32_t shard, FileOps& ops) {
  return std::make_unique<Reader>(directory, shard, ops);
}

}  // namespace prom
