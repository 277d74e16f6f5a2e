// The order store of the simulated venue: slots, ladders, OCO groups, and the client ids ever used. One thread.
#include <algorithm>
#include <tuple>

#include "base/assert.h"
#include "domain/enum_text.h"
#include "sim/venue_core.h"

namespace prom::sim {
namespace {

bool before(const OrderRef& ref, const ClientOrderId& id) { return std::pair(ref.epoch, ref.sequence) < std::pair(id.epoch, id.sequence.v); }
bool before(const ClientOrderId& id, const OrderRef& ref) { return std::pair(id.epoch, id.sequence.v) < std::pair(ref.epoch, ref.sequence); }

Form form_of(OrderType type) {
  switch (type) {
    case OrderType::market: return Form::market;
    case OrderType::limit: return Form::limit;
    case OrderType::stop_market:
    case OrderType::stop_limit:
    case OrderType::take_profit_market:
    case OrderType::trailing_stop: return Form::trigger;
  }
  PROM_UNREACHABLE();
}

// Whether the order's condition is met by falling prices.
bool on_the_way_down(const WorkingOrder& order) {
  const bool buys = order.spec.side == Side::buy;
  return order.form == Form::limit || order.spec.type == OrderType::take_profit_market ? buys : !buys;
}

}  // namespace

OrderRef* VenueCore::find_ref(const ClientOrderId& id) {
  const auto slot = account_slots.find(id.account.v);
  if (slot == account_slots.end()) return nullptr;
  auto& refs = accounts[slot->second].orders;
  if (refs.empty() || before(refs.back(), id)) return nullptr;  // a new one
  // Almost always one of the newest: the search gallops back from the end, so that its cost does not grow with history.
  for (std::size_t back = 1; back <= std::min<std::size_t>(refs.size(), 4); ++back)
    if (OrderRef& ref = *(refs.end() - static_cast<std::ptrdiff_t>(back)); ref.epoch == id.epoch && ref.sequence == id.sequence.v) return &ref;
  auto low = refs.end();
  for (std::ptrdiff_t stride = 8; low != refs.begin(); stride *= 4) {
    low = low - std::min(stride, low - refs.begin());
    if (!before(id, *low)) break;
  }
  const auto it = std::lower_bound(low, refs.end(), id, [](const OrderRef& ref, const ClientOrderId& of) { return before(ref, of); });
  return it != refs.end() && it->epoch == id.epoch && it->sequence == id.sequence.v ? &*it : nullptr;
}

OrderRef& VenueCore::add_ref(VenueAccount& account, const ClientOrderId& id, OrderId order) {
  // In large steps: memory that is set aside and not written costs nothing, and each move to a larger piece writes all of it anew.
  if (account.orders.size() == account.orders.capacity()) account.orders.reserve(std::max<std::size_t>(64, 4 * account.orders.size()));
  if (account.orders.empty() || before(account.orders.back(), id))
    return account.orders.emplace_back(id.epoch, id.sequence.v, order, kNoSlot, FoundState::working);
  const auto it =
      std::lower_bound(account.orders.begin(), account.orders.end(), id, [](const OrderRef& ref, const ClientOrderId& of) { return before(ref, of); });
  return *account.orders.insert(it, OrderRef{id.epoch, id.sequence.v, order, kNoSlot, FoundState::working, {}});
}

std::uint32_t VenueCore::find_order(const ClientOrderId& id) {
  const OrderRef* ref = find_ref(id);
  return ref == nullptr ? kNoSlot : ref->slot;
}

OcoGroup* VenueCore::group_of(const WorkingOrder& order) {
  return const_cast<OcoGroup*>(std::as_const(*this).group_of(order));  // NOLINT(cppcoreguidelines-pro-type-const-cast): one body for both
}

const OcoGroup* VenueCore::group_of(const WorkingOrder& order) const {
  if (!order.spec.oco_group) return nullptr;
  const auto& groups = accounts[order.account].groups;
  const auto it = std::lower_bound(groups.begin(), groups.end(), *order.spec.oco_group, [](const OcoGroup& g, std::uint64_t id) { return g.id < id; });
  return it != groups.end() && it->id == *order.spec.oco_group ? &*it : nullptr;
}

std::uint32_t VenueCore::apply_order(const OrderSpec& spec, TimeNs arrival) {
  std::uint32_t slot = 0;
  if (free_orders.empty()) {
    slot = static_cast<std::uint32_t>(orders.size());
    orders.emplace_back();
  } else {
    slot = free_orders.back();
    free_orders.pop_back();
  }
  const std::uint32_t account = account_slot(spec.account);
  const std::uint32_t holding = holding_slot(account, spec.instrument, spec.leg);
  WorkingOrder& order = orders[slot];
  order = WorkingOrder{};
  order.spec = spec;
  order.arrival = arrival;
  order.seq = ++last_seq;
  order.account = account;
  order.position = holding;
  order.form = form_of(spec.type);
  order.level = order.form == Form::trigger && spec.trigger ? spec.trigger->v : 0;
  order.stage = order.form == Form::trigger && order.level != 0 ? Stage::resting : Stage::fresh;
  add_ref(accounts[account], spec.client_id, spec.id).slot = slot;
  if (spec.oco_group) {
    auto& groups = accounts[account].groups;
    auto it = std::lower_bound(groups.begin(), groups.end(), *spec.oco_group, [](const OcoGroup& g, std::uint64_t id) { return g.id < id; });
    if (it == groups.end() || it->id != *spec.oco_group) it = groups.insert(it, OcoGroup{*spec.oco_group, 0, {}, {}});
    it->members.push_back(slot);
  }
  if (reduces_only(spec)) holdings[holding].exits.emplace_back(order.seq, slot);  // sequences rise
  ++instruments[spec.instrument.v].orders;
  relock(slot, lock_for(order));
  enlist(slot);
  return slot;
}

void VenueCore::apply_finished(std::uint32_t slot, FoundState state) {
  delist(slot);
  relock(slot, std::nullopt);
  WorkingOrder& order = orders[slot];
  VenueAccount& account = accounts[order.account];
  OrderRef* ref = find_ref(order.spec.client_id);
  PROM_ASSERT(ref != nullptr, "a working order has its client id");
  ref->slot = kNoSlot;
  ref->state = state;
  ref->filled = order.filled;
  if (OcoGroup* group = group_of(order)) {
    std::erase(group->members, slot);
    if (group->members.empty()) account.groups.erase(account.groups.begin() + (group - account.groups.data()));
  }
  auto& exits = holdings[order.position].exits;
  const auto exit = std::lower_bound(exits.begin(), exits.end(), std::pair{order.seq, slot});
  if (exit != exits.end() && *exit == std::pair{order.seq, slot}) exits.erase(exit);
  VenueInstrument& inst = instruments[order.spec.instrument.v];
  --inst.orders;
  order.seq = 0;
  free_orders.push_back(slot);
  refresh_touch(inst);
  ++account.finished;
  drop_finished(account);
}

void VenueCore::apply_rejected(const OrderSpec& spec) {
  VenueAccount& account = accounts[account_slot(spec.account)];
  add_ref(account, spec.client_id, spec.id).state = FoundState::rejected;
  ++account.finished;
  drop_finished(account);
}

// Halves the memory of finished orders once it is twice full, so that the cost is spread.
void VenueCore::drop_finished(VenueAccount& account) {
  if (account.finished < 2 * kMaxFinishedOrders) return;
  std::erase_if(account.orders, [&](const OrderRef& ref) {
    if (ref.slot != kNoSlot || account.finished <= kMaxFinishedOrders) return false;
    --account.finished;
    account.forgotten = std::max(account.forgotten, {ref.epoch, ref.sequence});
    return true;
  });
}

void VenueCore::apply_trigger(std::uint32_t slot) {
  delist(slot);
  WorkingOrder& order = orders[slot];
  order.form = order.spec.type == OrderType::stop_limit ? Form::limit : Form::market;
  order.stage = order.form == Form::limit ? Stage::resting : Stage::fresh;
  enlist(slot);
}

void VenueCore::apply_level(std::uint32_t slot, std::int64_t level) {
  delist(slot);
  orders[slot].level = level;
  orders[slot].stage = Stage::resting;
  relock(slot, lock_for(orders[slot]));
  enlist(slot);
}

void VenueCore::apply_amend(std::uint32_t slot, QuantityUnits quantity, std::optional<PriceUnits> limit, std::optional<PriceUnits> trigger) {
  delist(slot);
  WorkingOrder& order = orders[slot];
  const bool new_limit = order.form == Form::limit && limit != order.spec.limit;
  order.spec.quantity = quantity;
  order.spec.limit = limit;
  if (order.form == Form::trigger && trigger != order.spec.trigger && trigger) {
    order.level = trigger->v;
    order.stage = Stage::resting;
  }
  order.spec.trigger = trigger;
  if (new_limit) order.stage = Stage::fresh;  // the new price may be marketable
  relock(slot, lock_for(order));
  enlist(slot);
}

void VenueCore::enlist(std::uint32_t slot) {
  const WorkingOrder& order = orders[slot];
  VenueInstrument& inst = instruments[order.spec.instrument.v];
  if (order.stage == Stage::fresh) {
    inst.fresh.push_back(slot);
  } else {
    const bool down = on_the_way_down(order);
    const std::int64_t sign = down ? -1 : 1;
    // A limit needs the price to trade through it: one unit beyond.
    const std::int64_t price = order.form == Form::limit ? order.spec.limit->v + (down ? -1 : 1) : order.level;
    (down ? inst.down : inst.up).insert({sign * price, order.seq, slot});
    if (order.form == Form::trigger && order.spec.type == OrderType::trailing_stop) {
      const std::int64_t beyond = order.spec.trailing_distance->v + 1;
      (down ? inst.up : inst.down).insert({down ? order.level + beyond : -(order.level - beyond), order.seq, slot});
    }
  }
  refresh_touch(inst);
}

void VenueCore::delist(std::uint32_t slot) {
  const WorkingOrder& order = orders[slot];
  VenueInstrument& inst = instruments[order.spec.instrument.v];
  if (order.stage == Stage::fresh) {
    std::erase(inst.fresh, slot);
  } else {
    const bool down = on_the_way_down(order);
    const std::int64_t sign = down ? -1 : 1;
    const std::int64_t price = order.form == Form::limit ? order.spec.limit->v + (down ? -1 : 1) : order.level;
    (down ? inst.down : inst.up).erase({sign * price, order.seq, slot});
    if (order.form == Form::trigger && order.spec.type == OrderType::trailing_stop) {
      const std::int64_t beyond = order.spec.trailing_distance->v + 1;
      (down ? inst.up : inst.down).erase({down ? order.level + beyond : -(order.level - beyond), order.seq, slot});
    }
  }
  refresh_touch(inst);
}

void VenueCore::refresh_touch(VenueInstrument& inst) {
  const bool working = inst.orders != 0 || inst.open_holdings != 0;
  if (!inst.fresh.empty() || (file.is_open() && working)) {
    // Every phase needs a look: fresh orders wait for any price, and a file records the cursor of each phase.
    inst.touch_low = INT64_MAX;
    inst.touch_high = INT64_MIN;
    return;
  }
  inst.touch_low = inst.unsafe_low;
  inst.touch_high = inst.unsafe_high;
  if (!inst.down.empty()) inst.touch_low = std::max(inst.touch_low, -inst.down.begin()->key);
  if (!inst.up.empty()) inst.touch_high = std::min(inst.touch_high, inst.up.begin()->key);
}

void VenueCore::cancel(std::uint32_t slot, CancelCause cause, TimeNs time) {
  const OrderId order = orders[slot].spec.id;
  if (file.is_open()) {
    file.append(LineBuilder("cancel").add(orders[slot].spec.client_id).add(enum_text(cause)).add(time));
  }
  apply_finished(slot, FoundState::cancelled);
  emit(time, VenueCancelled{order, cause});
}

void VenueCore::expire(std::uint32_t slot, TimeNs time) {
  const OrderId order = orders[slot].spec.id;
  if (file.is_open()) file.append(LineBuilder("expire").add(orders[slot].spec.client_id).add(time));
  apply_finished(slot, FoundState::expired);
  emit(time, VenueExpired{order});
}

void VenueCore::refuse(std::uint32_t slot, RejectCode code, const char* text, TimeNs time) {
  if (orders[slot].filled.v != 0) return cancel(slot, CancelCause::venue, time);
  const OrderId order = orders[slot].spec.id;
  if (file.is_open()) file.append(LineBuilder("refuse").add(orders[slot].spec.client_id).add(enum_text(code)).add(time));
  apply_finished(slot, FoundState::rejected);
  emit(time, VenueRejected{order, code, text});
}

}  // namespace prom::sim
