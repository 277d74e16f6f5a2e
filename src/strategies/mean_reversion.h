// Buys what has fallen out of its Bollinger band while the RSI says oversold, and leaves at the middle of the band. One owner at a time.
#pragma once

#include "strategies/strategy_base.h"

namespace prom::strategies {

/// At the close of a timeframe bar. Flat: go_long below the lower band (middle - width standard deviations of the last `period` closes, population form) with
/// RSI < oversold; go_short above the upper band with RSI > 100 - oversold, where shorts are allowed. Holding: go_flat when the close has reached the middle.
/// Stop: stop_atr average true ranges beyond the close.
class MeanReversion final : public StrategyBase<MeanReversion> {
 public:
  static constexpr std::string_view kName = "mean_reversion";
  struct Params {
    DurationNs timeframe = kHour;
    std::int64_t period = 20;
    double width = 2.0;
    std::int64_t rsi_period = 14;
    double oversold = 30;
    std::int64_t atr_period = 14;
    double stop_atr = 3.0;
    template <class Self, class Visitor>
    static void visit_fields(Self& self, Visitor&& visitor) {
      visitor("timeframe", self.timeframe.ns);
      visitor("period", self.period);
      visitor("width", self.width);
      visitor("rsi_period", self.rsi_period);
      visitor("oversold", self.oversold);
      visitor("atr_period", self.atr_period);
      visitor("stop_atr", self.stop_atr);
    }
  };

  explicit MeanReversion(const Params& params);

  const Params& params() const { return params_; }
  DurationNs timeframe() const override { return params_.timeframe; }
  std::int64_t warm_up_bars() const override;
  Signal on_bar(const StrategyBar& bar, const StrategyContext& context) override;
  SignalIntent intent() const override;
  SignalIntent wordless_intent() const override { return intent_of(last_, {}); }

  template <class Self, class Visitor>
  static void visit_state(Self& self, Visitor&& visitor) {
    visitor(self.bars_);
    visitor(self.closes_);
    visitor(self.rsi_);
    visitor(self.atr_);
    visitor(self.last_);
  }

 private:
  Signal on_timeframe_bar(const StrategyBar& bar, const StrategyContext& context);

  Params params_;
  TimeframeBars bars_;
  Window<double> closes_;
  RsiState rsi_;
  AtrState atr_;
  LastSignal last_;
};

}  // namespace prom::strategies
