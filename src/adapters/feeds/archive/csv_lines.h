// Lines out of chunks of bytes, and fields out of lines. Lines are bounded, so that no file can make memory grow. One thread; pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/feeds/archive/bar_builder.h"

namespace prom::archive {

inline constexpr std::size_t kMaxLine = 64 * 1024;

/// Calls `on_line(text, number)` for every line, without its end (LF or CRLF) and without a byte order mark. A last line without LF counts.
class LineSplitter {
 public:
  using OnLine = std::function<Parsed<void>(std::string_view, std::uint64_t)>;
  explicit LineSplitter(OnLine on_line) : on_line_(std::move(on_line)) {}
  Parsed<void> feed(std::string_view chunk);
  Parsed<void> finish();

 private:
  Parsed<void> emit(std::string_view line);
  OnLine on_line_;
  std::string partial_;
  std::uint64_t number_ = 0;
};

/// The separator of a line: tab or semicolon where there are any and no comma, else comma.
char separator_of(std::string_view line);
/// Fields without blanks and quotes around them; `fields` is reused.
void split_fields(std::string_view line, char separator, std::vector<std::string_view>& fields);

}  // namespace prom::archive
