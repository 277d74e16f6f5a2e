// Framing and compression of the registry's files. One thread.
#include "research/registry/records.h"

#include <archive.h>
#include <archive_entry.h>

#include <memory>

#include "base/crc32c.h"
#include "base/wire.h"

namespace prom::registry {
namespace {

constexpr std::size_t kFrameBytes = 8;

Error codec_fault(const char* doing, archive* a) {
  const char* why = a == nullptr ? nullptr : archive_error_string(a);
  return {"run_corrupted", std::string("cannot ") + doing + " stored decisions: " + (why == nullptr ? "no reason given" : why), ""};
}

struct FreeWrite {
  void operator()(archive* a) const { archive_write_free(a); }
};
struct FreeRead {
  void operator()(archive* a) const { archive_read_free(a); }
};
struct FreeEntry {
  void operator()(archive_entry* e) const { archive_entry_free(e); }
};

}  // namespace

void append_record(AtomicFile& file, std::span<const std::byte> bytes) {
  std::string frame;
  StringWriter writer(frame);
  writer.u32(static_cast<std::uint32_t>(bytes.size()));
  writer.u32(crc32c(bytes));
  file.append(frame);
  file.append({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::optional<std::span<const std::byte>> RecordReader::next() {
  if (position_ > content_.size()) return std::nullopt;
  ByteReader reader(content_.substr(position_));
  const std::uint32_t length = reader.u32();
  const std::uint32_t crc = reader.u32();
  const std::span<const std::byte> bytes = reader.bytes(length);
  if (!reader.ok() || crc32c(bytes) != crc) return std::nullopt;
  position_ += kFrameBytes + length;
  return bytes;
}

std::expected<std::vector<std::byte>, Error> compress(std::span<const std::byte> bytes) {
  const std::unique_ptr<archive, FreeWrite> a(archive_write_new());
  const std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
  std::vector<std::byte> out(bytes.size() + bytes.size() / 64 + (1u << 16));  // above zstd's worst case
  std::size_t used = 0;
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  if (archive_write_add_filter_zstd(a.get()) != ARCHIVE_OK || archive_write_set_format_raw(a.get()) != ARCHIVE_OK ||
      archive_write_set_bytes_per_block(a.get(), 0) != ARCHIVE_OK || archive_write_open_memory(a.get(), out.data(), out.size(), &used) != ARCHIVE_OK ||
      archive_write_header(a.get(), entry.get()) != ARCHIVE_OK ||
      archive_write_data(a.get(), bytes.data(), bytes.size()) != static_cast<la_ssize_t>(bytes.size()) || archive_write_close(a.get()) != ARCHIVE_OK) {
    return err(codec_fault("compress", a.get()));
  }
  out.resize(used);
  return out;
}

std::expected<std::vector<std::byte>, Error> decompress(std::span<const std::byte> bytes, std::size_t limit) {
  const std::unique_ptr<archive, FreeRead> a(archive_read_new());
  archive_entry* entry = nullptr;
  if (archive_read_support_filter_zstd(a.get()) != ARCHIVE_OK || archive_read_support_format_raw(a.get()) != ARCHIVE_OK ||
      archive_read_open_memory(a.get(), bytes.data(), bytes.size()) != ARCHIVE_OK || archive_read_next_header(a.get(), &entry) != ARCHIVE_OK) {
    return err(codec_fault("read", a.get()));
  }
  std::vector<std::byte> out;
  std::vector<std::byte> chunk(1u << 16);
  for (;;) {
    const la_ssize_t n = archive_read_data(a.get(), chunk.data(), chunk.size());
    if (n < 0) return err(codec_fault("read", a.get()));
    if (n == 0) return out;
    if (out.size() + static_cast<std::size_t>(n) > limit)
      return err(Error{"run_corrupted", "a block of stored decisions is larger than any that was written", ""});
    out.insert(out.end(), chunk.begin(), chunk.begin() + n);
  }
}

}  // namespace prom::registry
