// Requests at the simulated venue: when they arrive, the venue's own checks, and the answers. One thread.
#include <algorithm>

#include "domain/enum_text.h"
#include "sim/venue_core.h"

namespace prom::sim {
namespace {

const char* text_of(RejectCode code) {
  switch (code) {
    case RejectCode::unknown: return "rejected";
    case RejectCode::insufficient_balance: return "insufficient free balance or margin";
    case RejectCode::price_filter: return "a price is missing, not positive or off the tick";
    case RejectCode::quantity_filter: return "the quantity is off the step or outside its limits";
    case RejectCode::min_notional: return "below the minimum notional";
    case RejectCode::reduce_only_rejected: return "nothing to reduce";
    case RejectCode::would_trigger_immediately: return "would trigger immediately";
    case RejectCode::post_only_would_cross: return "would take liquidity";
    case RejectCode::duplicate_client_id: return "the client order id was used before";
    case RejectCode::rate_limited: return "too many requests";
    case RejectCode::instrument_closed: return "no such instrument";
    case RejectCode::position_mode: return "spot has no hedge legs";
    case RejectCode::max_orders: return "too many working orders";
  }
  return "rejected";
}

bool is_stop(OrderType type) { return type == OrderType::stop_market || type == OrderType::stop_limit || type == OrderType::trailing_stop; }

std::optional<InstrumentIx> instrument_in(const VenueRequest& request) {
  return std::visit(
      [](const auto& body) -> std::optional<InstrumentIx> {
        if constexpr (requires { body.instrument; }) {
          return body.instrument;
        } else {
          return std::nullopt;
        }
      },
      request.body);
}

}  // namespace

TimeNs VenueCore::arrival_of_request(TimeNs now) {
  const TimeNs arrival = now + config.latency_to_venue;
  if (config.request_spacing.ns == 0) return arrival;
  const TimeNs at{std::max(arrival.ns, next_slot)};
  next_slot = at.ns + config.request_spacing.ns;
  return at;
}

void VenueCore::submit(const VenueRequest& request) {
  if (const auto ix = instrument_in(request); ix && ix->v < instruments.size()) ++instruments[ix->v].queued;
  auto at = requests.end();
  while (at != requests.begin() && (at - 1)->arrival > request.arrival) --at;
  requests.insert(at, request);
  next_arrival = requests.front().arrival.ns;
}

void VenueCore::process_until(std::int64_t instant) {
  while (next_arrival <= instant) {
    const VenueRequest request = requests.front();
    requests.pop_front();
    next_arrival = requests.empty() ? INT64_MAX : requests.front().arrival.ns;
    if (const auto ix = instrument_in(request); ix && ix->v < instruments.size()) --instruments[ix->v].queued;
    std::visit([&](const auto& body) { take(body, request.arrival); }, request.body);
    file.commit();
  }
}

std::optional<RejectCode> VenueCore::check_static(const OrderSpec& spec) const {
  if (spec.instrument.v >= instruments.size()) return RejectCode::instrument_closed;
  const Instrument& inst = instruments[spec.instrument.v].spec;
  if (inst.payoff == Payoff::spot && spec.leg != PositionLeg::net) return RejectCode::position_mode;
  const auto on_tick = [&](const std::optional<PriceUnits>& price) { return !price || (price->v > 0 && price->v % inst.tick.v == 0); };
  const bool needs_limit = spec.type == OrderType::limit || spec.type == OrderType::stop_limit;
  const bool trails = spec.type == OrderType::trailing_stop;
  const bool needs_trigger = spec.type == OrderType::stop_market || spec.type == OrderType::stop_limit || spec.type == OrderType::take_profit_market;
  if ((needs_limit && !spec.limit) || (needs_trigger && !spec.trigger) || (trails && !spec.trailing_distance)) return RejectCode::price_filter;
  if ((!needs_limit && spec.limit) || !on_tick(spec.limit) || !on_tick(spec.trigger) || !on_tick(spec.trailing_distance)) return RejectCode::price_filter;
  const std::int64_t quantity = spec.quantity.v;
  if (quantity <= 0 || quantity % inst.step.v != 0 || quantity < inst.min_quantity.v) return RejectCode::quantity_filter;
  if (inst.max_quantity.v != 0 && quantity > inst.max_quantity.v) return RejectCode::quantity_filter;
  const std::optional<PriceUnits> price = spec.limit ? spec.limit : spec.trigger;
  const bool exempt = reduces_only(spec) && inst.payoff != Payoff::spot;
  if (price && !exempt && notional_in_quote(inst, *price, spec.quantity) < inst.min_notional) return RejectCode::min_notional;
  if (orders.size() - free_orders.size() >= kMaxWorkingOrders) return RejectCode::max_orders;
  return std::nullopt;
}

std::optional<RejectCode> VenueCore::check_funds(const OrderSpec& spec) {
  WorkingOrder candidate;
  candidate.spec = spec;
  candidate.account = account_slot(spec.account);
  candidate.position = holding_slot(candidate.account, spec.instrument, spec.leg);
  candidate.level = spec.trigger ? spec.trigger->v : 0;
  const auto lock = lock_for(candidate);
  if (!lock) return std::nullopt;
  if (lock->amount.is_zero()) return RejectCode::insufficient_balance;
  const Use use = instruments[spec.instrument.v].spec.payoff == Payoff::spot ? Use::spend : Use::margin;
  const Decimal extra = lock->amount - own_lock(candidate, lock->asset);
  if (extra.is_positive() && extra > available(accounts[candidate.account], lock->asset, use)) return RejectCode::insufficient_balance;
  return std::nullopt;
}

void VenueCore::reject(const OrderSpec& spec, RejectCode code, const char* text, TimeNs time, std::uint64_t ordinal) {
  if (code != RejectCode::duplicate_client_id) {
    if (file.is_open()) file.append(LineBuilder("reject").add(spec.client_id).add(spec.id.v).add(enum_text(code)).add(time));
    apply_rejected(spec);
  }
  replies.push_answer(FaultSubject::place, ordinal, spec.id, delivered(time), VenueRejected{spec.id, code, text});
}

void VenueCore::take(const OrderSpec& spec, TimeNs time) {
  const std::uint64_t ordinal = replies.count(FaultSubject::place);
  const std::uint64_t stop_ordinal = is_stop(spec.type) ? replies.count(FaultSubject::stop_order) : 0;
  const auto planned = [&](FaultAction action) {
    return replies.planned(FaultSubject::place, ordinal, action) != nullptr ||
           (stop_ordinal != 0 && replies.planned(FaultSubject::stop_order, stop_ordinal, action) != nullptr);
  };
  if (planned(FaultAction::lose_request)) return;
  const auto slot = account_slots.find(spec.client_id.account.v);
  const bool forgotten = slot != account_slots.end() && std::pair(spec.client_id.epoch, spec.client_id.sequence.v) <= accounts[slot->second].forgotten &&
                         accounts[slot->second].forgotten.second != 0;
  if (spec.client_id.account != spec.account) {
    const VenueRejected foreign{spec.id, RejectCode::unknown, "the client order id belongs to another account"};
    return replies.push_answer(FaultSubject::place, ordinal, spec.id, delivered(time), foreign);
  }
  if (find_ref(spec.client_id) != nullptr || forgotten)
    return reject(spec, RejectCode::duplicate_client_id, text_of(RejectCode::duplicate_client_id), time, ordinal);
  if (planned(FaultAction::reject)) return reject(spec, RejectCode::unknown, "planned fault", time, ordinal);
  if (const auto code = check_static(spec)) return reject(spec, *code, text_of(*code), time, ordinal);
  if (const auto code = check_funds(spec)) return reject(spec, *code, text_of(*code), time, ordinal);
  if (file.is_open()) {
    LineBuilder line("order");
    line.add(spec.client_id).add(spec.id.v).add(spec.account.v).add(spec.pair.v).add(spec.instrument.v).add(enum_text(spec.leg)).add(enum_text(spec.side));
    line.add(enum_text(spec.type)).add(enum_text(spec.time_in_force)).add(enum_text(spec.effect)).add(enum_text(spec.purpose)).add(spec.quantity.v);
    line.add(spec.limit).add(spec.trigger).add(spec.trailing_distance);
    if (spec.oco_group) {
      line.add(*spec.oco_group);
    } else {
      line.add("-");
    }
    file.append(line.add(time));
  }
  apply_order(spec, time);
  // A plan for the n-th stop goes before one for the n-th order.
  const bool by_stop = stop_ordinal != 0 && replies.plans_reply(FaultSubject::stop_order, stop_ordinal);
  replies.push_answer(by_stop ? FaultSubject::stop_order : FaultSubject::place, by_stop ? stop_ordinal : ordinal, spec.id, delivered(time),
                      VenueAccepted{spec.id});
}

void VenueCore::take(const AmendSpec& spec, TimeNs time) {
  const std::uint64_t ordinal = replies.count(FaultSubject::amend);
  const auto planned = [&](FaultAction action) { return replies.planned(FaultSubject::amend, ordinal, action) != nullptr; };
  if (planned(FaultAction::lose_request)) return;
  const auto answer = [&](auto body) { replies.push_answer(FaultSubject::amend, ordinal, spec.order, delivered(time), std::move(body)); };
  const std::uint32_t slot = find_order(spec.client_id);
  if (slot == kNoSlot || planned(FaultAction::reject)) return answer(VenueAmendRefused{spec.order});
  WorkingOrder changed = orders[slot];
  if (spec.quantity.v != 0) changed.spec.quantity = spec.quantity;
  if (spec.limit) changed.spec.limit = spec.limit;
  if (spec.trigger && changed.form != Form::trigger) return answer(VenueAmendRefused{spec.order});
  if (spec.trigger) {
    changed.spec.trigger = spec.trigger;
    changed.level = spec.trigger->v;
  }
  if (check_static(changed.spec) || changed.remaining() <= 0) return answer(VenueAmendRefused{spec.order});
  if (const auto lock = lock_for(changed)) {
    const Use use = instrument_of(changed).spec.payoff == Payoff::spot ? Use::spend : Use::margin;
    const Decimal extra = lock->amount - own_lock(orders[slot], lock->asset);
    if (extra.is_positive() && extra > available(accounts[changed.account], lock->asset, use)) return answer(VenueAmendRefused{spec.order});
  }
  const OrderSpec& next = changed.spec;
  if (file.is_open()) file.append(LineBuilder("amend").add(spec.client_id).add(next.quantity.v).add(next.limit).add(next.trigger).add(time));
  apply_amend(slot, next.quantity, next.limit, next.trigger);
  answer(VenueAmended{spec.order, next.quantity, next.limit, next.trigger});
}

void VenueCore::take(const CancelSpec& spec, TimeNs time) {
  const std::uint64_t ordinal = replies.count(FaultSubject::cancel);
  const auto planned = [&](FaultAction action) { return replies.planned(FaultSubject::cancel, ordinal, action) != nullptr; };
  if (planned(FaultAction::lose_request)) return;
  const auto answer = [&](auto body) { replies.push_answer(FaultSubject::cancel, ordinal, spec.order, delivered(time), std::move(body)); };
  const std::uint32_t slot = find_order(spec.client_id);
  if (slot == kNoSlot || planned(FaultAction::reject)) return answer(VenueCancelRefused{spec.order});
  if (file.is_open()) file.append(LineBuilder("cancel").add(spec.client_id).add(enum_text(CancelCause::requested)).add(time));
  apply_finished(slot, FoundState::cancelled);
  answer(VenueCancelled{spec.order, CancelCause::requested});
}

void VenueCore::take(const LeverageSpec& spec, TimeNs time) {
  if (spec.instrument.v >= instruments.size()) return;
  const Instrument& inst = instruments[spec.instrument.v].spec;
  if (inst.payoff == Payoff::spot || spec.leverage < kDecimalOne) return;
  if (!inst.tiers.empty() && spec.leverage > inst.tiers.front().max_leverage) return;
  if (file.is_open()) file.append(LineBuilder("leverage").add(spec.account.v).add(spec.instrument.v).add(spec.leverage).add(time));
  apply_leverage(spec.account, spec.instrument, spec.leverage);
}

void VenueCore::take(const QueryOrder& query, TimeNs time) {
  const std::uint64_t ordinal = replies.count(FaultSubject::query);
  if (replies.planned(FaultSubject::query, ordinal, FaultAction::lose_request) != nullptr) return;
  VenueOrderFound found{query.order, FoundState::absent, {}};
  if (const OrderRef* ref = find_ref(query.client_id)) {
    found.state = ref->slot != kNoSlot && ref->filled.v != 0 ? FoundState::partially_filled : ref->state;
    found.filled = ref->filled;
  }
  replies.push_answer(FaultSubject::query, ordinal, query.order, delivered(time), found);
}

void VenueCore::take(const QuerySnapshot& query, TimeNs time) {
  const std::uint64_t ordinal = replies.count(FaultSubject::snapshot);
  if (replies.planned(FaultSubject::snapshot, ordinal, FaultAction::lose_request) != nullptr) return;
  const auto& records = accounts[account_slot(query.account)].records;
  // Back from the newest, of which few are asked for: a search through all of them would touch memory that has grown cold.
  auto first = records.end();
  while (first != records.begin() && (first - 1)->latest >= query.since) --first;
  for (auto it = first; it != records.end(); ++it) {
    if (time_of(it->record) < query.since) continue;
    if (const Fill* fill = std::get_if<Fill>(&it->record)) {
      emit(time, VenueFilled{*fill});
    } else {
      emit(time, std::get<VenueFunding>(it->record));
    }
  }
  replies.push_answer(FaultSubject::snapshot, ordinal, OrderId{}, delivered(time), snapshot(query.account));
}

TimeNs VenueCore::time_of(const VenueRecord& record) {
  const Fill* fill = std::get_if<Fill>(&record);
  return fill != nullptr ? fill->time : std::get<VenueFunding>(record).funding_time;
}

}  // namespace prom::sim
