// Zones and levels that wait for price to come to them: finds the first bar that reaches each, O(log n) a level. Also the words that all
// smart-money detectors share. Plain state, one owner at a time.
#pragma once
#include <cstddef>
#include <queue>
#include <utility>
#include <vector>

namespace prom::smc {

enum class Direction { bullish, bearish };

constexpr Direction opposite(Direction d) { return d == Direction::bullish ? Direction::bearish : Direction::bullish; }

// A lower price reaches a bullish level from above, a higher price a bearish one from below. `Reach` says whether touching is enough.
enum class Reach { at_level, beyond };

template <Direction side, Reach reach>
class TouchQueue {
 public:
  void add(double level, std::size_t id) { waiting_.push({side == Direction::bullish ? level : -level, id}); }

  // Calls found(id) for every level that a bar with this extreme (its low for bullish levels, its high for bearish ones) reaches, and
  // forgets it; nearest level first, of equal levels the later id first.
  template <class Found>
  void take_reached(double extreme, Found found) {
    const double key = side == Direction::bullish ? extreme : -extreme;
    while (!waiting_.empty() && (reach == Reach::at_level ? key <= waiting_.top().first : key < waiting_.top().first)) {
      const std::size_t id = waiting_.top().second;
      waiting_.pop();
      found(id);
    }
  }

 private:
  std::priority_queue<std::pair<double, std::size_t>> waiting_;
};

}  // namespace prom::smc
