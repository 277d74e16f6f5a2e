// What deciders may see: immutable, pinned to an instant. Nothing here can act. Any thread; a view outlives the decision that reads it.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "domain/account.h"
#include "domain/event.h"
#include "domain/instrument.h"
#include "domain/memory.h"
#include "domain/order.h"
#include "domain/position.h"
#include "domain/proposal.h"

namespace prom {

/// The last bars closed at or before an instant, as aligned columns of doubles, oldest first. taker_buy_volume is empty where the source does not tell.
struct BarWindow {
  DurationNs interval{};
  std::span<const std::int64_t> open_time_ns;
  std::span<const double> open, high, low, close, volume, taker_buy_volume;
  std::size_t size() const { return open_time_ns.size(); }
};

struct FundingView {
  double rate = 0;
  TimeNs time{};
  Provenance provenance = Provenance::assumed;
};

class MarketView {
 public:
  virtual ~MarketView() = default;
  virtual std::span<const Instrument> instruments() const = 0;
  /// At most `count` bars with open_time + interval <= as_of; empty when there are none. Intervals: 1m 5m 15m 1h 4h 1d (others: empty).
  virtual BarWindow bars(InstrumentIx instrument, DurationNs interval, std::size_t count, TimeNs as_of) const = 0;
  /// Last funding rate known at as_of.
  virtual std::optional<FundingView> funding(InstrumentIx instrument, TimeNs as_of) const = 0;
  /// Where the numbers come from, e.g. "replay binance:linear:BTCUSDT 1m".
  virtual std::string source(InstrumentIx instrument) const = 0;
};

struct PositionView {
  Position position;
  PriceUnits mark{};
  Decimal unrealised;
  std::optional<PriceUnits> stop;
  std::optional<PriceUnits> trailing_distance;
  std::vector<TargetLevel> targets;
  CoverageState coverage = CoverageState::none;
  std::optional<Decimal> liquidation;
};
struct BreakerView {
  BreakerKind kind = BreakerKind::daily_loss;
  TimeNs until{};
};
/// Version of a position as it is now, flat or not: proposals name the version that they were based on.
struct PositionVersion {
  InstrumentIx instrument{};
  PositionLeg leg = PositionLeg::net;
  std::uint64_t version = 0;
};
/// A user's account as the engine has it at `as_of`.
struct AccountView {
  AsOf as_of;
  Account account;
  RiskLimits limits;
  std::vector<Money> balances;
  std::optional<Decimal> equity;  ///< in the reporting asset; none = unknown
  Decimal available;              ///< free for new margin or purchases
  Decimal day_start_equity, peak_equity;
  Decimal day_transfers;  ///< net deposits since day start
  std::uint32_t consecutive_losses = 0;
  std::vector<PositionView> positions;    ///< open ones
  std::vector<PositionVersion> versions;  ///< of every position ever held, closed ones included; absent = never held, version 0
  std::vector<Order> open_orders;
  std::vector<BreakerView> breakers;
  KillPhase kill_phase = KillPhase::released;
  TradingState trading_state = TradingState::active;
};

/// Closed trades, newest last; shared and immutable.
using TradeHistory = std::shared_ptr<const std::vector<JournalEntry>>;

struct MemoryHit {
  const Memory* memory = nullptr;  ///< owned by the searched index
  double score = 0;
};
struct MemoryQuery {
  std::string text;
  std::vector<float> situation;
  std::optional<UserIx> user;
  std::optional<AgentRole> agent;
  std::optional<MemoryKind> kind;
  TimeNs now{};
  std::uint32_t limit = 10;
};
/// Best first; or, where the memories cannot be searched now, why not in one sentence: an empty list would say that there are none.
using MemoryAnswer = std::expected<std::vector<MemoryHit>, std::string>;
/// Hybrid search: text vector + situation vector + recency + importance. Deterministic; ties broken by id, lower first. Meets ports/memory_contract.h.
class MemoryView {
 public:
  virtual ~MemoryView() = default;
  virtual MemoryAnswer search(const MemoryQuery& query) const = 0;
};

}  // namespace prom
