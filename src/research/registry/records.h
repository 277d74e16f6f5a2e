// Files of framed records: length, CRC-32C, bytes; a file that was cut or flipped is told apart from a whole one. Registry only; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "research/exports/atomic_file.h"

namespace prom::registry {

/// Appends u32 length, u32 crc, the bytes.
void append_record(AtomicFile& file, std::span<const std::byte> bytes);

/// Walks the records of a file's content.
class RecordReader {
 public:
  explicit RecordReader(std::string_view content) : content_(content) {}
  bool at_end() const { return position_ == content_.size(); }
  std::size_t position() const { return position_; }
  void seek(std::size_t position) { position_ = position; }
  /// The next record's bytes (a view into the content), or nothing where it is cut or its checksum does not fit.
  std::optional<std::span<const std::byte>> next();

 private:
  std::string_view content_;
  std::size_t position_ = 0;
};

/// zstd in memory. Decisions are long texts that repeat themselves: about a tenth of their size remains.
std::expected<std::vector<std::byte>, Error> compress(std::span<const std::byte> bytes);
/// At most `limit` bytes come out; more is an error.
std::expected<std::vector<std::byte>, Error> decompress(std::span<const std::byte> bytes, std::size_t limit);

}  // namespace prom::registry
