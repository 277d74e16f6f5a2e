// Time-series momentum with a volatility target: long what has risen over the look-back, short (or out of) what has fallen, smaller where it moves more.
// One owner at a time.
#pragma once

#include "strategies/strategy_base.h"

namespace prom::strategies {

/// At the close of a timeframe bar, when the sign of the return over `lookback` bars changes, and every `rebalance` bars while the position is not the wanted
/// one. size_fraction = min(1, target_vol / volatility), the volatility annualised from an exponentially weighted variance of log returns about their weighted
/// mean with centre of mass vol_com bars (weight com / (1 + com) on the past), as in Moskowitz, Ooi and Pedersen (2012), eq. 1. Stop: stop_atr average true
/// ranges. Where shorts are forbidden a fall means flat.
class VolMomentum final : public StrategyBase<VolMomentum> {
 public:
  static constexpr std::string_view kName = "vol_momentum";
  struct Params {
    DurationNs timeframe = kDay;
    std::int64_t lookback = 28;
    std::int64_t rebalance = 7;
    double vol_com = 60;
    double target_vol = 0.4;  ///< a year
    std::int64_t atr_period = 14;
    double stop_atr = 3.0;
    template <class Self, class Visitor>
    static void visit_fields(Self& self, Visitor&& visitor) {
      visitor("timeframe", self.timeframe.ns);
      visitor("lookback", self.lookback);
      visitor("rebalance", self.rebalance);
      visitor("vol_com", self.vol_com);
      visitor("target_vol", self.target_vol);
      visitor("atr_period", self.atr_period);
      visitor("stop_atr", self.stop_atr);
    }
  };

  explicit VolMomentum(const Params& params);

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
    visitor(self.atr_);
    visitor(self.mean_);
    visitor(self.square_);
    visitor(self.returns_);
    visitor(self.since_);
    visitor(self.side_);
    visitor(self.last_);
  }

 private:
  Signal on_timeframe_bar(const StrategyBar& bar, const StrategyContext& context);
  void add_return(double log_return);
  double annual_volatility() const;

  Params params_;
  TimeframeBars bars_;
  Window<double> closes_;  ///< lookback + 1
  AtrState atr_;
  double mean_ = 0, square_ = 0;  ///< weighted mean of log returns and of their squares
  std::int64_t returns_ = 0;
  std::int64_t since_ = 0;  ///< bars since the last rebalancing
  std::int64_t side_ = 0;   ///< sign of the return at the last bar
  LastSignal last_;
};

}  // namespace prom::strategies
