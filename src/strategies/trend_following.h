// Long/flat on the cross of two exponential averages. The backtest's yardstick of speed: everything is inline and the class is final, so that a driver that
// knows the type pays no virtual call. One owner at a time.
#pragma once

#include "strategies/strategy_base.h"
#include "strategies/trend_block.h"

namespace prom::strategies {

/// Long when EMA(fast) of the timeframe's closes passes above EMA(slow), flat when it passes below; an equal pair keeps the last side, and the first pair only
/// says on which side it begins. Never short. Stop: stop_atr average true ranges below the close.
class TrendFollowing final : public StrategyBase<TrendFollowing> {
 public:
  static constexpr std::string_view kName = "trend_following";
  struct Params {
    DurationNs timeframe = kHour * 4;
    std::int64_t fast = 12;  ///< below slow
    std::int64_t slow = 26;
    std::int64_t atr_period = 14;
    double stop_atr = 2.0;
    template <class Self, class Visitor>
    static void visit_fields(Self& self, Visitor&& visitor) {
      visitor("timeframe", self.timeframe.ns);
      visitor("fast", self.fast);
      visitor("slow", self.slow);
      visitor("atr_period", self.atr_period);
      visitor("stop_atr", self.stop_atr);
    }
  };

  explicit TrendFollowing(const Params& params) : params_(params), bars_(params.timeframe), fast_(params.fast), slow_(params.slow), atr_(params.atr_period) {}

  const Params& params() const { return params_; }
  DurationNs timeframe() const override { return params_.timeframe; }
  std::int64_t warm_up_bars() const override { return std::max(params_.slow + 1, params_.atr_period + 1); }

  Signal on_bar(const StrategyBar& bar, const StrategyContext& context) override {
    Signal signal = Signal::none;
    bars_.add(bar, context.base_interval, [&](const StrategyBar& closed) {
      const Signal decided = on_timeframe_bar(closed);
      if (decided != Signal::none) signal = decided;
    });
    return signal;
  }

  std::size_t run(const BarColumns& bars, std::size_t from, std::size_t to, const StrategyContext& context, Signal& signal) override;

  void run_through(const BarColumns& bars, std::size_t from, std::size_t to, const StrategyContext& context, std::vector<SignalAt>& signals) override;
  void rely_on(const BarColumns& bars) override { block_.rely_on(bars); }

  ReadsPosition reads_position() const override { return ReadsPosition::no; }
  SignalIntent intent() const override;
  SignalIntent wordless_intent() const override { return intent_of(last_, {}); }

  template <class Self, class Visitor>
  static void visit_state(Self& self, Visitor&& visitor) {
    visitor(self.bars_);
    visitor(self.fast_);
    visitor(self.slow_);
    visitor(self.atr_);
    visitor(self.side_);
    visitor(self.last_);
  }

 private:
  Signal on_timeframe_bar(const StrategyBar& bar) {
    fast_.update(bar.close);
    slow_.update(bar.close);
    atr_.update(bar.high, bar.low, bar.close);
    if (!slow_.ready()) return Signal::none;
    const double spread = fast_.value() - slow_.value();
    const std::int64_t side = spread > 0 ? 1 : spread < 0 ? -1 : side_;
    if (side == side_) [[likely]]
      return Signal::none;
    return turn(side, bar.close);
  }
  Signal turn(std::int64_t side, double close);
  struct Averages {
    double fast, slow, range;
  };
  /// The averages were kept outside up to a bar of this close.
  void stand(const Averages& at, double close) {
    fast_.set_value(at.fast);
    slow_.set_value(at.slow);
    atr_.set(at.range, close);
  }
  /// Whether the averages may be kept outside: warm, on a side, and each base bar one of the timeframe's.
  bool flows(const StrategyContext& context) const { return bars_.passes_through(context.base_interval) && slow_.ready() && atr_.ready() && side_ != 0; }
  bool has_block(const BarColumns& bars, std::size_t i);
  void stand_after(const BarColumns& bars, std::size_t bar);
  std::size_t run_blocks(const BarColumns& bars, std::size_t i, std::size_t to, Signal& signal);
  std::size_t run_through_blocks(const BarColumns& bars, std::size_t i, std::size_t to, std::vector<SignalAt>& signals);
  struct Fours {
    std::size_t next;   ///< behind the last bar taken
    std::int64_t side;  ///< on which the averages stand after it
  };
  Fours run_fours(const BarColumns& bars, std::size_t i, std::size_t to, Averages& at) const;

  Params params_;
  TimeframeBars bars_;
  EmaState fast_, slow_;
  AtrState atr_;
  std::int64_t side_ = 0;  ///< 1 fast above slow, -1 below, 0 not known yet
  LastSignal last_;
  TrendBlock block_;  ///< no state: what is worked out ahead of the bars that were fed
};

}  // namespace prom::strategies
