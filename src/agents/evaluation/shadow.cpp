// Plays shadow trades on bars. Deterministic; one owner.
#include "agents/evaluation/shadow.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"

namespace prom {

namespace {
constexpr double kSlippage = 0.0005;  // 5 basis points a side, as sizing assumes
constexpr double kRestOfNothing = 1e-9;
}  // namespace

void ShadowLedger::open(const Instrument& instrument, const TradeProposal& proposal, PriceUnits price, std::optional<ShadowTrail> trail) {
  if (open_ || !proposal.stop) return;
  Open trade;
  trade.side = proposal.side;
  trade.since = proposal.as_of.time;
  trade.entry = trade.last = to_decimal(instrument, price).to_double();
  trade.stop = to_decimal(instrument, *proposal.stop).to_double();
  trade.best = trade.entry;
  trade.risk = std::abs(trade.entry - trade.stop);
  trade.trail = trail;
  trade.cost = std::max(0.0, instrument.fees.taker.to_double()) + kSlippage;
  for (const TargetLevel& target : proposal.targets) trade.targets.push_back({to_decimal(instrument, target.price).to_double(), target.fraction.to_double()});
  trade.gained = -trade.cost;
  played_until_ = std::max(played_until_, proposal.as_of.time);
  open_ = std::move(trade);
}

void ShadowLedger::take_off(double share, double price) {
  Open& trade = *open_;
  const double part = std::min(share, trade.left);
  const double sign = trade.side == Side::buy ? 1 : -1;
  trade.gained += part * (sign * (price / trade.entry - 1) - trade.cost * price / trade.entry);
  trade.left -= part;
}

void ShadowLedger::follow(double high, double low) {
  Open& trade = *open_;
  const bool buys = trade.side == Side::buy;
  trade.best = buys ? std::max(trade.best, high) : std::min(trade.best, low);
  if (!trade.trail || std::abs(trade.best - trade.entry) < trade.trail->from_r * trade.risk) return;
  const double distance = trade.trail->behind_r * trade.risk;
  trade.stop = buys ? std::max({trade.stop, trade.entry, trade.best - distance}) : std::min({trade.stop, trade.entry, trade.best + distance});
}

void ShadowLedger::finish(TimeNs at) {
  trades_.push_back({open_->since, at, open_->gained});
  open_.reset();
}

void ShadowLedger::play(const BarWindow& bars) {
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const TimeNs closed = TimeNs{bars.open_time_ns[i]} + bars.interval;
    if (closed <= played_until_) continue;
    played_until_ = closed;
    if (!open_ || TimeNs{bars.open_time_ns[i]} < open_->since) continue;
    Open& trade = *open_;
    const bool buys = trade.side == Side::buy;
    trade.last = bars.close[i];
    if (buys ? bars.low[i] <= trade.stop : bars.high[i] >= trade.stop) {
      take_off(trade.left, buys ? std::min(trade.stop, bars.open[i]) : std::max(trade.stop, bars.open[i]));
      finish(closed);
      continue;
    }
    std::erase_if(trade.targets, [&](const Target& target) {
      const bool reached = buys ? bars.high[i] >= target.price : bars.low[i] <= target.price;
      if (reached) take_off(target.fraction, target.price);
      return reached;
    });
    if (trade.left < kRestOfNothing) {
      finish(closed);
    } else {
      follow(bars.high[i], bars.low[i]);
    }
  }
}

void ShadowLedger::close(TimeNs at) {
  if (!open_) return;
  take_off(open_->left, open_->last);
  finish(at);
}

std::vector<double> ShadowLedger::nets() const {
  std::vector<double> out;
  out.reserve(trades_.size());
  for (const Trade& trade : trades_) out.push_back(trade.net);
  return out;
}

}  // namespace prom
