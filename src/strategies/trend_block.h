// Averages and ranges of trend_following worked out for a block of bars before they are asked for. Internal to strategies/. One owner at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "domain/bar.h"
#include "strategies/operators.h"

namespace prom::strategies {

/// Each bar's averages wait for those of the bar before: one chain of additions, most of whose time is waiting. A block is worked out as two chains side by side. The
/// second begins some way before its part, from a guess, and forgets it on the way: exponential averages of the same closes end in the same bits whatever they began
/// with. Where they do not, the second part is worked out again after the first: the result is that of bar after bar in any case.
class TrendBlock {
 public:
  struct Point {
    double fast = 0, slow = 0, range = 0;
    friend bool operator==(const Point&, const Point&) = default;
  };
  TrendBlock() = default;
  // Not part of a strategy's state: a copy begins without one.
  TrendBlock(const TrendBlock&) {}
  TrendBlock& operator=(const TrendBlock& other) {
    if (this != &other) *this = TrendBlock();
    return *this;
  }
  TrendBlock(TrendBlock&&) = default;
  TrendBlock& operator=(TrendBlock&&) = default;
  ~TrendBlock() = default;

  /// The columns that it may look ahead in: they stay as they are.
  void rely_on(const BarColumns& bars) { relied_on_ = &bars; }
  bool relies_on(const BarColumns& bars) const { return relied_on_ == &bars; }

  /// Whether it holds bar `i`, reached from this point at bar i - 1.
  bool holds(std::size_t i, const Point& before) const {
    if (i < begin_ || i >= end_) return false;
    return before == (i == begin_ ? start_ : after(i - 1));
  }
  /// Works bars out from `i` on, which its point before is that of. False where that gains nothing: few bars are left, or the averages forget too slowly.
  bool work_out(const BarColumns& bars, std::size_t i, const Point& before, const EmaState& fast, const EmaState& slow, const AtrState& range);

  std::size_t end() const { return end_; }
  Point after(std::size_t i) const { return {averages_[2 * (i - begin_)], averages_[2 * (i - begin_) + 1], ranges_[i - begin_]}; }
  /// The first bar of [from, to) after which the averages stand on the other side than `side`; `to` where there is none.
  std::size_t next_turn(std::size_t from, std::size_t to, std::int64_t side) const;

 private:
  const BarColumns* relied_on_ = nullptr;
  std::size_t begin_ = 0, end_ = 0;
  Point start_;                   ///< before `begin_`
  std::vector<double> averages_;  ///< fast, slow, fast, slow, ...
  std::vector<double> ranges_;
};

}  // namespace prom::strategies
