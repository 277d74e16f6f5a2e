// A file that appears under its name only when it is complete: written beside it, then renamed over it. One thread each object.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/result.h"

namespace prom {

class AtomicFile {
 public:
  /// Opens `path` + ".new"; the folder must exist. Error code `file_write` names the path.
  static std::expected<AtomicFile, Error> create(const std::string& path);
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  /// Removes what was not committed.
  ~AtomicFile();

  /// Failures stick and are reported by finish().
  void append(std::string_view text);
  std::uint64_t size() const { return size_; }
  /// Everything written and on disk, still under its temporary name.
  std::expected<void, Error> finish();
  /// Renames over `path`; finishes first where that was not done.
  std::expected<void, Error> commit();

 private:
  AtomicFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  void flush();
  Error fault(std::string_view doing) const;

  std::string path_, buffer_;
  int descriptor_ = -1;
  int failure_ = 0;  ///< errno of the first failure
  std::uint64_t size_ = 0;
  enum class Stage : unsigned char { open, finished, done } stage_ = Stage::open;
};

/// The whole file at once.
std::expected<void, Error> write_file_atomically(const std::string& path, std::string_view text);
/// The folder and its parents. Error code `folder_create`.
std::expected<void, Error> make_folder(const std::string& path);
/// Error code `file_read` names the path.
std::expected<std::string, Error> read_whole_file(const std::string& path);

}  // namespace prom
