// libarchive reads through our own callback, so that the digest of the packed bytes costs no second pass.
#include "adapters/feeds/archive/byte_source.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <boost/crc.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <vector>

#include "base/sha256.h"
#include "base/text.h"

namespace prom::archive {
namespace {

constexpr std::size_t kChunk = 256 * 1024;
constexpr std::size_t kGzipTrailer = 8;  ///< CRC-32 and length of the content, little-endian (RFC 1952)

std::uint32_t little_endian(std::string_view bytes) {
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < 4; ++i) out |= std::uint32_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  return out;
}

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
struct ArchiveCloser {
  void operator()(::archive* reader) const { archive_read_free(reader); }
};

}  // namespace

struct ByteSource::State {
  std::string path;
  UnpackLimits limits;
  std::unique_ptr<std::FILE, FileCloser> file;
  Sha256 digest;
  std::uint64_t packed_read = 0;
  std::uint64_t packed_size = 0;
  std::uint64_t unpacked = 0;
  std::string tail;        ///< the last kGzipTrailer packed bytes
  boost::crc_32_type crc;  ///< of what was unpacked, kept for .gz only
  bool gzip = false;
  int read_error = 0;
  std::vector<char> packed;
  std::vector<char> buffer;
  bool ended = false;
  std::unique_ptr<::archive, ArchiveCloser> reader;  // last: it calls into the members above until it is freed

  static la_ssize_t on_read(::archive* reader, void* data, const void** buffer);
  std::size_t read_packed() {
    const std::size_t got = std::fread(packed.data(), 1, packed.size(), file.get());
    if (got < packed.size() && std::ferror(file.get()) != 0) read_error = errno == 0 ? EIO : errno;
    digest.update(std::string_view(packed.data(), got));
    packed_read += got;
    const std::size_t last = std::min(got, kGzipTrailer);
    tail.append(packed.data() + (got - last), last);
    if (tail.size() > kGzipTrailer) tail.erase(0, tail.size() - kGzipTrailer);
    return got;
  }
  Parsed<void> check_gzip();
  ImportError error(std::string message, std::string hint) const {
    ImportError out = make_error(ImportFault::not_readable, {}, 0, "", std::move(message), std::move(hint));
    out.path = path;
    return out;
  }
  ImportError archive_error() const {
    if (read_error != 0) return error("cannot be read: " + std::string(std::strerror(read_error)), "");
    const char* words = archive_error_string(reader.get());
    return error("cannot be unpacked: " + std::string(words == nullptr ? "damaged" : words), "the file is damaged or was cut off; fetch it again");
  }
};

// libarchive 3.6 skips the trailer of a .gz unread: damage inside would become other numbers. Of several members in one file only the last has its
// trailer here, so such a file is refused too.
Parsed<void> ByteSource::State::check_gzip() {
  while (packed_read < packed_size) {
    if (read_packed() == 0) break;
  }
  if (read_error != 0) return err(archive_error());
  const bool whole = tail.size() == kGzipTrailer && little_endian(tail) == crc.checksum() &&
                     little_endian(std::string_view(tail).substr(4)) == static_cast<std::uint32_t>(unpacked);
  if (whole) return {};
  return err(error("cannot be unpacked: its checksum does not match its content", "the file is damaged, was cut off, or holds several files; fetch it again"));
}

// What libarchive asks for more bytes with.
la_ssize_t ByteSource::State::on_read(::archive* reader, void* data, const void** buffer) {
  auto* state = static_cast<State*>(data);
  const std::size_t got = state->read_packed();
  *buffer = state->packed.data();
  if (state->read_error != 0) {
    archive_set_error(reader, state->read_error, "read failed");
    return -1;
  }
  return static_cast<la_ssize_t>(got);
}

ByteSource::ByteSource() : state_(std::make_unique<State>()) {}
ByteSource::~ByteSource() = default;

Parsed<std::unique_ptr<ByteSource>> ByteSource::open(const std::string& path, const UnpackLimits& limits) {
  std::unique_ptr<ByteSource> source(new ByteSource());
  State& state = *source->state_;
  state.path = path;
  state.limits = limits;
  std::error_code code;
  if (std::filesystem::is_directory(path, code)) return err(state.error("is a folder, not a file", "name the files in it"));
  state.file.reset(std::fopen(path.c_str(), "rb"));
  if (!state.file) return err(state.error("cannot be opened: " + std::string(std::strerror(errno)), "check the path"));
  state.packed_size = std::filesystem::file_size(path, code);
  if (code) return err(state.error("cannot be read: " + code.message(), ""));
  if (state.packed_size == 0) return err(state.error("is empty", "fetch it again"));
  state.packed.resize(kChunk);
  state.buffer.resize(kChunk);
  state.reader.reset(archive_read_new());
  ::archive* reader = state.reader.get();
  archive_read_support_filter_xz(reader);
  archive_read_support_filter_lzma(reader);
  archive_read_support_filter_gzip(reader);
  archive_read_support_format_zip(reader);
  archive_read_support_format_raw(reader);
  if (archive_read_open(reader, &state, nullptr, State::on_read, nullptr) != ARCHIVE_OK) return err(state.archive_error());
  for (;;) {
    archive_entry* entry = nullptr;
    const int got = archive_read_next_header(reader, &entry);
    if (got == ARCHIVE_EOF) return err(state.error("holds no file", ""));
    if (got != ARCHIVE_OK) return err(state.archive_error());
    if (archive_entry_is_encrypted(entry) != 0) return err(state.error("is encrypted", "unpack it with its password and import what comes out"));
    state.gzip = archive_filter_code(reader, 0) == ARCHIVE_FILTER_GZIP;
    const char* name = archive_entry_pathname(entry);
    if (name == nullptr || !std::string_view(name).ends_with('/')) return source;  // folders of a zip have no content
  }
}

Parsed<std::string_view> ByteSource::next() {
  State& state = *state_;
  if (state.ended) return std::string_view{};
  const la_ssize_t got = archive_read_data(state.reader.get(), state.buffer.data(), state.buffer.size());
  if (got < 0) return err(state.archive_error());
  if (got == 0) {
    archive_entry* entry = nullptr;
    while (archive_format(state.reader.get()) == ARCHIVE_FORMAT_ZIP) {
      const int more = archive_read_next_header(state.reader.get(), &entry);
      if (more == ARCHIVE_EOF) break;
      if (more != ARCHIVE_OK) return err(state.archive_error());
      const char* name = archive_entry_pathname(entry);
      if (name != nullptr && std::string_view(name).ends_with('/')) continue;
      return err(state.error("holds more than one file", "unpack it and import the files one by one"));
    }
    if (state.gzip) PROM_CHECK_OK(state.check_gzip());
    state.ended = true;
    return std::string_view{};
  }
  state.unpacked += static_cast<std::uint64_t>(got);
  if (state.gzip) state.crc.process_bytes(state.buffer.data(), static_cast<std::size_t>(got));
  const bool too_dense = state.unpacked > state.limits.ratio_from && state.unpacked / state.limits.max_ratio > state.packed_read;
  if (state.unpacked > state.limits.max_bytes || too_dense) {
    return err(state.error("unpacks to more than " + std::to_string(state.unpacked >> 20) + " MiB from " + std::to_string(state.packed_read) + " bytes",
                           "this is no archive of market data"));
  }
  return std::string_view(state.buffer.data(), static_cast<std::size_t>(got));
}

std::uint64_t ByteSource::packed_read() const { return state_->packed_read; }
std::uint64_t ByteSource::packed_size() const { return state_->packed_size; }

Parsed<std::string> ByteSource::sha256() {
  while (state_->packed_read < state_->packed_size) {
    if (state_->read_packed() == 0) break;
  }
  if (state_->read_error != 0) return err(state_->archive_error());
  return state_->digest.hex();
}

}  // namespace prom::archive
