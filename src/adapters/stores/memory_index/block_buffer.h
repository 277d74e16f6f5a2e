// Where a large run of memories lies: on the heap, or in a file without a name that the kernel may put out of memory and bring back. The file is gone with the buffer, also when the
// process is killed. Written by whoever made it until it is shared, then read by any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

namespace prom {

class BlockBuffer {
 public:
  /// `size` zeros, aligned to 64 bytes. From kLeastMapped on in a file of `dir`, where one is given and has room; else on the heap.
  static std::unique_ptr<BlockBuffer> make(std::size_t size, const std::filesystem::path& dir);
  static constexpr std::size_t kLeastMapped = std::size_t{1} << 18U;

  ~BlockBuffer();
  BlockBuffer(const BlockBuffer&) = delete;
  BlockBuffer& operator=(const BlockBuffer&) = delete;

  std::byte* data() { return data_; }
  const std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }
  bool mapped() const { return place_ == Place::file; }

 private:
  enum class Place : std::uint8_t { heap, file };
  BlockBuffer(std::byte* data, std::size_t size, Place place) : data_(data), size_(size), place_(place) {}
  std::byte* data_;
  std::size_t size_;
  Place place_;
};

}  // namespace prom
