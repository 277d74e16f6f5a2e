// Oscillators beside RSI and stochastic: Aroon, Awesome, Williams %R, TRIX, TSI, Ultimate, StochRSI.
// Operators with plain copyable state, one owner at a time.
#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "analysis/columns.h"
#include "analysis/indicators/momentum.h"
#include "analysis/indicators/moving_averages.h"
#include "analysis/indicators/rolling.h"
#include "analysis/params.h"
#include "analysis/series.h"

namespace prom::indicators {

struct AroonValue {
  double up = kMissing, down = kMissing, oscillator = kMissing;
  static constexpr std::array<std::string_view, 3> kNames{"up", "down", "oscillator"};
  [[nodiscard]] std::array<double, 3> columns() const { return {up, down, oscillator}; }
};

// Aroon (Chande, Stocks & Commodities 9/1995): up = 100 (period - bars since the highest high) / period over the last period+1 bars, down likewise of
// the lowest low, oscillator = up - down. Of equal extremes the newest counts, as in TA-Lib (Stock.Indicators takes the oldest). First value at
// index period. Amortised O(1) a bar.
class Aroon {
 public:
  struct Params {
    int period = 25;
  };
  using Value = AroonValue;
  using Input = OhlcvView;

  static ParamResult<Aroon> make(const Params& params);
  void update(const OhlcvBar& bar) {
    high_.push(bar.high);
    low_.push(bar.low);
  }
  [[nodiscard]] std::optional<Value> value() const;

  // For batches (series.h).
  [[nodiscard]] bool steady() const { return high_.full(); }
  [[nodiscard]] std::size_t lookback() const { return high_.size(); }
  void bulk(const Input& bars, std::size_t from, const std::array<std::span<double>, 3>& columns);

 private:
  explicit Aroon(std::size_t period) : high_(period + 1), low_(period + 1), period_(static_cast<double>(period)) {}
  RollingExtremeAge<Extreme::maximum> high_;
  RollingExtremeAge<Extreme::minimum> low_;
  double period_;
};

// Awesome oscillator (Williams, New Trading Dimensions, 1998): SMA(fast) - SMA(slow) of (high + low) / 2, price units. First value at index slow-1.
class Awesome {
 public:
  struct Params {
    int fast = 5, slow = 34;  // fast < slow
  };
  using Value = double;
  using Input = OhlcvView;

  static ParamResult<Awesome> make(const Params& params);
  void update(const OhlcvBar& bar) {
    const double middle = (bar.high + bar.low) / 2.0;
    fast_.update(middle);
    slow_.update(middle);
  }
  [[nodiscard]] std::optional<double> value() const;

 private:
  Awesome(Sma fast, Sma slow) : fast_(std::move(fast)), slow_(std::move(slow)) {}
  Sma fast_, slow_;
};

// Williams %R (Williams 1973): -100 (highest high - close) / (highest high - lowest low), -100..0. A window without any range gives -50, as Stochastic
// gives 50 (TA-Lib says 0). First value at index period-1.
class WilliamsR {
 public:
  struct Params {
    int period = 14;
  };
  using Value = double;
  using Input = OhlcvView;

  static ParamResult<WilliamsR> make(const Params& params);
  void update(const OhlcvBar& bar) {
    high_.push(bar.high);
    low_.push(bar.low);
    close_ = bar.close;
  }
  [[nodiscard]] std::optional<double> value() const;

  // For batches (series.h).
  [[nodiscard]] bool steady() const { return high_.full(); }
  [[nodiscard]] std::size_t lookback() const { return high_.size(); }
  void bulk(const Input& bars, std::size_t from, const std::array<std::span<double>, 1>& columns);

 private:
  explicit WilliamsR(std::size_t period) : high_(period), low_(period) {}
  RollingMax high_;
  RollingMin low_;
  double close_ = 0;
};

// TRIX (Hutson, Stocks & Commodities 1983): change in percent, bar to bar, of an EMA of an EMA of an EMA. Each EMA is seeded with the mean of its own
// first `period` inputs (TA-Lib's way), so the first value stands at index 3(period-1)+1. Stock.Indicators seeds all three with the same mean.
class Trix {
 public:
  struct Params {
    int period = 15;
  };
  using Value = double;
  using Input = std::span<const double>;

  static ParamResult<Trix> make(const Params& params);
  void update(double x);
  [[nodiscard]] std::optional<double> value() const { return change_; }

  // For batches (series.h).
  [[nodiscard]] bool steady() const { return third_.steady(); }
  [[nodiscard]] std::size_t lookback() const { return 0; }
  void bulk(Input input, std::size_t from, const std::array<std::span<double>, 1>& columns);

 private:
  Trix(Ema first, Ema second, Ema third) : first_(first), second_(second), third_(third) {}
  Ema first_, second_, third_;
  std::optional<double> change_;
};

struct TsiValue {
  double tsi = kMissing, signal = kMissing;
  static constexpr std::array<std::string_view, 2> kNames{"tsi", "signal"};
  [[nodiscard]] std::array<double, 2> columns() const { return {tsi, signal}; }
};

// True strength index (Blau, Stocks & Commodities 11/1991), -100..100: EMA(short_period) of EMA(long_period) of the changes over the same of their
// sizes, and its EMA(signal). EMAs seeded with means: tsi from index long_period+short_period-1, signal `signal`-1 bars later. 0 where nothing has moved.
class Tsi {
 public:
  struct Params {
    int long_period = 25, short_period = 13, signal = 7;
  };
  using Value = TsiValue;
  using Input = std::span<const double>;

  static ParamResult<Tsi> make(const Params& params);
  void update(double x);
  [[nodiscard]] std::optional<Value> value() const;

 private:
  Tsi(const Ema& slow, const Ema& quick, const Ema& signal) : change_slow_(slow), change_(quick), size_slow_(slow), size_(quick), signal_(signal) {}
  Ema change_slow_, change_, size_slow_, size_, signal_;
  std::optional<double> previous_;
  double tsi_ = kMissing;
};

// Ultimate oscillator (Williams, Stocks & Commodities 8/1985), 0..100: buying pressure over true range, summed over three lengths with weights 4, 2, 1.
// First value at index of the longest. A length without any range counts 50 (TA-Lib 0).
class Ultimate {
 public:
  struct Params {
    int fast = 7, medium = 14, slow = 28;  // fast < medium < slow
  };
  using Value = double;
  using Input = OhlcvView;

  static ParamResult<Ultimate> make(const Params& params);
  void update(const OhlcvBar& bar);
  [[nodiscard]] std::optional<double> value() const;

  // For batches (series.h).
  [[nodiscard]] bool steady() const { return slow_.range.full(); }
  [[nodiscard]] std::size_t lookback() const { return slow_.range.size() + 1; }
  void bulk(const Input& bars, std::size_t from, const std::array<std::span<double>, 1>& columns);

 private:
  struct Span {
    explicit Span(int n) : pressure(static_cast<std::size_t>(n)), range(static_cast<std::size_t>(n)) {}
    RollingTotal pressure, range;
    [[nodiscard]] double percent() const { return percent_of(pressure.value(), range.value(), 50.0); }
  };
  explicit Ultimate(const Params& params) : fast_(params.fast), medium_(params.medium), slow_(params.slow) {}
  Span fast_, medium_, slow_;
  std::optional<double> previous_close_;
};

// Stochastic of the RSI (Chande and Kroll, The New Technical Trader, 1994), 0..100: raw = 100 (rsi - lowest) / (highest - lowest) over stoch_period RSIs;
// k = mean of the last k_smooth raws, d = mean of the last d_period ks. k from index rsi_period+stoch_period+k_smooth-2. A window of equal RSIs
// gives raw 50. With k_smooth 1 it is TA-Lib's STOCHRSI.
class StochRsi {
 public:
  struct Params {
    int rsi_period = 14, stoch_period = 14, k_smooth = 3, d_period = 3;
  };
  using Value = StochasticValue;
  using Input = std::span<const double>;

  static ParamResult<StochRsi> make(const Params& params);
  void update(double x);
  [[nodiscard]] std::optional<Value> value() const { return stochastic_.value(); }

  // For batches (series.h).
  [[nodiscard]] bool steady() const { return stochastic_.steady(); }
  [[nodiscard]] std::size_t lookback() const { return 1; }
  void bulk(Input input, std::size_t from, const std::array<std::span<double>, 2>& columns);

 private:
  StochRsi(Rsi rsi, Stochastic stochastic) : rsi_(rsi), stochastic_(std::move(stochastic)) {}
  Rsi rsi_;
  Stochastic stochastic_;
};

}  // namespace prom::indicators

namespace prom {
PROM_BATCH_ELSEWHERE(indicators::Aroon);
PROM_BATCH_ELSEWHERE(indicators::Awesome);
PROM_BATCH_ELSEWHERE(indicators::WilliamsR);
PROM_BATCH_ELSEWHERE(indicators::Trix);
PROM_BATCH_ELSEWHERE(indicators::Tsi);
PROM_BATCH_ELSEWHERE(indicators::Ultimate);
PROM_BATCH_ELSEWHERE(indicators::StochRsi);
}  // namespace prom
