// Iceberg detection at the best prices. Any thread; an operator belongs to one thread at a time.
#include "analysis/orderflow/iceberg.h"

#include <algorithm>
#include <cmath>

namespace prom::orderflow {
namespace {

constexpr double kSameSize = 1e-6;  // relative: quantities are decimals of the venue, differences of them carry rounding

bool same_size(double a, double b) { return std::fabs(a - b) <= kSameSize * std::max(a, b); }

}  // namespace

ParamResult<IcebergDetector> IcebergDetector::make(const Params& params) {
  PROM_CHECK_PARAM(out_of_range("min_refills", params.min_refills, {2, 1000}));
  PROM_CHECK_PARAM(out_of_range("refill_ns", static_cast<double>(params.refill_ns), {0, 60e9}));
  PROM_CHECK_PARAM(out_of_range("min_tip", params.min_tip, {0, 1e6}));
  PROM_CHECK_PARAM(bad_period("mean_trades", params.mean_trades));
  return IcebergDetector(params);
}

// The remembered tip of that size, or a new one in the place of the least seen (the oldest of equals).
IcebergDetector::Tip& IcebergDetector::tip_of(Side& side, double size) {
  for (Tip& tip : side.tips) {
    if (tip.size > 0 && same_size(tip.size, size)) return tip;
  }
  std::size_t least = side.next;
  for (std::size_t i = 0; i < side.tips.size(); ++i) {
    const std::size_t at = (side.next + i) % side.tips.size();
    if (side.tips[at].refills < side.tips[least].refills) least = at;
  }
  side.next = (least + 1) % side.tips.size();
  side.tips[least] = {size, 0, 0};
  return side.tips[least];
}

std::optional<ParamError> IcebergDetector::update(const TradePrint& trade) {
  if (auto bad = bad_event({trade.time_ns, trade.price, trade.quantity}, newest_ns_)) return bad;
  newest_ns_ = trade.time_ns;
  if (trades_ < params_.mean_trades) ++trades_;
  mean_trade_ += (trade.quantity - mean_trade_) / trades_;
  Side& side = sides_[static_cast<std::size_t>(passive_side(trade.aggressor))];
  if (trade.price != side.price) return std::nullopt;
  side.executed += trade.quantity;
  side.traded_since += trade.quantity;
  side.last_trade_ns = trade.time_ns;
  return std::nullopt;
}

ParamResult<std::optional<Iceberg>> IcebergDetector::update(const BestPrice& best) {
  PROM_CHECK_PARAM(bad_event({best.time_ns, best.price, best.quantity}, newest_ns_));
  newest_ns_ = best.time_ns;
  Side& side = sides_[static_cast<std::size_t>(best.side)];
  if (best.price != side.price) {
    side = Side{};
    side.price = best.price;
    side.shown = best.quantity;
    return std::nullopt;
  }
  const double added = best.quantity - (side.shown - side.traded_since);
  side.shown = best.quantity;
  side.traded_since = 0;
  const bool after_trade = side.last_trade_ns && best.time_ns - *side.last_trade_ns <= params_.refill_ns;
  if (!after_trade || !(added > 0) || trades_ < params_.mean_trades || added < params_.min_tip * mean_trade_) return std::nullopt;
  Tip& tip = tip_of(side, added);
  const bool is_refill = side.executed - tip.executed_before >= added * (1.0 - kSameSize);
  tip.executed_before = side.executed;
  if (!is_refill || ++tip.refills != params_.min_refills) return std::nullopt;
  return Iceberg{best.time_ns, best.side, best.price, tip.size, tip.refills, side.executed};
}

}  // namespace prom::orderflow
