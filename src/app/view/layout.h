// Model to picture, as a pure function: lines of styled text that a terminal shows and a test compares. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "app/view/run_view.h"

namespace prom::view {

/// Meaning, not colour: a terminal without colours shows the same words. Loss and gain carry their sign in the text.
enum class Tone : std::uint8_t { normal, faint, strong, badge, gain, loss, warning };

struct Span {
  std::string text;  ///< UTF-8; each code point one column wide
  Tone tone = Tone::normal;
};

struct StyledLine {
  std::vector<Span> spans;
  std::string text() const;   ///< spans joined
  std::size_t width() const;  ///< columns
};

/// At most `rows` lines of at most `columns` columns each. From 80 x 24 all blocks are there; below, the less important ones go first (sparkline,
/// agents' reasons, trades) and below 40 x 8 only mode, progress and equity remain. The badge is on the first line of every picture with columns >= 5.
std::vector<StyledLine> render(const RunViewModel& model, std::size_t columns, std::size_t rows);

}  // namespace prom::view
