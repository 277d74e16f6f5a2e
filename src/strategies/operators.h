// The operators that strategies keep between bars: as those in analysis/indicators (the tests compare them), but with state that can be written and
// read. Plain copyable values, one owner at a time.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

#include "base/fields.h"
#include "base/time.h"
#include "base/wire.h"
#include "strategies/strategy.h"

namespace prom::strategies {

/// Base bars gathered into bars of the strategy's timeframe, on the grid of resample(): aligned to the UTC epoch, weeks to Monday.
class TimeframeBars {
 public:
  explicit TimeframeBars(DurationNs interval) : interval_ns_(interval.ns) {}

  /// Calls on_close(bar) for each timeframe bar that this base bar closes: none, one, or two (a bar left open by a gap, and its own).
  template <class OnClose>
  void add(const StrategyBar& bar, DurationNs base_interval, OnClose&& on_close) {
    if (bar.open_time_ns >= end_ns_) {
      if (open_) on_close(std::as_const(bar_));
      start(bar);
    } else {
      bar_.high = std::max(bar_.high, bar.high);
      bar_.low = std::min(bar_.low, bar.low);
      bar_.close = bar.close;
      bar_.volume += bar.volume;
    }
    if (bar.open_time_ns + base_interval.ns >= end_ns_) {
      open_ = 0;
      on_close(std::as_const(bar_));
      bar_ = {};  // closed: nothing of it is state any more
    }
  }
  DurationNs interval() const { return {interval_ns_}; }

  /// As add() for bars from `i` on, up to and including the first that closes a timeframe bar; returns the index behind the last bar used.
  template <class OnClose>
  std::size_t gather(const BarColumns& bars, std::size_t i, std::size_t to, DurationNs base_interval, OnClose&& on_close) {
    while (i < to) {
      // Bars wholly inside the open timeframe bar, in registers.
      const std::int64_t last_inside = open_ ? end_ns_ - base_interval.ns : std::numeric_limits<std::int64_t>::min();
      if (bars.open_time_ns[i] < last_inside) {
        double high = bar_.high, low = bar_.low, volume = bar_.volume;
        for (; i < to && bars.open_time_ns[i] < last_inside; ++i) {
          high = std::max(high, bars.high_f[i]);
          low = std::min(low, bars.low_f[i]);
          volume += bars.volume_f[i];
        }
        bar_.high = high;
        bar_.low = low;
        bar_.volume = volume;
        bar_.close = bars.close_f[i - 1];
        continue;
      }
      bool closed = false;
      add(StrategyBar::of(bars, i), base_interval, [&](const StrategyBar& bar) {
        closed = true;
        on_close(bar);
      });
      ++i;
      if (closed) break;
    }
    return i;
  }

  /// True while each base bar is a timeframe bar of its own: bars may be used without add(), if the last of them is told to pass_through().
  bool passes_through(DurationNs base_interval) const { return base_interval.ns == interval_ns_ && open_ == 0; }
  /// The last of the bars that were used without add() opened at this time.
  void pass_through(std::int64_t open_time_ns) {
    end_ns_ = (open_time_ns == end_ns_ ? open_time_ns : bar_open(TimeNs{open_time_ns}, DurationNs{interval_ns_}).ns) + interval_ns_;
  }

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& visitor) {
    visitor("end_ns", self.end_ns_);
    visitor("open", self.open_);
    visitor("open_time_ns", self.bar_.open_time_ns);
    for (auto* field : {&self.bar_.open, &self.bar_.high, &self.bar_.low, &self.bar_.close, &self.bar_.volume}) visitor("bar", *field);
  }

 private:
  void start(const StrategyBar& bar) {
    // Bars without gaps begin where the last one ended: no division.
    const std::int64_t begin = bar.open_time_ns == end_ns_ ? end_ns_ : bar_open(TimeNs{bar.open_time_ns}, DurationNs{interval_ns_}).ns;
    end_ns_ = begin + interval_ns_;
    bar_ = bar;
    bar_.open_time_ns = begin;
    open_ = 1;
  }

  std::int64_t interval_ns_;
  std::int64_t end_ns_ = std::numeric_limits<std::int64_t>::min();
  std::int64_t open_ = 0;  ///< 1 while a bar is being gathered
  StrategyBar bar_;
};

/// Exponential average seeded with the mean of the first `period` values (TA-Lib's convention).
class EmaState {
 public:
  explicit EmaState(std::int64_t period) : period_(period), alpha_(2.0 / (static_cast<double>(period) + 1.0)) {}
  void update(double x) {
    if (seen_ >= period_) [[likely]] {
      value_ += (x - value_) * alpha_;
      return;
    }
    sum_ += x;
    if (++seen_ == period_) value_ = sum_ / static_cast<double>(period_);
  }
  bool ready() const { return seen_ >= period_; }
  double value() const { return value_; }
  /// One step of a ready average kept outside (in a register, by loops over many bars): what update() does to value().
  double next(double value, double x) const { return value + (x - value) * alpha_; }
  /// The factor of that step.
  double alpha() const { return alpha_; }
  void set_value(double value) { value_ = value; }

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& visitor) {
    visitor("seen", self.seen_);
    visitor("sum", self.sum_);
    visitor("value", self.value_);
  }

 private:
  std::int64_t period_, seen_ = 0;
  double alpha_, sum_ = 0, value_ = 0;
};

/// Average true range: Wilder's smoothing, seeded with the mean of the first `period` ranges (the first bar has none).
class AtrState {
 public:
  explicit AtrState(std::int64_t period) : period_(period), share_(1.0 / static_cast<double>(period)) {}
  void update(double high, double low, double close) {
    if (ranges_ >= 0) {
      const double range = std::max(high - low, std::max(std::abs(high - previous_), std::abs(low - previous_)));
      if (ranges_ < period_) {
        value_ += range;
        if (ranges_ + 1 == period_) value_ /= static_cast<double>(period_);
      } else {
        // (value * (n - 1) + range) / n without the division, which would be the slowest link between one bar and the next.
        value_ += (range - value_) * share_;
      }
    }
    if (ranges_ < period_) ++ranges_;
    previous_ = close;
  }
  bool ready() const { return ranges_ >= period_; }
  double value() const { return value_; }
  double previous_close() const { return previous_; }
  /// One step of a ready range kept outside: what update() does to value().
  double next(double value, double previous, double high, double low) const {
    return next(value, std::max(high - low, std::max(std::abs(high - previous), std::abs(low - previous))));
  }
  /// The same for a bar whose true range is known.
  double next(double value, double true_range) const { return value + (true_range - value) * share_; }
  /// The factor of that step.
  double share() const { return share_; }
  void set(double value, double previous) {
    value_ = value;
    previous_ = previous;
  }

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& visitor) {
    visitor("ranges", self.ranges_);
    visitor("previous", self.previous_);
    visitor("value", self.value_);
  }

 private:
  std::int64_t period_, ranges_ = -1;
  double share_, previous_ = 0, value_ = 0;
};

/// Relative strength index, Wilder's smoothing; 50 where nothing has moved.
class RsiState {
 public:
  explicit RsiState(std::int64_t period) : period_(period) {}
  void update(double x) {
    if (changes_ >= 0) {
      const double change = x - previous_;
      const double gain = change > 0 ? change : 0.0;
      const double loss = change < 0 ? -change : 0.0;
      const auto n = static_cast<double>(period_);
      if (changes_ < period_) {
        gain_ += gain;
        loss_ += loss;
        if (changes_ + 1 == period_) {
          gain_ /= n;
          loss_ /= n;
        }
      } else {
        gain_ = (gain_ * (n - 1.0) + gain) / n;
        loss_ = (loss_ * (n - 1.0) + loss) / n;
      }
    }
    if (changes_ < period_) ++changes_;
    previous_ = x;
  }
  bool ready() const { return changes_ >= period_; }
  double value() const {
    const double sum = gain_ + loss_;
    return sum > 0 ? 100.0 * gain_ / sum : 50.0;
  }

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor&& visitor) {
    visitor("changes", self.changes_);
    visitor("previous", self.previous_);
    visitor("gain", self.gain_);
    visitor("loss", self.loss_);
  }

 private:
  std::int64_t period_, changes_ = -1;
  double previous_ = 0, gain_ = 0, loss_ = 0;
};

/// The last `capacity` values, oldest first as one span. Pushing into a full window moves the rest down: windows are short and timeframe bars rare.
template <class T>
class Window {
 public:
  explicit Window(std::int64_t capacity) : capacity_(static_cast<std::size_t>(capacity)) { values_.reserve(capacity_); }
  void push(T x) {
    if (values_.size() == capacity_) values_.erase(values_.begin());
    values_.push_back(x);
  }
  bool full() const { return values_.size() == capacity_; }
  std::size_t capacity() const { return capacity_; }
  std::span<const T> values() const { return values_; }
  /// The newest n values; n <= size.
  std::span<const T> last(std::int64_t n) const { return values().last(static_cast<std::size_t>(n)); }
  std::vector<T>& storage() { return values_; }

 private:
  std::size_t capacity_;
  std::vector<T> values_;
};

// --- state to bytes ---

class StateWriter {
 public:
  explicit StateWriter(ByteWriter& out) : out_(&out) {}
  void put(std::int64_t value) { out_->i64(value); }
  void put(double value) { out_->f64(value); }
  template <class E>
    requires std::is_enum_v<E>
  void put(E value) {
    out_->u8(static_cast<std::uint8_t>(value));
  }
  template <class T>
  void put(const Window<T>& window) {
    out_->u32(static_cast<std::uint32_t>(window.values().size()));
    for (const T x : window.values()) put(x);
  }
  template <class T>
    requires requires(const T& x) { T::visit_fields(x, [](const char*, const auto&) {}); }
  void put(const T& value) {
    T::visit_fields(value, [this](const char*, const auto& field) { this->put(field); });
  }

 private:
  ByteWriter* out_;
};

/// Reads what StateWriter wrote; a window larger than its capacity fails the reader.
class StateReader {
 public:
  explicit StateReader(ByteReader& in) : in_(&in) {}
  void get(std::int64_t& value) { value = in_->i64(); }
  void get(double& value) { value = in_->f64(); }
  template <class E>
    requires std::is_enum_v<E>
  void get(E& value) {
    value = static_cast<E>(in_->u8());
  }
  template <class T>
  void get(Window<T>& window) {
    const std::uint32_t n = in_->u32();
    if (n > window.capacity()) return in_->fail();
    window.storage().resize(n);
    for (T& x : window.storage()) get(x);
  }
  template <class T>
    requires requires(T& x) { T::visit_fields(x, [](const char*, auto&) {}); }
  void get(T& value) {
    T::visit_fields(value, [this](const char*, auto& field) { this->get(field); });
  }

 private:
  ByteReader* in_;
};

}  // namespace prom::strategies
