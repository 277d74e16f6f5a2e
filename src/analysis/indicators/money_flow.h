// Price and volume together: accumulation/distribution, Chaikin oscillator, Chaikin money flow, money flow index, force index, Klinger.
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
#include "analysis/params.h"
#include "analysis/series.h"

namespace prom::indicators {

// ((close - low) - (high - close)) / (high - low), -1..1; 0 for a bar without range.
double money_flow_multiplier(const OhlcvBar& bar);

// Accumulation/distribution line (Chaikin): running sum of multiplier * volume, base units, from the first bar on.
class AccumulationDistribution {
 public:
  struct Params {};
  using Value = double;
  using Input = OhlcvView;

  static ParamResult<AccumulationDistribution> make(const Params& params);
  void update(const OhlcvBar& bar) {
    line_.add(money_flow_multiplier(bar) * bar.volume);
    begun_ = true;
  }
  [[nodiscard]] std::optional<double> value() const { return begun_ ? std::optional(line_.value()) : std::nullopt; }

  // For batches (series.h).
  [[nodiscard]] bool steady() const { return true; }
  [[nodiscard]] std::size_t lookback() const { return 0; }
  void bulk(const Input& bars, std::size_t from, const std::array<std::span<double>, 1>& columns);
  RunningTotal& line() { return line_; }

 private:
  RunningTotal line_;
  bool begun_ = false;
};

// Chaikin oscillator: EMA(fast) - EMA(slow) of the accumulation/distribution line, base units. First value at index slow-1 with either seed: `sma` is
// Stock.Indicators' result, `first_value` TA-Lib's (and Metastock's).
class ChaikinOscillator {
 public:
  struct Params {
    int fast = 3, slow = 10;  // fast < slow
    EmaSeed seed = EmaSeed::sma;
  };
  using Value = double;
  using Input = OhlcvView;

  static ParamResult<ChaikinOscillator> make(const Params& params);
  void update(const OhlcvBar& bar);
  [[nodiscard]] std::optional<double> value() const;

  // For batches (series.h).
  [[nodiscard]] bool steady() const { return to_come_ == 0 && slow_.steady(); }
  [[nodiscard]] std::size_t lookback() const { return 0; }
  void bulk(const Input& bars, std::size_t from, const std::array<std::span<double>, 1>& columns);

 private:
  ChaikinOscillator(AccumulationDistribution line, Ema fast, Ema slow, int warm_up) : line_(line), fast_(fast), slow_(slow), to_come_(warm_up) {}
  AccumulationDistribution line_;
  Ema fast_, slow_;
  int to_come_;
};

// Chaikin money flow, -1..1: sum of multiplier * volume over sum of volume, last `period` bars. First value at index period-1; no value without any volume
// in the window.
class Cmf {
 public:
  struct Params {
    int period = 20;
  };
  using Value = double;
  using Input = OhlcvView;

  static ParamResult<Cmf> make(const Params& params);
  void update(const OhlcvBar& bar) {
    flow_.push(money_flow_multiplier(bar) * bar.volume);
    volume_.push(bar.volume);
  }
  [[nodiscard]] std::optional<double> value() const;

 private:
  explicit Cmf(std::size_t period) : flow_(period), volume_(period) {}
  RollingTotal flow_;
  RollingTotal volume_;
};

// Money flow index, 0..100 (Quong and Soudack, Stocks & Commodities 3/1989): share of typical price * volume on bars whose typical price rose, among those where
// it changed, over `period` changes. First value at index period. 50 where no money has flowed (TA-Lib says 0 below a flow of 1).
class Mfi {
 public:
  struct Params {
    int period = 14;
  };
  using Value = double;
  using Input = OhlcvView;

  static ParamResult<Mfi> make(const Params& params);
  void update(const OhlcvBar& bar);
  [[nodiscard]] std::optional<double> value() const;

  // For batches (series.h).
  [[nodiscard]] bool steady() const { return up_.full(); }
  [[nodiscard]] std::size_t lookback() const { return up_.size() + 1; }
  void bulk(const Input& bars, std::size_t from, const std::array<std::span<double>, 1>& columns);

 private:
  explicit Mfi(std::size_t period) : up_(period), down_(period) {}
  RollingTotal up_, down_;
  std::optional<double> previous_;
};

// Force index (Elder, Trading for a Living, 1993): EMA(period) of change of the close * volume, quote units. Seeded with the mean of the first `period`
// products; first value at index period.
class ForceIndex {
 public:
  struct Params {
    int period = 13;
  };
  using Value = double;
  using Input = OhlcvView;

  static ParamResult<ForceIndex> make(const Params& params);
  void update(const OhlcvBar& bar);
  [[nodiscard]] std::optional<double> value() const { return ema_.value(); }

 private:
  explicit ForceIndex(Ema ema) : ema_(ema) {}
  Ema ema_;
  std::optional<double> previous_close_;
};

struct KlingerValue {
  double oscillator = kMissing, signal = kMissing;
  static constexpr std::array<std::string_view, 2> kNames{"oscillator", "signal"};
  [[nodiscard]] std::array<double, 2> columns() const { return {oscillator, signal}; }
};

// Klinger volume oscillator (Klinger, Stocks & Commodities 12/1997): EMA(fast) - EMA(slow) of the volume force, and its EMA(signal), base units * 100.
// force = volume |2 (dm / cm - 1)| trend * 100, dm = high - low, cm = dm summed while the trend lasts (from the dm before the turn), trend = +1 where
// high + low + close rises, else -1. The force begins at index 2; EMAs seeded with means, oscillator from index slow+1, signal `signal`-1 bars later.
// As Stock.Indicators; Tulip seeds with first values and takes |2 dm / cm - 1|.
class Klinger {
 public:
  struct Params {
    int fast = 34, slow = 55, signal = 13;  // fast < slow
  };
  using Value = KlingerValue;
  using Input = OhlcvView;

  static ParamResult<Klinger> make(const Params& params);
  void update(const OhlcvBar& bar);
  [[nodiscard]] std::optional<Value> value() const;

 private:
  Klinger(Ema fast, Ema slow, Ema signal) : fast_(fast), slow_(slow), signal_(signal) {}
  Ema fast_, slow_, signal_;
  double price_ = 0, range_ = 0, reach_ = 0, trend_ = 0;
  int seen_ = 0;
};

}  // namespace prom::indicators

namespace prom {
PROM_BATCH_ELSEWHERE(indicators::AccumulationDistribution);
PROM_BATCH_ELSEWHERE(indicators::ChaikinOscillator);
PROM_BATCH_ELSEWHERE(indicators::Cmf);
PROM_BATCH_ELSEWHERE(indicators::Mfi);
PROM_BATCH_ELSEWHERE(indicators::ForceIndex);
PROM_BATCH_ELSEWHERE(indicators::Klinger);
}  // namespace prom
