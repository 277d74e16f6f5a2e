// The parts of the picture: each turns one piece of the model into lines of at most `columns` columns. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "app/view/layout.h"

namespace prom::view::blocks {

using Lines = std::vector<StyledLine>;

/// Builds a line left to right; never wider than `columns`.
class LineMaker {
 public:
  explicit LineMaker(std::size_t columns) : columns_(columns) {}
  /// Cleaned and cut to what is left.
  LineMaker& put(std::string_view text, Tone tone = Tone::normal);
  /// Blanks up to this column; nothing where the line is longer already.
  LineMaker& to(std::size_t column);
  std::size_t used() const { return used_; }
  std::size_t left() const { return columns_ - used_; }
  StyledLine line() const { return line_; }

 private:
  std::size_t columns_;
  std::size_t used_ = 0;
  StyledLine line_;
};

StyledLine header(const RunViewModel& model, std::size_t columns);
StyledLine progress(const RunViewModel& model, std::size_t columns);
/// What is out of the ordinary: kill switch, breaker, notice, newest alert; empty when all is calm.
StyledLine state(const RunViewModel& model, std::size_t columns);
/// Two lines.
Lines money(const RunViewModel& model, std::size_t columns);
StyledLine equity_curve(const RunViewModel& model, std::size_t columns);
StyledLine footer(const RunViewModel& model, std::size_t columns);

/// The following have a heading and exactly `rows` lines below it, blank ones included, so that nothing jumps as figures come and go.
Lines positions(const RunViewModel& model, std::size_t columns, std::size_t rows);
Lines decisions(const RunViewModel& model, std::size_t columns, std::size_t rows);
Lines trades(const RunViewModel& model, std::size_t columns, std::size_t rows);
/// rows 0: the heading names those without data.
Lines agents(const RunViewModel& model, std::size_t columns, std::size_t rows);

}  // namespace prom::view::blocks
