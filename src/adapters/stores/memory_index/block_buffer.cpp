// See the header.
#include "adapters/stores/memory_index/block_buffer.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <new>
#include <string>

namespace prom {
namespace {

constexpr std::align_val_t kAlignment{64};

/// A file without a name; -1 where there can be none.
int nameless_file(const std::filesystem::path& dir) {
  const int made = ::open(dir.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (made >= 0) return made;
  std::string name = (dir / "memories-XXXXXX").string();  // a file system that knows no such files
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

/// Null where the file system has no room: that must be known before a page is written to, or the write ends the process.
void* map_file(std::size_t size, const std::filesystem::path& dir) {
  const int file = nameless_file(dir);
  if (file < 0) return nullptr;
  void* data = MAP_FAILED;
  if (::posix_fallocate(file, 0, static_cast<off_t>(size)) == 0) data = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  ::close(file);
  return data == MAP_FAILED ? nullptr : data;
}

}  // namespace

std::unique_ptr<BlockBuffer> BlockBuffer::make(std::size_t size, const std::filesystem::path& dir) {
  if (!dir.empty() && size >= kLeastMapped) {
    if (void* const mapped = map_file(size, dir); mapped != nullptr)
      return std::unique_ptr<BlockBuffer>(new BlockBuffer(static_cast<std::byte*>(mapped), size, Place::file));
  }
  auto* const data = static_cast<std::byte*>(::operator new(size, kAlignment));
  std::memset(data, 0, size);
  return std::unique_ptr<BlockBuffer>(new BlockBuffer(data, size, Place::heap));
}

BlockBuffer::~BlockBuffer() {
  if (mapped()) {
    ::munmap(data_, size_);
  } else {
    ::operator delete(data_, kAlignment);
  }
}

}  // namespace prom
