// What the simulated venue keeps: working orders, trigger ladders, accounts and instruments. Plain data, changed only by VenueCore. One thread.
#pragma once

#include <compare>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <utility>
#include <variant>
#include <vector>

#include "domain/command.h"
#include "domain/fill.h"
#include "domain/input.h"
#include "domain/instrument.h"
#include "domain/order.h"

namespace prom::sim {

/// Bounds; hitting one is visible: max_orders rejections, and history that begins later.
inline constexpr std::size_t kMaxWorkingOrders = 1'000'000;  ///< of the whole venue
inline constexpr std::size_t kMaxFinishedOrders = 200'000;   ///< remembered per account; older client ids count as used
inline constexpr std::size_t kMaxRecords = 1'000'000;        ///< fills and fundings remembered per account

/// How an order meets the market now: a triggered stop becomes `market` or `limit`.
enum class Form : std::uint8_t { market, limit, trigger };
/// `fresh` orders have not met the market yet (or, for market orders, not all of it); `resting` ones stand in a ladder.
enum class Stage : std::uint8_t { fresh, resting };

/// An entry of a ladder. Ladders for falling prices hold negated prices, so that both are walked from their begin.
struct Rung {
  std::int64_t key = 0;
  std::uint64_t seq = 0;
  std::uint32_t slot = 0;
  auto operator<=>(const Rung&) const = default;
};
using Ladder = std::set<Rung>;

struct WorkingOrder {
  OrderSpec spec;
  TimeNs arrival{};
  QuantityUnits filled{};
  std::uint64_t seq = 0;       ///< order of arrival; 0 marks a free slot
  std::uint32_t account = 0;   ///< slot
  std::uint32_t position = 0;  ///< slot of the position it trades
  std::int64_t level = 0;      ///< trigger as it stands now; 0 = not known yet (a trailing stop without one)
  Form form = Form::market;
  Stage stage = Stage::fresh;
  std::optional<Money> lock;  ///< reserved while working; members of an OCO group share the largest
  std::int64_t remaining() const { return spec.quantity.v - filled.v; }
};

struct VenueHolding {
  AccountIx account{};
  std::uint32_t account_slot = 0;
  InstrumentIx instrument{};
  PositionLeg leg = PositionLeg::net;
  std::int64_t quantity = 0;
  Decimal cost;
  std::int64_t grew_at = INT64_MIN;                            ///< instant of the range phase that last opened or added
  std::int64_t safe_low = 0;                                   ///< no liquidation while the price stays above ...
  std::int64_t safe_high = INT64_MAX;                          ///< ... and below
  std::vector<std::pair<std::uint64_t, std::uint32_t>> exits;  ///< (seq, slot) of its reduce-only orders, ascending
};

struct VenueBalance {
  AssetIx asset{};
  Decimal total;
  Decimal locked;
};

/// A client id that was used, and what became of it.
struct OrderRef {
  std::uint32_t epoch = 0;
  std::uint64_t sequence = 0;
  OrderId order{};
  std::uint32_t slot = UINT32_MAX;  ///< UINT32_MAX when finished
  FoundState state = FoundState::working;
  QuantityUnits filled{};
};

struct OcoGroup {
  std::uint64_t id = 0;
  std::int64_t filled = 0;
  std::vector<std::uint32_t> members;
  std::vector<Money> locked;  ///< what the group holds in all: the largest lock of its members, for each asset
};

using VenueRecord = std::variant<Fill, VenueFunding>;
/// In order of booking. Within a bar the times of two may cross, so each carries the latest time so far: those rise, and can be searched.
struct DatedRecord {
  VenueRecord record;
  TimeNs latest{};
};

struct VenueAccount {
  AccountIx ix{};
  std::vector<VenueBalance> balances;  ///< by asset
  std::vector<std::uint32_t> holdings;
  std::vector<std::pair<InstrumentIx, Decimal>> leverage;
  std::vector<OrderRef> orders;                             ///< by (epoch, sequence)
  std::pair<std::uint32_t, std::uint64_t> forgotten{0, 0};  ///< client ids up to here were dropped from `orders`
  std::size_t finished = 0;
  std::vector<OcoGroup> groups;
  std::deque<DatedRecord> records;
};

struct VenueInstrument {
  // Hot: read on every bar.
  std::int64_t cursor = INT64_MIN;      ///< instant of the last market phase
  std::int64_t touch_low = INT64_MIN;   ///< a price at or below needs a look ...
  std::int64_t touch_high = INT64_MAX;  ///< ... or at or above
  std::int64_t mark = 0;                ///< last known price; 0 = none
  std::int64_t grew_at = INT64_MIN;     ///< the latest VenueHolding::grew_at
  // Cold.
  std::uint32_t same_instant = 0;  ///< trades seen at the cursor
  std::uint32_t skip = 0;          ///< of them, how many a reloaded venue has still to ignore
  std::int64_t capacity_bar = INT64_MIN;
  std::int64_t capacity_left = 0;
  std::int64_t funded_at = INT64_MIN;
  std::int64_t unsafe_low = INT64_MIN;
  std::int64_t unsafe_high = INT64_MAX;
  std::uint32_t orders = 0;
  std::uint32_t open_holdings = 0;
  std::uint32_t queued = 0;
  Ladder down, up;
  std::vector<std::uint32_t> fresh;
  std::vector<std::uint32_t> holdings;
  std::vector<std::uint32_t> grown;  ///< while reloading: holdings that grew since the last cursor, whose instant is theirs
  Instrument spec;
};

/// A request under way.
struct VenueRequest {
  TimeNs arrival{};
  std::variant<OrderSpec, AmendSpec, CancelSpec, LeverageSpec, QueryOrder, QuerySnapshot> body;
};

/// One look of the market at an instrument. At an open and at a trade all prices are the same; fills stay inside `fill_low..fill_high`.
struct Phase {
  enum class Kind : std::uint8_t { open, range, trade } kind = Kind::open;
  std::int64_t open = 0, high = 0, low = 0, close = 0;
  std::int64_t fill_low = 1, fill_high = INT64_MAX;
  TimeNs from{};     ///< the first instant it covers
  TimeNs instant{};  ///< the last: fills of the range carry it
};

}  // namespace prom::sim
