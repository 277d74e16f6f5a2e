// Spoof-like order detection over the levels of a book. Any thread; an operator belongs to one thread at a time.
#include "analysis/orderflow/spoofing.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace prom::orderflow {
namespace {

bool about_equal(double a, double b) { return std::fabs(a - b) <= 0.02 * std::max(a, b); }

}  // namespace

ParamResult<SpoofDetector> SpoofDetector::make(const Params& params) {
  PROM_CHECK_PARAM(out_of_range("size_multiple", params.size_multiple, {1, 1e6}));
  PROM_CHECK_PARAM(out_of_range("max_distance_bps", params.max_distance_bps, {0.01, 1e4}));
  PROM_CHECK_PARAM(out_of_range("withdrawn_share", params.withdrawn_share, {0.1, 1}));
  PROM_CHECK_PARAM(out_of_range("executed_share", params.executed_share, {0, 1}));
  PROM_CHECK_PARAM(out_of_range("max_life_ns", static_cast<double>(params.max_life_ns), {1e6, 3600e9}));
  PROM_CHECK_PARAM(out_of_range("min_life_ns", static_cast<double>(params.min_life_ns), {0, static_cast<double>(params.max_life_ns)}));
  PROM_CHECK_PARAM(out_of_range("move_ns", static_cast<double>(params.move_ns), {0, 60e9}));
  PROM_CHECK_PARAM(bad_period("mean_additions", params.mean_additions));
  return SpoofDetector(params);
}

std::optional<ParamError> SpoofDetector::seed(const LevelChange& level) {
  if (auto bad = bad_event({level.time_ns, level.price, level.quantity}, newest_ns_)) return bad;
  set_level(level);
  return std::nullopt;
}

void SpoofDetector::set_level(const LevelChange& change) {
  auto& levels = levels_[static_cast<std::size_t>(change.side)];
  if (change.quantity == 0) {
    levels.erase(change.price);
    return;
  }
  levels[change.price] = change.quantity;
  if (levels.size() > kMaxLevels) levels.erase(change.side == BookSideKind::bid ? levels.begin() : std::prev(levels.end()));
}

// Drops what has stood too long and hands out what is certain by now.
std::vector<SpoofLike> SpoofDetector::advance(std::int64_t time_ns) {
  newest_ns_ = time_ns;
  std::vector<SpoofLike> known;
  std::erase_if(watched_, [&](Watched& watched) {
    if (!watched.is_withdrawn) return time_ns - watched.order.placed_ns > params_.max_life_ns;
    if (time_ns - watched.order.withdrawn_ns <= params_.move_ns) return false;
    watched.order.time_ns = time_ns;
    known.push_back(watched.order);
    return true;
  });
  std::sort(known.begin(), known.end(), [](const SpoofLike& a, const SpoofLike& b) {
    return std::tuple(a.withdrawn_ns, a.placed_ns, a.price) < std::tuple(b.withdrawn_ns, b.placed_ns, b.price);
  });
  return known;
}

bool SpoofDetector::was_moved(const SpoofLike& order) const {
  return std::any_of(recent_.begin(), recent_.end(), [&](const Addition& a) {
    const bool is_near = a.quantity > 0 && order.withdrawn_ns - a.time_ns <= params_.move_ns;
    const bool is_itself = a.price == order.price && a.time_ns == order.placed_ns;
    return is_near && !is_itself && a.side == order.side && about_equal(a.quantity, order.quantity);
  });
}

void SpoofDetector::see_addition(const LevelChange& change, double added) {
  std::erase_if(watched_, [&](const Watched& w) { return w.is_withdrawn && w.order.side == change.side && about_equal(w.order.quantity, added); });
  const double best = best_[static_cast<std::size_t>(change.side)];
  const double behind = change.side == BookSideKind::bid ? best - change.price : change.price - best;
  const bool is_calibrated = additions_ >= params_.mean_additions && best > 0;
  if (is_calibrated && added >= params_.size_multiple * mean_addition_ && behind > 0 && behind <= params_.max_distance_bps * 1e-4 * best) {
    if (watched_.size() == kMaxWatched) watched_.erase(watched_.begin());
    SpoofLike order;
    order.placed_ns = change.time_ns;
    order.side = change.side;
    order.price = change.price;
    order.quantity = added;
    order.multiple = added / mean_addition_;
    order.distance_bps = behind / best * 1e4;
    watched_.push_back({order, false});
  }
  if (is_calibrated && added >= params_.size_multiple * mean_addition_ * 0.5) {
    recent_[next_recent_] = {change.time_ns, change.side, change.price, added};
    next_recent_ = (next_recent_ + 1) % kRecent;
  }
  if (additions_ < params_.mean_additions) ++additions_;
  mean_addition_ += (added - mean_addition_) / additions_;
}

// The newest watched order of that level that is large enough to explain the removal.
void SpoofDetector::see_removal(const LevelChange& change, double removed) {
  const auto explains = [&](const Watched& w) {
    const double size = w.order.quantity;
    return !w.is_withdrawn && w.order.side == change.side && w.order.price == change.price && removed >= params_.withdrawn_share * size;
  };
  const auto found = std::find_if(watched_.rbegin(), watched_.rend(), explains);
  if (found == watched_.rend()) return;
  found->is_withdrawn = true;
  found->order.withdrawn_ns = change.time_ns;
  const bool is_flicker = change.time_ns - found->order.placed_ns < params_.min_life_ns;
  if (is_flicker || found->order.executed > params_.executed_share * found->order.quantity || was_moved(found->order)) watched_.erase(std::next(found).base());
}

ParamResult<std::vector<SpoofLike>> SpoofDetector::update(const LevelChange& change) {
  PROM_CHECK_PARAM(bad_event({change.time_ns, change.price, change.quantity}, newest_ns_));
  auto known = advance(change.time_ns);
  const auto& levels = levels_[static_cast<std::size_t>(change.side)];
  const auto at = levels.find(change.price);
  const double before = at == levels.end() ? 0.0 : at->second;
  set_level(change);
  if (change.quantity > before) see_addition(change, change.quantity - before);
  if (change.quantity < before) see_removal(change, before - change.quantity);
  return known;
}

ParamResult<std::vector<SpoofLike>> SpoofDetector::update(const BestPrice& best) {
  PROM_CHECK_PARAM(bad_event({best.time_ns, best.price, best.quantity}, newest_ns_));
  best_[static_cast<std::size_t>(best.side)] = best.price;
  return advance(best.time_ns);
}

ParamResult<std::vector<SpoofLike>> SpoofDetector::update(const TradePrint& trade) {
  PROM_CHECK_PARAM(bad_event({trade.time_ns, trade.price, trade.quantity}, newest_ns_));
  auto known = advance(trade.time_ns);
  for (Watched& watched : watched_) {
    if (!watched.is_withdrawn && watched.order.side == passive_side(trade.aggressor) && watched.order.price == trade.price) {
      watched.order.executed += trade.quantity;
    }
  }
  return known;
}

}  // namespace prom::orderflow
