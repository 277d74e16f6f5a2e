// Frames to events. Money, prices and quantities are decimal texts in real units: a reader needs no table of instruments.
#include "runtime/streams/frame_events.h"

#include <utility>

#include "domain/codec/frame_codec.h"
#include "domain/enum_text.h"
#include "domain/position.h"
#include "domain/value.h"

namespace prom {
namespace {

Value number(std::uint64_t value) { return static_cast<std::int64_t>(value); }
template <class E>
Value word(E value) {
  return enum_text(value);
}
Value text_or_null(const std::string& text) { return text.empty() ? Value{} : Value(text); }
void append(ValueObject& to, ValueObject more) {
  for (auto& member : more) to.push_back(std::move(member));
}

}  // namespace

/// Makes the events of one frame.
struct FrameEvents::Maker {
  FrameEvents& book;
  const RecordedFrame& frame;
  std::vector<StreamEvent> out;
  std::string place;  ///< of what is looked at: i, e3, c0

  // --- pieces ---
  UserIx user_of(AccountIx account) const {
    const auto found = book.accounts_.find(account);
    return found == book.accounts_.end() ? UserIx{} : found->second.user;
  }
  Value asset(AssetIx ix) const {
    const auto found = book.assets_.find(ix);
    return found == book.assets_.end() ? Value{} : Value(found->second);
  }
  Value code(InstrumentIx ix) const {
    const Instrument* known = book.instrument(ix);
    return known != nullptr ? Value(instrument_code(*known)) : Value{};
  }
  template <class Units>
  Value amount(InstrumentIx ix, Units units) const {
    const Instrument* known = book.instrument(ix);
    return known != nullptr ? Value(to_decimal(*known, units)) : Value{};
  }
  template <class Units>
  Value amount(InstrumentIx ix, const std::optional<Units>& units) const {
    return units ? amount(ix, *units) : Value{};
  }
  ValueObject of_user(UserIx user) const { return {{"seq", number(frame.seq)}, {"user_id", number(user.v)}}; }
  ValueObject of_account(AccountIx account) const {
    ValueObject object = of_user(user_of(account));
    object.emplace_back("account_id", number(account.v));
    return object;
  }
  ValueObject of_order(const OrderNote& order) const {
    const OrderSpec& spec = order.spec;
    ValueObject object = of_account(spec.account);
    append(object, {{"instrument", code(spec.instrument)},
                    {"order_id", number(spec.id.v)},
                    {"client_order_id", to_text(spec.client_id)},
                    {"purpose", name_of(spec.purpose)},
                    {"side", name_of(spec.side)}});
    return object;
  }

  std::string id() const { return book.run_ + "/" + std::to_string(frame.seq) + "/" + place; }
  void emit(Topic topic, UserIx user, TimeNs at, std::string payload) {
    out.push_back({topic, std::to_string(user.v), kEventSchema, id(), at, std::move(payload)});
  }
  void emit(Topic topic, UserIx user, ValueObject object) { emit(topic, user, frame.input.available_at, to_json(Value(std::move(object)))); }
  /// Of a market and of nobody: the key is the instrument.
  void emit_of_market(Topic topic, InstrumentIx ix, std::string event_id, ValueObject object) {
    const Instrument* known = book.instrument(ix);
    if (known == nullptr) return;
    out.push_back({topic, instrument_code(*known), kEventSchema, std::move(event_id), frame.input.available_at, to_json(Value(std::move(object)))});
  }
  /// What a person is to hear, beside the event that it comes from: the channel finds the words in the reader's language.
  void notify(UserIx user, std::string_view kind, const ValueObject& about) {
    ValueObject object = of_user(user);
    append(object, {{"kind", kind}, {"about", Value(about)}});
    out.push_back(
        {Topic::notifications_telegram, std::to_string(user.v), kEventSchema, id() + "n", frame.input.available_at, to_json(Value(std::move(object)))});
  }

  // --- events ---
  template <class Other>
  void operator()(const Other&) {}  // no stream for it

  void operator()(const OrderCreated& created) {
    const OrderSpec& spec = created.spec;
    OrderNote& order = book.orders_[spec.id];
    order = {.spec = spec};
    ValueObject object = of_order(order);
    append(object, {{"type", name_of(spec.type)},
                    {"time_in_force", word(spec.time_in_force)},
                    {"effect", word(spec.effect)},
                    {"leg", word(spec.leg)},
                    {"quantity", amount(spec.instrument, spec.quantity)},
                    {"limit", amount(spec.instrument, spec.limit)},
                    {"trigger", amount(spec.instrument, spec.trigger)},
                    {"trailing_distance", amount(spec.instrument, spec.trailing_distance)},
                    {"proposal_id", spec.proposal ? number(spec.proposal->v) : Value{}}});
    emit(Topic::orders_placed, user_of(spec.account), std::move(object));
    book.forget_old_orders();
  }

  void operator()(const OrderMoved& moved) {
    OrderNote* order = book.find(moved.order);
    if (order == nullptr) return;
    const auto next = next_state(order->state, moved.kind);
    if (!next) return;
    const OrderState before = std::exchange(order->state, *next);
    // What ends with everything filled was told by its fills.
    if (is_terminal(before) || !is_terminal(*next) || *next == OrderState::filled) return;
    ValueObject object = of_order(*order);
    append(object, {{"state", name_of(*next)},
                    {"reason", text_or_null(moved.text)},
                    {"quantity", amount(order->spec.instrument, order->spec.quantity)},
                    {"filled", amount(order->spec.instrument, order->filled)}});
    emit(Topic::orders_canceled, user_of(order->spec.account), std::move(object));
  }

  void operator()(const OrderAmended& amended) {
    OrderNote* order = book.find(amended.order);
    if (order == nullptr) return;
    order->spec.quantity = amended.quantity;
    if (amended.limit) order->spec.limit = amended.limit;
    if (amended.trigger) order->spec.trigger = amended.trigger;
  }

  void operator()(const FillApplied& applied) {
    const Fill& fill = applied.fill;
    OrderNote* order = book.find(fill.order);
    OrderNote foreign;  // of an order that nobody here placed, or that is long forgotten
    foreign.spec.id = fill.order;
    foreign.spec.account = fill.account;
    foreign.spec.instrument = fill.instrument;
    foreign.spec.side = fill.side;
    if (order != nullptr) {
      order->filled = order->filled + fill.quantity;
      const bool done = order->filled.v >= order->spec.quantity.v;
      if (const auto next = next_state(order->state, done ? OrderEventKind::filled : OrderEventKind::partially_filled)) order->state = *next;
    }
    ValueObject object = of_order(order != nullptr ? *order : foreign);
    if (order == nullptr) {
      for (auto& [name, value] : object) {
        if (name == "client_order_id" || name == "purpose") value = Value{};
      }
    }
    append(object, {{"trade_id", number(fill.trade.v)},
                    {"leg", word(fill.leg)},
                    {"price", amount(fill.instrument, fill.price)},
                    {"quantity", amount(fill.instrument, fill.quantity)},
                    {"fee", fill.fee.amount},
                    {"fee_asset", asset(fill.fee.asset)},
                    {"slippage", fill.slippage},
                    {"liquidity", name_of(fill.liquidity)},
                    {"source", word(fill.source)},
                    {"state", order != nullptr ? Value(name_of(order->state)) : Value{}},
                    {"order_quantity", order != nullptr ? amount(fill.instrument, order->spec.quantity) : Value{}},
                    {"order_filled", order != nullptr ? amount(fill.instrument, order->filled) : Value{}}});
    emit(Topic::orders_filled, user_of(fill.account), fill.time, to_json(Value(std::move(object))));
  }

  void operator()(const PositionSet& set) {
    const Position& position = set.position;
    const HoldingKey key{position.account, position.instrument, position.leg};
    if (position.is_flat()) {
      book.open_.erase(key);
      return;
    }
    const auto [known, opened] = book.open_.try_emplace(key, position.round_trip);
    if (!opened && std::exchange(known->second, position.round_trip) == position.round_trip) return;
    const Instrument* traded = book.instrument(position.instrument);
    const auto price = traded != nullptr ? average_price(*traded, position.quantity, position.cost) : std::nullopt;
    ValueObject object = of_account(position.account);
    append(object, {{"instrument", code(position.instrument)},
                    {"trade_id", number(position.round_trip.v)},
                    {"leg", word(position.leg)},
                    {"side", position.quantity.v > 0 ? "long" : "short"},
                    {"quantity", amount(position.instrument, QuantityUnits{position.quantity.v > 0 ? position.quantity.v : -position.quantity.v})},
                    {"entry_price", price ? Value(*price) : Value{}},
                    {"opened_at", position.opened_at}});
    notify(user_of(position.account), "trade_opened", object);
    emit(Topic::trades_opened, user_of(position.account), std::move(object));
  }

  void operator()(const RoundTripClosed& closed) {
    const JournalEntry& entry = closed.entry;
    ValueObject object = of_account(entry.account);
    append(object, {{"instrument", code(entry.instrument)},
                    {"trade_id", number(entry.trade.v)},
                    {"side", entry.side == Side::buy ? "long" : "short"},
                    {"decider", entry.decider},
                    {"decision_id", entry.decision ? number(entry.decision->v) : Value{}},
                    {"proposal_id", entry.proposal ? number(entry.proposal->v) : Value{}},
                    {"opened_at", entry.opened_at},
                    {"closed_at", entry.closed_at},
                    {"quantity", amount(entry.instrument, entry.quantity)},
                    {"entry_price", entry.entry_price},
                    {"exit_price", entry.exit_price},
                    {"gross", gross_before_costs(entry)},
                    {"fees", entry.fees},
                    {"funding", entry.funding},
                    {"slippage", entry.slippage},
                    {"net", entry.net},
                    {"risked", entry.risked},
                    {"best_excursion", entry.best_excursion},
                    {"worst_excursion", entry.worst_excursion},
                    {"exit_reason", entry.exit_reason},
                    {"regime", text_or_null(entry.regime)},
                    {"lesson", text_or_null(entry.lesson)}});
    notify(user_of(entry.account), "trade_closed", object);
    emit(Topic::trades_closed, user_of(entry.account), std::move(object));
  }

  void operator()(const BreakerTripped& tripped) {
    ValueObject object = of_user(tripped.user);
    append(object, {{"state", "tripped"}, {"breaker", name_of(tripped.kind)}, {"limit", tripped.limit}, {"actual", tripped.actual}, {"until", tripped.until}});
    emit(Topic::risk_circuit_breaker, tripped.user, std::move(object));
  }
  void operator()(const BreakerResumed& resumed) {
    ValueObject object = of_user(resumed.user);
    append(object, {{"state", "resumed"}, {"breaker", name_of(resumed.kind)}});
    emit(Topic::risk_circuit_breaker, resumed.user, std::move(object));
  }
  void operator()(const KillSwitchMoved& moved) {
    ValueObject object = of_user(moved.user);
    append(object, {{"phase", word(moved.phase)}, {"reason", text_or_null(moved.reason)}});
    emit(Topic::risk_kill_switch, moved.user, std::move(object));
  }

  // --- commands ---
  void operator()(const Alert& alert) {
    ValueObject object = of_user(alert.user);
    append(object, {{"severity", word(alert.severity)}, {"code", alert.code}, {"text", alert.text}});
    notify(alert.user, "alert", object);
    emit(Topic::risk_alerts, alert.user, std::move(object));
  }

  // --- inputs ---
  void operator()(const BarClosed& closed) {
    if (frame.events.empty() || !std::holds_alternative<InputTaken>(frame.events.front())) return;  // a bar that cannot be was refused
    const Bar& bar = closed.bar;
    emit_of_market(Topic::market_prices, closed.instrument, id(),
                   {{"seq", number(frame.seq)},
                    {"instrument", code(closed.instrument)},
                    {"interval_s", closed.interval.ns / kSecond.ns},
                    {"open_time", bar.open_time},
                    {"open", amount(closed.instrument, bar.open)},
                    {"high", amount(closed.instrument, bar.high)},
                    {"low", amount(closed.instrument, bar.low)},
                    {"close", amount(closed.instrument, bar.close)},
                    {"volume", amount(closed.instrument, bar.volume)}});
  }

  /// What the analysts think of an instrument: the same for all whose desks ask at that instant, so it is told once.
  void signals_of(const DecisionRecord& record) {
    const auto [told, first] = book.signalled_.try_emplace(record.instrument, record.as_of.time);
    if (!first && std::exchange(told->second, record.as_of.time) == record.as_of.time) return;
    ValueList analysts;
    for (const Verdict& verdict : record.verdicts) {
      if (verdict.role > AgentRole::onchain_analyst) continue;
      analysts.emplace_back(ValueObject{{"agent", name_of(verdict.role)},
                                        {"stance", name_of(verdict.stance)},
                                        {"confidence", verdict.confidence},
                                        {"weight", verdict.weight},
                                        {"summary", verdict.summary}});
    }
    if (analysts.empty()) return;
    emit_of_market(Topic::agents_signals, record.instrument, id() + "s",
                   {{"seq", number(frame.seq)},
                    {"instrument", code(record.instrument)},
                    {"as_of", record.as_of.time},
                    {"regime", text_or_null(record.regime)},
                    {"score", record.score},
                    {"analysts", Value(std::move(analysts))}});
  }

  void operator()(const DecisionRecorded& recorded) {
    const Instrument* traded = book.instrument(recorded.record.instrument);
    ValueObject head = of_account(recorded.record.account);
    append(head, {{"instrument", code(recorded.record.instrument)},
                  {"price_digits", traded != nullptr ? number(traded->price_digits) : Value{}},
                  {"quantity_digits", traded != nullptr ? number(traded->quantity_digits) : Value{}}});
    const auto with = [&](ValueObject object, const DecisionRecord& record) {
      std::string payload = to_json(Value(std::move(object)));
      payload.back() = ',';
      return payload + R"("decision":)" + decision_to_json(record) + "}";
    };
    std::string payload = with(head, recorded.record);
    if (payload.size() > kMaxEventPayload) {
      // The verdicts are its bulk; they stay in the journal.
      DecisionRecord shorter = recorded.record;
      shorter.verdicts.clear();
      head.emplace_back("verdicts_left_out", number(recorded.record.verdicts.size()));
      payload = with(std::move(head), shorter);
    }
    emit(Topic::agents_decisions, user_of(recorded.record.account), frame.input.available_at, std::move(payload));
    signals_of(recorded.record);
  }
};

std::vector<StreamEvent> FrameEvents::take(const RecordedFrame& frame) {
  note(frame.input);
  Maker maker{*this, frame, {}, "i"};
  std::visit(maker, frame.input.body);
  for (std::size_t i = 0; i < frame.events.size(); ++i) {
    maker.place = "e" + std::to_string(i);
    std::visit(maker, frame.events[i]);
  }
  for (std::size_t i = 0; i < frame.commands.size(); ++i) {
    maker.place = "c" + std::to_string(i);
    std::visit(maker, frame.commands[i]);
  }
  return std::move(maker.out);
}

void FrameEvents::note(const Input& input) {
  if (const auto* registered = std::get_if<InstrumentRegistered>(&input.body)) {
    const std::size_t at = registered->instrument.ix.v;
    if (instruments_.size() <= at) instruments_.resize(at + 1);
    instruments_[at] = registered->instrument;
  } else if (const auto* account = std::get_if<AccountRegistered>(&input.body)) {
    accounts_[account->account.ix] = account->account;
  } else if (const auto* named = std::get_if<AssetRegistered>(&input.body)) {
    assets_[named->ix] = named->name;
  }
}

FrameEvents::OrderNote* FrameEvents::find(OrderId order) {
  const auto found = orders_.find(order);
  return found == orders_.end() ? nullptr : &found->second;
}

void FrameEvents::forget_old_orders() {
  for (auto it = orders_.begin(); orders_.size() > kOrdersKept && it != orders_.end();) {
    it = is_terminal(it->second.state) ? orders_.erase(it) : std::next(it);
  }
}

}  // namespace prom
