// Moving averages: simple, exponential, linearly weighted, and a ribbon of exponential ones.
// Operators with plain copyable state; feed one value a bar (usually the close), finite; one owner at a time.
#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "analysis/indicators/rolling.h"
#include "analysis/indicators/smoother.h"
#include "analysis/kernels.h"
#include "analysis/params.h"
#include "analysis/series.h"

namespace prom::indicators {

// Mean of the last `period` values. First value at index period-1. Nothing of a value remains once it has left (RollingTotal).
class Sma {
 public:
  struct Params {
    int period = 20;
  };
  using Value = double;
  using Input = std::span<const double>;

  static ParamResult<Sma> make(const Params& params);
  void update(double x) { sum_.push(x); }
  [[nodiscard]] std::optional<double> value() const { return sum_.full() ? std::optional(sum_.mean()) : std::nullopt; }
  // For batches (series.h).
  [[nodiscard]] bool steady() const { return sum_.full(); }
  [[nodiscard]] std::size_t lookback() const { return sum_.size(); }
  void bulk(Input input, std::size_t from, const std::array<std::span<double>, 1>& columns);

 private:
  explicit Sma(std::size_t period) : sum_(period) {}
  RollingTotal sum_;
};

// How an exponential average begins.
enum class EmaSeed {
  sma,          // the mean of the first `period` values, first value at index period-1 (TA-Lib's convention; our default)
  first_value,  // the first value itself, from index 0 on (the plain recursion, as pandas' ewm(adjust=False))
};

// y += (x - y) * 2 / (period + 1), four bars at a time (Smoother).
class Ema {
 public:
  struct Params {
    int period = 20;
    EmaSeed seed = EmaSeed::sma;
  };
  using Value = double;
  using Input = std::span<const double>;

  // `before`: bars of the series before the average's first input, for an average of another's values (see Smoother::begin).
  static ParamResult<Ema> make(const Params& params, std::size_t before = 0);
  void update(double x) {
    if (steady()) return line_.push(x);
    seed_sum_ += x;
    if (++seen_ == seed_length_) line_.begin(seed_sum_ / seed_length_, (static_cast<std::size_t>(seed_length_) + before_) % 4);
  }
  [[nodiscard]] std::optional<double> value() const { return steady() ? std::optional(line_.value()) : std::nullopt; }

  // For batches (series.h): from the seed on, values in, averages out; `out` may be `in`.
  [[nodiscard]] bool steady() const { return seen_ >= seed_length_; }
  [[nodiscard]] std::size_t lookback() const { return 0; }
  [[nodiscard]] std::size_t to_fours() const { return line_.to_fours(); }
  void run(const double* in, double* out, std::size_t n) { line_.run(in, out, n); }
  // fast less slow, both of the same values.
  static void run_gap(Ema& fast, Ema& slow, const double* in, double* out, std::size_t n) { Smoother::run_gap(fast.line_, slow.line_, in, out, n); }
  static void run_flow_gap(RunningTotal& line, Ema& fast, Ema& slow, const BarPointers& bars, double* out, std::size_t n) {
    Smoother::run_flow_gap(line, fast.line_, slow.line_, bars, out, n);
  }
  // Smoother::run_chain: averages of averages.
  template <std::size_t kLines, class One>
  static void run_chain(const std::array<Ema*, kLines>& lines, const double* in, double* out, std::size_t n, ChainLoop loop, One one) {
    std::array<Smoother*, kLines> smoothers;
    for (std::size_t k = 0; k < kLines; ++k) smoothers[k] = &lines[k]->line_;
    Smoother::run_chain(smoothers, in, out, n, loop, one);
  }
  void bulk(Input input, std::size_t from, const std::array<std::span<double>, 1>& columns) {
    run(input.data() + from, columns[0].data() + from, input.size() - from);
  }

 private:
  Ema(const Params& params, std::size_t before)
      : line_(2.0 / (params.period + 1.0)), seed_length_(params.seed == EmaSeed::sma ? params.period : 1), before_(before % 4) {}
  Smoother line_;
  double seed_sum_ = 0;
  int seed_length_, seen_ = 0;
  std::size_t before_;
};

// Bars before the first value of `averages` averages in a row, each seeded with the mean of its first `period` inputs.
constexpr std::size_t bars_before(int period, int averages) { return static_cast<std::size_t>(period - 1) * static_cast<std::size_t>(averages); }

// Weights 1..period, the newest heaviest, over period*(period+1)/2. First value at index period-1. A function of the window
// alone (WindowTree).
class Wma {
 public:
  struct Params {
    int period = 20;
  };
  using Value = double;
  using Input = std::span<const double>;

  static ParamResult<Wma> make(const Params& params);
  void update(double x) { window_.push(x); }
  [[nodiscard]] std::optional<double> value() const;
  // For batches (series.h).
  [[nodiscard]] bool steady() const { return window_.full(); }
  [[nodiscard]] std::size_t lookback() const { return window_.size(); }
  void bulk(Input input, std::size_t from, const std::array<std::span<double>, 1>& columns);

 private:
  explicit Wma(std::size_t period) : window_(period) {}
  WindowTree<WeightedNode> window_;
};

// How the averages of a ribbon stand to one another.
enum class RibbonOrder { bullish, bearish, mixed };

// EMAs of several ascending periods over the same values (default: Guppy's short and long groups). A row appears when the longest
// is warm. bullish = every shorter average above the next longer one; bearish = every one below.
class EmaRibbon {
 public:
  static constexpr std::size_t kMaxLines = 16;
  struct Params {
    std::vector<int> periods{3, 5, 8, 10, 12, 15, 30, 35, 40, 45, 50, 60};
  };
  struct Value {
    double fastest = kMissing, slowest = kMissing;
    double spread = kMissing;  // (fastest - slowest) / slowest
    std::optional<RibbonOrder> order;
    static constexpr std::array<std::string_view, 3> kNames{"fastest", "slowest", "spread"};
    [[nodiscard]] std::array<double, 3> columns() const { return {fastest, slowest, spread}; }
  };
  using Input = std::span<const double>;

  static ParamResult<EmaRibbon> make(const Params& params);
  void update(double x) {
    for (Ema& line : lines_) line.update(x);
  }
  [[nodiscard]] std::optional<Value> value() const;
  // One operator a period, fastest first.
  [[nodiscard]] const std::vector<Ema>& lines() const { return lines_; }

 private:
  explicit EmaRibbon(std::vector<Ema> lines) : lines_(std::move(lines)) {}
  std::vector<Ema> lines_;
};

}  // namespace prom::indicators

namespace prom {
PROM_BATCH_ELSEWHERE(indicators::Sma);
PROM_BATCH_ELSEWHERE(indicators::Ema);
PROM_BATCH_ELSEWHERE(indicators::Wma);
}  // namespace prom
