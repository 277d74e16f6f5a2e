// File: "PRMSPIL1", CRC-32C of all that follows, then table, columns, token as RowBinary texts, rows as u64, bytes as text. Written aside, synced, renamed.
#include "adapters/stores/clickhouse/batch_spill.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

#include "adapters/stores/clickhouse/row_binary.h"
#include "base/crc32c.h"
#include "base/text.h"

namespace prom {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kMagic = "PRMSPIL1";
constexpr std::string_view kEnding = ".spill";

StoreError failed(const fs::path& path, const char* what) {
  const bool full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
  return {full ? StoreErrorKind::full : StoreErrorKind::io, Retry::after, "cannot " + std::string(what) + " " + path.string() + ": " + std::strerror(errno),
          ""};
}

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(file, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return true;
}

StoreResult<void> write_durably(const fs::path& folder, const fs::path& path, std::string_view bytes) {
  const fs::path aside = path.string() + ".new";
  const int file = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return err(failed(aside, "create"));
  const bool wrote = write_all(file, bytes) && ::fsync(file) == 0;
  if (!wrote) {
    const StoreError error = failed(aside, "write");
    ::close(file);
    ::unlink(aside.c_str());
    return err(error);
  }
  ::close(file);
  if (::rename(aside.c_str(), path.c_str()) != 0) return err(failed(path, "name"));
  const int dir = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = dir >= 0 && ::fsync(dir) == 0;
  if (dir >= 0) ::close(dir);
  return synced ? StoreResult<void>{} : err(failed(folder, "sync"));
}

}  // namespace

StoreResult<BatchSpill> BatchSpill::open(const fs::path& folder, std::uint64_t most_bytes) {
  std::error_code code;
  fs::create_directories(folder, code);
  const fs::path lock_path = folder / "lock";
  const int lock = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return err(failed(lock_path, "open"));
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock);
    return err(StoreError{StoreErrorKind::conflict, Retry::after, "the spill folder " + folder.string() + " is in use by another program",
                          "give each a folder of its own"});
  }
  BatchSpill out(folder, most_bytes, lock);
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder, code)) {
    if (entry.path().extension() == kEnding) found.push_back(entry.path());
  }
  if (code) return err(StoreError{StoreErrorKind::io, Retry::after, "cannot list " + folder.string() + ": " + code.message(), ""});
  std::ranges::sort(found);
  for (const fs::path& path : found) {
    const std::uint64_t size = fs::file_size(path, code);
    out.files_.push_back({path, size});
    out.bytes_ += size;
    out.next_ = std::max(out.next_, static_cast<std::uint64_t>(parse_i64(path.stem().string()).value_or(0)) + 1);
  }
  return out;
}

BatchSpill::BatchSpill(BatchSpill&& other) noexcept
    : folder_(std::move(other.folder_)),
      most_bytes_(other.most_bytes_),
      lock_(std::exchange(other.lock_, -1)),
      next_(other.next_),
      bytes_(other.bytes_),
      files_(std::move(other.files_)) {}

BatchSpill::~BatchSpill() {
  if (lock_ >= 0) ::close(lock_);
}

StoreResult<void> BatchSpill::append(const Batch& batch) {
  std::string content;
  clickhouse::RowWriter(content).text(batch.table).text(batch.columns).text(batch.token).u64(batch.rows).text(batch.bytes);
  std::string whole(kMagic);
  const std::uint32_t checksum = crc32c(content);
  whole.append(reinterpret_cast<const char*>(&checksum), sizeof checksum).append(content);
  if (bytes_ + whole.size() > most_bytes_)
    return err(StoreError{StoreErrorKind::full, Retry::after,
                          "the spill folder " + folder_.string() + " has reached its " + std::to_string(most_bytes_) + " bytes",
                          "bring the server back, or raise the bound"});
  std::string name = std::to_string(next_);
  name.insert(0, 16 - std::min<std::size_t>(16, name.size()), '0');
  const fs::path path = folder_ / (name + std::string(kEnding));
  PROM_CHECK_OK(write_durably(folder_, path, whole));
  ++next_;
  bytes_ += whole.size();
  files_.push_back({path, whole.size()});
  return {};
}

StoreResult<Batch> BatchSpill::front() const {
  const fs::path& path = files_.front().path;
  std::ifstream file(path, std::ios::binary);
  std::string whole((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const StoreError damaged{StoreErrorKind::corrupt, Retry::never, "the spilled batch " + path.string() + " is damaged", "its rows must be fetched again"};
  std::uint32_t checksum = 0;
  if (!file.good() && whole.empty()) return err(failed(path, "read"));
  if (whole.size() < kMagic.size() + sizeof checksum || !whole.starts_with(kMagic)) return err(damaged);
  std::memcpy(&checksum, whole.data() + kMagic.size(), sizeof checksum);
  const std::string_view content = std::string_view(whole).substr(kMagic.size() + sizeof checksum);
  if (crc32c(content) != checksum) return err(damaged);
  clickhouse::RowReader reader(content);
  Batch out;
  out.table = reader.text();
  out.columns = reader.text();
  out.token = reader.text();
  out.rows = reader.u64();
  out.bytes = reader.text();
  if (reader.broken() || !reader.at_end()) return err(damaged);
  return out;
}

void BatchSpill::drop_front() {
  // A file that cannot be removed is sent again after a restart, where its token and the replacing tables make it harmless.
  std::error_code ignored;
  fs::remove(files_.front().path, ignored);
  bytes_ -= files_.front().bytes;
  files_.pop_front();
}

void BatchSpill::set_front_aside(const char* reason) {
  std::error_code ignored;
  fs::rename(files_.front().path, files_.front().path.string() + "." + reason, ignored);
  bytes_ -= files_.front().bytes;
  files_.pop_front();
}

}  // namespace prom
