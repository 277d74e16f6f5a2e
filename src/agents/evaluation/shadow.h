// Would-be trades of a decider that is disabled: what its proposals would have come to, marked by bars. Deterministic; one owner.
#pragma once

#include <optional>
#include <vector>

#include "domain/instrument.h"
#include "domain/proposal.h"
#include "ports/views.h"

namespace prom {

/// How a shadow trade's stop follows, in multiples of its initial risk R, as the position manager would have it. Moves at a bar's close, for later bars.
struct ShadowTrail {
  double from_r = 1;      ///< best excursion from which the stop moves: to the entry at least
  double behind_r = 1.5;  ///< and no farther than this behind the best price
};

/// One position at a time, as a share of its entry value, so that results of different sizes compare. Inside a bar the stop is taken before the target (the
/// order is unknown: the worse one holds); a bar that opens beyond the stop fills at its open. Entries fill at the reference price, waiting limits are
/// taken as market. Each side costs the taker fee and the slippage of sizing.
class ShadowLedger {
 public:
  struct Trade {
    TimeNs opened_at{}, closed_at{};
    double net = 0;  ///< share of the entry value, after costs
  };

  bool is_open() const { return open_.has_value(); }
  std::optional<Side> side() const { return open_ ? std::optional(open_->side) : std::nullopt; }
  /// Notes an opening proposal; ignored while one is open or without a stop. `price` is the last close at its instant. Without `trail` the stop stays.
  void open(const Instrument& instrument, const TradeProposal& proposal, PriceUnits price, std::optional<ShadowTrail> trail = std::nullopt);
  /// Plays the bars that closed after what was played before, oldest first.
  void play(const BarWindow& bars);
  /// Closes at the last close that was played (or the entry), e.g. because the desk's score turned.
  void close(TimeNs at);

  const std::vector<Trade>& trades() const { return trades_; }
  std::vector<double> nets() const;
  void clear() {
    trades_.clear();
    open_.reset();
  }

 private:
  struct Target {
    double price = 0, fraction = 0;
  };
  struct Open {
    Side side = Side::buy;
    TimeNs since{};
    double entry = 0, stop = 0, last = 0, best = 0, risk = 0;
    std::optional<ShadowTrail> trail;
    double left = 1;    ///< share of the position still open
    double gained = 0;  ///< per unit of entry value, before costs of the rest
    double cost = 0;    ///< of one side, fraction of value
    std::vector<Target> targets;
  };
  void take_off(double share, double price);
  void follow(double high, double low);
  void finish(TimeNs at);

  std::optional<Open> open_;
  TimeNs played_until_{};
  std::vector<Trade> trades_;
};

}  // namespace prom
