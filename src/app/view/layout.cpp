// How many rows each block gets, by the size of the screen alone: what a block holds never moves its neighbours.
#include "app/view/layout.h"

#include <algorithm>
#include <utility>

#include "app/view/blocks.h"
#include "app/view/text.h"

namespace prom::view {
namespace {

using blocks::Lines;

constexpr std::size_t kFullRows = 24;      // from here all blocks are there
constexpr std::size_t kAgentRows = 14;     // one a row
constexpr std::size_t kSideBySide = 110;   // columns for trades beside agents
constexpr std::size_t kTradeColumns = 66;  // of the left half then
constexpr std::size_t kMostRows = 10;      // of positions, decisions, trades: the model carries about eight

void append(Lines& picture, Lines block) {
  for (StyledLine& line : block) picture.push_back(std::move(line));
}

StyledLine beside(const StyledLine& left, const StyledLine& right, std::size_t at) {
  StyledLine joined = left;
  const std::size_t used = left.width();
  if (used < at) joined.spans.push_back({std::string(at - used, ' '), Tone::normal});
  joined.spans.insert(joined.spans.end(), right.spans.begin(), right.spans.end());
  return joined;
}

// Shares `spare` rows out among the counts, one each in turn, up to kMostRows.
void share(std::size_t spare, std::initializer_list<std::size_t*> counts) {
  for (bool given = true; given && spare > 0;) {
    given = false;
    for (std::size_t* const count : counts) {
      if (spare == 0 || *count >= kMostRows) continue;
      ++*count;
      --spare;
      given = true;
    }
  }
}

// 16 body rows at 24: four headings, nine rows, three blank lines.
Lines full_body(const RunViewModel& model, std::size_t columns, std::size_t rows) {
  std::size_t open = 4;
  std::size_t decided = 3;
  std::size_t traded = 2;
  std::size_t spare = rows - 16;
  const bool side = columns >= kSideBySide && spare >= kAgentRows - traded - 2;
  const bool list = side || spare >= kAgentRows;
  if (side) {
    spare -= kAgentRows - traded - 2;
    traded = kAgentRows;
    share(spare, {&decided, &open});
  } else {
    if (list) spare -= kAgentRows;
    share(spare, {&decided, &open, &traded});
  }
  Lines body = blocks::positions(model, columns, open);
  body.emplace_back();
  append(body, blocks::decisions(model, columns, decided));
  body.emplace_back();
  if (side) {
    const Lines left = blocks::trades(model, kTradeColumns, traded);
    const Lines right = blocks::agents(model, columns - kTradeColumns, kAgentRows);
    for (std::size_t i = 0; i < left.size(); ++i) body.push_back(beside(left[i], right[i], kTradeColumns));
    return body;
  }
  append(body, blocks::trades(model, columns, traded));
  body.emplace_back();
  append(body, blocks::agents(model, columns, list ? kAgentRows : 0));
  return body;
}

// Few rows: agents in one line, then decisions, then positions; no blank lines.
Lines small_body(const RunViewModel& model, std::size_t columns, std::size_t rows) {
  Lines body;
  if (rows < 2) return body;
  const std::size_t for_agents = rows >= 6 ? 1 : 0;
  const std::size_t left = rows - for_agents;
  const std::size_t for_positions = left >= 5 ? left / 2 : left;
  append(body, blocks::positions(model, columns, for_positions - 1));
  if (left > for_positions) append(body, blocks::decisions(model, columns, left - for_positions - 1));
  if (for_agents > 0) append(body, blocks::agents(model, columns, 0));
  return body;
}

// The last resort: what still fits under the badge.
Lines tiny(const RunViewModel& model, std::size_t columns) {
  Lines picture{blocks::header(model, columns)};
  picture.push_back(blocks::LineMaker(columns).put(text::money(model.equity), Tone::strong).put(" " + text::clean(model.asset)).line());
  picture.push_back(blocks::progress(model, columns));
  picture.push_back(blocks::state(model, columns));
  return picture;
}

}  // namespace

std::string StyledLine::text() const {
  std::string out;
  for (const Span& span : spans) out += span.text;
  return out;
}

std::size_t StyledLine::width() const {
  std::size_t sum = 0;
  for (const Span& span : spans) sum += text::width(span.text);
  return sum;
}

std::vector<StyledLine> render(const RunViewModel& model, std::size_t columns, std::size_t rows) {
  Lines picture;
  if (columns < 40 || rows < 8) {
    picture = tiny(model, columns);
  } else {
    picture = {blocks::header(model, columns), blocks::progress(model, columns), blocks::state(model, columns)};
    append(picture, blocks::money(model, columns));
    if (rows >= kFullRows) {
      picture.push_back(blocks::equity_curve(model, columns));
      picture.emplace_back();
      append(picture, full_body(model, columns, rows - picture.size() - 1));
    } else {
      append(picture, small_body(model, columns, rows - picture.size() - 1));
    }
    while (picture.size() + 1 < rows) picture.emplace_back();
    picture.push_back(blocks::footer(model, columns));
  }
  if (picture.size() > rows) picture.resize(rows);
  return picture;
}

}  // namespace prom::view
