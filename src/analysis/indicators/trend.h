// Trend: MACD, SuperTrend, directional movement (ADX), linear regression, Donchian channel, Ichimoku.
// Operators with plain copyable state, one owner at a time.
#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "analysis/columns.h"
#include "analysis/indicators/moving_averages.h"
#include "analysis/indicators/rolling.h"
#include "analysis/indicators/volatility.h"
#include "analysis/params.h"
#include "analysis/series.h"

namespace prom::indicators {

struct MacdValue {
  double macd = kMissing, signal = kMissing, histogram = kMissing;
  static constexpr std::array<std::string_view, 3> kNames{"macd", "signal", "histogram"};
  [[nodiscard]] std::array<double, 3> columns() const { return {macd, signal, histogram}; }
};

// EMA(fast) - EMA(slow), its EMA(signal), and their difference (Appel). Each EMA is seeded with the mean of its own first values, so macd
// begins at index slow-1 and signal and histogram at slow+signal-2. TA-Lib seeds the fast EMA later, on the bars just before slow-1;
// the two agree to 1e-9 after some 150 bars.
class Macd {
 public:
  struct Params {
    int fast = 12, slow = 26, signal = 9;
  };
  using Value = MacdValue;
  using Input = std::span<const double>;

  static ParamResult<Macd> make(const Params& params);
  void update(double x);
  [[nodiscard]] std::optional<Value> value() const;

  // For batches (series.h).
  [[nodiscard]] bool steady() const { return signal_.steady(); }
  [[nodiscard]] std::size_t lookback() const { return 0; }
  void bulk(Input input, std::size_t from, const std::array<std::span<double>, 3>& columns);

 private:
  Macd(Ema fast, Ema slow, Ema signal) : fast_(fast), slow_(slow), signal_(signal) {}
  Ema fast_, slow_, signal_;
};

enum class Trend { up, down };

// `line` is the trailing stop: `lower` while the trend is up, `upper` while it is down; the other one is missing.
struct SuperTrendValue {
  double line = kMissing, upper = kMissing, lower = kMissing;
  std::optional<Trend> trend;
  static constexpr std::array<std::string_view, 3> kNames{"value", "upper", "lower"};
  [[nodiscard]] std::array<double, 3> columns() const { return {line, upper, lower}; }
};

// SuperTrend (Seban): bands at (high+low)/2 +- multiplier*ATR that only tighten until the close crosses them. First value at index period;
// the first trend is up when that close is at or above (high+low)/2. A close exactly on the band turns the trend down, as in
// Stock.Indicators.
class SuperTrend {
 public:
  struct Params {
    int period = 10;
    double multiplier = 3.0;
  };
  using Value = SuperTrendValue;
  using Input = OhlcvView;

  static ParamResult<SuperTrend> make(const Params& params);
  void update(const OhlcvBar& bar);
  [[nodiscard]] std::optional<Value> value() const;

 private:
  SuperTrend(Atr atr, double multiplier) : atr_(atr), multiplier_(multiplier) {}
  Atr atr_;
  double multiplier_, upper_ = 0, lower_ = 0, previous_close_ = 0;
  std::optional<Trend> trend_;
};

struct DmiValue {
  double adx = kMissing, plus_di = kMissing, minus_di = kMissing, dx = kMissing;
  static constexpr std::array<std::string_view, 4> kNames{"adx", "plus_di", "minus_di", "dx"};
  [[nodiscard]] std::array<double, 4> columns() const { return {adx, plus_di, minus_di, dx}; }
};

// Directional movement, 0..100 (Wilder 1978). Smoothed sums begin with the first `period` movements, so the DIs and DX begin at index period;
// the ADX begins with the mean of the first `period` DXs at index 2*period-1. TA-Lib begins its sums with one movement less: its values
// meet ours after some 300 bars. Without any movement DX is 0.
class Dmi {
 public:
  struct Params {
    int period = 14;
  };
  using Value = DmiValue;
  using Input = OhlcvView;

  static ParamResult<Dmi> make(const Params& params);
  void update(const OhlcvBar& bar);
  [[nodiscard]] std::optional<Value> value() const;

  // For batches (series.h).
  [[nodiscard]] bool steady() const { return dx_count_ >= period_; }
  [[nodiscard]] std::size_t lookback() const { return 1; }
  void bulk(const Input& bars, std::size_t from, const std::array<std::span<double>, 4>& columns);

 private:
  explicit Dmi(int period) : range_(1.0 / period), plus_(range_), minus_(range_), adx_(range_), period_(period) {}
  void average_dx();
  double previous_high_ = 0, previous_low_ = 0, previous_close_ = 0;
  Smoother range_, plus_, minus_, adx_;
  double range_sum_ = 0, plus_sum_ = 0, minus_sum_ = 0;
  DmiValue row_;
  double dx_sum_ = 0;
  int period_, moves_ = -1, dx_count_ = 0;
};

struct RegressionValue {
  double slope = kMissing;      // units of x a bar
  double fitted = kMissing;     // the line at the newest bar
  double r_squared = kMissing;  // 0..1; missing when all values are equal
  static constexpr std::array<std::string_view, 3> kNames{"slope", "fitted", "r_squared"};
  [[nodiscard]] std::array<double, 3> columns() const { return {slope, fitted, r_squared}; }
};

// Least-squares line through the last `period` values against bar number. First value at index period-1. A function of the window
// alone (WindowTree).
class LinearRegression {
 public:
  struct Params {
    int period = 14;
  };
  using Value = RegressionValue;
  using Input = std::span<const double>;

  static ParamResult<LinearRegression> make(const Params& params);
  void update(double x) { window_.push(x); }
  [[nodiscard]] std::optional<Value> value() const;

  // For batches (series.h).
  [[nodiscard]] bool steady() const { return window_.full(); }
  [[nodiscard]] std::size_t lookback() const { return window_.size(); }
  // The deviations that only r_squared needs cost half the time.
  static bool may_skip(const std::array<std::span<double>, 3>& columns) { return columns[2].empty() && !columns[1].empty(); }
  void bulk(Input input, std::size_t from, const std::array<std::span<double>, 3>& columns);

 private:
  explicit LinearRegression(std::size_t period) : window_(period), constants_(line_constants(static_cast<double>(period))) {}
  WindowTree<LineNode> window_;
  LineConstants constants_;
};

enum class DonchianWindow {
  through_current,  // the last `period` bars with the newest; first value at index period-1
  prior_bars,       // the `period` bars before the newest, so that the newest can break out; first value at index period
};

// Highest high, lowest low and their mean (Donchian).
class Donchian {
 public:
  struct Params {
    int period = 20;
    DonchianWindow window = DonchianWindow::through_current;
  };
  using Value = BandsValue;
  using Input = OhlcvView;

  static ParamResult<Donchian> make(const Params& params);
  void update(const OhlcvBar& bar);
  [[nodiscard]] std::optional<Value> value() const { return row_; }

 private:
  explicit Donchian(const Params& params);
  RollingMax high_;
  RollingMin low_;
  DonchianWindow window_;
  std::optional<BandsValue> row_;
};

struct IchimokuValue {
  double tenkan = kMissing, kijun = kMissing, senkou_a = kMissing, senkou_b = kMissing, chikou = kMissing;
  static constexpr std::array<std::string_view, 5> kNames{"tenkan", "kijun", "senkou_a", "senkou_b", "chikou"};
  [[nodiscard]] std::array<double, 5> columns() const { return {tenkan, kijun, senkou_a, senkou_b, chikou}; }
};

// Ichimoku Kinko Hyo (Hosoda 1969), causal. tenkan and kijun: midpoint of the range of the last 9 and 26 bars, from index 8 and 25.
// senkou_a and senkou_b at bar i are what was computed `displacement` bars before i, that is the cloud drawn under bar i (from index
// kijun-1+displacement and senkou_b-1+displacement). chikou at bar i is the close of bar i, which a chart draws at bar i-displacement; it
// begins at index displacement. Nothing reads a later bar.
class Ichimoku {
 public:
  struct Params {
    int tenkan = 9, kijun = 26, senkou_b = 52, displacement = 26;
  };
  using Value = IchimokuValue;
  using Input = OhlcvView;

  static ParamResult<Ichimoku> make(const Params& params);
  void update(const OhlcvBar& bar);
  [[nodiscard]] std::optional<Value> value() const;
  // The cloud that will stand `displacement` bars ahead, known now: {senkou_a, senkou_b}, missing during warm-up.
  [[nodiscard]] std::array<double, 2> cloud_ahead() const { return {ahead_a_, ahead_b_}; }

 private:
  struct Midpoint {
    explicit Midpoint(int n) : high(static_cast<std::size_t>(n)), low(static_cast<std::size_t>(n)) {}
    RollingMax high;
    RollingMin low;
    void push(const OhlcvBar& bar) {
      high.push(bar.high);
      low.push(bar.low);
    }
    [[nodiscard]] double value() const { return high.full() ? (high.value() + low.value()) / 2.0 : kMissing; }
  };
  explicit Ichimoku(const Params& params);
  Midpoint tenkan_, kijun_, senkou_b_;
  MirrorWindow past_a_, past_b_;
  double ahead_a_ = kMissing, ahead_b_ = kMissing;
  IchimokuValue row_;
  int seen_ = 0, first_row_, displacement_;
};

}  // namespace prom::indicators

namespace prom {
PROM_BATCH_ELSEWHERE(indicators::Macd);
PROM_BATCH_ELSEWHERE(indicators::SuperTrend);
PROM_BATCH_ELSEWHERE(indicators::Dmi);
PROM_BATCH_ELSEWHERE(indicators::LinearRegression);
PROM_BATCH_ELSEWHERE(indicators::Donchian);
PROM_BATCH_ELSEWHERE(indicators::Ichimoku);
}  // namespace prom
