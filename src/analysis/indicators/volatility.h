// Volatility: ATR, Bollinger and Keltner bands, realised volatility, z-score. Operators with plain copyable state, one owner at a time.
#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "analysis/columns.h"
#include "analysis/indicators/moving_averages.h"
#include "analysis/indicators/rolling.h"
#include "analysis/indicators/smoother.h"
#include "analysis/params.h"
#include "analysis/series.h"

namespace prom::indicators {

// max(high, previous close) - min(low, previous close).
double true_range(const OhlcvBar& bar, double previous_close);

// Average true range (Wilder 1978), price units. The first bar has no true range; the first value, at index period, is the mean of the
// true ranges 1..period, then Wilder's smoothing with 1/period (TA-Lib's seeding).
class Atr {
 public:
  struct Params {
    int period = 14;
  };
  using Value = double;
  using Input = OhlcvView;

  static ParamResult<Atr> make(const Params& params);
  void update(const OhlcvBar& bar);
  [[nodiscard]] std::optional<double> value() const { return steady() ? std::optional(line_.value()) : std::nullopt; }

  // For batches (series.h).
  [[nodiscard]] bool steady() const { return ranges_ >= period_; }
  [[nodiscard]] std::size_t lookback() const { return 1; }
  void bulk(const Input& bars, std::size_t from, const std::array<std::span<double>, 1>& columns);

 private:
  explicit Atr(int period) : line_(1.0 / period), period_(period) {}
  Smoother line_;
  double previous_close_ = 0, seed_sum_ = 0;
  int period_, ranges_ = -1;
};

// Bands round a centre line, price units.
struct BandsValue {
  double upper = kMissing, middle = kMissing, lower = kMissing;
  static constexpr std::array<std::string_view, 3> kNames{"upper", "middle", "lower"};
  [[nodiscard]] std::array<double, 3> columns() const { return {upper, middle, lower}; }
};

// Where x stands: 0 at the lower band, 1 at the upper; nothing when the bands coincide.
std::optional<double> percent_b(const BandsValue& bands, double x);
// (upper - lower) / middle.
double band_width(const BandsValue& bands);

// Mean and `deviations` population standard deviations on each side (Bollinger 2001). First value at index period-1. A function of the
// window alone, whose deviations are joined without ever subtracting (WindowTree): no drift.
class Bollinger {
 public:
  struct Params {
    int period = 20;
    double deviations = 2.0;
  };
  using Value = BandsValue;
  using Input = std::span<const double>;

  static ParamResult<Bollinger> make(const Params& params);
  void update(double x) { window_.push(x); }
  [[nodiscard]] std::optional<Value> value() const;

  // For batches (series.h).
  [[nodiscard]] bool steady() const { return window_.full(); }
  [[nodiscard]] std::size_t lookback() const { return window_.size(); }
  void bulk(Input input, std::size_t from, const std::array<std::span<double>, 3>& columns);

 private:
  explicit Bollinger(const Params& params) : window_(static_cast<std::size_t>(params.period)), deviations_(params.deviations) {}
  WindowTree<SpreadNode> window_;
  double deviations_;
};

// EMA of the close plus and minus `multiplier` ATRs (Raschke's form of Keltner's channel). First value at index
// max(period - 1, atr_period).
class Keltner {
 public:
  struct Params {
    int period = 20;
    double multiplier = 2.0;
    int atr_period = 10;
  };
  using Value = BandsValue;
  using Input = OhlcvView;

  static ParamResult<Keltner> make(const Params& params);
  void update(const OhlcvBar& bar) {
    centre_.update(bar.close);
    atr_.update(bar);
  }
  [[nodiscard]] std::optional<Value> value() const;

 private:
  Keltner(Ema centre, Atr atr, double multiplier) : centre_(centre), atr_(atr), multiplier_(multiplier) {}
  Ema centre_;
  Atr atr_;
  double multiplier_;
};

// Close-to-close volatility: sample standard deviation of the last `period` log returns times sqrt(periods_per_year); a fraction
// (0.5 = 50 %). With periods_per_year = 1 it is per bar. Prices must be positive. First value at index period.
class RealisedVolatility {
 public:
  struct Params {
    int period = 30;
    double periods_per_year = 365;
  };
  using Value = double;
  using Input = std::span<const double>;

  static ParamResult<RealisedVolatility> make(const Params& params);
  void update(double price);
  [[nodiscard]] std::optional<double> value() const;

 private:
  explicit RealisedVolatility(const Params& params);
  MirrorWindow returns_;
  double scale_, previous_ = 0;
};

// (x - mean) / population standard deviation of the last `period` values; 0 when they are all equal. First value at index period-1.
class ZScore {
 public:
  struct Params {
    int period = 20;
  };
  using Value = double;
  using Input = std::span<const double>;

  static ParamResult<ZScore> make(const Params& params);
  void update(double x) { window_.push(x); }
  [[nodiscard]] std::optional<double> value() const;

 private:
  explicit ZScore(std::size_t period) : window_(period) {}
  MirrorWindow window_;
};

}  // namespace prom::indicators

namespace prom {
PROM_BATCH_ELSEWHERE(indicators::Atr);
PROM_BATCH_ELSEWHERE(indicators::Bollinger);
PROM_BATCH_ELSEWHERE(indicators::Keltner);
PROM_BATCH_ELSEWHERE(indicators::RealisedVolatility);
PROM_BATCH_ELSEWHERE(indicators::ZScore);
}  // namespace prom
