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

// A running total whose error is carried once in four values: their plain sum is added then.
class RunningTotal {
 public:
  void add(double x) {
    part_ += x;
    value_ = sum_.total() + part_;
    if (++place_ < 4) return;
    sum_.add(part_);
    part_ = 0;
    place_ = 0;
  }
  [[nodiscard]] double value() const { return value_; }
  // Adds those of n bars and writes the total after each: one(i) adds that of bar i, and fours(i, sum, count) is one of the loops of bulk.h.
  template <class One, class Fours>
  void run(double* out, std::size_t n, One one, Fours fours) {
    std::size_t i = 0;
    for (; i < n && place_ != 0; ++i) {
      add(one(i));
      out[i] = value_;
    }
    if (const std::size_t whole = (n - i) / 4 * 4; whole > 0) {
      fours(i, sum_, whole);
      i += whole;
      value_ = out[i - 1];
    }
    for (; i < n; ++i) {
      add(one(i));
      out[i] = value_;
    }
  }

 private:
  CarriedSum sum_;
  double part_ = 0, value_ = 0;
  int place_ = 0;
};

}  // namespace prom::indicators
