// The recursions of bulk.h: smoothers and running totals, four bars at a time, and chains of them. Internal linkage, bare pointers (see bulk_loops.h). Pure functions,
// any thread.
#pragma once
#include <cstddef>

#include "analysis/indicators/bulk.h"
#include "analysis/indicators/bulk_formulas.h"
#include "analysis/indicators/bulk_windows.h"
#include "analysis/indicators/carried_sum.h"
#include "analysis/indicators/smoother.h"

namespace prom::indicators {
namespace {

// Four bars of Smoother. What the next four wait for is one multiplication and one addition: lane 3, computed in all lanes beside the sum itself.
// take() and finish() are the two halves of a step. A processor keeps few operations waiting for others (64 of a Zen 4's vector ones), so a loop that finishes what
// the turn before took runs twice as fast as one that goes through with every four.
struct SmoothFours {
  Four weight, keep, keep_2, keep_4, powers, before;
  Four pair = 0.0;  // of the four taken last
  SmoothFours(const SmootherWeights& weights, double base)
      : weight(weights.weight), keep(weights.keep), keep_2(weights.powers[1]), keep_4(weights.powers[3]), powers(PROM_FOUR(weights.powers)), before(base) {}
  [[gnu::always_inline]] void take(const Four* in) {
    const Four zero = 0.0, scaled = weight * *in;
    pair = scaled + keep * __builtin_shufflevector(scaled, zero, 4, 0, 1, 2);
  }
  [[gnu::always_inline]] void take(const double* in) {
    const Four values = PROM_FOUR(in);
    take(&values);
  }
  [[gnu::always_inline]] void finish(Four* out) {
    const Four zero = 0.0, alone = pair + keep_2 * __builtin_shufflevector(pair, zero, 4, 5, 0, 1);
    *out = alone + powers * before;
    before = __builtin_shufflevector(alone, alone, 3, 3, 3, 3) + keep_4 * before;
  }
  [[gnu::always_inline]] void finish(double* out) {
    Four averages;
    finish(&averages);
    reinterpret_cast<FourAt*>(out)->lanes = averages;
  }
  template <class In, class Out>
  [[gnu::always_inline]] void step(const In* in, Out* out) {
    take(in);
    finish(out);
  }
};

double smooth(const SmootherWeights& weights, double base, const double* in, double* out, std::size_t n) {
  SmoothFours fours(weights, base);
  for (std::size_t i = 0; i < n; i += 4) fours.step(in + i, out + i);
  return fours.before[0];
}

// Rows become columns.
[[gnu::always_inline]] inline void transpose(Four* rows) {
  const Four a = __builtin_shufflevector(rows[0], rows[1], 0, 4, 2, 6), b = __builtin_shufflevector(rows[0], rows[1], 1, 5, 3, 7);
  const Four c = __builtin_shufflevector(rows[2], rows[3], 0, 4, 2, 6), d = __builtin_shufflevector(rows[2], rows[3], 1, 5, 3, 7);
  rows[0] = __builtin_shufflevector(a, c, 0, 1, 4, 5);
  rows[1] = __builtin_shufflevector(b, d, 0, 1, 4, 5);
  rows[2] = __builtin_shufflevector(a, c, 2, 3, 6, 7);
  rows[3] = __builtin_shufflevector(b, d, 2, 3, 6, 7);
}

// AffineLine over four fours at a time, one in each lane: what they come to by themselves waits for nothing, and from four to four only the base is carried.
double affine_line(const double* kept, const double* pulled, double base, double* out, std::size_t n) {
  std::size_t i = 0;
  for (; i + 16 <= n; i += 16) {
    Four keep[4], pull[4];
    for (std::size_t four = 0; four < 4; ++four) {
      keep[four] = PROM_FOUR(kept + i + 4 * four);
      pull[four] = PROM_FOUR(pulled + i + 4 * four);
    }
    transpose(keep);
    transpose(pull);
    const Four zero = 0.0;
    pull[0] = keep[0] * zero + pull[0];
    for (std::size_t bar = 1; bar < 4; ++bar) {
      pull[bar] = keep[bar] * pull[bar - 1] + pull[bar];
      keep[bar] = keep[bar] * keep[bar - 1];
    }
    const double second = keep[3][0] * base + pull[3][0], third = keep[3][1] * second + pull[3][1], fourth = keep[3][2] * third + pull[3][2];
    const Four bases = {base, second, third, fourth};
    base = keep[3][3] * fourth + pull[3][3];
    for (std::size_t bar = 0; bar < 4; ++bar) keep[bar] = keep[bar] * bases + pull[bar];
    transpose(keep);
    for (std::size_t four = 0; four < 4; ++four) reinterpret_cast<FourAt*>(out + i + 4 * four)->lanes = keep[four];
  }
  for (; i < n; i += 4) {
    double all_kept = 1, all_pulled = 0;
    for (std::size_t bar = i; bar < i + 4; ++bar) {
      all_kept = kept[bar] * all_kept;
      all_pulled = kept[bar] * all_pulled + pulled[bar];
      out[bar] = all_kept * base + all_pulled;
    }
    base = out[i + 3];
  }
  return base;
}

void smooth_gap(const SmootherWeights& fast, const SmootherWeights& slow, double* bases, const double* in, double* out, std::size_t n) {
  SmoothFours a(fast, bases[0]), b(slow, bases[1]);
  const auto finish = [&](std::size_t i) {
    Four quick, calm;
    a.finish(&quick);
    b.finish(&calm);
    reinterpret_cast<FourAt*>(out + i)->lanes = quick - calm;
  };
  const auto take = [&](std::size_t i) {
    a.take(in + i);
    b.take(in + i);
  };
  take(0);
  for (std::size_t i = 4; i < n; i += 4) {
    finish(i - 4);
    take(i);
  }
  finish(n - 4);
  bases[0] = a.before[0];
  bases[1] = b.before[0];
}

// Smoothers of smoothers, each half a step a turn: what a four waits for was there a turn before. When the third finishes a four, the first takes the one
// kChainTurns ahead. once(i, four), twice(i, four), thrice(i, four) are called for every four, in order of i.
constexpr std::size_t kChainTurns = 5;
template <class Once, class Twice, class Thrice>
[[gnu::always_inline]] inline void smooth_three(const SmootherWeights& weights, double* bases, const double* in, std::size_t n, Once on_once, Twice on_twice,
                                                Thrice on_thrice) {
  SmoothFours a(weights, bases[0]), b(weights, bases[1]), c(weights, bases[2]);
  Four once = 0.0, twice = 0.0;
  const std::size_t fours = n / 4;
  // Turn t; at the ends some stages have nothing to do.
  const auto turn = [&](std::size_t t, auto has) __attribute__((always_inline)) {
    if (has(t, 5)) {
      Four thrice;
      c.finish(&thrice);
      on_thrice(4 * (t - 5), &thrice);
    }
    if (has(t, 4)) c.take(&twice);
    if (has(t, 3)) {
      b.finish(&twice);
      on_twice(4 * (t - 3), &twice);
    }
    if (has(t, 2)) b.take(&once);
    if (has(t, 1)) {
      a.finish(&once);
      on_once(4 * (t - 1), &once);
    }
    if (has(t, 0)) a.take(in + 4 * t);
  };
  const auto at_the_ends = [fours](std::size_t t, std::size_t stage) { return t >= stage && t - stage < fours; };
  std::size_t t = 0;
  for (; t < kChainTurns; ++t) turn(t, at_the_ends);
  for (; t < fours; ++t) turn(t, [](std::size_t, std::size_t) { return true; });
  for (; t < fours + kChainTurns; ++t) turn(t, at_the_ends);
  bases[0] = a.before[0];
  bases[1] = b.before[0];
  bases[2] = c.before[0];
}

void smooth_dema(const SmootherWeights& weights, double* bases, const double* in, double* out, std::size_t n) {
  SmoothFours a(weights, bases[0]), b(weights, bases[1]);
  Four once, twice;
  // `out` holds the first's averages until the second has its own.
  const auto turn = [&](std::size_t i) __attribute__((always_inline)) {
    b.finish(&twice);
    reinterpret_cast<FourAt*>(out + i)->lanes = 2.0 * PROM_FOUR(out + i) - twice;
  };
  const std::size_t last = n - 4;
  a.step(in, &once);
  reinterpret_cast<FourAt*>(out)->lanes = once;
  b.take(&once);
  if (n > 4) a.take(in + 4);
  for (std::size_t i = 4; i < last; i += 4) {
    a.finish(&once);
    turn(i - 4);
    reinterpret_cast<FourAt*>(out + i)->lanes = once;
    b.take(&once);
    a.take(in + i + 4);
  }
  if (n > 4) {
    turn(last - 4);
    a.finish(&once);
    reinterpret_cast<FourAt*>(out + last)->lanes = once;
    b.take(&once);
  }
  turn(last);
  bases[0] = a.before[0];
  bases[1] = b.before[0];
}

// `out` holds the part of each row that is known so far.
void smooth_tema(const SmootherWeights& weights, double* bases, const double* in, double* out, std::size_t n) {
  FourAt* const rows = reinterpret_cast<FourAt*>(out);
  smooth_three(
      weights, bases, in, n, [=](std::size_t i, const Four* once) { rows[i / 4].lanes = 3.0 * *once; },
      [=](std::size_t i, const Four* twice) { rows[i / 4].lanes -= 3.0 * *twice; }, [=](std::size_t i, const Four* thrice) { rows[i / 4].lanes += *thrice; });
}

void smooth_trix(const SmootherWeights& weights, double* bases, const double* in, double* out, std::size_t n) {
  Four held = 0.0, past = bases[2];  // past: lane 3 holds what stands before `held`
  std::size_t waiting = 0;
  const auto grow = [&](std::size_t i) __attribute__((always_inline)) {
    const Four zero = 0.0, none = __builtin_nan(""), before = __builtin_shufflevector(held, past, 7, 0, 1, 2);
    const Four percent = 100.0 * (held / before - 1.0);
    reinterpret_cast<FourAt*>(out + i)->lanes = before == zero ? none : percent;
    past = held;
  };
  const auto nothing = [](std::size_t, const Four*) {};
  smooth_three(weights, bases, in, n, nothing, nothing, [&](std::size_t i, const Four* thrice) __attribute__((always_inline)) {
    if (i != 0) grow(i - 4);
    held = *thrice;
    waiting = i;
  });
  grow(waiting);
}

// Lane by lane the formulas of bulk_formulas.h.
#define PROM_LARGER(a, b) ((a) < (b) ? (b) : (a))
#define PROM_SMALLER(a, b) ((b) < (a) ? (b) : (a))

double smooth_ranges(const SmootherWeights& weights, double base, BarPointers bars, double* out, std::size_t n) {
  SmoothFours fours(weights, base);
  const auto take = [&](std::size_t i) __attribute__((always_inline)) {
    const Four high = PROM_FOUR(bars.high + i), low = PROM_FOUR(bars.low + i), previous = PROM_FOUR(bars.close + i - 1);
    const Four range = PROM_LARGER(high, previous) - PROM_SMALLER(low, previous);
    fours.take(&range);
  };
  take(0);
  for (std::size_t i = 4; i < n; i += 4) {
    fours.finish(out + i - 4);
    take(i);
  }
  fours.finish(out + n - 4);
  return fours.before[0];
}

// Eight bars of RunningTotal. All lanes of the sum and of its error hold the same.
struct TotalEights {
  Four high, carry;
  Four first = 0.0, second = 0.0;  // within the fours taken last
  explicit TotalEights(const CarriedSum& sum) : high(sum.high), carry(sum.carry) {}
  [[nodiscard]] CarriedSum sum() const { return {high[0], carry[0]}; }

  [[gnu::always_inline]] static void within(const Four* x, Four* sums) {
    const Four zero = 0.0, pair = *x + __builtin_shufflevector(*x, zero, 4, 0, 1, 2);
    *sums = pair + __builtin_shufflevector(pair, zero, 4, 5, 0, 1);
  }
  // x and totals: two fours each.
  [[gnu::always_inline]] void take(const Four* x) {
    within(x, &first);
    within(x + 1, &second);
  }
  [[gnu::always_inline]] void finish(Four* totals) {
    const Four both = __builtin_shufflevector(first, first, 3, 3, 3, 3) + second, total = high + carry;
    totals[0] = total + first;
    totals[1] = total + both;
    const Four added = __builtin_shufflevector(both, both, 3, 3, 3, 3), sum = high + added, part = sum - high;
    carry += (high - (sum - part)) + (added - part);
    high = sum;
  }
};

// Multiplier * volume of eight bars, and signed volumes: two fours.
struct Flows {
  BarPointers bars;
  [[gnu::always_inline]] void of(std::size_t first, Four* flows) const {
    for (std::size_t half = 0, i = first; half < 2; ++half, i += 4) {
      const Four high = PROM_FOUR(bars.high + i), low = PROM_FOUR(bars.low + i), close = PROM_FOUR(bars.close + i), zero = 0.0;
      const Four range = high - low, multiplier = ((close - low) - (high - close)) / range;
      flows[half] = (range == zero ? zero : multiplier) * PROM_FOUR(bars.volume + i);
    }
  }
};
struct Moves {
  BarPointers bars;
  [[gnu::always_inline]] void of(std::size_t first, Four* moved) const {
    for (std::size_t half = 0, i = first; half < 2; ++half, i += 4) {
      const Four close = PROM_FOUR(bars.close + i), previous = PROM_FOUR(bars.close + i - 1), volume = PROM_FOUR(bars.volume + i), zero = 0.0;
      moved[half] = close > previous ? volume : close < previous ? -volume : close == previous ? zero : close + previous;
    }
  }
};

// Calls rows(i, totals) for each eight; its values, what they come to within the eight, and the totals are computed in a turn of the loop each (see SmoothFours).
template <class Values, class Rows>
[[gnu::always_inline]] inline void running_totals(Values values, CarriedSum& sum, std::size_t n, Rows rows) {
  TotalEights line(sum);
  Four taken[2], totals[2];
  const auto finish = [&](std::size_t i) __attribute__((always_inline)) {
    line.finish(totals);
    rows(i, totals);
  };
  values.of(0, taken);
  line.take(taken);
  if (n > 8) values.of(8, taken);
  for (std::size_t i = 16; i < n; i += 8) {
    finish(i - 16);
    line.take(taken);
    values.of(i, taken);
  }
  if (n > 8) {
    finish(n - 16);
    line.take(taken);
  }
  finish(n - 8);
  sum = line.sum();
}

[[gnu::always_inline]] inline void write_eight(double* out, const Four* rows) {
  reinterpret_cast<FourAt*>(out)->lanes = rows[0];
  reinterpret_cast<FourAt*>(out + 4)->lanes = rows[1];
}

void flow_line(BarPointers bars, CarriedSum& sum, double* out, std::size_t n) {
  running_totals(Flows{bars}, sum, n, [=](std::size_t i, const Four* totals) { write_eight(out + i, totals); });
}

void volume_line(BarPointers bars, CarriedSum& sum, double* out, std::size_t n) {
  running_totals(Moves{bars}, sum, n, [=](std::size_t i, const Four* totals) { write_eight(out + i, totals); });
}

double flow_gap(BarPointers bars, CarriedSum& sum, const SmootherWeights& fast, const SmootherWeights& slow, double* bases, double* out, std::size_t n) {
  SmoothFours a(fast, bases[0]), b(slow, bases[1]), a_next = a, b_next = b;  // the first and the second four of an eight
  double last = 0;
  const auto finish_eight = [&](std::size_t i) __attribute__((always_inline)) {
    Four quick[2], calm[2];
    a.finish(quick);
    b.finish(calm);
    a_next.before = a.before;
    b_next.before = b.before;
    a_next.finish(quick + 1);
    b_next.finish(calm + 1);
    a.before = a_next.before;
    b.before = b_next.before;
    const Four rows[2] = {quick[0] - calm[0], quick[1] - calm[1]};
    write_eight(out + i, rows);
  };
  running_totals(Flows{bars}, sum, n, [&](std::size_t i, const Four* totals) __attribute__((always_inline)) {
    if (i != 0) finish_eight(i - 8);
    a.take(totals);
    b.take(totals);
    a_next.take(totals + 1);
    b_next.take(totals + 1);
    last = totals[1][3];
  });
  finish_eight(n - 8);
  bases[0] = a.before[0];
  bases[1] = b.before[0];
  return last;
}

void smooth_two(const SmootherTask& first, const SmootherTask& second, double* bases, std::size_t n) {
  SmoothFours a(*first.weights, bases[0]), b(*second.weights, bases[1]);
  for (std::size_t i = 0; i < n; i += 4) {
    a.step(first.in + i, first.out + i);
    b.step(second.in + i, second.out + i);
  }
  bases[0] = a.before[0];
  bases[1] = b.before[0];
}

}  // namespace
}  // namespace prom::indicators
