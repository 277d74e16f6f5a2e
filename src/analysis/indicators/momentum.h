// Momentum oscillators: RSI, stochastic, CCI, rate of change. Operators with plain copyable state, one owner at a time.
#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "analysis/columns.h"
#include "analysis/indicators/bulk.h"
#include "analysis/indicators/rolling.h"
#include "analysis/indicators/smoother.h"
#include "analysis/params.h"
#include "analysis/series.h"

namespace prom::indicators {

// Relative strength index, 0..100 (Wilder, New Concepts in Technical Trading Systems, 1978). The first average gain and loss are plain
// means of the first `period` changes, then Wilder's smoothing with 1/period; first value at index period. Where price has not moved
// at all it is 50: neither side has strength (TA-Lib says 0 there, Stock.Indicators 100).
class Rsi {
 public:
  struct Params {
    int period = 14;
  };
  using Value = double;
  using Input = std::span<const double>;

  static ParamResult<Rsi> make(const Params& params);
  void update(double x);
  [[nodiscard]] std::optional<double> value() const;
  // For batches (series.h). run(): x[-1] is read; at most kChunk values.
  [[nodiscard]] bool steady() const { return changes_ >= period_; }
  [[nodiscard]] std::size_t lookback() const { return 1; }
  void bulk(Input input, std::size_t from, const std::array<std::span<double>, 1>& columns);
  void run(const double* x, double* out, std::size_t n);

 private:
  explicit Rsi(int period) : gain_(1.0 / period), loss_(1.0 / period), period_(period) {}
  Smoother gain_, loss_;
  double previous_ = 0, gain_sum_ = 0, loss_sum_ = 0;
  int period_, changes_ = -1;
};

struct StochasticValue {
  double k = kMissing, d = kMissing;
  static constexpr std::array<std::string_view, 2> kNames{"k", "d"};
  [[nodiscard]] std::array<double, 2> columns() const { return {k, d}; }
};

// Slow stochastic (Lane), 0..100: raw = 100 (close - lowest low) / (highest high - lowest low) over k_period bars; k = mean of the last
// k_smooth raws; d = mean of the last d_period ks. k from index k_period+k_smooth-2, d another d_period-1 bars later. A window without
// any range gives raw 50: price is at no edge (others say 0, which would read as oversold).
class Stochastic {
 public:
  struct Params {
    int k_period = 14, k_smooth = 3, d_period = 3;
  };
  using Value = StochasticValue;
  using Input = OhlcvView;

  static ParamResult<Stochastic> make(const Params& params);
  void update(const OhlcvBar& bar);
  [[nodiscard]] std::optional<Value> value() const;
  // For batches (series.h). run() writes k and d of n bars that follow at least lookback() others in the same columns, and leaves the operator as it is.
  [[nodiscard]] bool steady() const { return k_.full(); }
  [[nodiscard]] std::size_t lookback() const { return high_.size() + raw_.size() + k_.size(); }
  void bulk(const Input& bars, std::size_t from, const std::array<std::span<double>, 2>& columns);
  void run(const BarPointers& bars, double* k, double* d, std::size_t n, std::vector<double>& scratch) const;

 private:
  explicit Stochastic(const Params& params);
  RollingMax high_;
  RollingMin low_;
  RollingTotal raw_, k_;
  double k_value_ = 0;
};

// Commodity channel index (Lambert 1980): (typical - mean) / (0.015 * mean absolute deviation) over `period` bars; 0 when all typical
// prices are equal. First value at index period-1. O(period) a bar, a function of the window alone.
class Cci {
 public:
  struct Params {
    int period = 20;
  };
  using Value = double;
  using Input = OhlcvView;

  static ParamResult<Cci> make(const Params& params);
  void update(const OhlcvBar& bar) {
    const double price = typical_price(bar);
    window_.push(price);
    sum_.push(price);
  }
  [[nodiscard]] std::optional<double> value() const;
  // For batches (series.h).
  [[nodiscard]] bool steady() const { return window_.full(); }
  [[nodiscard]] std::size_t lookback() const { return sum_.size(); }
  void bulk(const Input& bars, std::size_t from, const std::array<std::span<double>, 1>& columns);

 private:
  explicit Cci(std::size_t period) : window_(period), sum_(period) {}
  MirrorWindow window_;
  RollingTotal sum_;
};

// Rate of change in percent: 100 (x / x[period bars ago] - 1). First value at index period. No value where the old value is 0.
class Roc {
 public:
  struct Params {
    int period = 10;
  };
  using Value = double;
  using Input = std::span<const double>;

  static ParamResult<Roc> make(const Params& params);
  void update(double x) { window_.push(x); }
  [[nodiscard]] std::optional<double> value() const;
  // For batches (series.h).
  [[nodiscard]] bool steady() const { return window_.full(); }
  [[nodiscard]] std::size_t lookback() const { return window_.capacity(); }
  void bulk(Input input, std::size_t from, const std::array<std::span<double>, 1>& columns);

 private:
  explicit Roc(std::size_t period) : window_(period + 1) {}
  MirrorWindow window_;
};

}  // namespace prom::indicators

namespace prom {
PROM_BATCH_ELSEWHERE(indicators::Rsi);
PROM_BATCH_ELSEWHERE(indicators::Stochastic);
PROM_BATCH_ELSEWHERE(indicators::Cci);
PROM_BATCH_ELSEWHERE(indicators::Roc);
}  // namespace prom
