// Whole files or none, by rename. One thread each object.
#include "research/exports/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace prom {
namespace {

constexpr std::size_t kBufferBytes = 1u << 16;

std::string unfinished(const std::string& path) { return path + ".new"; }

}  // namespace

std::expected<AtomicFile, Error> AtomicFile::create(const std::string& path) {
  const int descriptor = ::open(unfinished(path).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0) {
    return err(Error{"file_write", "cannot write " + path + ": " + std::strerror(errno), "choose a folder that exists and is writable"});
  }
  return AtomicFile(path, descriptor);
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      buffer_(std::move(other.buffer_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      failure_(other.failure_),
      size_(other.size_),
      stage_(std::exchange(other.stage_, Stage::done)) {}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (stage_ != Stage::done) ::unlink(unfinished(path_).c_str());
}

void AtomicFile::append(std::string_view text) {
  size_ += text.size();
  buffer_ += text;
  if (buffer_.size() >= kBufferBytes) flush();
}

void AtomicFile::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty() && failure_ == 0) {
    const ssize_t n = ::write(descriptor_, rest.data(), rest.size());
    if (n >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno != EINTR) {
      failure_ = errno;
    }
  }
  buffer_.clear();
}

Error AtomicFile::fault(std::string_view doing) const {
  return {"file_write", "cannot " + std::string(doing) + " " + path_ + ": " + std::strerror(failure_), "check free space and permissions"};
}

std::expected<void, Error> AtomicFile::finish() {
  if (stage_ != Stage::open) return {};
  flush();
  if (failure_ == 0 && ::fdatasync(descriptor_) != 0) failure_ = errno;
  if (::close(std::exchange(descriptor_, -1)) != 0 && failure_ == 0) failure_ = errno;
  if (failure_ != 0) return err(fault("write"));
  stage_ = Stage::finished;
  return {};
}

std::expected<void, Error> AtomicFile::commit() {
  PROM_CHECK_OK(finish());
  if (stage_ == Stage::done) return {};
  if (::rename(unfinished(path_).c_str(), path_.c_str()) != 0) {
    failure_ = errno;
    return err(fault("put in place"));
  }
  stage_ = Stage::done;
  return {};
}

std::expected<void, Error> write_file_atomically(const std::string& path, std::string_view text) {
  PROM_TRY(AtomicFile file, AtomicFile::create(path));
  file.append(text);
  return file.commit();
}

std::expected<void, Error> make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error || !std::filesystem::is_directory(path, error)) {
    const std::string why = error ? error.message() : "something else has that name";
    return err(Error{"folder_create", "cannot make the folder " + path + ": " + why, "choose another folder"});
  }
  return {};
}

std::expected<std::string, Error> read_whole_file(const std::string& path) {
  const auto fault = [&] { return err(Error{"file_read", "cannot read " + path + ": " + std::strerror(errno), ""}); };
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return fault();
  std::string text;
  std::string chunk(kBufferBytes, '\0');
  for (;;) {
    const ssize_t n = ::read(descriptor, chunk.data(), chunk.size());
    if (n > 0) {
      text.append(chunk.data(), static_cast<std::size_t>(n));
    } else if (n == 0) {
      ::close(descriptor);
      return text;
    } else if (errno != EINTR) {
      const int why = errno;
      ::close(descriptor);
      errno = why;
      return fault();
    }
  }
}

}  // namespace prom
