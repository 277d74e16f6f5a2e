// Liquidity pools and sweeps. Pure, any thread.
#include "analysis/smc/liquidity.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "analysis/indicators/rolling.h"
#include "analysis/indicators/volatility.h"

namespace prom::smc {
namespace {

// A taken pool that price may still reclaim.
struct Pending {
  std::size_t pool = 0, taken = 0;
  double extreme = 0, relative_volume = 0;
};

class Mapper {
 public:
  Mapper(const OhlcvView& bars, std::size_t reclaim_bars) : bars_(bars), reclaim_bars_(reclaim_bars) {}

  void take_pools(std::size_t i, double relative_volume) {
    while (!highs_.empty() && bars_.high[i] > highs_.begin()->first) take(highs_, highs_.begin(), {0, i, bars_.high[i], relative_volume});
    while (!lows_.empty() && bars_.low[i] < std::prev(lows_.end())->first) take(lows_, std::prev(lows_.end()), {0, i, bars_.low[i], relative_volume});
  }

  void reclaim(std::size_t i) {
    std::erase_if(pending_, [&](Pending& p) {
      const auto& pool = out.pools[p.pool];
      const bool high = pool.kind == SwingKind::high;
      p.extreme = high ? std::max(p.extreme, bars_.high[i]) : std::min(p.extreme, bars_.low[i]);
      if (high ? bars_.close[i] < pool.level : bars_.close[i] > pool.level) {
        out.sweeps.push_back({p.pool, pool.kind, pool.level, p.taken, i, std::fabs(p.extreme - pool.level), p.relative_volume});
        return true;
      }
      return i - p.taken >= reclaim_bars_;
    });
  }

  void add(const Swing& swing, double tolerance) {
    auto& standing = swing.kind == SwingKind::high ? highs_ : lows_;
    const auto near = nearest(standing, swing.price);
    const bool joins = near != standing.end() && std::fabs(near->first - swing.price) <= tolerance && out.pools[near->second].members.size() < kMaxPoolMembers;
    if (!joins) {
      standing.emplace(swing.price, out.pools.size());
      out.pools.push_back({swing.kind, {swing}, swing.price, std::nullopt});
      return;
    }
    LiquidityPool& pool = out.pools[near->second];
    pool.members.push_back(swing);
    const double level = swing.kind == SwingKind::high ? std::max(pool.level, swing.price) : std::min(pool.level, swing.price);
    if (level == pool.level) return;
    const std::size_t id = near->second;
    pool.level = level;
    standing.erase(near);
    standing.emplace(level, id);
  }

  LiquidityMap out;

 private:
  using Standing = std::multimap<double, std::size_t>;

  static Standing::iterator nearest(Standing& standing, double price) {
    auto above = standing.lower_bound(price);
    if (above == standing.begin()) return above;
    const auto below = std::prev(above);
    if (above == standing.end() || price - below->first <= above->first - price) return below;
    return above;
  }

  void take(Standing& standing, Standing::iterator which, Pending pending) {
    pending.pool = which->second;
    out.pools[pending.pool].taken_index = pending.taken;
    pending_.push_back(pending);
    standing.erase(which);
  }

  const OhlcvView& bars_;
  std::size_t reclaim_bars_;
  Standing highs_, lows_;
  std::vector<Pending> pending_;
};

}  // namespace

ParamResult<LiquidityMap> liquidity(const OhlcvView& bars, const LiquidityParams& params) {
  PROM_CHECK_PARAM(out_of_range("tolerance_atr", params.tolerance_atr, {0, 10}));
  PROM_CHECK_PARAM(out_of_range("reclaim_bars", params.reclaim_bars, {0, 1000}));
  PROM_CHECK_PARAM(bad_period("volume_period", params.volume_period));
  const auto points = swing_points(bars, params.swings);
  if (!points) return std::unexpected(points.error());
  const auto atr = evaluate<indicators::Atr>({params.atr_period}, bars);
  if (!atr) return std::unexpected(atr.error());
  Mapper mapper(bars, static_cast<std::size_t>(params.reclaim_bars));
  indicators::RollingSum volume(static_cast<std::size_t>(params.volume_period));
  auto next = points->begin();
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const double usual = volume.full() ? volume.mean() : 0;
    mapper.take_pools(i, usual > 0 ? bars.volume[i] / usual : 0);
    mapper.reclaim(i);
    volume.push(bars.volume[i]);
    for (; next != points->end() && next->swing.confirmed_index == i; ++next) {
      mapper.add(next->swing, std::isnan((*atr)[i]) ? 0 : params.tolerance_atr * (*atr)[i]);
    }
  }
  return std::move(mapper.out);
}

}  // namespace prom::smc
