// The ledger: users, orders, fills, postings, positions, decisions, trades and memories as rows, projected from the journal. The applied sequence is stored
// in the same transaction, so that a crash applies each frame once. Contract tests in ports/ledger_contract.h run on every implementation.
// One thread writes; queries may come from others (each implementation guards itself).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domain/command.h"
#include "domain/memory.h"
#include "domain/tool_stat.h"
#include "ports/store_error.h"

namespace prom {

struct OrderRow {
  OrderSpec spec;
  OrderState state = OrderState::pending;
  QuantityUnits filled{};
  Decimal filled_value;
  std::string last_text;
  TimeNs created_at{}, updated_at{};
};
struct DenialRow {
  TimeNs time{};
  TradeProposal proposal;
  Denial denial;
};
struct BalanceRow {
  AccountIx account{};
  AssetIx asset{};
  Decimal amount;
};
/// What the risk gate last said of a user; nothing where it has not spoken of it.
struct RiskStateRow {
  UserIx user{};
  std::optional<TradingState> trading_state;
  std::optional<KillPhase> kill_phase;
  std::optional<TimeNs> day_start;
  std::optional<Decimal> day_equity, peak_equity;  ///< in the reporting asset
  PROM_FIELDS(user, trading_state, kill_phase, day_start, day_equity, peak_equity)
};
struct TradeFilter {
  std::optional<AccountIx> account;
  std::optional<InstrumentIx> instrument;
  std::optional<PairIx> pair;
  std::optional<std::string> decider;
  std::uint32_t limit = 100;  ///< newest first
};

struct ToolStatFilter {
  std::optional<TimeNs> since;  ///< days that begin then or later
  std::optional<std::string> tool;
};

class Ledger {
 public:
  virtual ~Ledger() = default;
  /// Sequence of the last frame whose effects are stored.
  virtual StoreResult<std::uint64_t> applied_seq() = 0;
  /// Applies frames in order, in one transaction; frames at or below applied_seq() are skipped, a gap is `conflict`. `away` with Retry::after when the store
  /// cannot be reached now: nothing of the batch is stored, and the same batch may be given again (or a longer one: catching up neither loses nor doubles).
  virtual StoreResult<void> project(std::span<const RecordedFrame> frames) = 0;

  // Lists with a limit are newest first; open_orders, postings and memories are oldest first; the rest are in order of their indexes. positions() includes
  // flat ones. An order's filled_value is the sum of notional() over its fills.

  virtual StoreResult<std::vector<Instrument>> instruments() = 0;
  virtual StoreResult<std::vector<std::string>> assets() = 0;  ///< by AssetIx
  virtual StoreResult<std::vector<User>> users() = 0;
  virtual StoreResult<std::vector<Account>> accounts() = 0;
  virtual StoreResult<std::vector<TradingPair>> pairs() = 0;
  virtual StoreResult<std::vector<Position>> positions(std::optional<AccountIx> account) = 0;
  virtual StoreResult<std::vector<BalanceRow>> balances(std::optional<AccountIx> account) = 0;
  virtual StoreResult<std::vector<OrderRow>> orders(std::optional<AccountIx> account, std::uint32_t limit) = 0;
  virtual StoreResult<std::vector<OrderRow>> open_orders(std::optional<AccountIx> account) = 0;
  virtual StoreResult<std::vector<Fill>> fills(std::optional<AccountIx> account, std::uint32_t limit) = 0;
  virtual StoreResult<std::vector<Posting>> postings(std::optional<AccountIx> account) = 0;
  virtual StoreResult<std::vector<JournalEntry>> trades(const TradeFilter& filter) = 0;
  virtual StoreResult<std::vector<DenialRow>> denials(std::uint32_t limit) = 0;
  virtual StoreResult<std::optional<DecisionRecord>> decision(DecisionId id) = 0;
  virtual StoreResult<std::vector<DecisionRecord>> decisions(std::optional<PairIx> pair, std::uint32_t limit) = 0;  ///< newest first, without steps
  virtual StoreResult<std::vector<Memory>> memories() = 0;
  virtual StoreResult<std::vector<RiskStateRow>> risk_states() = 0;
  /// By day, name of the agent, tool. Shared calls of an instrument and instant count once (domain/tool_stat.h).
  virtual StoreResult<std::vector<ToolStat>> tool_stats(const ToolStatFilter& filter) = 0;
};

}  // namespace prom
