// Volume indicators: VWAP, on-balance volume, delta volume. Operators with plain copyable state, one owner at a time.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "analysis/columns.h"
#include "analysis/indicators/rolling.h"
#include "analysis/params.h"
#include "analysis/series.h"

namespace prom::indicators {

enum class VwapAnchor {
  utc_day,   // begins anew with the first bar of each UTC day
  anchored,  // begins at the first bar that opens at or after anchor_ns, and never again
};

// Volume-weighted average of the typical price since the anchor. No value before the anchor or before any volume.
class Vwap {
 public:
  struct Params {
    VwapAnchor anchor = VwapAnchor::utc_day;
    std::int64_t anchor_ns = 0;  // UTC nanoseconds; read only with `anchored`
  };
  using Value = double;
  using Input = OhlcvView;

  static ParamResult<Vwap> make(const Params& params);
  void update(const OhlcvBar& bar);
  [[nodiscard]] std::optional<double> value() const;

 private:
  explicit Vwap(const Params& params) : params_(params) {}
  Params params_;
  std::optional<std::int64_t> day_;
  CarriedSum traded_, volume_;
};

// On-balance volume (Granville 1963): +volume when the close rises, -volume when it falls. Begins with 0 on the first bar (TA-Lib
// begins with that bar's volume: a constant difference).
class Obv {
 public:
  struct Params {};
  using Value = double;
  using Input = OhlcvView;

  static ParamResult<Obv> make(const Params& params);
  void update(const OhlcvBar& bar);
  [[nodiscard]] std::optional<double> value() const { return previous_close_ ? std::optional(total_.value()) : std::nullopt; }

  // For batches (series.h).
  [[nodiscard]] bool steady() const { return previous_close_.has_value(); }
  [[nodiscard]] std::size_t lookback() const { return 1; }
  void bulk(const Input& bars, std::size_t from, const std::array<std::span<double>, 1>& columns);

 private:
  std::optional<double> previous_close_;
  RunningTotal total_;
};

// Taker buys less taker sells of the bar, base units: 2 * taker_buy_volume - volume. No value where taker volume is unknown.
class DeltaVolume {
 public:
  struct Params {};
  using Value = double;
  using Input = OhlcvView;

  static ParamResult<DeltaVolume> make(const Params& params);
  void update(const OhlcvBar& bar) {
    delta_.reset();
    if (bar.taker_buy_volume) delta_ = 2.0 * *bar.taker_buy_volume - bar.volume;
  }
  [[nodiscard]] std::optional<double> value() const { return delta_; }

 private:
  std::optional<double> delta_;
};

}  // namespace prom::indicators

namespace prom {
PROM_BATCH_ELSEWHERE(indicators::Vwap);
PROM_BATCH_ELSEWHERE(indicators::Obv);
}  // namespace prom
