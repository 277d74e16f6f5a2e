// See blocks.h. Columns are fixed per width, never per content, so that the eye finds each figure in the same place.
#include "app/view/blocks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/view/text.h"
#include "base/assert.h"

namespace prom::view::blocks {
namespace vt = text;
namespace {

constexpr std::size_t kMargin = 1;

Tone tone_of(Decimal value) { return value.is_negative() ? Tone::loss : value.is_positive() ? Tone::gain : Tone::normal; }

LineMaker indented(std::size_t columns) {
  LineMaker maker(columns);
  return maker.to(std::min(kMargin, columns));
}

void fill(Lines& lines, std::size_t rows) {
  while (lines.size() < rows + 1) lines.emplace_back();
}

StyledLine heading(std::string_view name, const std::string& rest, std::size_t columns) {
  return indented(columns).put(name, Tone::strong).put("  ").put(rest, Tone::faint).line();
}

// The newest `rows` elements, newest first.
template <class Row>
std::vector<const Row*> newest(const std::vector<Row>& all, std::size_t rows) {
  std::vector<const Row*> out;
  for (std::size_t i = 0; i < std::min(rows, all.size()); ++i) out.push_back(&all[all.size() - 1 - i]);
  return out;
}

// A right-aligned label and figure in a field of fixed width: "Equity   101,234.56".
void figure(LineMaker& line, std::size_t start, std::size_t end, const std::string& label, const std::string& value, Tone tone) {
  line.to(start).put(label, Tone::faint);
  const std::size_t need = vt::width(value);
  if (end > need) line.to(end - need);
  line.put(line.used() > start + vt::width(label) || label.empty() ? value : " " + value, tone);
}

struct PositionColumns {
  bool entry, mark, stop;
};

PositionColumns position_columns(std::size_t columns) { return {.entry = columns >= 68, .mark = columns >= 56, .stop = columns >= 76}; }

StyledLine position_line(const PositionRow& row, std::size_t columns) {
  const PositionColumns shown = position_columns(columns);
  const int decimals = vt::price_decimals(row.entry);
  LineMaker line = indented(columns);
  line.put(vt::cut(vt::clean(row.instrument), 9));
  if (!row.stop && !shown.stop) line.put("!", Tone::warning);  // where there is no room for the column
  line.to(12);
  switch (row.side) {
    case Exposure::long_position: line.put("long"); break;
    case Exposure::short_position: line.put("short"); break;
  }
  line.to(17).put(vt::pad_left(vt::quantity(row.quantity), 10));
  if (shown.entry) line.put(vt::pad_left(vt::money(row.entry, decimals), 13));
  if (shown.mark) line.put(vt::pad_left(vt::money(row.mark, decimals), 13));
  line.put(vt::pad_left(vt::signed_money(row.unrealised), 12), tone_of(row.unrealised));
  if (shown.stop) line.put(vt::pad_left(row.stop ? vt::money(*row.stop, decimals) : "no stop!", 13), row.stop ? Tone::normal : Tone::warning);
  return line.line();
}

StyledLine position_heading(std::size_t open, std::size_t columns) {
  const PositionColumns shown = position_columns(columns);
  LineMaker line = indented(columns);
  line.put("POSITIONS", Tone::strong).put(fmt::format("  {}", open), Tone::faint).to(17).put(vt::pad_left("quantity", 10), Tone::faint);
  if (shown.entry) line.put(vt::pad_left("entry", 13), Tone::faint);
  if (shown.mark) line.put(vt::pad_left("mark", 13), Tone::faint);
  line.put(vt::pad_left("unrealised", 12), Tone::faint);
  if (shown.stop) line.put(vt::pad_left("stop", 13), Tone::faint);
  return line.line();
}

// "market_analyst" -> "market": the role's word is the same in most names and says nothing here.
std::string short_agent(std::string_view name) {
  constexpr std::string_view kTail = "_analyst";
  if (name.ends_with(kTail)) name.remove_suffix(kTail.size());
  std::string out = vt::clean(name);
  std::replace(out.begin(), out.end(), '_', ' ');
  return out;
}

}  // namespace

LineMaker& LineMaker::put(std::string_view text, Tone tone) {
  // Blanks at the ends are the caller's alignment; what lies between is cleaned.
  const std::size_t first = text.find_first_not_of(' ');
  std::string shown(text);
  if (first != std::string_view::npos) {
    const std::size_t last = text.find_last_not_of(' ');
    shown = std::string(first, ' ') + vt::clean(text.substr(first, last - first + 1)) + std::string(text.size() - 1 - last, ' ');
  }
  shown = vt::cut(shown, left());
  if (shown.empty()) return *this;
  used_ += vt::width(shown);
  line_.spans.push_back({std::move(shown), tone});
  return *this;
}

LineMaker& LineMaker::to(std::size_t column) {
  if (column > used_) put(std::string(std::min(column, columns_) - used_, ' '));
  return *this;
}

StyledLine header(const RunViewModel& model, std::size_t columns) {
  LineMaker line(columns);
  line.put(columns >= 8 ? " " + vt::clean(model.mode) + " " : vt::clean(model.mode), Tone::badge);
  const std::string title = vt::clean(model.title);
  const std::string range = vt::date(model.data_from) + " to " + vt::date(model.data_to) + " " + vt::clean(model.zone) + " ";
  if (line.used() + 2 + vt::width(title) + 2 + vt::width(range) <= columns) {
    line.put("  ").put(title, Tone::strong).to(columns - vt::width(range)).put(range, Tone::faint);
  } else {
    line.put(" ").put(title, Tone::strong);
  }
  return line.line();
}

StyledLine progress(const RunViewModel& model, std::size_t columns) {
  LineMaker line = indented(columns);
  line.put(columns >= 60 ? vt::date_time(model.now) : vt::short_time(model.now), Tone::strong).put("  ");
  if (model.bars_total == 0) return line.put(vt::count(model.bars_done) + " bars", Tone::faint).line();
  const double fraction = static_cast<double>(model.bars_done) / static_cast<double>(model.bars_total);
  // Rounded down: 100 % means done.
  const std::uint64_t whole = model.bars_done >= model.bars_total ? 100 : model.bars_done * 100 / model.bars_total;
  const bool with_rest = columns >= 72;
  const std::size_t tail = with_rest ? 36 : 6;
  const std::size_t bar = line.left() > tail + 4 ? line.left() - tail : 0;
  line.put(vt::progress_bar(fraction, bar)).put(vt::pad_left(fmt::format("{} %", whole), 6));
  if (!with_rest) return line.line();
  line.put(vt::pad_left(vt::speed(model.speed), 10), Tone::faint);
  if (model.eta_seconds && whole < 100) {
    const std::string eta = vt::duration(*model.eta_seconds);
    if (!eta.empty()) line.put(vt::pad_left(eta + " left", 19), Tone::faint);
  }
  return line.line();
}

StyledLine state(const RunViewModel& model, std::size_t columns) {
  LineMaker line = indented(columns);
  const std::string why = model.trading_reason.empty() ? "" : ": " + vt::clean(model.trading_reason);
  if (!model.notice.empty()) return line.put(model.notice, Tone::warning).line();
  switch (model.trading) {
    case TradingState::killed: return line.put("KILL SWITCH" + why, Tone::warning).line();
    case TradingState::breaker_open: return line.put("CIRCUIT BREAKER OPEN, no new risk" + why, Tone::warning).line();
    case TradingState::active: break;
  }
  if (model.alerts.empty()) return {};
  const AlertRow& alert = model.alerts.back();
  return line.put("Alert " + vt::short_time(alert.time) + "  ", Tone::warning).put(alert.text).line();
}

Lines money(const RunViewModel& model, std::size_t columns) {
  LineMaker first = indented(columns);
  LineMaker second = indented(columns);
  const std::string net = vt::signed_money(model.net);
  const std::string ratio = model.net_ratio ? "(" + vt::signed_percent(*model.net_ratio) + ")" : "";
  if (columns < 76) {
    const std::size_t half = columns / 2;
    figure(first, kMargin, half - 1, "Equity", vt::money(model.equity), Tone::strong);
    figure(first, half + 1, columns - 1, "Net", net, tone_of(model.net));
    figure(second, kMargin, half - 1, "Today", vt::signed_money(model.day_pnl), tone_of(model.day_pnl));
    figure(second, half + 1, columns - 1, "Drawdown", vt::percent(model.drawdown), Tone::normal);
    return {first.line(), second.line()};
  }
  figure(first, 1, 21, "Equity", vt::money(model.equity), Tone::strong);
  first.put(" " + vt::clean(model.asset), Tone::faint);
  figure(first, 30, 46, "Net", net, tone_of(model.net));
  first.put("  ").put(ratio, tone_of(model.net));
  figure(first, 61, 79, "Drawdown", vt::percent(model.drawdown), Tone::normal);
  figure(second, 1, 21, "Cash", vt::money(model.cash), Tone::normal);
  figure(second, 30, 46, "Today", vt::signed_money(model.day_pnl), tone_of(model.day_pnl));
  figure(second, 61, 79, "Deepest", vt::percent(model.max_drawdown), Tone::normal);
  return {first.line(), second.line()};
}

StyledLine equity_curve(const RunViewModel& model, std::size_t columns) {
  LineMaker line = indented(columns);
  if (model.equity_history.size() < 2 || columns < 2 * kMargin + 2) return {};
  const auto [low, high] = std::minmax_element(model.equity_history.begin(), model.equity_history.end());
  const std::size_t scale = columns >= 76 && std::isfinite(*low) && std::isfinite(*high) ? 30 : 0;  // columns for the bounds, which give the bars their size
  line.put(vt::sparkline(model.equity_history, columns - 2 * kMargin - scale));
  if (scale == 0) return line.line();
  line.to(columns - kMargin - scale).put("  low ", Tone::faint).put(vt::rounded(*low)).put("  high ", Tone::faint).put(vt::rounded(*high));
  return line.line();
}

StyledLine footer(const RunViewModel& model, std::size_t columns) {
  LineMaker line = indented(columns);
  const std::string hint = model.notice.empty() ? "Ctrl-C stops cleanly, nothing is lost" : "Ctrl-C again stops at once";
  line.put(hint, Tone::faint);
  const std::string address = model.ops_address.empty() ? "" : "http://" + vt::clean(model.ops_address) + "/health ";
  if (!address.empty() && line.used() + 2 + vt::width(address) <= columns) line.to(columns - vt::width(address)).put(address, Tone::faint);
  return line.line();
}

Lines positions(const RunViewModel& model, std::size_t columns, std::size_t rows) {
  Lines lines{position_heading(model.positions.size(), columns)};
  if (model.positions.empty() && rows > 0) lines.push_back(indented(columns).put("none open", Tone::faint).line());
  const bool all = model.positions.size() <= rows;
  const std::size_t shown = all ? model.positions.size() : rows == 0 ? 0 : rows - 1;
  for (std::size_t i = 0; i < shown; ++i) lines.push_back(position_line(model.positions[i], columns));
  if (!all && rows > 0) lines.push_back(indented(columns).put(fmt::format("and {} more", model.positions.size() - shown), Tone::faint).line());
  fill(lines, rows);
  return lines;
}

Lines decisions(const RunViewModel& model, std::size_t columns, std::size_t rows) {
  Lines lines{heading("DECISIONS", fmt::format("{}, {} denied by risk", vt::count(model.decisions_total), vt::count(model.denials_total)), columns)};
  const bool wide = columns >= 60;
  for (const DecisionRow* const row : newest(model.decisions, rows)) {
    LineMaker line = indented(columns);
    line.put(wide ? vt::short_time(row->time) : vt::short_time(row->time).substr(6), Tone::faint).put(" ");
    const std::size_t at = line.used();
    line.put(vt::cut(vt::clean(row->instrument), 9))
        .to(at + 10)
        .put(vt::cut(vt::clean(row->action), 7), row->kind == DecisionRow::Kind::acts ? Tone::strong : Tone::normal);
    line.to(at + 18).put(row->summary);
    lines.push_back(line.line());
  }
  if (model.decisions.empty() && rows > 0) lines.push_back(indented(columns).put("none yet", Tone::faint).line());
  fill(lines, rows);
  return lines;
}

Lines trades(const RunViewModel& model, std::size_t columns, std::size_t rows) {
  Lines lines{heading("TRADES", fmt::format("{} closed, {} fills", vt::count(model.trades_total), vt::count(model.fills_total)), columns)};
  for (const TradeRow* const row : newest(model.trades, rows)) {
    LineMaker line = indented(columns);
    line.put(vt::short_time(row->time), Tone::faint).put(" ").put(vt::cut(vt::clean(row->instrument), 9)).to(23).put(vt::cut(vt::clean(row->side), 5)).to(28);
    line.put(vt::pad_left(vt::quantity(row->quantity), 10)).put(" at ", Tone::faint);
    line.put(vt::pad_left(vt::money(row->price, vt::price_decimals(row->price)), 11));
    if (row->realised) line.put(vt::pad_left(vt::signed_money(*row->realised), 12), tone_of(*row->realised));
    lines.push_back(line.line());
  }
  if (model.trades.empty() && rows > 0) lines.push_back(indented(columns).put("none yet", Tone::faint).line());
  fill(lines, rows);
  return lines;
}

Lines agents(const RunViewModel& model, std::size_t columns, std::size_t rows) {
  const auto with_data = std::count_if(model.agents.begin(), model.agents.end(), [](const AgentRow& row) { return row.state == AgentRow::State::has_data; });
  const std::string found = fmt::format("{} of {} have data", with_data, model.agents.size());
  if (rows == 0) {
    LineMaker line = indented(columns);
    line.put("AGENTS", Tone::strong).put("  ").put(found);
    std::string without;
    for (const AgentRow& row : model.agents) {
      if (row.state == AgentRow::State::abstains) without += (without.empty() ? "; without: " : ", ") + short_agent(row.name);
    }
    return {line.put(without, Tone::faint).line()};
  }
  Lines lines{heading("AGENTS", found, columns)};
  for (std::size_t i = 0; i < std::min(rows, model.agents.size()); ++i) {
    const AgentRow& row = model.agents[i];
    LineMaker line = indented(columns);
    line.put(vt::cut(short_agent(row.name), 16)).to(19);
    switch (row.state) {
      case AgentRow::State::has_data: line.put("has data"); break;
      case AgentRow::State::abstains: line.put("abstains", Tone::faint).put(row.reason.empty() ? "" : ": " + vt::clean(row.reason), Tone::faint); break;
    }
    lines.push_back(line.line());
  }
  fill(lines, rows);
  return lines;
}

}  // namespace prom::view::blocks
