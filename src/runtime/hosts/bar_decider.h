// What decides on every base bar of one pair: a strategy behind sizing, seen by whatever drives it. Shard thread.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

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
  /// The caller's word that these columns stay as they are while this object lives.
  virtual void rely_on(const BarColumns&) {}
  /// What propose() would ask for, told from the positions alone, before the engine has seen the bar. `unknown`: ask propose().
  enum class Wants : std::uint8_t { unknown, nothing, opening };
  virtual Wants wants(const EngineState&) { return Wants::unknown; }
  /// Instead of propose(), where wants() was nothing or an opening that nobody would see denied.
  virtual void forget() {}
  /// As run() while the pair stays flat and every opening is barred: causes come to nothing and are forgotten, up to one of which wants() does not know.
  /// `openings` gets the bars of those that would have asked for an opening.
  virtual Ran pass(const EngineState& state, const BarColumns& bars, std::size_t from, std::size_t to, std::vector<std::size_t>& openings) {
    Ran ran{from, Cause::none};
    while (ran.next < to) {
      ran = run(bars, ran.next, to);
      if (ran.cause == Cause::none) break;
      const Wants asked = wants(state);
      if (asked == Wants::unknown) return ran;
      if (asked == Wants::opening) openings.push_back(ran.next - 1);
      forget();
    }
    return {ran.next, Cause::none};
  }

  /// A bar that was decided on before a restart: state follows, also that of a turn which waits for its close; nothing is proposed. `held`: what the pair held
  /// when it was decided on.
  virtual void warm(const EngineState& state, const StrategyBar& bar, Held held) = 0;
};

}  // namespace prom
