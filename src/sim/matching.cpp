// How orders meet prices. Inside a bar the order of events is unknown and the account gets the worse one: stops of open positions first, then entries, then
// the stops of what was just opened, then liquidation, then targets, and never a target of something opened inside the same bar. One thread.
#include <algorithm>

#include "base/assert.h"
#include "domain/enum_text.h"
#include "sim/venue_core.h"

namespace prom::sim {
namespace {

enum class Rank : std::uint8_t { exit_stop, entry, exit_target };

struct Touched {
  Rank rank;
  std::size_t place;  // in the order in which the price reaches them
  std::uint32_t slot;
  std::uint64_t seq;
};

bool is_stop(const WorkingOrder& order) { return order.form == Form::trigger && order.spec.type != OrderType::take_profit_market; }

// The rung that makes a trailing stop follow stands in the ladder of favourable prices.
bool is_trail_move(const WorkingOrder& order, bool falling) {
  return order.form == Form::trigger && order.spec.type == OrderType::trailing_stop && (order.spec.side == Side::buy) == falling;
}

}  // namespace

// The price that a taker order gets before slippage: the one price there is, or inside a bar the worse of its ends.
static std::int64_t taker_base(const Phase& phase, Side side) {
  return phase.kind == Phase::Kind::range ? worse_of(phase.open, phase.close, side) : phase.open;
}

template <class Keep>
static std::vector<Touched> collect(const VenueCore& core, const VenueInstrument& inst, std::int64_t low, std::int64_t high, Keep keep) {
  std::vector<Touched> touched;
  const auto add = [&](const Rung& rung, bool falling) {
    const WorkingOrder& order = core.orders[rung.slot];
    if (!keep(order) || is_trail_move(order, falling)) return;
    const Rank rank = !core.reduces_only(order.spec) && !(inst.spec.payoff == Payoff::spot && order.spec.side == Side::sell) ? Rank::entry
                      : is_stop(order)                                                                                       ? Rank::exit_stop
                                                                                                                             : Rank::exit_target;
    touched.push_back({rank, touched.size(), rung.slot, rung.seq});
  };
  for (auto it = inst.down.begin(); it != inst.down.end() && -it->key >= low; ++it) add(*it, true);
  for (auto it = inst.up.begin(); it != inst.up.end() && it->key <= high; ++it) add(*it, false);
  std::sort(touched.begin(), touched.end(), [](const Touched& a, const Touched& b) { return std::pair(a.rank, a.place) < std::pair(b.rank, b.place); });
  return touched;
}

void VenueCore::match_gaps(VenueInstrument& inst, const Phase& phase) {
  const auto touched = collect(*this, inst, phase.open, phase.open, [](const WorkingOrder& order) { return order.form == Form::trigger; });
  for (const Touched& t : touched) {
    if (orders[t.slot].seq == t.seq && orders[t.slot].form == Form::trigger && orders[t.slot].arrival <= phase.instant) fire_trigger(t.slot, phase);
  }
}

void VenueCore::match_fresh(VenueInstrument& inst, const Phase& phase) {
  if (inst.fresh.empty()) return;
  if (inst.fresh.size() == 1) {  // the usual case
    const std::uint32_t slot = inst.fresh.front();
    if (orders[slot].arrival <= phase.instant) meet_fresh({0, orders[slot].seq, slot}, phase);
    return;
  }
  std::vector<Rung> waiting;
  for (const std::uint32_t slot : inst.fresh) {
    if (orders[slot].arrival <= phase.instant) waiting.push_back({0, orders[slot].seq, slot});
  }
  std::sort(waiting.begin(), waiting.end());
  for (const Rung& rung : waiting) {
    if (is_live(rung) && orders[rung.slot].stage == Stage::fresh) meet_fresh(rung, phase);
  }
}

void VenueCore::meet_fresh(const Rung& rung, const Phase& phase) {
  switch (orders[rung.slot].form) {
    case Form::market: meet_market(rung.slot, phase); break;
    case Form::limit: meet_limit(rung.slot, phase); break;
    case Form::trigger: {
      // A trailing stop without a first trigger starts at its distance from the first price that it meets.
      const OrderSpec& spec = orders[rung.slot].spec;
      const std::int64_t level = std::max<std::int64_t>(phase.open - sign_of(opposite(spec.side)) * spec.trailing_distance->v, 1);
      if (file.is_open()) file.append(LineBuilder("trail").add(spec.client_id).add(level));
      apply_level(rung.slot, level);
      break;
    }
  }
  // What met the market without filling rests from now on.
  if (is_live(rung) && orders[rung.slot].form == Form::limit && orders[rung.slot].stage == Stage::fresh) {
    delist(rung.slot);
    orders[rung.slot].stage = Stage::resting;
    enlist(rung.slot);
  }
}

void VenueCore::meet_market(std::uint32_t slot, const Phase& phase) {
  const OrderSpec& spec = orders[slot].spec;
  const std::int64_t base = taker_base(phase, spec.side);
  const Rung rung{0, orders[slot].seq, slot};
  const TimeNs time = std::max(orders[slot].arrival, phase.from);
  const bool once = spec.time_in_force == TimeInForce::ioc || spec.time_in_force == TimeInForce::fok;
  const std::int64_t price = worsened(base, spec.side, config.slippage, instrument_of(orders[slot]).spec.tick.v, {phase.fill_low, phase.fill_high});
  execute(slot, phase, {price, base, Liquidity::taker, time});
  if (once && is_live(rung)) cancel(slot, CancelCause::ioc_remainder, time);
}

void VenueCore::meet_limit(std::uint32_t slot, const Phase& phase) {
  const OrderSpec spec = orders[slot].spec;
  const Rung rung{0, orders[slot].seq, slot};
  const std::int64_t base = taker_base(phase, spec.side);
  const TimeNs time = std::max(orders[slot].arrival, phase.from);
  const std::int64_t limit = spec.limit->v;
  const bool marketable = spec.side == Side::buy ? base < limit : base > limit;
  if (marketable && spec.time_in_force == TimeInForce::post_only) return refuse(slot, RejectCode::post_only_would_cross, "would take liquidity", time);
  if (marketable) {
    PriceRange range{phase.fill_low, phase.fill_high};
    if (spec.side == Side::buy) {
      range.high = std::min(range.high, limit);
    } else {
      range.low = std::max(range.low, limit);
    }
    execute(slot, phase, {worsened(base, spec.side, config.slippage, instrument_of(orders[slot]).spec.tick.v, range), base, Liquidity::taker, time});
  }
  if (!is_live(rung)) return;
  if (spec.time_in_force == TimeInForce::ioc) return cancel(slot, CancelCause::ioc_remainder, time);
  if (spec.time_in_force == TimeInForce::fok) return expire(slot, time);
}

void VenueCore::fire_trigger(std::uint32_t slot, const Phase& phase) {
  const OrderSpec spec = orders[slot].spec;
  const Rung rung{0, orders[slot].seq, slot};
  const TimeNs time = phase.instant;
  if (reduces_only(spec) && reducible(holdings[orders[slot].position], spec.side) == 0) return cancel(slot, CancelCause::reduce_only_void, time);
  const std::int64_t level = orders[slot].level;
  // A stop that came after the open and is beyond it fires at once, at the market and not at a level that the market had left before.
  const bool passed = is_stop(orders[slot]) && (spec.side == Side::sell ? level > phase.open : level < phase.open);
  const bool inside = phase.kind == Phase::Kind::range && level >= phase.low && level <= phase.high && !passed;
  const std::int64_t base = inside ? level : taker_base(phase, spec.side);
  if (file.is_open()) file.append(LineBuilder("trigger").add(spec.client_id).add(time));
  apply_trigger(slot);
  emit(time, VenueTriggered{spec.id});
  const std::int64_t price = worsened(base, spec.side, config.slippage, instrument_of(orders[slot]).spec.tick.v, {phase.fill_low, phase.fill_high});
  if (spec.type == OrderType::stop_limit) {
    const bool within = spec.side == Side::buy ? price <= spec.limit->v : price >= spec.limit->v;
    if (within) execute(slot, phase, {price, base, Liquidity::taker, time});
  } else {
    execute(slot, phase, {price, base, Liquidity::taker, time});
  }
  if (!is_live(rung)) return;
  if (spec.time_in_force == TimeInForce::ioc) return cancel(slot, CancelCause::ioc_remainder, time);
  if (spec.time_in_force == TimeInForce::fok) return expire(slot, time);
}

void VenueCore::hit_limit(std::uint32_t slot, const Phase& phase) {
  const std::int64_t limit = orders[slot].spec.limit->v;
  // A bar wholly beyond the limit has no trade at the limit: the nearest price that traded stands in, which is better for the account.
  const std::int64_t price = std::clamp(limit, phase.fill_low, phase.fill_high);
  execute(slot, phase, {price, price, Liquidity::maker, phase.instant});
}

void VenueCore::match_touched(VenueInstrument& inst, const Phase& phase) {
  const auto touched = collect(*this, inst, phase.low, phase.high, [](const WorkingOrder&) { return true; });
  const bool unsafe = phase.low <= inst.unsafe_low || phase.high >= inst.unsafe_high;
  if (touched.empty() && !unsafe) return;
  const auto visit = [&](const Touched& t) {
    const WorkingOrder& order = orders[t.slot];
    if (order.seq != t.seq || order.stage != Stage::resting || order.arrival > phase.instant) return;
    if (order.form == Form::trigger) {
      fire_trigger(t.slot, phase);
    } else if (order.form == Form::limit) {
      hit_limit(t.slot, phase);
    }
  };
  // Stops of what is open, except those beyond the price at which the venue would liquidate first.
  for (const Touched& t : touched) {
    if (t.rank != Rank::exit_stop || orders[t.slot].seq != t.seq) continue;
    const WorkingOrder& order = orders[t.slot];
    if (reducible(holdings[order.position], order.spec.side) == 0) continue;
    if (unsafe && inst.spec.payoff != Payoff::spot) {
      const auto price = liquidation_price(order.account, inst, phase);
      if (price && (order.spec.side == Side::sell ? order.level < *price : order.level > *price)) continue;
    }
    visit(t);
  }
  if (unsafe) check_liquidation(inst, phase);
  for (const Touched& t : touched) {
    if (t.rank == Rank::entry) visit(t);
  }
  for (const Touched& t : touched) {
    if (t.rank == Rank::exit_stop) visit(t);
  }
  if (phase.low <= inst.unsafe_low || phase.high >= inst.unsafe_high) check_liquidation(inst, phase);
  for (const Touched& t : touched) {
    if (t.rank != Rank::exit_target || orders[t.slot].seq != t.seq) continue;
    if (phase.kind == Phase::Kind::range && holdings[orders[t.slot].position].grew_at == phase.instant.ns) continue;
    visit(t);
  }
}

void VenueCore::match_late_stops(VenueInstrument& inst, const Phase& phase) {
  const auto touched = collect(*this, inst, phase.low, phase.high, [&](const WorkingOrder& order) {
    return is_stop(order) && reduces_only(order.spec) && holdings[order.position].grew_at == phase.instant.ns;
  });
  for (const Touched& t : touched) {
    const WorkingOrder& order = orders[t.slot];
    if (order.seq == t.seq && order.stage == Stage::resting && order.arrival <= phase.instant) fire_trigger(t.slot, phase);
  }
}

void VenueCore::move_trails(VenueInstrument& inst, const Phase& phase) {
  std::vector<Rung> moving;
  for (auto it = inst.up.begin(); it != inst.up.end() && it->key <= phase.high; ++it) {
    if (is_trail_move(orders[it->slot], false)) moving.push_back(*it);
  }
  for (auto it = inst.down.begin(); it != inst.down.end() && -it->key >= phase.low; ++it) {
    if (is_trail_move(orders[it->slot], true)) moving.push_back(*it);
  }
  for (const Rung& rung : moving) {
    const WorkingOrder& order = orders[rung.slot];
    // An extreme from before the order came does not count.
    if (order.arrival > phase.from) continue;
    const std::int64_t distance = order.spec.trailing_distance->v;
    const std::int64_t level = order.spec.side == Side::sell ? phase.high - distance : phase.low + distance;
    if (level <= 0) continue;
    if (file.is_open()) file.append(LineBuilder("trail").add(order.spec.client_id).add(level));
    apply_level(rung.slot, level);
  }
}

}  // namespace prom::sim
