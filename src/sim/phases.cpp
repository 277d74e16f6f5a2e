// Market phases: bar open, bar range, single trade, funding; and transfers. Each is one group of lines in the account file. One thread.
#include <algorithm>

#include "base/assert.h"
#include "domain/enum_text.h"
#include "sim/venue_core.h"

namespace prom::sim {
namespace {

std::int64_t volume_share(const std::optional<Decimal>& participation, std::int64_t volume) {
  if (!participation) return 0;
  __extension__ using Wide = __int128;
  return static_cast<std::int64_t>(Wide{volume} * participation->mantissa() / Decimal::kScale);
}

Phase range_of(const Bar& bar, TimeNs last) {
  Phase phase;
  phase.kind = Phase::Kind::range;
  phase.open = bar.open.v;
  phase.high = phase.fill_high = bar.high.v;
  phase.low = phase.fill_low = bar.low.v;
  phase.close = bar.close.v;
  phase.from = bar.open_time;
  phase.instant = last;
  return phase;
}

}  // namespace

void VenueCore::bar_open(InstrumentIx ix, const Bar& bar) {
  VenueInstrument& inst = instruments[ix.v];
  process_until(bar.open_time.ns);
  if (bar.open_time.ns <= inst.cursor) return;
  Phase phase;
  phase.kind = Phase::Kind::open;
  phase.open = phase.high = phase.low = phase.close = bar.open.v;
  phase.fill_low = bar.low.v;
  phase.fill_high = bar.high.v;
  phase.from = phase.instant = bar.open_time;
  inst.mark = bar.open.v;
  inst.capacity_bar = bar.open_time.ns;
  inst.capacity_left = volume_share(config.participation, bar.volume.v);
  match_gaps(inst, phase);
  check_liquidation(inst, phase);
  match_fresh(inst, phase);
  finish_phase(inst, phase);
}

void VenueCore::bar_range(InstrumentIx ix, const Bar& bar, DurationNs interval) {
  VenueInstrument& inst = instruments[ix.v];
  const TimeNs last = bar.open_time + interval - kNanosecond;
  process_until(last.ns);
  if (last.ns <= inst.cursor) return;
  const Phase phase = range_of(bar, last);
  if (inst.mark == 0) inst.mark = bar.open.v;
  if (inst.capacity_bar != bar.open_time.ns) {
    inst.capacity_bar = bar.open_time.ns;
    inst.capacity_left = volume_share(config.participation, bar.volume.v);
  }
  match_fresh(inst, phase);
  match_touched(inst, phase);
  move_trails(inst, phase);
  finish_phase(inst, phase);
}

void VenueCore::bar_rest(InstrumentIx ix, const Bar& bar, DurationNs interval) {
  VenueInstrument& inst = instruments[ix.v];
  const TimeNs last = bar.open_time + interval - kNanosecond;
  process_until(last.ns);
  if (last.ns != inst.cursor) return;
  // No phase of its own: limits that came after the range are first seen by the next open. Looked at again after a restart there is nothing left to hit.
  match_late_stops(inst, range_of(bar, last));
  if (file.is_open() && file.has_group()) file.commit();
  if (inst.open_holdings != 0) collect_safety(inst);
  refresh_touch(inst);
}

void VenueCore::trade(InstrumentIx ix, TimeNs time, PriceUnits price, QuantityUnits quantity) {
  VenueInstrument& inst = instruments[ix.v];
  process_until(time.ns);
  if (time.ns < inst.cursor) return;
  if (time.ns == inst.cursor && inst.skip > 0) {
    --inst.skip;
    return;
  }
  Phase phase;
  phase.kind = Phase::Kind::trade;
  phase.open = phase.high = phase.low = phase.close = price.v;
  phase.from = phase.instant = time;
  inst.mark = price.v;
  inst.capacity_bar = time.ns;
  inst.capacity_left = volume_share(config.participation, quantity.v);
  match_touched(inst, phase);
  match_fresh(inst, phase);
  move_trails(inst, phase);
  finish_phase(inst, phase);
}

void VenueCore::finish_phase(VenueInstrument& inst, const Phase& phase) {
  apply_cursor(inst, phase.instant.ns, phase.close);
  if (file.is_open() && (file.has_group() || inst.orders != 0 || inst.open_holdings != 0)) {
    LineBuilder line("cursor");
    line.add(inst.spec.ix.v).add(inst.cursor).add(inst.same_instant).add(inst.mark).add(inst.capacity_bar).add(inst.capacity_left);
    file.append(line);
    file.commit();
  }
  if (inst.open_holdings != 0) collect_safety(inst);
  refresh_touch(inst);
}

void VenueCore::apply_cursor(VenueInstrument& inst, std::int64_t instant, std::int64_t mark) {
  inst.same_instant = instant == inst.cursor ? inst.same_instant + 1 : 1;
  inst.skip = 0;
  inst.cursor = instant;
  inst.mark = mark;
  // Limit orders that this phase has seen rest now. A live venue has done so already; a reloaded one does it here.
  std::vector<std::uint32_t> settled;
  for (const std::uint32_t slot : inst.fresh) {
    if (orders[slot].form == Form::limit && orders[slot].arrival.ns <= instant) settled.push_back(slot);
  }
  for (const std::uint32_t slot : settled) {
    delist(slot);
    orders[slot].stage = Stage::resting;
    enlist(slot);
  }
}

void VenueCore::funding(InstrumentIx ix, TimeNs time, std::optional<Decimal> recorded, PriceUnits mark) {
  VenueInstrument& inst = instruments[ix.v];
  process_until(time.ns);
  if (inst.spec.payoff == Payoff::spot || time.ns <= inst.funded_at) return;
  inst.funded_at = time.ns;
  const bool from_venue = recorded.has_value() && !config.funding_rate;
  const Decimal rate = config.funding_rate ? *config.funding_rate : recorded.value_or(inst.spec.assumed_funding_rate);
  std::vector<VenueFunding> records;
  for (const std::uint32_t slot : inst.holdings) {
    const VenueHolding& holding = holdings[slot];
    if (holding.quantity == 0) continue;
    VenueFunding record;
    record.account = holding.account;
    record.instrument = ix;
    record.leg = holding.leg;
    record.funding_time = time;
    record.rate = rate;
    // A positive rate is paid by longs: the sign of the position turns round.
    record.amount = {inst.spec.settle, -mul(notional(inst.spec, mark, {holding.quantity}), rate, Round::half_even)};
    record.provenance = from_venue ? Provenance::venue : Provenance::assumed;
    records.push_back(record);
  }
  for (const VenueFunding& record : records) {
    if (file.is_open()) {
      LineBuilder line("funding");
      line.add(record.account.v).add(ix.v).add(enum_text(record.leg)).add(time).add(rate).add(record.amount.asset.v).add(record.amount.amount);
      file.append(line.add(enum_text(record.provenance)));
    }
    apply_funding(record);
    emit(time, record);
  }
  if (file.is_open()) {
    file.append(LineBuilder("funded").add(ix.v).add(time));
    file.commit();
  }
}

void VenueCore::apply_funding(const VenueFunding& record) {
  const std::uint32_t slot = account_slot(record.account);
  balance(accounts[slot], record.amount.asset).total += record.amount.amount;
  remember(accounts[slot], record);
  rebuild_safety(slot, record.amount.asset);
}

void VenueCore::transfer(AccountIx account, Money amount, TimeNs time) {
  process_until(time.ns);
  if (file.is_open()) {
    file.append(LineBuilder("transfer").add(account.v).add(amount.asset.v).add(amount.amount).add(time));
    file.commit();
  }
  apply_transfer(account, amount);
}

void VenueCore::apply_transfer(AccountIx account, Money amount) {
  const std::uint32_t slot = account_slot(account);
  balance(accounts[slot], amount.asset).total += amount.amount;
  rebuild_safety(slot, amount.asset);
}

}  // namespace prom::sim
