// Windows over the last n values, and sums and extremes kept up to date in amortised O(1). Building blocks of the indicators.
// Plain copyable state, one owner at a time.
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "analysis/indicators/bulk_formulas.h"
#include "analysis/indicators/carried_sum.h"

namespace prom::indicators {

// The last `capacity` values, always readable as one contiguous span, oldest first (each value is stored twice).
class MirrorWindow {
 public:
  explicit MirrorWindow(std::size_t capacity) : data_(2 * capacity), capacity_(capacity) {}

  void push(double x) {
    data_[head_] = x;
    data_[head_ + capacity_] = x;
    head_ = head_ + 1 == capacity_ ? 0 : head_ + 1;
    if (size_ < capacity_) ++size_;
  }

  [[nodiscard]] bool full() const { return size_ == capacity_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  // True right after a push that wrote the last slot: every `capacity` pushes.
  [[nodiscard]] bool wrapped() const { return head_ == 0 && full(); }
  [[nodiscard]] std::span<const double> values() const { return full() ? std::span(data_).subspan(head_, capacity_) : std::span(data_).first(size_); }
  // Requires full(): the value that the next push drops.
  [[nodiscard]] double oldest() const { return data_[head_]; }

 private:
  std::vector<double> data_;
  std::size_t capacity_, head_ = 0, size_ = 0;
};

// Sum and mean of the last n values. Carried error, and rebuilt from the window every n pushes, so the error never outlives a
// window: it is bounded by a few units in the last place of the window's largest partial sum, however long it runs.
class RollingSum {
 public:
  explicit RollingSum(std::size_t n) : window_(n) {}

  void push(double x) {
    if (window_.full()) sum_.add(-window_.oldest());
    sum_.add(x);
    window_.push(x);
    if (window_.wrapped()) rebuild();
  }
  [[nodiscard]] bool full() const { return window_.full(); }
  // Requires full().
  [[nodiscard]] double mean() const { return sum_.total() / static_cast<double>(window_.size()); }
  [[nodiscard]] double sum() const { return sum_.total(); }
  [[nodiscard]] std::span<const double> values() const { return window_.values(); }

 private:
  void rebuild() {
    sum_ = {};
    for (const double x : window_.values()) sum_.add(x);
  }

  MirrorWindow window_;
  CarriedSum sum_;
};

enum class Extreme { maximum, minimum };

// The newer of equal ones. A NaN beats all, so that it shows until it has left the window instead of erasing what came before it.
template <Extreme kind>
struct Better {
  double operator()(double older, double newer) const {
    const bool stays = kind == Extreme::maximum ? older > newer : older < newer;
    return stays || older != older ? older : newer;
  }
};

// Combines the last n values by an associative operation without ever undoing it: that of the current block of n up to the newest value, with that of the block before from
// where the window begins (van Herk 1992, Gil and Werman 1993). No branch depends on the values. O(1) a push, and O(n) at every n-th.
template <class Combine>
class RollingFold {
 public:
  explicit RollingFold(std::size_t n) : data_(n), newest_(n - 1) {}

  void push(double x) {
    if (newest_ + 1 == data_.size()) {
      if (seen_ > 0) fold();
      newest_ = 0;
      newer_ = x;
    } else {
      ++newest_;
      newer_ = Combine()(newer_, x);
    }
    data_[newest_] = x;
    if (seen_ < data_.size()) ++seen_;
  }
  [[nodiscard]] bool full() const { return seen_ == data_.size(); }
  [[nodiscard]] std::size_t size() const { return data_.size(); }
  // Requires at least one push.
  [[nodiscard]] double value() const { return folded_ && newest_ + 1 < data_.size() ? Combine()(data_[newest_ + 1], newer_) : newer_; }

 private:
  // The block is complete: each slot becomes the result from there to the block's end.
  void fold() {
    double result = data_.back();
    for (std::size_t i = data_.size() - 1; i-- > 0;) data_[i] = result = Combine()(data_[i], result);
    folded_ = true;
  }

  std::vector<double> data_;  // up to newest_ the current block's values, behind it results of the block before
  std::size_t newest_, seen_ = 0;
  double newer_ = 0;  // result of the current block so far
  bool folded_ = false;
};

// An extreme of the last n values with its age, by a monotone queue: amortised O(1) a push.
template <Extreme kind>
class RollingExtremeAge {
 public:
  explicit RollingExtremeAge(std::size_t n) : queue_(n), n_(n) {}

  void push(double x) {
    if (size_ > 0 && queue_[first_].index + n_ <= pushed_) pop_front();
    while (size_ > 0 && !beats(queue_[slot(size_ - 1)].value, x)) --size_;
    queue_[slot(size_)] = {pushed_, x};
    ++size_;
    ++pushed_;
  }
  [[nodiscard]] bool full() const { return pushed_ >= n_; }
  [[nodiscard]] std::size_t size() const { return n_; }
  // Requires at least one push.
  [[nodiscard]] double value() const { return queue_[first_].value; }
  // Pushes since the extreme, 0 when the newest value is it; of equal extremes the newest. Requires at least one push.
  [[nodiscard]] std::size_t age() const { return static_cast<std::size_t>(pushed_ - 1 - queue_[first_].index); }

 private:
  struct Entry {
    std::uint64_t index = 0;
    double value = 0;
  };
  static bool beats(double kept, double incoming) { return (kind == Extreme::maximum ? kept > incoming : kept < incoming) || kept != kept; }
  [[nodiscard]] std::size_t slot(std::size_t i) const { return first_ + i < n_ ? first_ + i : first_ + i - n_; }
  void pop_front() {
    first_ = slot(1);
    --size_;
  }

  std::vector<Entry> queue_;
  std::size_t n_, first_ = 0, size_ = 0;
  std::uint64_t pushed_ = 0;
};

using RollingMax = RollingFold<Better<Extreme::maximum>>;
using RollingMin = RollingFold<Better<Extreme::minimum>>;

// The node (bulk_formulas.h) of the last n values, joined from stretches whose lengths are powers of two: of the window's length in binary the smallest stretch lies
// newest. Nothing is ever taken back, so what has left the window leaves no trace, and rounding grows with log n only. O(log n) a push, 4n nodes at most.
template <class Node>
class WindowTree {
 public:
  // n >= 1.
  explicit WindowTree(std::size_t n) : n_(n), past_(2 * std::bit_floor(n) - 1) {
    std::size_t covered = 0;
    for (std::size_t h = 1; h <= n_; h *= 2) {
      const bool joins = (n_ & h) != 0;
      scales_.push_back(joins && covered > 0 ? Node::scale_of(static_cast<double>(h), static_cast<double>(covered)) : 0.0);
      if (joins) covered += h;
    }
  }

  void push(double x) {
    Node level = Node::leaf(x);
    std::size_t covered = 0, k = 0;
    for (std::size_t h = 1;; h *= 2, ++k) {
      Node* ring = past_.data() + (h - 1);  // this level's last h nodes
      const Node before = ring[pushed_ & (h - 1)];
      if ((n_ & h) != 0) {
        const double size = static_cast<double>(h);
        node_ = covered == 0 ? level : Node::join(ring[(pushed_ - covered) & (h - 1)], node_, size, static_cast<double>(covered), scales_[k]);
        covered += h;
      }
      ring[pushed_ & (h - 1)] = level;
      if (2 * h > n_) break;
      level = Node::twice(before, level, static_cast<double>(h), 0.5 / static_cast<double>(h));
    }
    if (++pushed_ == 4 * std::bit_floor(n_)) pushed_ /= 2;  // any multiple of the largest ring will do
  }
  [[nodiscard]] bool full() const { return pushed_ >= n_; }
  // Requires full().
  [[nodiscard]] const Node& node() const { return node_; }
  [[nodiscard]] std::size_t size() const { return n_; }

 private:
  std::size_t n_, pushed_ = 0;
  std::vector<Node> past_;  // level k (stretches of 2^k) from slot 2^k - 1 on
  std::vector<double> scales_;
  Node node_;
};

// A sum by WindowTree.
class RollingTotal {
 public:
  explicit RollingTotal(std::size_t n) : tree_(n), reciprocal_(1.0 / static_cast<double>(n)) {}
  void push(double x) { tree_.push(x); }
  [[nodiscard]] bool full() const { return tree_.full(); }
  // That of all values so far until full().
  [[nodiscard]] double value() const { return tree_.node().sum; }
  [[nodiscard]] std::size_t size() const { return tree_.size(); }
  [[nodiscard]] double mean() const { return value() * reciprocal_; }

 private:
  WindowTree<SumNode> tree_;
  double reciprocal_;
};

}  // namespace prom::indicators
