// The classic candle patterns. Operator with plain copyable state, one owner at a time.
#pragma once
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string_view>

#include "analysis/columns.h"
#include "analysis/indicators/rolling.h"
#include "analysis/params.h"
#include "analysis/series.h"

namespace prom::indicators {

// One column a pattern: 100 bullish, -100 bearish, 0 absent; engulfing and harami say 80 where one end of the bodies is equal.
struct CandleValue {
  static constexpr std::size_t kPatterns = 14;
  static constexpr std::array<std::string_view, kPatterns> kNames{
      "doji",     "hammer",     "inverted_hammer", "hanging_man",  "shooting_star",        "engulfing",         "harami",
      "piercing", "dark_cloud", "morning_star",    "evening_star", "three_white_soldiers", "three_black_crows", "marubozu"};
  double doji = kMissing;  // 100 without a side: indecision
  double hammer = kMissing, inverted_hammer = kMissing, hanging_man = kMissing, shooting_star = kMissing;
  double engulfing = kMissing, harami = kMissing, piercing = kMissing, dark_cloud = kMissing;
  double morning_star = kMissing, evening_star = kMissing;
  double three_white_soldiers = kMissing, three_black_crows = kMissing, marubozu = kMissing;
  [[nodiscard]] std::array<double, kPatterns> columns() const {
    return {doji,     hammer,     inverted_hammer, hanging_man,  shooting_star,        engulfing,         harami,
            piercing, dark_cloud, morning_star,    evening_star, three_white_soldiers, three_black_crows, marubozu};
  }
};

// TA-Lib's definitions with its default candle settings (after Nison and Morris): a body is long (short) above (below) the mean body of the 10 bars before it, a doji's
// body and a very short shadow at most 0.1 of their mean range, a long shadow longer than the body, near and far 0.2 and 0.6 of the mean range of the 5 bars before;
// a close at the open counts as white. Penetration 0.5 for dark cloud, 0.3 for the stars. A pattern says nothing of the trend before it, which its name
// presumes. First row at index 13, when the slowest pattern is warm.
class CandlePatterns {
 public:
  struct Params {};
  using Value = CandleValue;
  using Input = OhlcvView;

  static ParamResult<CandlePatterns> make(const Params& params);
  void update(const OhlcvBar& bar);
  [[nodiscard]] std::optional<Value> value() const;

 private:
  // A bar with the means of the bars before it.
  struct Candle {
    double open = 0, high = 0, low = 0, close = 0;
    double mean_body = kMissing, mean_range = kMissing, mean_range_of_5 = kMissing;
    [[nodiscard]] bool known() const { return std::isfinite(open + high + low + close + mean_body + mean_range + mean_range_of_5); }
    [[nodiscard]] bool white() const { return close >= open; }
    [[nodiscard]] double top() const { return white() ? close : open; }
    [[nodiscard]] double bottom() const { return white() ? open : close; }
    [[nodiscard]] double body() const { return top() - bottom(); }
    [[nodiscard]] double upper() const { return high - top(); }
    [[nodiscard]] double lower() const { return bottom() - low; }
    [[nodiscard]] bool long_body() const { return body() > mean_body; }
    [[nodiscard]] bool short_body() const { return body() < mean_body; }
    [[nodiscard]] double very_short() const { return 0.1 * mean_range; }
    [[nodiscard]] double near() const { return 0.2 * mean_range_of_5; }
    [[nodiscard]] double far() const { return 0.6 * mean_range_of_5; }
  };
  CandlePatterns() : bodies_(10), ranges_(10), ranges_of_5_(5) {}
  void one_bar(Value& row) const;
  void two_bars(Value& row) const;
  void three_bars(Value& row) const;
  [[nodiscard]] bool white_soldiers() const;
  [[nodiscard]] bool black_crows() const;

  RollingSum bodies_, ranges_, ranges_of_5_;
  std::array<Candle, 4> last_;  // newest first
};

}  // namespace prom::indicators

namespace prom {
PROM_BATCH_ELSEWHERE(indicators::CandlePatterns);
}  // namespace prom
