// Columns, paragraphs and the progress bar.
#include "app/cli/output.h"

#include <algorithm>
#include <ostream>

#include "base/assert.h"
#include "base/text.h"

namespace prom {
namespace {

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// Bytes of the well-formed UTF-8 character that begins here; 0 where none does.
std::size_t character_bytes(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const std::size_t size = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
  if (size == 0 || size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  return size;
}

}  // namespace

std::string printable(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  while (!text.empty()) {
    const std::size_t size = character_bytes(text);
    const auto first = static_cast<unsigned char>(text[0]);
    const bool control = first < 0x20 || first == 0x7F || (size == 2 && first == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0);
    const std::string_view taken = text.substr(0, std::max<std::size_t>(size, 1));
    if (size == 0 || control) {
      for (const char c : taken) out += {'\\', 'x', kHex[static_cast<unsigned char>(c) >> 4U], kHex[static_cast<unsigned char>(c) & 0xFU]};
    } else {
      out += taken;
    }
    text.remove_prefix(taken.size());
  }
  return out;
}

void TextTable::add(std::vector<std::string> cells) {
  PROM_ASSERT(cells.size() == columns_.size(), "a row has as many cells as the table has columns");
  for (std::string& cell : cells) cell = printable(cell);
  rows_.push_back(std::move(cells));
}

void TextTable::print(std::ostream& out) const {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    std::size_t width = characters(columns_[c].title);
    for (const auto& row : rows_) width = std::max(width, characters(row[c]));
    widths.push_back(width);
  }
  const auto line = [&](const auto& cell_of) {
    std::string text;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const std::string& cell = cell_of(c);
      const std::string pad(widths[c] - characters(cell), ' ');
      if (c > 0) text += "  ";
      text += columns_[c].align == Align::right ? pad + cell : cell + pad;
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out << text << '\n';
  };
  line([&](std::size_t c) -> const std::string& { return columns_[c].title; });
  for (const auto& row : rows_) line([&](std::size_t c) -> const std::string& { return row[c]; });
}

std::string wrap(std::string_view text, std::size_t width, std::size_t indent) {
  std::string out;
  std::size_t column = indent;
  for (const std::string_view word : split(text, ' ')) {
    if (word.empty()) continue;
    if (column > indent && column + 1 + characters(word) > width) {
      out += '\n' + std::string(indent, ' ');
      column = indent;
    }
    if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += characters(word);
  }
  return out;
}

ProgressLine::ProgressLine(AppContext& context, std::string_view label) : context_(context), label_(printable(label)), began_(Clock::now()) {}

ProgressLine::~ProgressLine() {
  if (shown_) context_.err << "\r\x1b[K" << std::flush;
}

void ProgressLine::update(std::uint64_t done, std::uint64_t total, std::string_view text) {
  if (context_.err_terminal == Terminal::no) return;
  const auto now = Clock::now();
  if (now - began_ < std::chrono::seconds(2) || now - drawn_ < std::chrono::milliseconds(100)) return;
  drawn_ = now;
  shown_ = true;
  std::string line = label_;
  if (total > 0) {
    constexpr std::size_t kBar = 24;
    const auto filled = static_cast<std::size_t>(std::min(done, total) * kBar / total);
    line += " [" + std::string(filled, '#') + std::string(kBar - filled, '.') + "] " + std::to_string(std::min(done, total) * 100 / total) + " %";
  }
  line += " " + printable(text);
  if (line.size() > kTextWidth - 1) line.resize(kTextWidth - 1);
  context_.err << '\r' << line << "\x1b[K" << std::flush;
}

}  // namespace prom
