// The simulated venue's machinery behind SimVenue. `apply_*` change state and are what a reload repeats from the account file's lines; everything else
// decides, writes the line, applies it and queues the reply. Split over several .cpp files by subject. One thread.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/account_file.h"
#include "sim/arithmetic.h"
#include "sim/replies.h"
#include "sim/sim_venue.h"
#include "sim/state.h"

namespace prom::sim {

inline constexpr std::uint32_t kNoSlot = UINT32_MAX;

struct VenueCore {
  SimVenueConfig config;
  std::vector<VenueInstrument> instruments;
  std::vector<std::string> assets;
  std::vector<VenueAccount> accounts;
  std::map<std::uint32_t, std::uint32_t> account_slots;
  std::vector<VenueHolding> holdings;
  std::vector<WorkingOrder> orders;
  std::vector<std::uint32_t> free_orders;
  std::deque<VenueRequest> requests;
  std::int64_t next_arrival = INT64_MAX;
  std::int64_t next_slot = 0;  ///< before it no request arrives (SimVenueConfig::request_spacing)
  std::uint64_t last_seq = 0;
  std::uint64_t last_trade = 0;
  ReplyQueue replies;
  AccountFile file;

  // --- phases.cpp: market phases ---
  void bar_open(InstrumentIx ix, const Bar& bar);
  void bar_range(InstrumentIx ix, const Bar& bar, DurationNs interval);
  void bar_rest(InstrumentIx ix, const Bar& bar, DurationNs interval);
  void trade(InstrumentIx ix, TimeNs time, PriceUnits price, QuantityUnits quantity);
  void funding(InstrumentIx ix, TimeNs time, std::optional<Decimal> recorded, PriceUnits mark);
  void transfer(AccountIx account, Money amount, TimeNs time);
  void finish_phase(VenueInstrument& inst, const Phase& phase);
  void apply_cursor(VenueInstrument& inst, std::int64_t instant, std::int64_t mark);
  void apply_funding(const VenueFunding& record);
  void apply_transfer(AccountIx account, Money amount);

  // --- matching.cpp: orders meet prices ---
  void match_gaps(VenueInstrument& inst, const Phase& phase);
  void match_fresh(VenueInstrument& inst, const Phase& phase);
  void match_touched(VenueInstrument& inst, const Phase& phase);
  void match_late_stops(VenueInstrument& inst, const Phase& phase);
  void move_trails(VenueInstrument& inst, const Phase& phase);
  void fire_trigger(std::uint32_t slot, const Phase& phase);
  void meet_fresh(const Rung& rung, const Phase& phase);
  void meet_market(std::uint32_t slot, const Phase& phase);
  void meet_limit(std::uint32_t slot, const Phase& phase);
  void hit_limit(std::uint32_t slot, const Phase& phase);
  bool is_live(const Rung& rung) const { return orders[rung.slot].seq == rung.seq; }

  // --- fills.cpp: executions and what follows from them ---
  /// What is asked of the market: a price, its reference and who provided liquidity.
  struct Execution {
    std::int64_t price = 0;
    std::int64_t reference = 0;
    Liquidity liquidity = Liquidity::taker;
    TimeNs time{};
  };
  /// Fills what may be filled of the order: remaining, position (reduce-only), OCO group, volume, funds. Returns the quantity.
  std::int64_t execute(std::uint32_t slot, const Phase& phase, const Execution& execution);
  std::int64_t fillable(const WorkingOrder& order) const;
  /// What the volume model still allows in this bar or trade, on the step.
  std::int64_t capacity(const VenueInstrument& inst) const;
  void book_fill(const Fill& fill, std::uint32_t slot);
  void liquidation_fill(std::uint32_t holding, std::int64_t price, std::int64_t reference, TimeNs time);
  void void_exits(std::uint32_t holding, TimeNs time);
  Money fee_for(const VenueInstrument& inst, Side side, std::int64_t price, std::int64_t quantity, Liquidity liquidity) const;
  void apply_fill(const Fill& fill, std::uint32_t slot);
  void remember(VenueAccount& account, const VenueRecord& record);
  static TimeNs time_of(const VenueRecord& record);

  // --- orders.cpp: the order store, ladders, OCO groups, finished orders ---
  std::uint32_t apply_order(const OrderSpec& spec, TimeNs arrival);
  void apply_finished(std::uint32_t slot, FoundState state);
  void apply_rejected(const OrderSpec& spec);
  void apply_trigger(std::uint32_t slot);
  void apply_level(std::uint32_t slot, std::int64_t level);
  void apply_amend(std::uint32_t slot, QuantityUnits quantity, std::optional<PriceUnits> limit, std::optional<PriceUnits> trigger);
  void enlist(std::uint32_t slot);
  void delist(std::uint32_t slot);
  void refresh_touch(VenueInstrument& inst);
  void relock(std::uint32_t slot, std::optional<Money> lock);
  void drop_finished(VenueAccount& account);
  OrderRef* find_ref(const ClientOrderId& id);
  OrderRef& add_ref(VenueAccount& account, const ClientOrderId& id, OrderId order);
  std::uint32_t find_order(const ClientOrderId& id);
  OcoGroup* group_of(const WorkingOrder& order);
  const OcoGroup* group_of(const WorkingOrder& order) const;
  void cancel(std::uint32_t slot, CancelCause cause, TimeNs time);
  void expire(std::uint32_t slot, TimeNs time);
  /// Rejected while nothing has filled, else the rest is cancelled by the venue.
  void refuse(std::uint32_t slot, RejectCode code, const char* text, TimeNs time);

  // --- accounts.cpp: balances, locks, margin ---
  std::uint32_t account_slot(AccountIx ix);
  std::uint32_t holding_slot(std::uint32_t account, InstrumentIx instrument, PositionLeg leg);
  VenueBalance& balance(VenueAccount& account, AssetIx asset);
  Decimal balance_of(const VenueAccount& account, AssetIx asset) const;
  Decimal locked_of(const VenueAccount& account, AssetIx asset) const;
  Decimal leverage_of(const VenueAccount& account, InstrumentIx instrument) const;
  void apply_leverage(AccountIx account, InstrumentIx instrument, Decimal leverage);
  Decimal initial_margin(const VenueAccount& account, const VenueInstrument& inst, std::int64_t price, std::int64_t quantity) const;
  /// What may back new orders: balance and unrealised results less margin in use and locks. `spend` leaves unrealised gains out (spot).
  enum class Use : std::uint8_t { margin, spend };
  Decimal available(const VenueAccount& account, AssetIx asset, Use use) const;
  /// What the order reserves for `remaining` while it rests; nothing for exits on futures and for market orders.
  std::optional<Money> lock_for(const WorkingOrder& order) const;
  /// Part of `quantity` that would open or add to the holding.
  std::int64_t opening_part(const VenueHolding& holding, Side side, std::int64_t quantity) const;
  /// Whether the account can pay for this execution now, its own lock counted as free.
  bool affordable(const WorkingOrder& order, std::int64_t price, std::int64_t quantity, const Money& fee) const;
  Decimal own_lock(const WorkingOrder& order, AssetIx asset) const;
  bool reduces_only(const OrderSpec& spec) const;
  /// Units of the holding that a reduce-only order of this side may take.
  std::int64_t reducible(const VenueHolding& holding, Side side) const;

  // --- liquidation.cpp ---
  void check_liquidation(VenueInstrument& inst, const Phase& phase);
  /// Price in the phase at which the account would be liquidated; nothing while it is safe at both extremes.
  std::optional<std::int64_t> liquidation_price(std::uint32_t account, const VenueInstrument& inst, const Phase& phase) const;
  /// Equity less maintenance margin with `inst` at `price` and everything else at its mark.
  Decimal cushion(const VenueAccount& account, AssetIx settle, const VenueInstrument* inst, std::int64_t price) const;
  void liquidate(std::uint32_t account, VenueInstrument& inst, std::int64_t price, const Phase& phase);
  void rebuild_safety(std::uint32_t account, AssetIx settle);
  void collect_safety(VenueInstrument& inst);

  // --- requests.cpp ---
  /// When a request that is sent now arrives; takes its place behind those before it.
  TimeNs arrival_of_request(TimeNs now);
  void submit(const VenueRequest& request);
  void process_until(std::int64_t instant);
  /// Sends a request. At zero latency, with none before it, it is taken without waiting in the queue.
  template <class Body>
  void request(const Body& body, TimeNs now) {
    const TimeNs arrival = arrival_of_request(now);
    if (requests.empty() && arrival <= now) [[likely]] {
      take(body, arrival);
      return file.commit();
    }
    submit({arrival, body});
    process_until(now.ns);
  }
  void take(const OrderSpec& spec, TimeNs time);
  void take(const AmendSpec& spec, TimeNs time);
  void take(const CancelSpec& spec, TimeNs time);
  void take(const LeverageSpec& spec, TimeNs time);
  void take(const QueryOrder& query, TimeNs time);
  void take(const QuerySnapshot& query, TimeNs time);
  std::optional<RejectCode> check_static(const OrderSpec& spec) const;
  std::optional<RejectCode> check_funds(const OrderSpec& spec);
  void reject(const OrderSpec& spec, RejectCode code, const char* text, TimeNs time, std::uint64_t ordinal);
  std::vector<VenueOpenOrder> open_orders(AccountIx account) const;
  VenueSnapshot snapshot(AccountIx account) const;

  // --- reload.cpp ---
  std::size_t header_assets = 0, header_instruments = 0;  ///< how many of them the file names
  SimHistory told = SimHistory::none;                     ///< by the file when it was opened
  std::expected<void, std::string> reload();
  /// Applies one line of the file; an error says what is wrong with it.
  std::expected<void, std::string> apply_line(std::span<const std::string_view> line);
  std::expected<void, std::string> apply_account_line(std::string_view kind, std::span<const std::string_view> line);
  std::expected<void, std::string> apply_order_line(std::string_view kind, std::span<const std::string_view> line);
  std::expected<void, std::string> check_header(std::string_view kind, std::span<const std::string_view> line);

  TimeNs delivered(TimeNs happened) const { return happened + config.latency_to_engine; }
  template <class Body>
  void emit(TimeNs happened, Body body) {
    replies.push(delivered(happened), std::move(body));
  }
  const VenueInstrument& instrument_of(const WorkingOrder& order) const { return instruments[order.spec.instrument.v]; }
};

}  // namespace prom::sim
