// Lines drawn on or instead of the bars: parabolic SAR, Heikin-Ashi. Operators with plain copyable state, one owner at a time.
#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "analysis/columns.h"
#include "analysis/params.h"
#include "analysis/series.h"

namespace prom::indicators {

struct SarValue {
  double sar = kMissing;
  double direction = kMissing;  // +1: price above the stop, -1: below; a bar that turns has its new side
  static constexpr std::array<std::string_view, 2> kNames{"sar", "direction"};
  [[nodiscard]] std::array<double, 2> columns() const { return {sar, direction}; }
};

// Parabolic stop and reverse (Wilder 1978), price units: stop += factor (extreme - stop), factor from `step` by `step` to `maximum` at each new extreme, never
// past the last two bars' lows (highs). A bar that touches the stop turns it to the extreme. Begins at index 1: down where the second bar's low fell
// further than its high rose, else up, with the first bar's low (high) as stop (TA-Lib's choice; Wilder leaves it open, and Stock.Indicators
// begins up and shows nothing before the first turn). Two lines that once stand on the same side with the same extreme stay equal.
class ParabolicSar {
 public:
  struct Params {
    double step = 0.02, maximum = 0.2;  // 1e-6..1, step <= maximum
  };
  using Value = SarValue;
  using Input = OhlcvView;

  static ParamResult<ParabolicSar> make(const Params& params);
  void update(const OhlcvBar& bar);
  [[nodiscard]] std::optional<Value> value() const { return seen_ > 1 ? std::optional(Value{line_.shown, line_.side}) : std::nullopt; }
  // For batches (series.h).
  [[nodiscard]] bool steady() const { return seen_ > 1; }
  [[nodiscard]] std::size_t lookback() const { return 0; }
  void bulk(const Input& bars, std::size_t from, const std::array<std::span<double>, 2>& columns);

 private:
  // Prices are mirrored while the side is down, so that one set of rules serves both: near is the edge of the bar on the stop's side, far the other.
  struct Line {
    double step, maximum;
    double side = 1;  // +1 up, -1 down
    double stop = 0, extreme = 0, factor = 0, near = 0, far = 0;
    double shown = kMissing;  // the stop as it stood at the last bar, a price
    void begin(double up_or_down, double high, double low, double previous_high, double previous_low);
    void advance(double high, double low);
  };
  explicit ParabolicSar(const Params& params) : line_{params.step, params.maximum} {}
  Line line_;
  double first_high_ = 0, first_low_ = 0;
  int seen_ = 0;
};

struct HeikinAshiValue {
  double open = kMissing, high = kMissing, low = kMissing, close = kMissing;
  static constexpr std::array<std::string_view, 4> kNames{"open", "high", "low", "close"};
  [[nodiscard]] std::array<double, 4> columns() const { return {open, high, low, close}; }
};

// Heikin-Ashi bars (Valcu, Stocks & Commodities 2/2004): close = mean of the four prices, open = mean of the Heikin-Ashi open and close before (of the
// bar's own open and close at first), high and low enclose both. From the first bar on.
class HeikinAshi {
 public:
  struct Params {};
  using Value = HeikinAshiValue;
  using Input = OhlcvView;

  static ParamResult<HeikinAshi> make(const Params& params);
  void update(const OhlcvBar& bar);
  [[nodiscard]] std::optional<Value> value() const { return row_; }

 private:
  std::optional<HeikinAshiValue> row_;
};

}  // namespace prom::indicators

namespace prom {
PROM_BATCH_ELSEWHERE(indicators::ParabolicSar);
PROM_BATCH_ELSEWHERE(indicators::HeikinAshi);
}  // namespace prom
