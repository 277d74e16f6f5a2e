// The loops of bulk.h over windows: WindowTree (rolling.h) for all bars of a chunk at once, level by level, and extremes by doubling. Internal linkage, bare pointers
// (see bulk_loops.h). Pure functions, any thread.
#pragma once
#include <cstddef>

#include "analysis/indicators/bulk.h"
#include "analysis/indicators/bulk_formulas.h"

namespace prom::indicators {
namespace {

#pragma clang diagnostic ignored "-Wpass-failed"  // builds without the vectoriser

using Four = double __attribute__((ext_vector_type(4)));
// Four doubles at any address.
struct __attribute__((packed, may_alias)) FourAt {
  Four lanes;
};
#define PROM_FOUR(at) (reinterpret_cast<const FourAt*>(at)->lanes)

// Vectorised by the compiler; an output may be an input only at the same index.
#define PROM_EACH_FROM(i, first, n) _Pragma("clang loop vectorize(assume_safety)") for (std::ptrdiff_t i = (first); i < (n); ++i)

// Level 0 of a tree: the values themselves.
template <class Node>
struct Leaves {
  const double* x;
  [[gnu::always_inline]] Node at(std::ptrdiff_t i) const { return Node::leaf(x[i]); }
};

// The nodes of one level, each part in its own column.
template <class Node>
struct Level;

template <>
struct Level<SumNode> {
  double* sum;
  [[gnu::always_inline]] SumNode at(std::ptrdiff_t i) const { return {sum[i]}; }
  [[gnu::always_inline]] void put(std::ptrdiff_t i, SumNode node) const { sum[i] = node.sum; }
  static Level in(double* scratch, std::size_t stride, std::size_t offset) { return {scratch + offset + 0 * stride}; }
};
template <>
struct Level<WeightedNode> {
  double *sum, *weighted;
  [[gnu::always_inline]] WeightedNode at(std::ptrdiff_t i) const { return {sum[i], weighted[i]}; }
  [[gnu::always_inline]] void put(std::ptrdiff_t i, WeightedNode node) const {
    sum[i] = node.sum;
    weighted[i] = node.weighted;
  }
  static Level in(double* scratch, std::size_t stride, std::size_t offset) { return {scratch + offset, scratch + offset + stride}; }
};
template <>
struct Level<SpreadNode> {
  double *sum, *squares;
  [[gnu::always_inline]] SpreadNode at(std::ptrdiff_t i) const { return {sum[i], squares[i]}; }
  [[gnu::always_inline]] void put(std::ptrdiff_t i, SpreadNode node) const {
    sum[i] = node.sum;
    squares[i] = node.squares;
  }
  static Level in(double* scratch, std::size_t stride, std::size_t offset) { return {scratch + offset, scratch + offset + stride}; }
};
template <>
struct Level<SlopeNode> {
  double *sum, *product;
  [[gnu::always_inline]] SlopeNode at(std::ptrdiff_t i) const { return {sum[i], product[i]}; }
  [[gnu::always_inline]] void put(std::ptrdiff_t i, SlopeNode node) const {
    sum[i] = node.sum;
    product[i] = node.product;
  }
  static Level in(double* scratch, std::size_t stride, std::size_t offset) { return {scratch + offset, scratch + offset + stride}; }
};
template <>
struct Level<LineNode> {
  double *sum, *squares, *product;
  [[gnu::always_inline]] LineNode at(std::ptrdiff_t i) const { return {sum[i], squares[i], product[i]}; }
  [[gnu::always_inline]] void put(std::ptrdiff_t i, LineNode node) const {
    sum[i] = node.sum;
    squares[i] = node.squares;
    product[i] = node.product;
  }
  static Level in(double* scratch, std::size_t stride, std::size_t offset) {
    return {scratch + offset, scratch + offset + stride, scratch + offset + 2 * stride};
  }
};

template <class Node, class From>
void double_level(From from, Level<Node> to, std::ptrdiff_t first, std::ptrdiff_t n, std::ptrdiff_t h) {
  const double count = static_cast<double>(h), scale = 0.5 / count;
  PROM_EACH_FROM(i, first, n) to.put(i, Node::twice(from.at(i - h), from.at(i), count, scale));
}

template <class Node, class Newer>
void join_levels(Level<Node> older, Newer newer, Level<Node> to, std::ptrdiff_t n, std::ptrdiff_t older_count, std::ptrdiff_t newer_count) {
  const double a = static_cast<double>(older_count), b = static_cast<double>(newer_count), scale = Node::scale_of(a, b);
  PROM_EACH_FROM(i, 0, n) to.put(i, Node::join(older.at(i - newer_count), newer.at(i), a, b, scale));
}

// The largest stretch, of 2h values, in front of the newest `covered`, whose nodes are `rest`.
template <class Node, class From, class Rest, class Finish>
void finish_windows(From level, Rest rest, std::ptrdiff_t n, std::ptrdiff_t h, std::ptrdiff_t covered, Finish finish) {
  const double count = static_cast<double>(h), half = 0.5 / count;
  if (covered == 0) {
    PROM_EACH_FROM(i, 0, n) finish(i, Node::twice(level.at(i - h), level.at(i), count, half));
    return;
  }
  const double a = 2.0 * count, b = static_cast<double>(covered), scale = Node::scale_of(a, b);
  PROM_EACH_FROM(i, 0, n) {
    const Node largest = Node::twice(level.at(i - covered - h), level.at(i - covered), count, half);
    finish(i, Node::join(largest, rest.at(i), a, b, scale));
  }
}

// Calls finish(i, node) for the node of each window of `period` values, by the steps of WindowTree::push. `room` holds nodes on the way; finish may write over
// those of its own bar.
template <class Node, class Finish>
void window_nodes(const double* x, Level<Node> room, std::ptrdiff_t n, std::ptrdiff_t period, double* scratch, Finish finish) {
  const Leaves<Node> leaves{x};
  if (period == 1) {
    PROM_EACH_FROM(i, 0, n) finish(i, leaves.at(i));
    return;
  }
  if (period < 4) return finish_windows<Node>(leaves, leaves, n, 1, period - 2, finish);
  const auto stride = static_cast<std::size_t>(n + period);
  const auto buffer = [&](std::size_t which) { return Level<Node>::in(scratch + which * Node::kParts * stride, stride, static_cast<std::size_t>(period)); };
  const std::ptrdiff_t first = 1 - period;
  Level<Node> level = buffer(0), result = level;
  std::size_t next = 1, kept = (period & 3) == 2 ? 0 : 3;  // buffers: the one for the next level, and the one in which the result lies for now
  std::ptrdiff_t h = 2, covered = period & 3;
  double_level(leaves, level, first + 1, n, 1);
  if (covered == 3) {
    join_levels(level, leaves, room, n, 2, 1);
    result = room;
  }
  for (; 4 * h <= period; next = (next + 1) % 3) {
    if (next == kept) next = (next + 1) % 3;
    const Level<Node> above = buffer(next);
    double_level(level, above, first + 2 * h - 1, n, h);
    level = above;
    h *= 2;
    if ((period & h) == 0) continue;
    if (covered == 0) {
      result = level;
      kept = next;
    } else if (covered == 1) {
      join_levels(level, leaves, room, n, h, covered);
      result = room;
    } else {
      join_levels(level, result, room, n, h, covered);
      result = room;
      kept = 3;
    }
    covered += h;
  }
  if (covered == 1) {
    finish_windows<Node>(level, leaves, n, h, covered, finish);
  } else {
    finish_windows<Node>(level, result, n, h, covered, finish);
  }
}

void window_sum(const double* x, double* out, std::size_t n, std::size_t period, double* scratch) {
  window_nodes<SumNode>(x, {out}, static_cast<std::ptrdiff_t>(n), static_cast<std::ptrdiff_t>(period), scratch,
                        [out](std::ptrdiff_t i, SumNode node) { out[i] = node.sum; });
}

void window_mean(const double* x, double* out, std::size_t n, std::size_t period, double* scratch) {
  const double reciprocal = 1.0 / static_cast<double>(period);
  window_nodes<SumNode>(x, {out}, static_cast<std::ptrdiff_t>(n), static_cast<std::ptrdiff_t>(period), scratch,
                        [=](std::ptrdiff_t i, SumNode node) { out[i] = node.sum * reciprocal; });
}

void window_mean_percent(const double* x, double* out, std::size_t n, std::size_t period, double* scratch) {
  const double reciprocal = 1.0 / static_cast<double>(period);
  window_nodes<SumNode>(x, {out}, static_cast<std::ptrdiff_t>(n), static_cast<std::ptrdiff_t>(period), scratch,
                        [=](std::ptrdiff_t i, SumNode node) { out[i] = between_0_and_100(node.sum * reciprocal); });
}

void window_weighted_mean(const double* x, double* out, std::size_t n, std::size_t period, double* scratch) {
  const double size = static_cast<double>(period), reciprocal = 1.0 / (size * (size + 1.0) / 2.0);
  window_nodes<WeightedNode>(x, {scratch, out}, static_cast<std::ptrdiff_t>(n), static_cast<std::ptrdiff_t>(period), scratch + n,
                             [=](std::ptrdiff_t i, WeightedNode node) { out[i] = node.weighted * reciprocal; });
}

void window_bands(const double* x, double deviations, double* const* out, std::size_t n, std::size_t period, double* scratch) {
  double *upper = out[0], *middle = out[1], *lower = out[2];
  const double reciprocal = 1.0 / static_cast<double>(period);
  window_nodes<SpreadNode>(x, {middle, upper}, static_cast<std::ptrdiff_t>(n), static_cast<std::ptrdiff_t>(period), scratch,
                           [=](std::ptrdiff_t i, SpreadNode node) {
                             const double mean = node.sum * reciprocal;
                             const double reach = deviations * __builtin_sqrt(real_deviation(node.squares, node.sum) * reciprocal);
                             upper[i] = mean + reach;
                             middle[i] = mean;
                             lower[i] = mean - reach;
                           });
}

void window_line(const double* x, double* const* out, std::size_t n, std::size_t period, double* scratch) {
  double *slope = out[0], *fitted = out[1], *r_squared = out[2];
  const LineConstants constants = line_constants(static_cast<double>(period));
  window_nodes<LineNode>(x, {fitted, r_squared, slope}, static_cast<std::ptrdiff_t>(n), static_cast<std::ptrdiff_t>(period), scratch,
                         [=](std::ptrdiff_t i, LineNode node) {
                           const LineRow row = line_of(node, constants);
                           slope[i] = row.slope;
                           fitted[i] = row.fitted;
                           r_squared[i] = row.r_squared;
                         });
}

void window_slope(const double* x, double* slope, double* fitted, std::size_t n, std::size_t period, double* scratch) {
  const LineConstants constants = line_constants(static_cast<double>(period));
  window_nodes<SlopeNode>(x, {fitted, slope}, static_cast<std::ptrdiff_t>(n), static_cast<std::ptrdiff_t>(period), scratch,
                          [=](std::ptrdiff_t i, SlopeNode node) {
                            const double rise = slope_of(node.product, constants);
                            slope[i] = rise;
                            fitted[i] = fitted_of(node.sum, rise, constants);
                          });
}

// The stretches of one window length of ultimate_line, newest first: level and how far back. Where there are fewer than three, the others point at zeros.
struct Stretches {
  const double *newest, *middle, *oldest;
};

// levels[k]: sums over 2^k values; those of the second column stand `stride` behind. A length of more than three stretches is summed up in `own`.
Stretches stretches_of(const double* const* levels, int known, std::ptrdiff_t period, std::ptrdiff_t n, std::ptrdiff_t stride, const double* zeros,
                       double* own) {
  const double* parts[64] = {zeros, zeros, zeros};
  int size = 0;
  std::ptrdiff_t covered = 0;
  for (int k = 0; k < known; ++k) {
    const std::ptrdiff_t h = std::ptrdiff_t{1} << k;
    if ((period & h) == 0) continue;
    parts[size++] = levels[k] - covered;
    covered += h;
  }
  if (size <= 3) return {parts[0], parts[1], parts[2]};
  for (std::ptrdiff_t column = 0; column < 2 * stride; column += stride) {
    const double *newest = parts[0] + column, *middle = parts[1] + column;
    double* const to = own + column;
    PROM_EACH_FROM(i, 0, n) to[i] = middle[i] + newest[i];
    for (int k = 2; k < size; ++k) {
      const double* const older = parts[k] + column;
      PROM_EACH_FROM(i, 0, n) to[i] = older[i] + to[i];
    }
  }
  return {own, zeros, zeros};
}

// Ultimate's rows from pressures and, `stride` behind them, ranges. Sums over three lengths, of which the last is the longest, from the same levels, each by the steps
// of WindowTree::push. scratch holds ultimate_scratch(periods[2]).
void ultimate_line(const double* pressure, std::size_t column_stride, double* out, std::size_t n, const std::size_t* periods, double* scratch) {
  const auto count = static_cast<std::ptrdiff_t>(n), longest = static_cast<std::ptrdiff_t>(periods[2]), first = 1 - longest;
  const auto stride = static_cast<std::ptrdiff_t>(column_stride);
  const double* levels[64] = {pressure};
  double* room = scratch + longest;
  int known = 1;
  for (std::ptrdiff_t h = 1; 2 * h <= longest; h *= 2, ++known, room += 2 * stride) {
    const double* const below = levels[known - 1];
    double* const level = room;
    PROM_EACH_FROM(i, first + 2 * h - 1, count) {
      level[i] = below[i - h] + below[i];
      level[i + stride] = below[i - h + stride] + below[i + stride];
    }
    levels[known] = level;
  }
  Stretches sums[3];
  double* const zeros = room - longest;
  PROM_EACH_FROM(i, 0, 2 * stride) zeros[i] = 0.0;
  for (int p = 0; p < 3; ++p)
    sums[p] = stretches_of(levels, known, static_cast<std::ptrdiff_t>(periods[p]), count, stride, zeros, zeros + 2 * (p + 1) * stride);
  const auto percent = [stride](const Stretches& s, std::ptrdiff_t i) __attribute__((always_inline)) {
    const double part = s.oldest[i] + (s.middle[i] + s.newest[i]);
    return percent_of(part, s.oldest[i + stride] + (s.middle[i + stride] + s.newest[i + stride]), 50.0);
  };
  const Stretches fast = sums[0], medium = sums[1], slow = sums[2];
  PROM_EACH_FROM(i, 0, count) out[i] = ultimate_of(percent(fast, i), percent(medium, i), percent(slow, i));
}

// The absolute deviations of a window in four sums, element k in sum k mod 4 and the tail in order: as lane_sum (kernels.h).
void window_cci(const double* x, double* out, std::size_t n, std::size_t period, double* scratch) {
  const auto count = static_cast<std::ptrdiff_t>(n), width = static_cast<std::ptrdiff_t>(period);
  double* const mean = scratch;
  window_mean(x, mean, n, period, scratch + n);
  const double reciprocal = 1.0 / static_cast<double>(period);
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    const double* oldest = x + i + 1 - width;
    const double centre = mean[i];
    Four lanes = 0.0;
    std::ptrdiff_t k = 0;
    for (; k + 4 <= width; k += 4) lanes += __builtin_elementwise_abs(PROM_FOUR(oldest + k) - centre);
    double sum = (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
    for (; k < width; ++k) sum += magnitude(oldest[k] - centre);
    out[i] = sum;
  }
  PROM_EACH_FROM(i, 0, count) out[i] = cci_of(x[i], mean[i], out[i] * reciprocal);
}

// As Better (rolling.h) where no NaN is: the newer of equal ones.
struct Larger {
  [[gnu::always_inline]] static bool stays(double older, double newer) { return older > newer; }
};
struct Smaller {
  [[gnu::always_inline]] static bool stays(double older, double newer) { return older < newer; }
};

template <class Order>
void window_extreme(const double* x, double* out, std::size_t n, std::size_t period, double* scratch) {
  const auto count = static_cast<std::ptrdiff_t>(n), width = static_cast<std::ptrdiff_t>(period), first = 1 - width;
  const double* level = x;
  std::ptrdiff_t h = 1;
  for (double* next = scratch + period; 2 * h < width; next = next == scratch + period ? scratch + 2 * period + n : scratch + period) {
    PROM_EACH_FROM(i, first + 2 * h - 1, count) {
      const double older = level[i - h], newer = level[i];
      next[i] = Order::stays(older, newer) ? older : newer;
    }
    level = next;
    h *= 2;
  }
  const std::ptrdiff_t back = width - h;  // the two halves may overlap
  PROM_EACH_FROM(i, 0, count) {
    const double older = level[i - back], newer = level[i];
    out[i] = Order::stays(older, newer) ? older : newer;
  }
}

// Values and the indices at which they stand, doubled likewise.
template <class Order>
void window_aroon(const double* x, double* out, std::size_t n, std::size_t period, double* scratch) {
  const auto count = static_cast<std::ptrdiff_t>(n), width = static_cast<std::ptrdiff_t>(period), first = 1 - width;
  const std::size_t stride = n + period;
  double* values[2] = {scratch + period, scratch + stride + period};
  double* places[2] = {scratch + 2 * stride + period, scratch + 3 * stride + period};
  const double* level = x;
  double* place = scratch + 4 * stride + period;
  PROM_EACH_FROM(i, first, count) place[i] = static_cast<double>(static_cast<int>(i));
  std::ptrdiff_t h = 1;
  for (int which = 0; 2 * h < width; which = 1 - which) {
    double *next = values[which], *next_place = places[which];
    PROM_EACH_FROM(i, first + 2 * h - 1, count) {
      const double older = level[i - h], newer = level[i], older_place = place[i - h], newer_place = place[i];
      const bool stays = Order::stays(older, newer);
      next[i] = stays ? older : newer;
      next_place[i] = stays ? older_place : newer_place;
    }
    level = next;
    place = next_place;
    h *= 2;
  }
  const std::ptrdiff_t back = width - h;
  const double reach = static_cast<double>(static_cast<int>(width - 1));
  PROM_EACH_FROM(i, 0, count) {
    const double older_place = place[i - back], newer_place = place[i];
    const double newest = Order::stays(level[i - back], level[i]) ? older_place : newer_place;
    out[i] = aroon_of(static_cast<double>(static_cast<int>(i)) - newest, reach);
  }
}

}  // namespace
}  // namespace prom::indicators
