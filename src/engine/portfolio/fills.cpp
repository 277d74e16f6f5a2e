// Fills, funding, transfers. Engine thread.
#include "engine/portfolio/fills.h"

#include <algorithm>

#include "domain/position.h"
#include "engine/portfolio/round_trip.h"
#include "engine/protection/coverage.h"
#include "engine/protection/exit_orders.h"
#include "engine/risk/equity.h"

namespace prom::portfolio {
namespace {

void post(Step& step, const Fill& fill, AssetIx asset, PostingKind kind, Decimal amount) {
  if (amount.is_zero()) return;
  step.emit(Posted{Posting{fill.time, fill.account, asset, kind, amount, fill.instrument, fill.order.v}});
}

/// What a fee is worth in the instrument's settle asset; a fee in a third asset without a price counts at zero here and in full in its own balance.
Decimal fee_value(const Step& step, const Instrument& instrument, const Fill& fill) {
  if (fill.fee.asset == instrument.settle) return fill.fee.amount;
  if (fill.fee.asset == instrument.base && instrument.payoff == Payoff::spot) return mul(fill.fee.amount, to_decimal(instrument, fill.price), Round::half_even);
  const auto rate = conversion(step.state, fill.fee.asset, instrument.settle);
  return rate ? mul(fill.fee.amount, *rate, Round::half_even) : Decimal{};
}

/// Coins that the fee took out of a spot purchase leave the position too, rounded up to its units.
QuantityUnits kept_after_fee(const Instrument& instrument, const Fill& fill) {
  if (instrument.payoff != Payoff::spot || fill.side != Side::buy || fill.fee.asset != instrument.base || fill.fee.amount <= Decimal{}) return fill.quantity;
  const auto taken = fill.fee.amount.to_units(instrument.quantity_digits, Round::up);
  return taken ? QuantityUnits{std::max<std::int64_t>(0, fill.quantity.v - *taken)} : fill.quantity;
}

void post_cash(Step& step, const Instrument& instrument, const Fill& fill, Decimal realised) {
  if (instrument.payoff == Payoff::spot) {
    const Decimal value = notional(instrument, fill.price, fill.quantity);
    const Decimal coins = to_decimal(instrument, fill.quantity);
    const bool buy = fill.side == Side::buy;
    post(step, fill, instrument.quote, PostingKind::fill, buy ? -value : value);
    post(step, fill, instrument.base, PostingKind::fill, buy ? coins : -coins);
  } else {
    post(step, fill, instrument.settle, fill.source == FillSource::liquidation ? PostingKind::liquidation : PostingKind::realised_pnl, realised);
  }
  post(step, fill, fill.fee.asset, PostingKind::fee, -fill.fee.amount);
}

struct Booking {
  Position position;
  RoundTripSums sums;
};

/// The fee took every coin that the fill brought: money has moved, the position has not.
void book_fee_alone(Step& step, Booking b, const Instrument& instrument, const Fill& fill) {
  post_cash(step, instrument, fill, Decimal{});
  if (b.position.is_flat()) return;
  b.position.fees += fee_value(step, instrument, fill);
  step.emit(PositionSet{b.position, b.sums});
}

/// The closing part of a fill.
void book_exit(Booking& b, const Instrument& instrument, const Fill& fill, const PositionChange& change, OrderPurpose purpose) {
  b.sums.exited = b.sums.exited + change.closed;
  b.sums.exited_value += notional(instrument, fill.price, change.closed);
  b.sums.last_exit = purpose;
  b.sums.last_source = fill.source;
  b.position.realised += change.realised;
}

void book_entry(Booking& b, const Instrument& instrument, const Fill& fill, const PositionChange& change, const EngineState& state) {
  if (b.sums.entered.v == 0) {
    b.sums.side = fill.side;
    b.position.opened_at = fill.time;
    b.position.round_trip = RoundTripId{state.next_round_trip};
  }
  b.sums.entered = b.sums.entered + change.opened;
  b.sums.entered_value += notional(instrument, fill.price, change.opened);
}

/// The watermarks of a position begin at its entry: prices from before it were never its own.
void begin_watermarks(Step& step, const Fill& fill) { step.emit(WatermarkMoved{fill.account, fill.instrument, fill.leg, fill.price, fill.price}); }

/// A fill is a price that the market had while the position was held; of one between two closes no bar may tell in time.
void widen_watermarks(Step& step, const Fill& fill) {
  const Holding& holding = *step.state.find_holding(fill.account, fill.instrument, fill.leg);
  if (fill.price <= holding.best && fill.price >= holding.worst) return;
  step.emit(WatermarkMoved{fill.account, fill.instrument, fill.leg, std::max(fill.price, holding.best), std::min(fill.price, holding.worst)});
}

void reset_round_trip(Booking& b) {
  b.sums = RoundTripSums{};
  b.position.realised = Decimal{};
  b.position.fees = Decimal{};
  b.position.funding = Decimal{};
}

}  // namespace

void on_fill(Step& step, const Fill& fill) {
  if (fill.account.v >= step.state.accounts.size() || fill.instrument.v >= step.state.instruments.size() || fill.quantity.v <= 0 || fill.price.v <= 0) {
    step.oddity("a fill names an unknown account or instrument, or has no size or price; it was not booked");
    return;
  }
  const Holding* known = step.state.find_holding(fill.account, fill.instrument, fill.leg);
  if (known != nullptr && known->applied.contains(fill.trade.v)) {
    step.emit(FillRepeated{fill.trade, fill.instrument, fill.order});
    return;
  }
  const Order* order = step.state.find_order(fill.order);
  if (order == nullptr && fill.source != FillSource::liquidation) {
    step.oddity("a fill of order " + std::to_string(fill.order.v) + ", which is not ours, moved the position");
    step.alert(Severity::critical, step.state.accounts[fill.account.v].account.user, "foreign_fill",
               step.state.instrument(fill.instrument).symbol + ": a fill that no order of ours explains moved the position");
  }
  if (fill.source == FillSource::liquidation) {
    step.alert(Severity::critical, step.state.accounts[fill.account.v].account.user, "liquidation",
               step.state.instrument(fill.instrument).symbol + ": the venue liquidated the position");
  }
  const OrderPurpose purpose = order != nullptr ? order->spec.purpose : OrderPurpose::close;
  const Instrument& instrument = step.state.instrument(fill.instrument);
  step.emit(FillApplied{fill});
  const Holding* holding = step.state.find_holding(fill.account, fill.instrument, fill.leg);
  Booking b{holding->position, holding->sums};
  const QuantityUnits kept = kept_after_fee(instrument, fill);
  if (kept.v == 0) return book_fee_alone(step, std::move(b), instrument, fill);
  const PositionChange change = apply_fill(step.state.math[fill.instrument.v], b.position.quantity, b.position.cost, fill.side, fill.price, kept);
  post_cash(step, instrument, fill, change.realised);
  if (b.position.is_flat()) reset_round_trip(b);
  b.sums.slippage += fill.slippage;
  b.position.fees += fee_value(step, instrument, fill);
  if (change.closed.v > 0) {
    widen_watermarks(step, fill);
    book_exit(b, instrument, fill, change, purpose);
    const bool turned = change.opened.v > 0;
    b.position.quantity = turned ? QuantityUnits{0} : change.quantity_after;
    b.position.cost = turned ? Decimal{} : change.cost_after;
    ++b.position.version;
    step.emit(PositionSet{b.position, b.sums});
    if (b.position.is_flat()) {
      emit_round_trip(step, b.position, b.sums, fill.time);
      reset_round_trip(b);
    }
  }
  if (change.opened.v > 0) {
    const bool begins = b.sums.entered.v == 0;
    book_entry(b, instrument, fill, change, step.state);
    b.position.quantity = change.quantity_after;
    b.position.cost = change.cost_after;
    b.sums.largest = std::max(b.sums.largest, QuantityUnits{std::abs(change.quantity_after.v)});
    ++b.position.version;
    step.emit(PositionSet{b.position, b.sums});
    if (begins) {
      begin_watermarks(step, fill);
    } else {
      widen_watermarks(step, fill);
    }
  }
  protection::fit(step, fill.account, fill.instrument, fill.leg);
  close_dust(step, fill.account, fill.instrument, fill.leg);
}

bool is_dust(const Step& step, const Position& held) {
  const Instrument& instrument = step.state.instrument(held.instrument);
  if (instrument.payoff != Payoff::spot || held.quantity.v <= 0) return false;
  const QuantityUnits sold = protection::exit_size(step, held);
  const MarketState& market = step.state.market[held.instrument.v];
  return sold.v == 0 || sold < instrument.min_quantity || (market.known == Known::yes && notional(instrument, market.last, sold) < instrument.min_notional);
}

void close_dust(Step& step, AccountIx account, InstrumentIx ix, PositionLeg leg) {
  const Holding& holding = *step.state.find_holding(account, ix, leg);
  const Instrument& instrument = step.state.instrument(ix);
  const Position held = holding.position;
  if (!is_dust(step, held) || !holding.working.empty()) return;
  const Decimal value = notional(instrument, step.state.market[instrument.ix.v].last, held.quantity);
  Position flat = held;
  flat.quantity = {};
  flat.realised += value - held.cost;
  flat.cost = Decimal{};
  ++flat.version;
  const std::string symbol = instrument.symbol;
  const UserIx user = step.state.accounts[held.account.v].account.user;
  RoundTripSums sums = holding.sums;
  step.emit(PositionSet{flat, sums});
  emit_round_trip(step, flat, sums, step.state.now);
  step.alert(Severity::info, user, "dust", symbol + ": a remainder below the venue's minimum was closed in the books; the coins stay in the balance");
  protection::fit(step, account, ix, leg);  // what protected it must not be taken for the protection of the next position
}

void on_funding(Step& step, const VenueFunding& in) {
  if (in.account.v >= step.state.accounts.size() || in.instrument.v >= step.state.instruments.size()) {
    step.oddity("funding names an unknown account or instrument; it was not booked");
    return;
  }
  const Holding* holding = step.state.find_holding(in.account, in.instrument, in.leg);
  // One settlement per holding and funding time: a repeated record changes nothing.
  if (holding == nullptr || holding->last_funding >= in.funding_time) return;
  Position position = holding->position;
  step.emit(Posted{Posting{in.funding_time, in.account, in.amount.asset, PostingKind::funding, in.amount.amount, in.instrument, step.state.seq}});
  position.funding += in.amount.amount;
  step.emit(FundingApplied{in.account, in.instrument, in.leg, in.funding_time, position.funding});
}

void on_transfer(Step& step, const Input& input, const TransferBooked& in) {
  if (in.account.v >= step.state.accounts.size()) {
    step.oddity("a transfer names an unknown account; it was not booked");
    return;
  }
  step.take(input);
  step.emit(Posted{Posting{input.available_at, in.account, in.amount.asset, PostingKind::transfer, in.amount.amount, InstrumentIx{0}, step.state.seq}});
}

}  // namespace prom::portfolio
