// FileOps on POSIX calls. Interrupted calls are repeated, except close: on Linux the descriptor is gone either way.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>

#include "adapters/stores/journal_file/file_ops.h"

namespace prom {
namespace {

Err<FileFault> last_fault() { return err(FileFault{errno}); }

template <class Call>
auto repeat_interrupted(Call&& call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

class PosixFileOps final : public FileOps {
 public:
  FileResult<FileHandle> open(const std::string& path, OpenMode mode) override {
    int flags = O_CLOEXEC;
    switch (mode) {
      case OpenMode::read: flags |= O_RDONLY; break;
      case OpenMode::append: flags |= O_WRONLY | O_APPEND | O_CREAT; break;
      case OpenMode::replace: flags |= O_WRONLY | O_CREAT | O_TRUNC; break;
    }
    const int fd = repeat_interrupted([&] { return ::open(path.c_str(), flags, 0640); });
    if (fd < 0) return last_fault();
    return FileHandle{fd};
  }

  void close(FileHandle file) override { ::close(static_cast<int>(file)); }

  FileResult<std::size_t> write(FileHandle file, std::span<const std::byte> bytes) override {
    const auto n = repeat_interrupted([&] { return ::write(static_cast<int>(file), bytes.data(), bytes.size()); });
    if (n < 0) return last_fault();
    return static_cast<std::size_t>(n);
  }

  FileResult<std::size_t> read_at(FileHandle file, std::uint64_t offset, std::span<std::byte> into) override {
    std::size_t got = 0;
    while (got < into.size()) {
      const auto n =
          repeat_interrupted([&] { return ::pread(static_cast<int>(file), into.data() + got, into.size() - got, static_cast<off_t>(offset + got)); });
      if (n < 0) return last_fault();
      if (n == 0) break;
      got += static_cast<std::size_t>(n);
    }
    return got;
  }

  FileResult<std::uint64_t> size(FileHandle file) override {
    struct stat status{};
    if (::fstat(static_cast<int>(file), &status) != 0) return last_fault();
    return static_cast<std::uint64_t>(status.st_size);
  }

  FileResult<void> truncate(FileHandle file, std::uint64_t bytes) override {
    if (repeat_interrupted([&] { return ::ftruncate(static_cast<int>(file), static_cast<off_t>(bytes)); }) != 0) return last_fault();
    return {};
  }

  FileResult<void> sync_data(FileHandle file) override {
    if (repeat_interrupted([&] { return ::fdatasync(static_cast<int>(file)); }) != 0) return last_fault();
    return {};
  }

  FileResult<void> sync_directory(const std::string& directory) override {
    const int fd = repeat_interrupted([&] { return ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
    if (fd < 0) return last_fault();
    const int rc = repeat_interrupted([&] { return ::fsync(fd); });
    const int code = errno;
    ::close(fd);
    if (rc != 0) return err(FileFault{code});
    return {};
  }

  FileResult<void> make_directories(const std::string& directory) override {
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error) return err(FileFault{error.value()});
    return {};
  }

  FileResult<void> rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return last_fault();
    return {};
  }

  FileResult<void> remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0) return last_fault();
    return {};
  }

  FileResult<std::vector<std::string>> list(const std::string& directory) override {
    std::vector<std::string> names;
    std::error_code error;
    std::filesystem::directory_iterator walk(directory, error);
    if (error == std::errc::no_such_file_or_directory) return names;
    for (; !error && walk != std::filesystem::directory_iterator(); walk.increment(error)) {
      std::error_code ignored_race;  // a file removed meanwhile is not listed
      if (walk->is_regular_file(ignored_race)) names.push_back(walk->path().filename().string());
    }
    if (error) return err(FileFault{error.value()});
    std::sort(names.begin(), names.end());
    return names;
  }

  FileResult<FileHandle> lock(const std::string& path) override {
    const int fd = repeat_interrupted([&] { return ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640); });
    if (fd < 0) return last_fault();
    const OpenFile guard(*this, FileHandle{fd});
    if (repeat_interrupted([&] { return ::flock(fd, LOCK_EX | LOCK_NB); }) != 0) return last_fault();
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(fd, 0) != 0) return last_fault();
    if (::pwrite(fd, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) return err(FileFault{errno != 0 ? errno : EIO});
    // The guard closes the first descriptor; its duplicate shares the lock.
    const int kept = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (kept < 0) return last_fault();
    return FileHandle{kept};
  }
};

}  // namespace

FileOps& posix_file_ops() {
  static PosixFileOps ops;
  return ops;
}

FileResult<void> write_all(FileOps& ops, FileHandle file, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    PROM_TRY(const std::size_t n, ops.write(file, bytes));
    if (n == 0) return err(FileFault{EIO});
    bytes = bytes.subspan(n);
  }
  return {};
}

FileResult<std::vector<std::byte>> read_whole(FileOps& ops, const std::string& path, std::size_t limit) {
  PROM_TRY(const FileHandle handle, ops.open(path, OpenMode::read));
  const OpenFile file(ops, handle);
  PROM_TRY(const std::uint64_t size, ops.size(handle));
  if (size > limit) return err(FileFault{EFBIG});
  std::vector<std::byte> bytes(static_cast<std::size_t>(size));
  PROM_TRY(const std::size_t n, ops.read_at(handle, 0, bytes));
  bytes.resize(n);
  return bytes;
}

}  // namespace prom
