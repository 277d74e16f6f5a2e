// The Turtles' channel breakout: in beyond the extreme of 20 bars, out beyond the opposite extreme of 10. One owner at a time.
#pragma once

#include "strategies/strategy_base.h"

namespace prom::strategies {

/// At the close of a timeframe bar, against the bars before it. Flat: go_long when the close is above the highest high of `entry` bars, go_short when below their
/// lowest low (where allowed). Holding: go_flat when the close is beyond the opposite extreme of `exit` bars; straight to the other side when it is beyond the
/// entry channel too. Stop: stop_atr average true ranges (the Turtles' 2 N).
class Breakout final : public StrategyBase<Breakout> {
 public:
  static constexpr std::string_view kName = "breakout";
  struct Params {
    DurationNs timeframe = kDay;
    std::int64_t entry = 20;
    std::int64_t exit = 10;  ///< at most entry
    std::int64_t atr_period = 20;
    double stop_atr = 2.0;
    template <class Self, class Visitor>
    static void visit_fields(Self& self, Visitor&& visitor) {
      visitor("timeframe", self.timeframe.ns);
      visitor("entry", self.entry);
      visitor("exit", self.exit);
      visitor("atr_period", self.atr_period);
      visitor("stop_atr", self.stop_atr);
    }
  };

  explicit Breakout(const Params& params);

  const Params& params() const { return params_; }
  DurationNs timeframe() const override { return params_.timeframe; }
  std::int64_t warm_up_bars() const override;
  Signal on_bar(const StrategyBar& bar, const StrategyContext& context) override;
  SignalIntent intent() const override;
  SignalIntent wordless_intent() const override { return intent_of(last_, {}); }

  template <class Self, class Visitor>
  static void visit_state(Self& self, Visitor&& visitor) {
    visitor(self.bars_);
    visitor(self.highs_);
    visitor(self.lows_);
    visitor(self.atr_);
    visitor(self.last_);
  }

 private:
  Signal on_timeframe_bar(const StrategyBar& bar, const StrategyContext& context);
  Signal decide(const StrategyBar& bar, const StrategyContext& context);
  Signal enter(Signal side, double close, double level);
  Signal leave(double close, double level);

  Params params_;
  TimeframeBars bars_;
  Window<double> highs_, lows_;
  AtrState atr_;
  LastSignal last_;
};

}  // namespace prom::strategies
