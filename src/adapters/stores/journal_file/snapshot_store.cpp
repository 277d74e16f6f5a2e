// Engine snapshots: one checksummed file each, made under another name and renamed into place, so that a snapshot is there whole or not at all.
//   "PROMSNAP", u16 version, u16 zero, u32 shard, u64 sequence, u64 length, u32 crc32c of the 32 bytes before and the body, body
#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "adapters/stores/journal_file/journal_file.h"
#include "adapters/stores/journal_file/segment_cursor.h"
#include "base/crc32c.h"
#include "base/text.h"
#include "base/wire.h"

namespace prom {
namespace {

constexpr std::string_view kMagic = "PROMSNAP";
constexpr std::string_view kSuffix = ".snapshot";
constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kCrcOffset = 32;
constexpr std::size_t kHeaderBytes = 36;
// An engine with 1,000 users fits a hundred times.
constexpr std::size_t kMaxSnapshotBytes = 1U << 30;

class Store final : public SnapshotStore {
 public:
  Store(std::string directory, std::uint32_t shard, FileOps& ops) : directory_(std::move(directory)), shard_(shard), ops_(&ops) {}

  std::expected<void, JournalError> save(std::uint64_t seq, std::span<const std::byte> bytes) override {
    if (auto done = ops_->make_directories(directory_); !done) return fault(done.error(), directory_, "cannot make the snapshots' directory");
    const std::string path = path_of(seq);
    const std::string unfinished = path + ".tmp";
    PROM_CHECK_OK(write_file(unfinished, seq, bytes));
    if (auto done = ops_->rename(unfinished, path); !done) return fault(done.error(), path, "cannot put the snapshot in its place");
    if (auto done = ops_->sync_directory(directory_); !done) return fault(done.error(), directory_, "cannot sync the directory");
    return remove_old();
  }

  std::expected<std::optional<Snapshot>, JournalError> load(std::uint64_t at_most) override {
    PROM_TRY(const auto kept, list());
    for (auto seq = kept.rbegin(); seq != kept.rend(); ++seq) {
      if (*seq > at_most) continue;
      const auto file = read_whole(*ops_, path_of(*seq), kHeaderBytes + kMaxSnapshotBytes);
      if (!file) continue;
      if (auto snapshot = parse(*seq, *file)) return snapshot;
    }
    return std::nullopt;
  }

 private:
  static Err<JournalError> fault(FileFault code, const std::string& path, const std::string& what) { return err(journal_error(code, path, 0, what)); }
  std::string path_of(std::uint64_t seq) const {
    const std::string segment = segment_name(seq);
    return directory_ + "/" + segment.substr(0, segment.find('.')) + std::string(kSuffix);
  }

  std::expected<void, JournalError> write_file(const std::string& path, std::uint64_t seq, std::span<const std::byte> bytes) {
    if (bytes.size() > kMaxSnapshotBytes) return err(JournalError{JournalErrorKind::full, path, seq, "the snapshot is larger than 1 GiB"});
    std::vector<std::byte> header;
    ByteWriter writer(header);
    writer.bytes(std::as_bytes(std::span(kMagic.data(), kMagic.size())));
    writer.u16(kVersion);
    writer.u16(0);
    writer.u32(shard_);
    writer.u64(seq);
    writer.u64(bytes.size());
    writer.u32(crc32c(bytes, crc32c(header)));
    const auto handle = ops_->open(path, OpenMode::replace);
    if (!handle) return fault(handle.error(), path, "cannot create the snapshot");
    const OpenFile file(*ops_, *handle);
    if (auto done = write_all(*ops_, *handle, header); !done) return fault(done.error(), path, "cannot write the snapshot");
    if (auto done = write_all(*ops_, *handle, bytes); !done) return fault(done.error(), path, "cannot write the snapshot");
    if (auto done = ops_->sync_data(*handle); !done) return fault(done.error(), path, "cannot sync the snapshot");
    return {};
  }

  std::optional<Snapshot> parse(std::uint64_t seq, std::span<const std::byte> file) const {
    if (file.size() < kHeaderBytes) return std::nullopt;
    ByteReader reader(file);
    const auto magic = reader.bytes(kMagic.size());
    if (std::memcmp(magic.data(), kMagic.data(), kMagic.size()) != 0 || reader.u16() != kVersion) return std::nullopt;
    static_cast<void>(reader.u16());
    const bool ours = reader.u32() == shard_;
    const bool named = reader.u64() == seq;
    const bool whole = reader.u64() == file.size() - kHeaderBytes;
    const auto body = file.subspan(kHeaderBytes);
    if (!ours || !named || !whole || reader.u32() != crc32c(body, crc32c(file.first(kCrcOffset)))) return std::nullopt;
    return Snapshot{seq, {body.begin(), body.end()}};
  }

  std::expected<std::vector<std::uint64_t>, JournalError> list() {
    const auto names = ops_->list(directory_);
    if (!names) return fault(names.error(), directory_, "cannot list the snapshots");
    std::vector<std::uint64_t> kept;
    for (const auto& name : *names) {
      if (!name.ends_with(kSuffix)) continue;
      if (const auto seq = parse_u64(std::string_view(name).substr(0, name.size() - kSuffix.size()))) kept.push_back(*seq);
    }
    std::sort(kept.begin(), kept.end());
    return kept;
  }

  std::expected<void, JournalError> remove_old() {
    PROM_TRY(const auto kept, list());
    for (std::size_t i = 0; i + kSnapshotsKept < kept.size(); ++i) {
      if (auto done = ops_->remove(path_of(kept[i])); !done) return fault(done.error(), path_of(kept[i]), "cannot remove an old snapshot");
    }
    return {};
  }

  std::string directory_;
  std::uint32_t shard_;
  FileOps* ops_;
};

}  // namespace

std::unique_ptr<SnapshotStore> open_snapshot_store(const std::string& directory, std::uint32_t shard, FileOps& ops) {
  return std::make_unique<Store>(directory, shard, ops);
}

}  // namespace prom
