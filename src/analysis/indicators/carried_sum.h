// Sums whose rounding error is carried beside them. Plain copyable state, one owner at a time.
#pragma once
#include <cstddef>

namespace prom::indicators {

// A sum with its rounding error carried beside it (Neumaier 1974), so that adding and removing values does not drift.
struct CarriedSum {
  double high = 0, carry = 0;

  [[gnu::always_inline]] void add(double x) {
    const double sum = high + x;
    const double part = sum - high;
    carry += (high - (sum - part)) + (x - part);
    high = sum;
  }
  [[nodiscard, gnu::always_inline]] double total() const { return high + carry; }
};

// A running total whose error is carried once in eight values: what has come since is added plainly, within each four in pairs (as Smoother does), so that batches
// may add four bars at once.
class RunningTotal {
 public:
  static constexpr std::size_t kStride = 8;

  void add(double x) {
    const double pair = x + last_, four = pair + older_, part = half_ + four;
    value_ = sum_.total() + part;
    ++place_;
    if (place_ % 4 != 0) {
      last_ = x;
      older_ = newer_;
      newer_ = pair;
      return;
    }
    last_ = older_ = newer_ = 0;
    half_ = part;
    if (place_ == kStride) begin(sum_, part);
  }
  [[nodiscard]] double value() const { return value_; }
  // Values until the next eight begin; 0 where they do now.
  [[nodiscard]] std::size_t to_eights() const { return (kStride - place_) % kStride; }
  // Requires to_eights() == 0: the total as a loop of bulk.h takes it, and what it left.
  [[nodiscard]] CarriedSum whole() const { return sum_; }
  void go_on(const CarriedSum& sum, double value) {
    sum_ = sum;
    value_ = value;
  }
  // Adds those of n bars and writes the total after each: one(i) adds that of bar i, and eights(i, sum, count) is one of the loops of bulk.h.
  template <class One, class Eights>
  void run(double* out, std::size_t n, One one, Eights eights) {
    std::size_t i = 0;
    for (; i < n && to_eights() != 0; ++i) {
      add(one(i));
      out[i] = value_;
    }
    if (const std::size_t whole = (n - i) / kStride * kStride; whole > 0) {
      eights(i, sum_, whole);
      i += whole;
      value_ = out[i - 1];
    }
    for (; i < n; ++i) {
      add(one(i));
      out[i] = value_;
    }
  }

 private:
  void begin(CarriedSum sum, double part) {
    sum_ = sum;
    sum_.add(part);
    half_ = 0;
    place_ = 0;
  }
  CarriedSum sum_;
  double value_ = 0;
  double last_ = 0, newer_ = 0, older_ = 0;  // of the current four: the last value and the last two pairs, zero before the first
  double half_ = 0;                          // the first four of the current eight, zero before they are whole
  std::size_t place_ = 0;
};

}  // namespace prom::indicators
