// Reading and writing the account file. One thread.
#include "sim/account_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>

#include "base/crc32c.h"
#include "base/text.h"

namespace prom::sim {
namespace {

constexpr char kHex[] = "0123456789abcdef";

void append_hex(std::string& out, std::uint32_t value) {
  for (int shift = 28; shift >= 0; shift -= 4) out.push_back(kHex[(value >> shift) & 15]);
}

std::string at_line(std::uint64_t line, const std::string& path, std::string_view what) {
  return "account file " + path + ", line " + std::to_string(line) + ": " + std::string(what);
}

// The text of a line before its checksum; nothing when the checksum does not fit.
std::optional<std::string_view> checked(std::string_view line) {
  if (line.size() < 10 || line[line.size() - 9] != '\t') return std::nullopt;
  const std::string_view text = line.substr(0, line.size() - 9);
  std::string expected;
  append_hex(expected, crc32c(text));
  if (line.substr(line.size() - 8) != expected) return std::nullopt;
  return text;
}

}  // namespace

LineBuilder& LineBuilder::add(std::string_view text) {
  text_.push_back('\t');
  text_.append(text);
  return *this;
}

LineBuilder& LineBuilder::add(std::int64_t value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value);
  return add(std::string_view(digits, end.ptr));
}

LineBuilder& LineBuilder::add(std::uint64_t value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value);
  return add(std::string_view(digits, end.ptr));
}

AccountFile::~AccountFile() {
  if (fd_ >= 0) ::close(fd_);
}

std::expected<void, std::string> AccountFile::open(const std::string& path, const Apply& apply) {
  std::string text;
  {
    std::ifstream in(path, std::ios::binary);
    if (in) text.assign(std::istreambuf_iterator<char>(in), {});
  }
  std::size_t begin = 0;
  std::size_t keep = 0;  // bytes of complete groups
  std::uint64_t keep_seq = 0;
  std::vector<std::string_view> group;
  for (std::uint64_t number = 1; begin < text.size(); ++number) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string::npos) break;  // a torn last line
    const auto line = checked(std::string_view(text).substr(begin, end - begin));
    if (!line) return std::unexpected(at_line(number, path, "the checksum does not fit; the file is damaged and must be restored from a copy"));
    const std::size_t first = line->find('\t');
    const auto seq = parse_u64(line->substr(0, first));
    if (first == std::string_view::npos || first + 3 > line->size() || seq != number)
      return std::unexpected(at_line(number, path, "a line is missing or out of order; the file is damaged and must be restored from a copy"));
    group.push_back(*line);
    begin = end + 1;
    if ((*line)[first + 1] != '.') continue;
    for (std::size_t i = 0; i < group.size(); ++i) {
      const auto fields = split(group[i], '\t');
      if (auto applied = apply(std::span(fields).subspan(2)); !applied) return std::unexpected(at_line(number - group.size() + 1 + i, path, applied.error()));
    }
    group.clear();
    keep = begin;
    keep_seq = number;
  }
  fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd_ < 0) return std::unexpected("account file " + path + " cannot be opened for writing: " + std::strerror(errno));
  if (keep < text.size() && ::ftruncate(fd_, static_cast<off_t>(keep)) != 0)
    return std::unexpected("account file " + path + ": its torn end cannot be cut off: " + std::strerror(errno));
  seq_ = keep_seq;
  path_ = path;
  return {};
}

void AccountFile::commit() {
  if (!failure_.empty()) group_.clear();
  if (group_.empty()) return;
  buffer_.clear();
  for (std::size_t i = 0; i < group_.size(); ++i) {
    const std::size_t begin = buffer_.size();
    buffer_ += std::to_string(++seq_);
    buffer_ += i + 1 < group_.size() ? "\t+\t" : "\t.\t";
    buffer_ += group_[i];
    const std::uint32_t crc = crc32c(std::string_view(buffer_).substr(begin));
    buffer_.push_back('\t');
    append_hex(buffer_, crc);
    buffer_.push_back('\n');
  }
  group_.clear();
  std::size_t done = 0;
  while (done < buffer_.size()) {
    const ssize_t n = ::write(fd_, buffer_.data() + done, buffer_.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      failure_ = "account file " + path_ + " cannot be written: " + std::strerror(n < 0 ? errno : ENOSPC);
      return;
    }
    done += static_cast<std::size_t>(n);
  }
}

}  // namespace prom::sim
