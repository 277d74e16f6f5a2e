// The few file operations that the journal and its snapshots need, as an interface: the real ones (POSIX) and a twin in memory that fails, writes short
// and loses power on request. Calls block on disk; one thread at a time for each handle.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace prom {

/// The errno of a failed call.
struct FileFault {
  int code = 0;
};
template <class T>
using FileResult = Result<T, FileFault>;

enum class FileHandle : int {};

enum class OpenMode : std::uint8_t {
  read,    ///< must exist
  append,  ///< every write goes to the end; created when missing
  replace  ///< emptied; created when missing
};

class FileOps {
 public:
  virtual ~FileOps() = default;
  virtual FileResult<FileHandle> open(const std::string& path, OpenMode mode) = 0;
  virtual void close(FileHandle file) = 0;
  /// May write fewer bytes than given, as write(2) does; at least one on success. EINTR is the implementation's business.
  virtual FileResult<std::size_t> write(FileHandle file, std::span<const std::byte> bytes) = 0;
  /// Bytes read at `offset`; fewer than asked only at the end of the file.
  virtual FileResult<std::size_t> read_at(FileHandle file, std::uint64_t offset, std::span<std::byte> into) = 0;
  virtual FileResult<std::uint64_t> size(FileHandle file) = 0;
  virtual FileResult<void> truncate(FileHandle file, std::uint64_t bytes) = 0;
  /// Content and length survive a power cut from here on (fdatasync).
  virtual FileResult<void> sync_data(FileHandle file) = 0;
  /// Names created, renamed or removed in the directory survive a power cut from here on.
  virtual FileResult<void> sync_directory(const std::string& directory) = 0;
  virtual FileResult<void> make_directories(const std::string& directory) = 0;
  /// Atomic; replaces `to`.
  virtual FileResult<void> rename(const std::string& from, const std::string& to) = 0;
  virtual FileResult<void> remove(const std::string& path) = 0;
  /// Names of the plain files in a directory, sorted; empty when the directory is missing.
  virtual FileResult<std::vector<std::string>> list(const std::string& directory) = 0;
  /// Creates the file when missing and locks it for this owner alone until close() or the end of the process. EWOULDBLOCK when another has it. On success the
  /// file holds this process's id as text.
  virtual FileResult<FileHandle> lock(const std::string& path) = 0;
};

/// The real file system. Stateless; any thread.
FileOps& posix_file_ops();

/// Writes everything, going on after short writes.
FileResult<void> write_all(FileOps& ops, FileHandle file, std::span<const std::byte> bytes);

/// The whole file when it has at most `limit` bytes (EFBIG otherwise).
FileResult<std::vector<std::byte>> read_whole(FileOps& ops, const std::string& path, std::size_t limit);

/// Closes its handle at the end of the scope.
class OpenFile {
 public:
  OpenFile(FileOps& ops, FileHandle handle) : ops_(&ops), handle_(handle) {}
  OpenFile(OpenFile&& other) noexcept : ops_(other.ops_), handle_(other.handle_) { other.ops_ = nullptr; }
  OpenFile& operator=(OpenFile&& other) noexcept {
    if (this != &other) {
      reset();
      ops_ = other.ops_;
      handle_ = other.handle_;
      other.ops_ = nullptr;
    }
    return *this;
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() { reset(); }
  FileHandle handle() const { return handle_; }

 private:
  void reset() {
    if (ops_ != nullptr) ops_->close(handle_);
    ops_ = nullptr;
  }
  FileOps* ops_;
  FileHandle handle_;
};

}  // namespace prom
