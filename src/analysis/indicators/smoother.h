// The exponential recursion y += a (x - y), four bars at a time: y[j] = s[j] + (1-a)^j * base, where base is the y before the four and s is the recursion begun at
// zero, in pairs. Only base waits for the four before, so a batch carries one multiplication and one addition for four bars instead of three operations for
// each. Operator and batch (kernels of bulk.h) do the same arithmetic in the same order and give the same bits. Plain copyable state, one owner at a time.
#pragma once
#include <cstddef>

namespace prom::indicators {

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

  // The average before the next push.
  void begin(double value) {
    value_ = base_ = value;
    scaled_ = newer_ = older_ = 0;
    place_ = 0;
  }
  void push(double x) {
    const double scaled = weights_.weight * x;
    const double pair = scaled + weights_.keep * scaled_;
    value_ = (pair + weights_.powers[1] * older_) + weights_.powers[place_] * base_;
    if (place_ == 3) {
      begin(value_);
      return;
    }
    ++place_;
    older_ = newer_;
    newer_ = pair;
    scaled_ = scaled;
  }
  [[nodiscard]] double value() const { return value_; }

  // Pushes all of in[0, n) and writes the average after each. `out` may be `in`.
  void run(const double* in, double* out, std::size_t n);

 private:
  SmootherWeights weights_;
  double value_ = 0, base_ = 0;                // base_: the average before the current four
  double scaled_ = 0, newer_ = 0, older_ = 0;  // of the current four: the last weight * x and the last two pairs, zero before the first
  std::size_t place_ = 0;                      // pushes of the current four
};

}  // namespace prom::indicators
