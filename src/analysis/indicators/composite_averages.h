// Moving averages built from others or from adaptive weights: DEMA, TEMA, Hull, Kaufman, volume-weighted, Arnaud Legoux.
// Operators with plain copyable state, one owner at a time.
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "analysis/columns.h"
#include "analysis/indicators/moving_averages.h"
#include "analysis/indicators/rolling.h"
#include "analysis/indicators/smoother.h"
#include "analysis/params.h"
#include "analysis/series.h"

namespace prom::indicators {

// Double exponential average (Mulloy, Stocks & Commodities 2/1994): 2 e1 - e2, where e2 is the EMA of the EMA e1. Each EMA is seeded with the
// mean of its own first `period` inputs (TA-Lib's way), so the first value stands at index 2(period-1). Stock.Indicators seeds both with
// the same mean and begins at period-1; the two meet as the seeds fade.
class Dema {
 public:
  struct Params {
    int period = 20;
  };
  using Value = double;
  using Input = std::span<const double>;

  static ParamResult<Dema> make(const Params& params);
  void update(double x) {
    first_.update(x);
    if (const auto once = first_.value()) second_.update(*once);
  }
  [[nodiscard]] std::optional<double> value() const;

  // For batches (series.h).
  [[nodiscard]] bool steady() const { return second_.steady(); }
  [[nodiscard]] std::size_t lookback() const { return 0; }
  void bulk(Input input, std::size_t from, const std::array<std::span<double>, 1>& columns);

 private:
  Dema(Ema first, Ema second) : first_(first), second_(second) {}
  Ema first_, second_;
};

// Triple exponential average (Mulloy 1994): 3 e1 - 3 e2 + e3. Seeds as in Dema; first value at index 3(period-1).
class Tema {
 public:
  struct Params {
    int period = 20;
  };
  using Value = double;
  using Input = std::span<const double>;

  static ParamResult<Tema> make(const Params& params);
  void update(double x);
  [[nodiscard]] std::optional<double> value() const;

  // For batches (series.h).
  [[nodiscard]] bool steady() const { return third_.steady(); }
  [[nodiscard]] std::size_t lookback() const { return 0; }
  void bulk(Input input, std::size_t from, const std::array<std::span<double>, 1>& columns);

 private:
  Tema(Ema first, Ema second, Ema third) : first_(first), second_(second), third_(third) {}
  Ema first_, second_, third_;
};

// Hull average (Hull 2005): WMA over floor(sqrt(period)) of 2 WMA(floor(period/2)) - WMA(period). First value at index
// period + floor(sqrt(period)) - 2. O(period) a bar, as Wma.
class Hma {
 public:
  struct Params {
    int period = 20;  // at least 2
  };
  using Value = double;
  using Input = std::span<const double>;

  static ParamResult<Hma> make(const Params& params);
  void update(double x);
  [[nodiscard]] std::optional<double> value() const { return smooth_.value(); }

 private:
  Hma(Wma whole, Wma half, Wma smooth) : whole_(std::move(whole)), half_(std::move(half)), smooth_(std::move(smooth)) {}
  Wma whole_, half_, smooth_;
};

// Kaufman's adaptive average (Trading Systems and Methods, 1995): y = (1 - c) y + c x, c = (er (f - s) + s)^2, f = 2/(fast+1), s = 2/(slow+1), and er =
// |x - x[period bars ago]| over the sum of the `period` changes' sizes; 0 without any change (TA-Lib takes 1 there). Begins with the value at
// index period-1 as y; first value at index period.
class Kama {
 public:
  struct Params {
    int period = 10, fast = 2, slow = 30;  // fast < slow
  };
  using Value = double;
  using Input = std::span<const double>;

  static ParamResult<Kama> make(const Params& params);
  void update(double x);
  [[nodiscard]] std::optional<double> value() const { return changes_.full() ? std::optional(line_.value()) : std::nullopt; }
  // For batches (series.h).
  [[nodiscard]] bool steady() const { return changes_.full(); }
  [[nodiscard]] std::size_t lookback() const { return changes_.size() + 1; }
  void bulk(Input input, std::size_t from, const std::array<std::span<double>, 1>& columns);

 private:
  explicit Kama(const Params& params);
  MirrorWindow window_;
  RollingTotal changes_;
  AffineLine line_;
  double fast_, slow_;
};

// Volume-weighted average of the last `period` closes. First value at index period-1; no value without any volume in the window.
class Vwma {
 public:
  struct Params {
    int period = 20;
  };
  using Value = double;
  using Input = OhlcvView;

  static ParamResult<Vwma> make(const Params& params);
  void update(const OhlcvBar& bar) {
    traded_.push(bar.close * bar.volume);
    volume_.push(bar.volume);
  }
  [[nodiscard]] std::optional<double> value() const;

 private:
  explicit Vwma(std::size_t period) : traded_(period), volume_(period) {}
  RollingTotal traded_;
  RollingTotal volume_;
};

// Arnaud Legoux average (Kouzis-Loukas and Legoux 2009): Gaussian weights over the last `period` values, centred at offset (period-1) from
// the oldest, with deviation period/sigma bars. First value at index period-1. O(period) a bar, a function of the window alone.
class Alma {
 public:
  struct Params {
    int period = 9;
    double offset = 0.85;  // 0..1
    double sigma = 6.0;    // 0.01..100
  };
  using Value = double;
  using Input = std::span<const double>;

  static ParamResult<Alma> make(const Params& params);
  void update(double x) { window_.push(x); }
  [[nodiscard]] std::optional<double> value() const;

 private:
  explicit Alma(const Params& params);
  MirrorWindow window_;
  std::vector<double> weights_;  // sum 1
};

}  // namespace prom::indicators

namespace prom {
PROM_BATCH_ELSEWHERE(indicators::Dema);
PROM_BATCH_ELSEWHERE(indicators::Tema);
PROM_BATCH_ELSEWHERE(indicators::Hma);
PROM_BATCH_ELSEWHERE(indicators::Kama);
PROM_BATCH_ELSEWHERE(indicators::Vwma);
PROM_BATCH_ELSEWHERE(indicators::Alma);
}  // namespace prom
