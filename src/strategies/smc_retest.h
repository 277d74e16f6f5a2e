// Joins the market structure's direction when price comes back to a fair value gap or an order block for the first time. One owner at a time.
#pragma once

#include "strategies/strategy_base.h"

namespace prom::strategies {

/// At the close of a timeframe bar, over the last `window` bars. Flat: when this bar is the first to touch a gap or block of the structure's direction, known before
/// it and not closed through, enter in that direction (short only where allowed); of several the one known last, a gap before a block. Stop: beyond the zone's far
/// side by buffer_atr average true ranges. Target: reward times the risk. Holding: go_flat when the structure has turned against the position.
class SmcRetest final : public StrategyBase<SmcRetest> {
 public:
  static constexpr std::string_view kName = "smc_retest";
  struct Params {
    DurationNs timeframe = kHour;
    std::int64_t window = 200;
    std::int64_t swing = 5;  ///< bars on each side of a swing
    double min_gap = 0.001;  ///< of price
    std::int64_t atr_period = 14;
    double buffer_atr = 0.25;
    double reward = 2.0;
    template <class Self, class Visitor>
    static void visit_fields(Self& self, Visitor&& visitor) {
      visitor("timeframe", self.timeframe.ns);
      visitor("window", self.window);
      visitor("swing", self.swing);
      visitor("min_gap", self.min_gap);
      visitor("atr_period", self.atr_period);
      visitor("buffer_atr", self.buffer_atr);
      visitor("reward", self.reward);
    }
  };

  explicit SmcRetest(const Params& params);

  const Params& params() const { return params_; }
  DurationNs timeframe() const override { return params_.timeframe; }
  std::int64_t warm_up_bars() const override;
  Signal on_bar(const StrategyBar& bar, const StrategyContext& context) override;
  SignalIntent intent() const override;
  SignalIntent wordless_intent() const override { return intent_of(last_, {}); }

  template <class Self, class Visitor>
  static void visit_state(Self& self, Visitor&& visitor) {
    visitor(self.bars_);
    visitor(self.times_);
    for (auto* column : {&self.opens_, &self.highs_, &self.lows_, &self.closes_, &self.volumes_}) visitor(*column);
    visitor(self.atr_);
    visitor(self.last_);
  }

 private:
  Signal on_timeframe_bar(const StrategyBar& bar, const StrategyContext& context);
  Signal enter(Signal side, double close, std::pair<double, double> zone, std::int64_t is_gap);

  Params params_;
  TimeframeBars bars_;
  Window<std::int64_t> times_;
  Window<double> opens_, highs_, lows_, closes_, volumes_;
  AtrState atr_;
  LastSignal last_;
};

}  // namespace prom::strategies
