// Turns a strategy's signals into proposals: sizes them by the user's risk, puts prices on the tick, and closes before it turns. Shard thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "runtime/hosts/bar_decider.h"

namespace prom {

/// Whether proposals say why in words. Omitted where nobody reads them: yardsticks and sweeps.
enum class Reasons : std::uint8_t { written, omitted };

struct StrategyHostConfig {
  PairIx pair{};
  DurationNs base_interval = kMinute;
  Decimal expected_slippage;  ///< fraction, per side, reckoned into the size
  DurationNs proposal_life{60'000'000'000};
  Reasons reasons = Reasons::written;
};

class StrategyHost final : public BarDecider {
 public:
  StrategyHost(std::unique_ptr<Strategy> strategy, StrategyHostConfig config) : strategy_(std::move(strategy)), config_(config) {}

  std::optional<TradeProposal> on_bar(const EngineState& state, const StrategyBar& bar) override {
    const StrategyContext& context = context_of(state);
    const Signal signal = strategy_->on_bar(bar, context);
    if (signal == Signal::none && pending_ == Signal::none) [[likely]]
      return std::nullopt;
    return propose(state, signal, context.held);
  }
  bool begin(const EngineState& state) override {
    context_of(state);
    return pending_ == Signal::none;
  }
  Ran run(const BarColumns& bars, std::size_t from, std::size_t to) override {
    const std::size_t next = strategy_->run(bars, from, to, context_, found_);
    return {next, found_ == Signal::none ? Cause::none : Cause::found};
  }
  std::optional<TradeProposal> propose(const EngineState& state) override {
    return propose(state, std::exchange(found_, Signal::none), context_of(state).held);
  }
  bool runs_ahead() const override { return strategy_->reads_position() == ReadsPosition::no; }
  void rely_on(const BarColumns& bars) override { strategy_->rely_on(bars); }
  Wants wants(const EngineState& state) override {
    const Held held = context_of(state).held;
    if (wanted_by(found_) == held) return Wants::nothing;
    return held == Held::flat ? Wants::opening : Wants::unknown;
  }
  void forget() override { found_ = pending_ = Signal::none; }
  Ran pass(const EngineState& state, const BarColumns& bars, std::size_t from, std::size_t to, std::vector<std::size_t>& openings) override;
  void warm(const EngineState& state, const StrategyBar& bar, Held held) override;

 private:
  static Held wanted_by(Signal signal) { return signal == Signal::go_long ? Held::long_side : signal == Signal::go_short ? Held::short_side : Held::flat; }
  const StrategyContext& context_of(const EngineState& state);
  std::optional<TradeProposal> propose(const EngineState& state, Signal signal, Held held);
  TradeProposal base_proposal(const EngineState& state, const Holding* holding) const;
  TradeProposal opening(const EngineState& state, const Holding* holding, Side side);

  std::unique_ptr<Strategy> strategy_;
  StrategyHostConfig config_;
  /// Where the pair's holding stands in its account: holdings are never removed, so it is looked up once. `shorting` depends on the instrument alone.
  struct Place {
    std::uint32_t account = 0, index = 0;
    Known known = Known::no;
  };
  Place place_;
  StrategyContext context_;
  Known context_known_ = Known::no;
  std::vector<Strategy::SignalAt> passed_;  ///< by pass(), kept for its memory
  Signal found_ = Signal::none;             ///< by run(), not proposed yet
  Signal pending_ = Signal::none;           ///< side to open once the close of the other side has filled
};

}  // namespace prom
