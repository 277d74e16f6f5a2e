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

// The node of each window of `period` >= 2 values, by the steps of WindowTree::push. What comes back may lie in `out` or in the scratch.
template <class Node>
Level<Node> window_nodes(const double* x, Level<Node> out, std::ptrdiff_t n, std::ptrdiff_t period, double* scratch) {
  const auto stride = static_cast<std::size_t>(n + period);
  const auto buffer = [&](std::size_t which) { return Level<Node>::in(scratch + which * Node::kParts * stride, stride, static_cast<std::size_t>(period)); };
  const std::ptrdiff_t first = 1 - period;
  const Leaves<Node> leaves{x};
  Level<Node> level = period == 2 ? out : buffer(0);
  double_level(leaves, level, first + 1, n, 1);
  Level<Node> result = level;
  std::ptrdiff_t covered = period & 1;
  bool in_leaves = covered == 1;
  std::size_t next = 1, kept = 3;  // buffers: the one that the next level takes, and the one in which the result lies for now
  for (std::ptrdiff_t h = 2; h <= period; h *= 2) {
    if ((period & h) != 0) {
      if (covered == 0) {
        result = level;
        kept = (next + 2) % 3;
      } else if (in_leaves) {
        join_levels(level, leaves, out, n, h, covered);
        result = out;
      } else {
        join_levels(level, result, out, n, h, covered);
        result = out;
        kept = 3;
      }
      in_leaves = false;
      covered += h;
    }
    if (2 * h > period) break;
    if (next == kept) next = (next + 1) % 3;
    const Level<Node> above = 2 * h == period ? out : buffer(next);
    double_level(level, above, first + 2 * h - 1, n, h);
    level = above;
    next = (next + 1) % 3;
  }
  return result;
}

void window_sum(const double* x, double* out, std::size_t n, std::size_t period, double* scratch) {
  const auto count = static_cast<std::ptrdiff_t>(n);
  if (period == 1) {
    PROM_EACH_FROM(i, 0, count) out[i] = x[i];
    return;
  }
  window_nodes<SumNode>(x, {out}, count, static_cast<std::ptrdiff_t>(period), scratch);
}

void window_mean(const double* x, double* out, std::size_t n, std::size_t period, double* scratch) {
  window_sum(x, out, n, period, scratch);
  const double reciprocal = 1.0 / static_cast<double>(period);
  PROM_EACH_FROM(i, 0, static_cast<std::ptrdiff_t>(n)) out[i] *= reciprocal;
}

void window_mean_percent(const double* x, double* out, std::size_t n, std::size_t period, double* scratch) {
  window_sum(x, out, n, period, scratch);
  const double reciprocal = 1.0 / static_cast<double>(period);
  PROM_EACH_FROM(i, 0, static_cast<std::ptrdiff_t>(n)) out[i] = between_0_and_100(out[i] * reciprocal);
}

void window_weighted_mean(const double* x, double* out, std::size_t n, std::size_t period, double* scratch) {
  const auto count = static_cast<std::ptrdiff_t>(n);
  const double size = static_cast<double>(period), reciprocal = 1.0 / (size * (size + 1.0) / 2.0);
  if (period == 1) {
    PROM_EACH_FROM(i, 0, count) out[i] = x[i] * reciprocal;
    return;
  }
  const Level<WeightedNode> target{scratch, out};
  const auto nodes = window_nodes<WeightedNode>(x, target, count, static_cast<std::ptrdiff_t>(period), scratch + n);
  PROM_EACH_FROM(i, 0, count) out[i] = nodes.weighted[i] * reciprocal;
}

void window_bands(const double* x, double deviations, double* const* out, std::size_t n, std::size_t period, double* scratch) {
  const auto count = static_cast<std::ptrdiff_t>(n);
  double *upper = out[0], *middle = out[1], *lower = out[2];
  const double reciprocal = 1.0 / static_cast<double>(period);
  const auto nodes = window_nodes<SpreadNode>(x, {middle, upper}, count, static_cast<std::ptrdiff_t>(period), scratch);
  PROM_EACH_FROM(i, 0, count) {
    const double sum = nodes.sum[i], mean = sum * reciprocal;
    const double reach = deviations * __builtin_sqrt(real_deviation(nodes.squares[i], sum) * reciprocal);
    upper[i] = mean + reach;
    middle[i] = mean;
    lower[i] = mean - reach;
  }
}

void window_line(const double* x, double* const* out, std::size_t n, std::size_t period, double* scratch) {
  const auto count = static_cast<std::ptrdiff_t>(n);
  double *slope = out[0], *fitted = out[1], *r_squared = out[2];
  const LineConstants constants = line_constants(static_cast<double>(period));
  const auto nodes = window_nodes<LineNode>(x, {fitted, r_squared, slope}, count, static_cast<std::ptrdiff_t>(period), scratch);
  PROM_EACH_FROM(i, 0, count) {
    const LineRow row = line_of(nodes.at(i), constants);
    slope[i] = row.slope;
    fitted[i] = row.fitted;
    r_squared[i] = row.r_squared;
  }
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
    PROM_EACH_FROM(i, first + 2 * h - 1, count) next[i] = Order::stays(level[i - h], level[i]) ? level[i - h] : level[i];
    level = next;
    h *= 2;
  }
  const std::ptrdiff_t back = width - h;  // the two halves may overlap
  PROM_EACH_FROM(i, 0, count) out[i] = Order::stays(level[i - back], level[i]) ? level[i - back] : level[i];
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
      const bool stays = Order::stays(level[i - h], level[i]);
      next[i] = stays ? level[i - h] : level[i];
      next_place[i] = stays ? place[i - h] : place[i];
    }
    level = next;
    place = next_place;
    h *= 2;
  }
  const std::ptrdiff_t back = width - h;
  const double reach = static_cast<double>(static_cast<int>(width - 1));
  PROM_EACH_FROM(i, 0, count) {
    const double newest = Order::stays(level[i - back], level[i]) ? place[i - back] : place[i];
    out[i] = aroon_of(static_cast<double>(static_cast<int>(i)) - newest, reach);
  }
}

}  // namespace
}  // namespace prom::indicators
