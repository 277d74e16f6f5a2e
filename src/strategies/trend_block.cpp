// Two chains side by side. One owner at a time.
#include "strategies/trend_block.h"

#include <algorithm>
#include <bit>

#include "strategies/trend_pairs.h"

namespace prom::strategies {
namespace {

constexpr std::size_t kBlock = 6'144;

/// Bars after which an average with this factor has forgotten what it began with: 53 bits of it, and the last of them by rounding.
std::size_t memory_of(double alpha) { return static_cast<std::size_t>(std::min(48.0 / alpha, 1e9)) / 2 * 2; }

struct Chain {
  Pair averages;
  double range;
  TrendBlock::Point point() const { return {averages[0], averages[1], range}; }
};

class Steps {
 public:
  Steps(const BarColumns& bars, std::size_t begin, Pair alpha, const AtrState& atr, double* averages, double* ranges)
      : close_(bars.close_f.data()),
        high_(bars.high_f.data()),
        low_(bars.low_f.data()),
        averages_(averages - 2 * static_cast<std::ptrdiff_t>(begin)),
        ranges_(ranges - static_cast<std::ptrdiff_t>(begin)),
        alpha_(alpha),
        atr_(atr) {}

  /// Bars i and i + 1, in the operators' own steps.
  [[gnu::always_inline]] void two(Chain& at, std::size_t i) const {
    const Pair first = at.averages + (close_[i] - at.averages) * alpha_;
    const Pair second = first + (close_[i + 1] - first) * alpha_;
    const Pair ranges = true_ranges(high_, low_, close_, i);
    const double range = atr_.next(at.range, ranges[0]);
    at = {second, atr_.next(range, ranges[1])};
    std::memcpy(averages_ + 2 * i, &first, sizeof first);
    std::memcpy(averages_ + 2 * i + 2, &second, sizeof second);
    ranges_[i] = range;
    ranges_[i + 1] = at.range;
  }

 private:
  const double *close_, *high_, *low_;
  double *averages_, *ranges_;
  Pair alpha_;
  AtrState atr_;
};

}  // namespace

bool TrendBlock::work_out(const BarColumns& bars, std::size_t i, const Point& before, const EmaState& fast, const EmaState& slow, const AtrState& range) {
  const std::size_t memory = memory_of(std::min({fast.alpha(), slow.alpha(), range.share()}));
  const std::size_t size = std::min(kBlock, bars.size() - i) / 4 * 4;
  if (i == 0 || size < 4 * memory) return false;
  averages_.resize(2 * kBlock);
  ranges_.resize(kBlock);
  begin_ = i;
  end_ = i + size;
  start_ = before;
  const Steps steps(bars, begin_, Pair{fast.alpha(), slow.alpha()}, range, averages_.data(), ranges_.data());
  // As long as the first chain goes through its part, the second comes to `middle` and goes through its own. What it writes before that is written over.
  const std::size_t middle = begin_ + (size + memory) / 4 * 2;
  const std::size_t ahead = middle - memory - begin_;
  const double guess = bars.close_f[begin_ + ahead - 1];
  Chain first{{before.fast, before.slow}, before.range}, second{{guess, guess}, before.range};
  std::size_t at = begin_;
  for (; at + ahead < middle; at += 2) {
    steps.two(first, at);
    steps.two(second, at + ahead);
  }
  const Point guessed = second.point();
  for (; at < middle; at += 2) {
    steps.two(first, at);
    if (at + ahead < end_) steps.two(second, at + ahead);
  }
  // The usual case: the guess is forgotten. Else once more, after what the first chain has come to.
  std::size_t rest = at + ahead;
  if (first.point() != guessed) {
    second = first;
    rest = middle;
  }
  for (; rest < end_; rest += 2) steps.two(second, rest);
  return true;
}

std::size_t TrendBlock::next_turn(std::size_t from, std::size_t to, std::int64_t side) const {
  const double* averages = averages_.data() - 2 * static_cast<std::ptrdiff_t>(begin_);
  const std::int64_t* opens = relied_on_->open_time_ns.data();
  const PairBits flip = flip_of(side);
  // Bit k is set where the averages of bar i + k stand on the other side; equal ones stand on neither. Without a branch for each: nobody foresees a turn.
  const auto two = [&](std::size_t i) {
    const Pair away = std::bit_cast<Pair>(std::bit_cast<PairBits>(spreads(two_from(averages + 2 * i), two_from(averages + 2 * i + 2))) ^ flip);
    return static_cast<std::uint32_t>(__builtin_ia32_movmskpd(std::bit_cast<Pair>(away < 0)));
  };
  std::size_t i = from;
  for (; i + 8 <= to; i += 8) {
    __builtin_prefetch(opens + i + 64);  // of the bar of a turn it will be asked
    const std::uint32_t turned = two(i) | two(i + 2) << 2 | two(i + 4) << 4 | two(i + 6) << 6;
    if (turned != 0) return i + static_cast<std::size_t>(std::countr_zero(turned));
  }
  for (; i < to; ++i) {
    const double spread = averages[2 * i] - averages[2 * i + 1];
    if (side > 0 ? spread < 0 : spread > 0) return i;
  }
  return to;
}

}  // namespace prom::strategies
