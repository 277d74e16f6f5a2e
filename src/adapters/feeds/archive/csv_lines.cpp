// Splitting: the innermost loop of every CSV import.
#include "adapters/feeds/archive/csv_lines.h"

#include <cstring>

namespace prom::archive {

Parsed<void> LineSplitter::emit(std::string_view line) {
  ++number_;
  if (number_ == 1 && line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return on_line_(line, number_);
}

Parsed<void> LineSplitter::feed(std::string_view chunk) {
  while (!chunk.empty()) {
    const void* end = std::memchr(chunk.data(), '\n', chunk.size());
    const std::size_t length = end == nullptr ? chunk.size() : static_cast<std::size_t>(static_cast<const char*>(end) - chunk.data());
    if (partial_.size() + length > kMaxLine) {
      return err(make_error(ImportFault::unknown_format, {number_ + 1, {}}, 0, partial_.empty() ? chunk : std::string_view(partial_),
                            "a line is longer than 64 KiB", "this does not look like a text file of bars"));
    }
    if (end == nullptr) {
      partial_.append(chunk);
      return {};
    }
    if (partial_.empty()) {
      PROM_CHECK_OK(emit(chunk.substr(0, length)));
    } else {
      partial_.append(chunk.substr(0, length));
      PROM_CHECK_OK(emit(partial_));
      partial_.clear();
    }
    chunk.remove_prefix(length + 1);
  }
  return {};
}

Parsed<void> LineSplitter::finish() {
  if (partial_.empty()) return {};
  PROM_CHECK_OK(emit(partial_));
  partial_.clear();
  return {};
}

char separator_of(std::string_view line) {
  if (line.find(',') != std::string_view::npos) return ',';
  if (line.find(';') != std::string_view::npos) return ';';
  return line.find('\t') != std::string_view::npos ? '\t' : ',';
}

void split_fields(std::string_view line, char separator, std::vector<std::string_view>& fields) {
  fields.clear();
  std::size_t begin = 0;
  for (;;) {
    const void* found = begin < line.size() ? std::memchr(line.data() + begin, separator, line.size() - begin) : nullptr;
    const std::size_t end = found == nullptr ? line.size() : static_cast<std::size_t>(static_cast<const char*>(found) - line.data());
    std::string_view field = line.substr(begin, end - begin);
    while (!field.empty() && (field.front() == ' ' || field.front() == '"')) field.remove_prefix(1);
    while (!field.empty() && (field.back() == ' ' || field.back() == '"')) field.remove_suffix(1);
    fields.push_back(field);
    if (found == nullptr) return;
    begin = end + 1;
  }
}

}  // namespace prom::archive
