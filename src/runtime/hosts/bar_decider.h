// What decides on every base bar of one pair: a strategy behind sizing, seen by whatever drives it. Shard thread.
#pragma once

#include <optional>

#include "domain/proposal.h"
#include "engine/state/state.h"
#include "strategies/strategy.h"

namespace prom {

class BarDecider {
 public:
  virtual ~BarDecider() = default;
  /// A bar of the pair's instrument closed and the engine has seen it. At most one proposal.
  virtual std::optional<TradeProposal> on_bar(const EngineState& state, const StrategyBar& bar) = 0;

  // The same for stretches in which nothing but prices changes: begin(), run() until it finds a cause, propose().
  /// Notes what run() may take for granted: positions as they are now. False while the next bar may bring a proposal whatever it says (a turn that waits for
  /// its close): it needs on_bar().
  virtual bool begin(const EngineState& state) = 0;
  enum class Cause : std::uint8_t { none, found };
  struct Ran {
    std::size_t next = 0;  ///< behind the last bar fed
    Cause cause = Cause::none;
  };
  /// Feeds bars [from, to) up to and including the first that gives cause for a proposal.
  virtual Ran run(const BarColumns& bars, std::size_t from, std::size_t to) = 0;
  /// What the cause that run() found amounts to, once the engine has seen its bar.
  virtual std::optional<TradeProposal> propose(const EngineState& state) = 0;

  /// Whether causes come from the bars alone: then run() may be fed bars that the engine has not seen yet, up to the next cause.
  virtual bool runs_ahead() const { return false; }
  /// What propose() would ask for, told from the positions alone, before the engine has seen the bar. `unknown`: ask propose().
  enum class Wants : std::uint8_t { unknown, nothing, opening };
  virtual Wants wants(const EngineState&) { return Wants::unknown; }
  /// Instead of propose(), where wants() was nothing or an opening that nobody would see denied.
  virtual void forget() {}

  /// The same bar during warm-up or after a restart: state follows, nothing is proposed.
  virtual void warm(const StrategyBar& bar) = 0;
};

}  // namespace prom
