// What a deterministic signal generator is: it is fed closed base bars one by one, thinks in its own timeframe, and says when a position should change.
// It holds no money and knows no venue; a host turns its signals into proposals. One owner at a time; a clone goes on with the same results.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/wire.h"
#include "domain/bar.h"

namespace prom {

/// One closed base bar in doubles (quote units, base units or contracts). Known at open_time_ns + base interval.
struct StrategyBar {
  std::int64_t open_time_ns = 0;
  double open = 0, high = 0, low = 0, close = 0, volume = 0;
  static StrategyBar of(const BarColumns& bars, std::size_t i) {
    return {bars.open_time_ns[i], bars.open_f[i], bars.high_f[i], bars.low_f[i], bars.close_f[i], bars.volume_f[i]};
  }
};

enum class Shorting : std::uint8_t { forbidden, allowed };
enum class Held : std::uint8_t { flat, long_side, short_side };

/// What a strategy may know besides bars. `held` is the pair's position as the host sees it when the bar closes: a stop may have taken it off meanwhile.
struct StrategyContext {
  DurationNs base_interval = kMinute;
  Shorting shorting = Shorting::forbidden;  ///< forbidden on spot: go_short is never given then
  Held held = Held::flat;
};

enum class Signal : std::uint8_t { none, go_long, go_flat, go_short };

struct SignalTarget {
  double price = 0;
  double fraction = 0;  ///< of the position, (0, 1]
};

/// A signal with what a proposal needs. Prices are raw doubles; the host puts them on the tick.
struct SignalIntent {
  Signal signal = Signal::none;
  double price = 0;                  ///< close of the timeframe bar that decided
  std::optional<double> stop_price;  ///< given with go_long and go_short
  std::optional<double> trailing_distance;
  std::vector<SignalTarget> targets;
  double size_fraction = 1;  ///< share of the risk that the profile allows, (0, 1]
  std::string reason;        ///< one sentence with the numbers that decided
};

enum class ReadsPosition : std::uint8_t { no, yes };

enum class StateFault : std::uint8_t { truncated, wrong_strategy, wrong_parameters };

class Strategy {
 public:
  virtual ~Strategy() = default;

  virtual std::string_view name() const = 0;
  virtual DurationNs timeframe() const = 0;
  /// Timeframe bars that must have closed before the first signal can come.
  virtual std::int64_t warm_up_bars() const = 0;

  /// Feeds one base bar; bars come in ascending order of time, gaps allowed. A few nanoseconds unless the bar closes a timeframe bar. A timeframe bar whose last
  /// base bar is missing is closed by the next base bar. Uses this bar and earlier ones only.
  virtual Signal on_bar(const StrategyBar& bar, const StrategyContext& context) = 0;

  /// Feeds bars [from, to) as on_bar() would one by one, up to and including the first that gives a signal, which is stored in `signal` (`none` where there is
  /// none). Returns the index behind the last bar fed. `bars` are of the base interval; the context holds for all of them.
  virtual std::size_t run(const BarColumns& bars, std::size_t from, std::size_t to, const StrategyContext& context, Signal& signal) {
    signal = Signal::none;
    for (std::size_t i = from; i < to; ++i) {
      signal = on_bar(StrategyBar::of(bars, i), context);
      if (signal != Signal::none) return i + 1;
    }
    return to;
  }

  /// A signal and the bar that gave it.
  struct SignalAt {
    std::size_t bar = 0;
    Signal signal = Signal::none;
  };
  /// Feeds bars [from, to) as run() would whatever it finds: all signals but `none` are appended.
  virtual void run_through(const BarColumns& bars, std::size_t from, std::size_t to, const StrategyContext& context, std::vector<SignalAt>& signals) {
    while (from < to) {
      Signal signal = Signal::none;
      from = run(bars, from, to, context, signal);
      if (signal != Signal::none) signals.push_back({from - 1, signal});
    }
  }

  /// The caller's word that these columns stay as they are while this object lives: run() may then work on bars before it is fed them. Signals are the same. A
  /// clone relies on nothing.
  virtual void rely_on(const BarColumns&) {}

  /// Whether signals depend on `StrategyContext::held`. Without that they can be worked out before the position at their instant is known.
  virtual ReadsPosition reads_position() const { return ReadsPosition::yes; }

  /// Details of the last signal that was not `none`; a default intent before the first. Text is made here, not in on_bar.
  virtual SignalIntent intent() const = 0;
  /// The same without its reason in words, for runs whose reasons nobody reads.
  virtual SignalIntent wordless_intent() const {
    SignalIntent out = intent();
    out.reason.clear();
    return out;
  }

  virtual std::unique_ptr<Strategy> clone() const = 0;
  /// Everything that later signals depend on. load() on a strategy made with the same parameters continues exactly; after a fault the object is as before.
  virtual void save(ByteWriter& writer) const = 0;
  virtual std::optional<StateFault> load(ByteReader& reader) = 0;
};

}  // namespace prom
