// Text for people: aligned columns, wrapped paragraphs, and a progress line for what takes longer than two seconds. Main thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/command.h"

namespace prom {

inline constexpr std::size_t kTextWidth = 80;

/// What came from outside (a cell of a file, a name, a server's words) as a terminal may show it: control characters and bytes that are not UTF-8 as \xNN, so that
/// no file can move the cursor, name the window or hide what stands beside it. Applying it twice changes nothing more.
std::string printable(std::string_view text);

enum class Align : std::uint8_t { left, right };
struct Column {
  std::string title;
  Align align = Align::left;
};

/// Columns as wide as their widest cell, two blanks apart; the last one is not padded. Widths are counted in UTF-8 characters; cells are made printable.
class TextTable {
 public:
  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void add(std::vector<std::string> cells);
  void print(std::ostream& out) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// Breaks at blanks to at most `width` characters a line; every line begins with `indent` blanks, except the first.
std::string wrap(std::string_view text, std::size_t width, std::size_t indent);

/// A bar on stderr, drawn only on a terminal, only after two seconds, and gone when this goes out of scope.
class ProgressLine {
 public:
  ProgressLine(AppContext& context, std::string_view label);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  /// total 0 = unknown. Redraws at most ten times a second.
  void update(std::uint64_t done, std::uint64_t total, std::string_view text);

 private:
  using Clock = std::chrono::steady_clock;
  AppContext& context_;
  std::string label_;
  Clock::time_point began_, drawn_{};
  bool shown_ = false;
};

}  // namespace prom
