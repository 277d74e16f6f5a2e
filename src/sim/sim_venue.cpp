// The public face of the simulated venue: the hot path of untouched bars, dispatch to the machinery, and inspection. One thread.
#include "sim/sim_venue.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "sim/venue_core.h"

namespace prom {

struct SimVenue::Impl : sim::VenueCore {};

SimVenue::SimVenue(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SimVenue::~SimVenue() = default;

namespace {

std::optional<std::string> fault_in(const SimVenueConfig& config, std::span<const Instrument> instruments, std::span<const std::string> assets) {
  if (config.latency_to_venue.ns < 0 || config.latency_to_engine.ns < 0) return "the simulated venue's latency must not be negative";
  if (config.request_spacing.ns < 0 || config.batch_limit == 0)
    return "the simulated venue needs a spacing of requests from 0 and batches of at least one order";
  if (config.slippage.is_negative() || config.slippage >= kDecimalOne) return "the simulated venue's slippage must lie in [0, 1)";
  if (config.participation && (!config.participation->is_positive() || *config.participation > kDecimalOne))
    return "the simulated venue's participation must lie in (0, 1]";
  for (std::size_t i = 0; i < instruments.size(); ++i) {
    const Instrument& inst = instruments[i];
    if (inst.ix.v != i) return "instrument " + inst.symbol + " does not stand at its index";
    if (inst.tick.v <= 0 || inst.step.v <= 0) return "instrument " + inst.symbol + " needs a positive tick and step";
    if (inst.base.v >= assets.size() || inst.quote.v >= assets.size() || inst.settle.v >= assets.size())
      return "instrument " + inst.symbol + " names an asset that is not known";
  }
  return std::nullopt;
}

}  // namespace

std::expected<std::unique_ptr<SimVenue>, std::string> SimVenue::create(const SimVenueConfig& config, std::span<const Instrument> instruments,
                                                                       std::span<const std::string> assets) {
  if (auto fault = fault_in(config, instruments, assets)) return std::unexpected(*std::move(fault));
  auto impl = std::make_unique<Impl>();
  impl->config = config;
  impl->assets.assign(assets.begin(), assets.end());
  impl->instruments.resize(instruments.size());
  for (std::size_t i = 0; i < instruments.size(); ++i) impl->instruments[i].spec = instruments[i];
  if (!config.file.empty()) {
    if (auto loaded = impl->reload(); !loaded) return std::unexpected(loaded.error());
  }
  return std::unique_ptr<SimVenue>(new SimVenue(std::move(impl)));
}

void SimVenue::on_bar_open(InstrumentIx instrument, const Bar& bar, DurationNs) {
  sim::VenueCore& core = *impl_;
  sim::VenueInstrument& inst = core.instruments[instrument.v];
  const std::int64_t open_time = bar.open_time.ns;
  const bool quiet = (core.next_arrival > open_time) & (bar.open.v > inst.touch_low) & (bar.open.v < inst.touch_high) & (open_time > inst.cursor);
  if (!quiet) [[unlikely]]
    return core.bar_open(instrument, bar);
  inst.cursor = open_time;
  inst.mark = bar.open.v;
}

void SimVenue::on_bar_range(InstrumentIx instrument, const Bar& bar, DurationNs interval) {
  sim::VenueCore& core = *impl_;
  sim::VenueInstrument& inst = core.instruments[instrument.v];
  const std::int64_t last = bar.open_time.ns + interval.ns - 1;
  const bool quiet = (core.next_arrival > last) & (bar.low.v > inst.touch_low) & (bar.high.v < inst.touch_high) & (last > inst.cursor);
  if (!quiet) [[unlikely]]
    return core.bar_range(instrument, bar, interval);
  inst.cursor = last;
  inst.mark = bar.close.v;
}

bool SimVenue::on_bar_rest(InstrumentIx instrument, const Bar& bar, DurationNs interval) {
  if (impl_->instruments[instrument.v].grew_at != bar.open_time.ns + interval.ns - 1) [[likely]]
    return false;
  impl_->bar_rest(instrument, bar, interval);
  return true;
}

void SimVenue::on_trade(InstrumentIx instrument, TimeNs time, PriceUnits price, QuantityUnits quantity) {
  sim::VenueCore& core = *impl_;
  sim::VenueInstrument& inst = core.instruments[instrument.v];
  const bool quiet = (core.next_arrival > time.ns) & (price.v > inst.touch_low) & (price.v < inst.touch_high) & (time.ns > inst.cursor);
  if (!quiet) [[unlikely]]
    return core.trade(instrument, time, price, quantity);
  inst.cursor = time.ns;
  inst.same_instant = 1;
  inst.mark = price.v;
}

void SimVenue::on_funding(InstrumentIx instrument, TimeNs time, std::optional<Decimal> recorded_rate, PriceUnits mark) {
  impl_->funding(instrument, time, recorded_rate, mark);
}

void SimVenue::transfer(AccountIx account, Money amount, TimeNs time) {
  PROM_ASSERT(amount.asset.v < impl_->assets.size(), "a transfer of an asset that the venue does not know");
  impl_->transfer(account, amount, time);
}

namespace {

template <class T>
bool lapsed(const Approved<T>& approved, TimeNs now) {
  return now > approved.expires_at();
}

}  // namespace

// At zero latency a request is processed before the call returns, and is durable then.
void SimVenue::place(const Approved<OrderSpec>& order, TimeNs now) {
  if (lapsed(order, now)) return impl_->replies.push(now, DispatchRefused{order.value().id, "approval expired before dispatch"});
  impl_->request(order.value(), now);
}

std::size_t SimVenue::batch_limit() const { return impl_->config.batch_limit; }

void SimVenue::place_batch(std::span<const Approved<OrderSpec>> orders, TimeNs now) {
  PROM_ASSERT(orders.size() <= batch_limit(), "a batch of more orders than the venue takes");
  std::optional<TimeNs> arrival;  // of the one request; orders that lapsed take no part in it
  for (const Approved<OrderSpec>& order : orders) {
    if (lapsed(order, now)) {
      impl_->replies.push(now, DispatchRefused{order.value().id, "approval expired before dispatch"});
      continue;
    }
    if (!arrival) arrival = impl_->arrival_of_request(now);
    impl_->submit({*arrival, order.value()});
  }
  impl_->process_until(now.ns);
}

// What lapsed was never sent, but its order was: DispatchRefused would say that the venue never saw that. Refused, the engine asks what became of it.
void SimVenue::amend(const Approved<AmendSpec>& amend, TimeNs now) {
  if (lapsed(amend, now)) return impl_->replies.push(now, VenueAmendRefused{amend.value().order});
  impl_->request(amend.value(), now);
}

void SimVenue::cancel(const Approved<CancelSpec>& cancel, TimeNs now) {
  if (lapsed(cancel, now)) return impl_->replies.push(now, VenueCancelRefused{cancel.value().order});
  impl_->request(cancel.value(), now);
}

// No input speaks of a leverage change, so a lapsed one is dropped without a word; the venue keeps the leverage that it had.
void SimVenue::set_leverage(const Approved<LeverageSpec>& leverage, TimeNs now) {
  if (lapsed(leverage, now)) return;
  impl_->request(leverage.value(), now);
}

void SimVenue::query(const QueryOrder& query, TimeNs now) { impl_->request(query, now); }

void SimVenue::query_snapshot(const QuerySnapshot& query, TimeNs now) { impl_->request(query, now); }

TimeNs SimVenue::next_delivery() const {
  const TimeNs reply = impl_->replies.next();
  if (impl_->next_arrival == INT64_MAX) return reply;
  return std::min(reply, TimeNs{impl_->next_arrival} + impl_->config.latency_to_engine);
}

bool SimVenue::poll(TimeNs until, Input& out) {
  if (impl_->next_arrival != INT64_MAX && impl_->next_arrival <= until.ns - impl_->config.latency_to_engine.ns)
    impl_->process_until(until.ns - impl_->config.latency_to_engine.ns);
  return impl_->replies.pop(until, out);
}

void SimVenue::set_faults(SimFaultPlan plan) { impl_->replies.set_faults(std::move(plan)); }

std::vector<SimPosition> SimVenue::positions(AccountIx account) const {
  std::vector<SimPosition> out;
  for (const VenuePosition& p : impl_->snapshot(account).positions) out.push_back({account, p.instrument, p.leg, p.quantity});
  return out;
}

std::vector<Money> SimVenue::balances(AccountIx account) const { return impl_->snapshot(account).balances; }
std::vector<VenueOpenOrder> SimVenue::open_orders(AccountIx account) const { return impl_->open_orders(account); }

Decimal SimVenue::leverage(AccountIx account, InstrumentIx instrument) const {
  const auto slot = impl_->account_slots.find(account.v);
  return slot == impl_->account_slots.end() ? kDecimalOne : impl_->leverage_of(impl_->accounts[slot->second], instrument);
}

bool SimVenue::is_idle(InstrumentIx instrument) const {
  const sim::VenueInstrument& inst = impl_->instruments[instrument.v];
  return inst.orders == 0 && inst.open_holdings == 0 && inst.queued == 0;
}

SimVenue::UntouchedRange SimVenue::untouched(InstrumentIx instrument) const {
  const sim::VenueInstrument& inst = impl_->instruments[instrument.v];
  if (is_idle(instrument)) return {};
  return {inst.touch_low, inst.touch_high};
}

const std::string& SimVenue::failure() const { return impl_->file.failure(); }

SimHistory SimVenue::history() const { return impl_->told; }

void SimVenue::pass_bars(InstrumentIx instrument, TimeNs open_time, DurationNs interval, PriceUnits close) {
  if (is_idle(instrument)) return;  // bars are not shown to an idle instrument
  sim::VenueInstrument& inst = impl_->instruments[instrument.v];
  inst.cursor = std::max(inst.cursor, open_time.ns + interval.ns - 1);
  inst.mark = close.v;
}

namespace sim {

std::vector<VenueOpenOrder> VenueCore::open_orders(AccountIx account) const {
  std::vector<VenueOpenOrder> out;
  const auto slot = account_slots.find(account.v);
  if (slot == account_slots.end()) return out;
  // Over the slots in use, not over every client id that was ever seen.
  std::vector<std::pair<std::uint64_t, const WorkingOrder*>> working;
  for (const WorkingOrder& order : orders)
    if (order.seq != 0 && order.account == slot->second) working.emplace_back(order.seq, &order);
  out.reserve(working.size());
  std::sort(working.begin(), working.end());
  for (const auto& [seq, found] : working) {
    const WorkingOrder& order = *found;
    const OrderSpec& spec = order.spec;
    const auto trigger = order.level != 0 ? std::optional(PriceUnits{order.level}) : spec.trigger;
    out.push_back({spec.client_id, spec.instrument, spec.leg, spec.side, spec.type, spec.effect, spec.quantity, order.filled, spec.limit, trigger});
  }
  return out;
}

VenueSnapshot VenueCore::snapshot(AccountIx account) const {
  VenueSnapshot out{account, {}, open_orders(account), {}};
  const auto slot = account_slots.find(account.v);
  if (slot == account_slots.end()) return out;
  for (const std::uint32_t index : accounts[slot->second].holdings) {
    const VenueHolding& holding = holdings[index];
    if (holding.quantity == 0) continue;
    out.positions.push_back({holding.instrument, holding.leg, {holding.quantity}});
  }
  std::sort(out.positions.begin(), out.positions.end(),
            [](const VenuePosition& a, const VenuePosition& b) { return std::pair(a.instrument, a.leg) < std::pair(b.instrument, b.leg); });
  for (const VenueBalance& b : accounts[slot->second].balances) out.balances.push_back({b.asset, b.total});
  return out;
}

}  // namespace sim

}  // namespace prom
