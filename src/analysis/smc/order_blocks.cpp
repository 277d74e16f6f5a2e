// Order blocks. Pure, any thread.
#include "analysis/smc/order_blocks.h"

#include <algorithm>
#include <array>

#include "analysis/indicators/volatility.h"
#include "analysis/smc/fair_value_gaps.h"

namespace prom::smc {
namespace {

// Facts about the columns that many blocks ask for, prepared once.
struct Prepared {
  std::vector<double> atr;
  std::vector<double> volume_before;                                    // sum of the volumes of bars [0, i)
  std::array<std::vector<std::optional<std::size_t>>, 2> last_against;  // [direction][i]: last candle against it in [0, i)
  std::array<std::vector<std::size_t>, 2> gaps_before;                  // [direction][i]: gaps with middle bar in [0, i)
};

std::size_t slot(Direction d) { return d == Direction::bullish ? 0 : 1; }

Prepared prepare(const OhlcvView& bars, std::vector<double> atr) {
  const std::size_t n = bars.size();
  Prepared p{std::move(atr), std::vector<double>(n + 1), {}, {}};
  for (auto& column : p.last_against) column.resize(n + 1);
  for (auto& column : p.gaps_before) column.resize(n + 1);
  for (const auto& gap : *fair_value_gaps(bars)) ++p.gaps_before[slot(gap.direction)][gap.index + 1];
  for (std::size_t i = 0; i < n; ++i) {
    p.volume_before[i + 1] = p.volume_before[i] + bars.volume[i];
    for (std::size_t d = 0; d < 2; ++d) {
      p.gaps_before[d][i + 1] += p.gaps_before[d][i];
      const bool against = d == 0 ? bars.close[i] < bars.open[i] : bars.close[i] > bars.open[i];
      p.last_against[d][i + 1] = against ? std::optional(i) : p.last_against[d][i];
    }
  }
  return p;
}

double strength_of(const OhlcvView& bars, const Prepared& p, const OrderBlock& block, std::size_t volume_period) {
  const std::size_t from = block.index, to = block.confirmed_index;
  double strength = 0;
  if (p.atr[to] > 0) {
    const double far_side = block.direction == Direction::bullish ? block.bottom : block.top;
    strength += 0.5 * std::min(1.0, std::fabs(bars.close[to] - far_side) / p.atr[to] / 3.0);
  }
  if (from >= volume_period) {
    const double usual = (p.volume_before[from] - p.volume_before[from - volume_period]) / static_cast<double>(volume_period);
    const double moved = (p.volume_before[to + 1] - p.volume_before[from]) / static_cast<double>(to + 1 - from);
    if (usual > 0) strength += 0.3 * std::min(1.0, moved / usual / 2.0);
  }
  // A gap whose middle bar is before the breaking bar was complete at the break.
  const auto& gaps = p.gaps_before[slot(block.direction)];
  if (gaps[to] > gaps[from]) strength += 0.2;
  return strength;
}

// First touches by wick and first breaks by close, after the confirming bar.
void follow(const OhlcvView& bars, std::vector<OrderBlock>& blocks) {
  TouchQueue<Direction::bullish, Reach::at_level> support_touch;
  TouchQueue<Direction::bullish, Reach::beyond> support_break;
  TouchQueue<Direction::bearish, Reach::at_level> resistance_touch;
  TouchQueue<Direction::bearish, Reach::beyond> resistance_break;
  std::size_t next = 0;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const auto touch = [&](std::size_t id) { blocks[id].touched_index = i; };
    const auto broken = [&](std::size_t id) { blocks[id].broken_index = i; };
    support_touch.take_reached(bars.low[i], touch);
    resistance_touch.take_reached(bars.high[i], touch);
    support_break.take_reached(bars.close[i], broken);
    resistance_break.take_reached(bars.close[i], broken);
    for (; next < blocks.size() && blocks[next].confirmed_index == i; ++next) {
      if (blocks[next].direction == Direction::bullish) {
        support_touch.add(blocks[next].top, next);
        support_break.add(blocks[next].bottom, next);
      } else {
        resistance_touch.add(blocks[next].bottom, next);
        resistance_break.add(blocks[next].top, next);
      }
    }
  }
}

}  // namespace

ParamResult<std::vector<OrderBlock>> order_blocks(const OhlcvView& bars, const OrderBlockParams& params) {
  PROM_CHECK_PARAM(bad_period("volume_period", params.volume_period));
  auto atr = evaluate<indicators::Atr>({params.atr_period}, bars);
  if (!atr) return std::unexpected(atr.error());
  const auto structure = market_structure(bars, params.structure);
  if (!structure) return std::unexpected(structure.error());
  const Prepared prepared = prepare(bars, std::move(*atr));
  std::vector<OrderBlock> blocks;
  std::array<std::optional<std::size_t>, 2> last_candle;
  for (const auto& event : structure->breaks) {
    const auto candle = prepared.last_against[slot(event.direction)][event.index];
    auto& used = last_candle[slot(event.direction)];
    if (!candle || *candle < event.swing.index || used == candle) continue;
    used = candle;
    OrderBlock block{event.direction, *candle, event.index, bars.high[*candle], bars.low[*candle], bars.volume[*candle], 0, {}, {}};
    block.strength = strength_of(bars, prepared, block, static_cast<std::size_t>(params.volume_period));
    blocks.push_back(block);
  }
  follow(bars, blocks);
  return blocks;
}

}  // namespace prom::smc
