// Dispatch of inputs to their deciders. Engine thread.
#include "engine/engine.h"

#include <algorithm>
#include <type_traits>

#include "engine/orders/leverage.h"
#include "engine/orders/order_manager.h"
#include "engine/orders/reconcile.h"
#include "engine/portfolio/fills.h"
#include "engine/protection/coverage.h"
#include "engine/risk/kill_switch.h"
#include "engine/risk/standing_checks.h"

namespace prom {
namespace {

void on_proposal(Step& step, const ProposalPosted& in) {
  ProposalReceived received{in.proposal};
  received.proposal.id = ProposalId{step.state.next_proposal};
  step.emit(std::move(received));
  // As the state keeps it until it is approved or denied: a copy only where it outlives that.
  const TradeProposal& proposal = *step.state.current_proposal;
  const auto review = RiskEngine::review(step.state, proposal);
  if (!review) {
    step.emit(ProposalDenied{proposal.id, review.error()});
    return;
  }
  const TradeProposal approved = proposal;
  step.emit(ProposalApproved{approved.id, review->quantity, review->risked});
  if (approved.intent == Intent::open || approved.intent == Intent::add) {
    orders::place_entries(step, approved, review->quantity);
  } else {
    orders::place_exit(step, approved, review->quantity);
  }
}

/// std::holds_alternative searches its list of types each time it is called; this is one comparison.
template <class T, class Variant>
bool is(const Variant& variant) {
  return std::get_if<T>(&variant) != nullptr;
}

/// A denied proposal and a fill that came again are history, and a comparison with the venue only says when the next is due: nothing that is held or limited has
/// changed.
bool leaves_books_alone(const Input& input, const Event& event) {
  return is<ProposalReceived>(event) || is<ProposalDenied>(event) || is<FillRepeated>(event) || is<ReconcileSet>(event) ||
         (is<InputTaken>(event) && is<VenueSnapshot>(input.body));
}

/// Registrations must be dense and refer to what exists; a bad one is refused, nothing half-registered.
bool is_registrable(const EngineState& s, const InputBody& body) {
  return std::visit(
      [&](const auto& in) {
        using T = std::decay_t<decltype(in)>;
        if constexpr (std::is_same_v<T, AssetRegistered>) return in.ix.v <= s.assets.size();
        if constexpr (std::is_same_v<T, InstrumentRegistered>) {
          const Instrument& i = in.instrument;
          return i.ix.v <= s.instruments.size() && i.base.v < s.assets.size() && i.quote.v < s.assets.size() && i.settle.v < s.assets.size() && i.tick.v > 0 &&
                 i.step.v > 0 && i.max_quantity.v > 0 && i.contract_value > Decimal{} && i.price_digits <= 12 && i.quantity_digits <= 12;
        }
        if constexpr (std::is_same_v<T, UserRegistered>) return in.user.ix.v <= s.users.size();
        if constexpr (std::is_same_v<T, AccountRegistered>)
          return in.account.ix.v <= s.accounts.size() && in.account.user.v < s.users.size() && in.account.reporting_asset.v < s.assets.size();
        if constexpr (std::is_same_v<T, PairRegistered>)
          return in.pair.ix.v <= s.pairs.size() && in.pair.account.v < s.accounts.size() && in.pair.instrument.v < s.instruments.size() &&
                 in.pair.leverage >= kDecimalOne;
        if constexpr (std::is_same_v<T, PairStateSet> || std::is_same_v<T, DeciderStatusSet>) return in.pair.v < s.pairs.size();
        if constexpr (std::is_same_v<T, TradingStateSet> || std::is_same_v<T, LimitsSet>) return in.user.v < s.users.size();
        if constexpr (std::is_same_v<T, ConversionPrice>) return in.price > Decimal{};
        return true;
      },
      body);
}

/// Registrations and settings. Entries that wait at a venue were approved before: what may not open any more is withdrawn.
template <class T>
void take_setting(Step& step, const Input& input, const T& in) {
  if constexpr (std::is_same_v<T, PairRegistered>) return leverage::on_pair_registered(step, input, in);
  step.take(input);
  if constexpr (std::is_same_v<T, TradingStateSet>)
    if (in.state != TradingState::active) orders::cancel_entries(step, in.user);
  if constexpr (std::is_same_v<T, PairStateSet>)
    if (in.state == PairState::paused) orders::cancel_entries(step, in.pair);
  if constexpr (std::is_same_v<T, DeciderStatusSet>)
    if (in.status == DeciderStatus::disabled) orders::cancel_entries(step, in.pair);
}

}  // namespace

void Engine::step(Input&& taken, Frame& frame) {
  frame.input = std::move(taken);
  const Input& input = frame.input;
  if (const auto* bar = std::get_if<BarClosed>(&input.body)) {
    if (bar->instrument.v >= state_.instruments.size() || check_bar(bar->bar, bar->interval) != BarFault::none) {
      frame.events.clear();
      frame.commands.clear();
      begin_frame(state_, state_.seq + 1, input.available_at);
      frame.seq = state_.seq;
      Step step(state_, options_, frame);
      step.oddity("a bar that cannot be was refused");
      return;
    }
    step_bar(bar->instrument, bar->bar.high, bar->bar.low, bar->bar.close, input.available_at, frame);
    // Recovery must see the price too: the taken input is the first event of the frame.
    frame.events.insert(frame.events.begin(), Event{InputTaken{}});
    return;
  }
  frame.events.clear();
  frame.commands.clear();
  begin_frame(state_, state_.seq + 1, input.available_at);
  frame.seq = state_.seq;
  Step step(state_, options_, frame);
  if (state_.now >= state_.next_due) run_timers(step);
  decide(step, input);
  // A trade is a price: on_prices() has seen to the bands that it left.
  const auto changes = [&](const Event& event) { return !leaves_books_alone(input, event); };
  if (std::any_of(frame.events.begin(), frame.events.end(), changes) && !is<TradePrinted>(input.body)) bands_.invalidate();
}

void Engine::step_bar(InstrumentIx instrument, PriceUnits high, PriceUnits low, PriceUnits close, TimeNs closed_at, Frame& frame) {
  frame.events.clear();
  frame.commands.clear();
  begin_frame(state_, state_.seq + 1, closed_at);
  frame.seq = state_.seq;
  apply_market(state_, instrument, close, high, low, closed_at);
  if (state_.now < state_.next_due && state_.holders[instrument.v].empty()) [[likely]]
    return;
  Step step(state_, options_, frame);
  if (state_.now >= state_.next_due) run_timers(step);
  on_prices(step, instrument, high, low);
}

void Engine::take_calm_bars(InstrumentIx instrument, const CalmBars& bars) {
  state_.seq += bars.count;
  if (bars.closed_at > state_.now) state_.now = bars.closed_at;
  apply_market(state_, instrument, bars.close, bars.high, bars.low, bars.closed_at);
  // Never made anew here: between the bars of one instrument and the next the prices are of different instants, and bands of such a mixture hold too much.
  const CalmBands::OfInstrument* calm = bands_.known(instrument);
  if (calm != nullptr && bars.highest.v <= calm->best && bars.lowest.v >= calm->worst) return;
  for (const AccountIx account : state_.holders[instrument.v]) {
    const AccountState& a = state_.accounts[account.v];
    for (std::size_t i = a.by_instrument[instrument.v] - 1; i < a.holdings.size(); ++i) {
      const Holding& holding = a.holdings[i];
      if (holding.position.instrument != instrument || holding.position.is_flat()) continue;
      if (bars.highest <= holding.best && bars.lowest >= holding.worst) continue;
      apply(state_, WatermarkMoved{account, instrument, holding.position.leg, std::max(bars.highest, holding.best), std::min(bars.lowest, holding.worst)});
    }
  }
  if (calm != nullptr) bands_.refresh_watermarks(state_, instrument);
}

void Engine::settle_peaks(std::span<const ClosePath> paths) {
  for (std::size_t u = 0; u < state_.users.size(); ++u) {
    const UserIx user{static_cast<std::uint32_t>(u)};
    const auto highest = highest_equity(state_, user, paths);
    if (!highest || *highest <= state_.users[u].peak_equity) continue;
    apply(state_, PeakRaised{user, *highest});
    bands_.invalidate(state_, user);
  }
}

void Engine::on_prices(Step& step, InstrumentIx instrument, PriceUnits high, PriceUnits low) {
  const auto& holders = step.state.holders[instrument.v];
  if (holders.empty()) return;
  const CalmBands::OfInstrument known = bands_.of(state_, instrument);
  const PriceUnits close = state_.market[instrument.v].last;
  const bool calm = known.band.holds(high, low, close);
  const bool moves = high.v > known.best || low.v < known.worst;
  if (calm && !moves) return;
  for (std::size_t i = 0; i < holders.size(); ++i) {
    const AccountIx account = holders[i];
    const bool judged = !calm && !bands_.of(state_, account, instrument).holds(high, low, close);
    if (moves || judged) protection::on_prices(step, account, instrument, high, low);
    if (!judged) continue;
    standing::on_prices(step, account, instrument, high, low);
    bands_.invalidate(state_, state_.accounts[account.v].account.user);
  }
  if (calm) bands_.refresh_watermarks(state_, instrument);
}

void Engine::run_timers(Step& step) {
  const TimeNs standing_next = standing::run_timers(step);
  const TimeNs coverage_next = protection::run_deadlines(step);
  const TimeNs kill_next = kill_switch::run_timers(step);
  const TimeNs reconcile_next = reconcile::run_timers(step);
  const TimeNs next = std::min({standing_next, coverage_next, kill_next, reconcile_next});
  step.set_next_due(std::max(next, state_.now + DurationNs{1}));
  bands_.invalidate();
}

void Engine::decide(Step& step, const Input& input) {
  if (!is_registrable(step.state, input.body)) return step.oddity("a registration that refers to nothing, or skips an index, was refused");
  std::visit(
      [&](const auto& in) {
        using T = std::decay_t<decltype(in)>;
        if constexpr (std::is_same_v<T, BarClosed>) {
          PROM_ASSERT(false, "bars take step_bar");
        } else if constexpr (std::is_same_v<T, TradePrinted>) {
          if (in.instrument.v >= step.state.instruments.size() || in.price.v <= 0) return step.oddity("a trade that cannot be was refused");
          step.take(input);
          on_prices(step, in.instrument, in.price, in.price);
        } else if constexpr (std::is_same_v<T, TimePassed>) {
          standing::check_feeds(step);
        } else if constexpr (std::is_same_v<T, DecisionRecorded> || std::is_same_v<T, MemoryNoted>) {
          step.take(input);  // history for the ledger
        } else if constexpr (std::is_same_v<T, TransferBooked>) {
          portfolio::on_transfer(step, input, in);
        } else if constexpr (std::is_same_v<T, EpochStarted>) {
          reconcile::on_epoch_started(step, input);
        } else if constexpr (std::is_same_v<T, KillSwitchPulled>) {
          kill_switch::on_pulled(step, in);
        } else if constexpr (std::is_same_v<T, KillSwitchReset>) {
          kill_switch::on_reset(step, input, in);
        } else if constexpr (std::is_same_v<T, ProtectionRequested>) {
          protection::on_requested(step, in);
        } else if constexpr (std::is_same_v<T, CancelRequested>) {
          if (in.account.v < step.state.accounts.size()) orders::cancel_entries(step, in.account, in.instrument);
        } else if constexpr (std::is_same_v<T, ProposalPosted>) {
          on_proposal(step, in);
        } else if constexpr (std::is_same_v<T, VenueAccepted>) {
          orders::on_accepted(step, in);
        } else if constexpr (std::is_same_v<T, VenueRejected>) {
          orders::on_rejected(step, in);
          if (const Order* order = step.state.find_order(in.order)) standing::on_error(step, order->spec.account);
        } else if constexpr (std::is_same_v<T, VenueTriggered>) {
          orders::on_triggered(step, in);
        } else if constexpr (std::is_same_v<T, VenueFilled>) {
          portfolio::on_fill(step, in.fill);
          standing::on_settled(step, in.fill.account);
        } else if constexpr (std::is_same_v<T, VenueCancelled>) {
          orders::on_cancelled(step, in);
        } else if constexpr (std::is_same_v<T, VenueCancelRefused>) {
          orders::on_cancel_refused(step, in);
        } else if constexpr (std::is_same_v<T, VenueAmended>) {
          orders::on_amended(step, in);
        } else if constexpr (std::is_same_v<T, VenueAmendRefused>) {
          orders::on_amend_refused(step, in);
        } else if constexpr (std::is_same_v<T, VenueExpired>) {
          orders::on_expired(step, in);
        } else if constexpr (std::is_same_v<T, VenueInDoubt>) {
          orders::on_in_doubt(step, in);
          if (const Order* order = step.state.find_order(in.order)) standing::on_error(step, order->spec.account);
        } else if constexpr (std::is_same_v<T, DispatchRefused>) {
          orders::on_dispatch_refused(step, in);
        } else if constexpr (std::is_same_v<T, VenueOrderFound>) {
          orders::on_found(step, in);
        } else if constexpr (std::is_same_v<T, VenueFunding>) {
          portfolio::on_funding(step, in);
          standing::on_settled(step, in.account);
        } else if constexpr (std::is_same_v<T, VenueSnapshot>) {
          if (in.account.v >= step.state.accounts.size()) return step.oddity("a snapshot names an unknown account");
          const std::uint32_t foreign_before = step.state.accounts[in.account.v].foreign_orders;
          reconcile::on_snapshot(step, input, in);
          kill_switch::on_snapshot(step, in, foreign_before);
        } else {
          take_setting(step, input, in);
        }
      },
      input.body);
}

void Engine::recover(const RecordedFrame& frame) {
  begin_frame(state_, frame.seq, frame.input.available_at);
  for (const Event& event : frame.events) apply(state_, frame.input, event);
  state_.next_due = TimeNs{0};
  bands_.invalidate();
}

void Engine::restore(EngineState state) {
  state_ = std::move(state);
  rebuild_derived(state_);
  bands_.invalidate();
}

}  // namespace prom
