// The exponential recursion y += a (x - y), four bars at a time: y[j] = s[j] + (1-a)^j * base, where base is the y before the four and s is the recursion begun at
// zero, in pairs. Only base waits for the four before, so a batch carries one multiplication and one addition for four bars instead of three operations for
// each. Operator and batch (kernels of bulk.h) do the same arithmetic in the same order and give the same bits. Plain copyable state, one owner at a time.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>

namespace prom::indicators {

struct BarPointers;
struct SmootherWeights;
class RunningTotal;
using ChainLoop = void (*)(const SmootherWeights& weights, double* bases, const double* in, double* out, std::size_t n);

// a, 1-a and the first four powers of the latter.
struct SmootherWeights {
  double weight, keep;
  double powers[4];
};

class Smoother {
 public:
  // 0 < weight <= 1.
  explicit Smoother(double weight) {
    const double keep = 1.0 - weight, keep_2 = keep * keep;
    weights_ = {weight, keep, {keep, keep_2, keep_2 * keep, keep_2 * keep_2}};
  }

  // The average before the next push. The first of the fours lacks `skipped` pushes: smoothers that begin at different bars of one series and skip as many as went
  // before, mod 4, turn to the next four on the same bars, which batches want.
  void begin(double value, std::size_t skipped = 0) {
    value_ = base_ = value;
    scaled_ = newer_ = older_ = 0;
    place_ = 0;
    left_ = 4 - skipped;
  }
  void push(double x) {
    const double scaled = weights_.weight * x;
    const double pair = scaled + weights_.keep * scaled_;
    value_ = (pair + weights_.powers[1] * older_) + weights_.powers[place_] * base_;
    if (--left_ == 0) return begin(value_);
    ++place_;
    older_ = newer_;
    newer_ = pair;
    scaled_ = scaled;
  }
  [[nodiscard]] double value() const { return value_; }
  // Pushes until the next four begin; 0 where they do now.
  [[nodiscard]] std::size_t to_fours() const { return left_ % 4; }

  // Pushes all of in[0, n) and writes the average after each. `out` may be `in`.
  void run(const double* in, double* out, std::size_t n);
  // The same over the true ranges of n bars; the close before them is read.
  void run_ranges(const BarPointers& bars, double* out, std::size_t n);
  // fast less slow over the same n values. Faster where both turn to the next four together.
  static void run_gap(Smoother& fast, Smoother& slow, const double* in, double* out, std::size_t n);
  // The same over the running total `line` of multiplier * volume of n bars.
  static void run_flow_gap(RunningTotal& line, Smoother& fast, Smoother& slow, const BarPointers& bars, double* out, std::size_t n);
  // lines[0] over n values, lines[1] over its averages and so on; lines of the same weight. one(in, i) pushes a value through all and gives the row; `loop` is the
  // loop of bulk.h for the same rows. Faster where all turn to the next four together.
  template <std::size_t kLines, class One>
  static void run_chain(const std::array<Smoother*, kLines>& lines, const double* in, double* out, std::size_t n, ChainLoop loop, One one) {
    std::size_t i = 0;
    const auto between_fours = [&] { return std::ranges::all_of(lines, [](const Smoother* line) { return line->to_fours() == 0; }); };
    for (; i < n && !between_fours(); ++i) out[i] = one(in[i]);
    if (const std::size_t whole = (n - i) / 4 * 4; whole > 0) {
      std::array<double, kLines> bases;
      for (std::size_t k = 0; k < kLines; ++k) bases[k] = lines[k]->base_;
      loop(lines[0]->weights_, bases.data(), in + i, out + i, whole);
      for (std::size_t k = 0; k < kLines; ++k) lines[k]->begin(bases[k]);
      i += whole;
    }
    for (; i < n; ++i) out[i] = one(in[i]);
  }
  // Two smoothers over n values each, as run() one after the other.
  static void run_two(Smoother& a, const double* in_a, double* out_a, Smoother& b, const double* in_b, double* out_b, std::size_t n);

 private:
  SmootherWeights weights_;
  double value_ = 0, base_ = 0;                // base_: the average before the current four
  double scaled_ = 0, newer_ = 0, older_ = 0;  // of the current four: the last weight * x and the last two pairs, zero before the first
  std::size_t place_ = 0, left_ = 4;           // pushes of the current four so far and to come
};

// y = kept * y + pulled with other numbers for each bar, four bars at a time: of the y before the four, `kept_` is what is left and `pulled_` what has come to it.
class AffineLine {
 public:
  void begin(double value) {
    value_ = base_ = value;
    kept_ = 1;
    pulled_ = 0;
    place_ = 0;
  }
  void push(double kept, double pulled) {
    kept_ = kept * kept_;
    pulled_ = kept * pulled_ + pulled;
    value_ = kept_ * base_ + pulled_;
    if (++place_ == 4) begin(value_);
  }
  [[nodiscard]] double value() const { return value_; }
  // Pushes n pairs and writes the value after each.
  void run(const double* kept, const double* pulled, double* out, std::size_t n);

 private:
  double value_ = 0, base_ = 0, kept_ = 1, pulled_ = 0;
  int place_ = 0;
};

}  // namespace prom::indicators
