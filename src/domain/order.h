// Orders and their states. The state table is the single authority on what may follow what. Engine thread writes; others read copies.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/fields.h"
#include "base/time.h"
#include "domain/amounts.h"
#include "domain/ids.h"

namespace prom {

enum class OrderType : std::uint8_t { market, limit, stop_market, stop_limit, take_profit_market, trailing_stop };
enum class TimeInForce : std::uint8_t { gtc, ioc, fok, post_only };
/// Whether the order may only shrink a position.
enum class Effect : std::uint8_t { open_or_add, reduce_only };
/// Why the order exists. `entry` and `ladder` add risk; all others only reduce it.
enum class OrderPurpose : std::uint8_t { entry, ladder, stop_loss, take_profit, close, flatten };

/// Unique per venue account and never reused: durable epoch (raised at every start of a journal) and the order's sequence.
struct ClientOrderId {
  AccountIx account{};
  std::uint32_t epoch = 0;
  OrderId sequence{};
  PROM_FIELDS(account, epoch, sequence)
  friend bool operator==(const ClientOrderId&, const ClientOrderId&) = default;
};

/// Whether an order that an account's venue lists under this id was placed by someone else. Epochs of ours begin at 1: what a venue's answer has no id of ours for
/// is listed under epoch 0.
inline bool is_foreign(const ClientOrderId& id, AccountIx account) { return id.epoch == 0 || id.account != account; }

/// Text in the character set that all venues accept (letters and digits), at most 32 long: p<account>e<epoch>s<sequence>, base 36.
std::string to_text(const ClientOrderId& id);
std::optional<ClientOrderId> parse_client_order_id(std::string_view text);

/// Everything a venue needs to know of an order. Prices are on the tick and quantities on the step.
struct OrderSpec {
  OrderId id{};
  ClientOrderId client_id{};
  AccountIx account{};
  PairIx pair{};
  InstrumentIx instrument{};
  PositionLeg leg = PositionLeg::net;
  Side side = Side::buy;
  OrderType type = OrderType::market;
  TimeInForce time_in_force = TimeInForce::gtc;
  Effect effect = Effect::open_or_add;
  OrderPurpose purpose = OrderPurpose::entry;
  QuantityUnits quantity{};
  std::optional<PriceUnits> limit;              ///< limit and stop_limit
  std::optional<PriceUnits> trigger;            ///< stop, take-profit and trailing types
  std::optional<PriceUnits> trailing_distance;  ///< trailing_stop: distance kept from the best price
  std::optional<std::uint64_t> oco_group;       ///< orders of one group share the position they exit; one filling cancels the rest
  std::optional<ProposalId> proposal;           ///< the proposal that caused it; none for protection and the kill switch
  PROM_FIELDS(id, client_id, account, pair, instrument, leg, side, type, time_in_force, effect, purpose, quantity, limit, trigger, trailing_distance, oco_group,
              proposal)
};

enum class OrderState : std::uint8_t {
  pending,    ///< durable here, not yet handed to the venue
  sent,       ///< handed over, no answer yet
  accepted,   ///< works at the venue
  triggered,  ///< a stop or take-profit whose trigger was touched, now executing
  partially_filled,
  cancel_pending,
  amend_pending,
  in_doubt,  ///< the venue may or may not have it: counted the harmful way until resolved
  filled,
  cancelled,
  rejected,
  expired,
  not_sent  ///< approval expired, halt or invalid at dispatch: the venue never saw it
};
inline constexpr int kOrderStateCount = 13;

enum class OrderEventKind : std::uint8_t {
  sent,
  not_sent,
  accepted,
  rejected,
  in_doubt,
  triggered,
  partially_filled,
  filled,
  cancel_requested,
  cancel_refused,
  cancelled,
  amend_requested,
  amended,
  amend_refused,
  expired,
  found_absent
};
inline constexpr int kOrderEventKindCount = 16;

/// The state after `event` in `from`, or nothing where the pair cannot happen (a broken invariant for our own events, a logged oddity for the venue's).
std::optional<OrderState> next_state(OrderState from, OrderEventKind event);
bool is_terminal(OrderState state);
/// Whether the order may still fill at the venue (includes pending, in_doubt and cancel_pending).
bool may_fill(OrderState state);
std::string_view name_of(OrderState state);
std::string_view name_of(OrderType type);
std::string_view name_of(OrderPurpose purpose);
std::string_view name_of(Side side);

/// An order and how far it got.
struct Order {
  OrderSpec spec;
  OrderState state = OrderState::pending;
  QuantityUnits filled{};
  Decimal filled_value;  ///< sum of price * quantity of its fills, in quote
  TimeNs created_at{};
  TimeNs updated_at{};
  std::uint16_t queries = 0;  ///< status queries sent while in doubt
  std::uint16_t cancels = 0;  ///< cancels asked for: where not zero the order is to go, whatever became of them
  PROM_FIELDS(spec, state, filled, filled_value, created_at, updated_at, queries, cancels)
  QuantityUnits remaining() const { return spec.quantity - filled; }
};

/// An exit that waits for nothing but the venue, or may have found its price unseen: a close or flatten at market, or one at a limit whose fate is in doubt.
inline bool sells_now(const Order& order) {
  const bool closes = order.spec.purpose == OrderPurpose::close || order.spec.purpose == OrderPurpose::flatten;
  return closes && (!order.spec.limit || order.state == OrderState::in_doubt);
}

}  // namespace prom
