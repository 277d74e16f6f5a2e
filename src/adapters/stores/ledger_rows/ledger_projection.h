// Turns a frame's events into rows, inside the caller's transaction. Computes nothing that the engine decided, but for an order's progress: its state
// follows domain/order.h's table and its filled value the fills. The same rows in every database: a ledger offers a RowSink. The writing thread.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "adapters/stores/ledger_rows/row_sink.h"
#include "adapters/stores/ledger_rows/tool_stat_rows.h"
#include "domain/command.h"

namespace prom::ledger_rows {

class LedgerProjection {
 public:
  explicit LedgerProjection(RowSink& sink) : sink_(&sink), tool_stats_(sink) {}
  /// Forgets what a batch that was not stored had gathered. Before each batch.
  void begin() { tool_stats_.begin(); }
  /// Tells the sink which rows apply() of these frames will look for.
  StoreResult<void> expect(std::span<const RecordedFrame> frames);
  StoreResult<void> apply(const RecordedFrame& frame);
  /// Writes what is summed over a batch. After its last frame, before the commit.
  StoreResult<void> finish() { return tool_stats_.finish(); }

 private:
  StoreResult<void> on(const AssetRegistered& input);
  StoreResult<void> on(const InstrumentRegistered& input);
  StoreResult<void> on(const UserRegistered& input);
  StoreResult<void> on(const AccountRegistered& input);
  StoreResult<void> on(const PairRegistered& input);
  StoreResult<void> on(const TradingStateSet& input);
  StoreResult<void> on(const PairStateSet& input);
  StoreResult<void> on(const DeciderStatusSet& input);
  StoreResult<void> on(const LimitsSet& input);
  StoreResult<void> on(const DecisionRecorded& input);
  StoreResult<void> on(const MemoryNoted& input);
  /// Inputs that leave no row of their own: market data, requests and venue replies (their effects are events).
  template <class Input>
  StoreResult<void> on_other(const Input&) {
    return {};
  }

  StoreResult<void> on(const InputTaken& event);
  StoreResult<void> on(const OrderCreated& event);
  StoreResult<void> on(const OrderMoved& event);
  StoreResult<void> on(const OrderAmended& event);
  StoreResult<void> on(const FillApplied& event);
  StoreResult<void> on(const FillRepeated& event);
  StoreResult<void> on(const Posted& event);
  StoreResult<void> on(const PositionSet& event);
  StoreResult<void> on(const ProposalReceived& event);
  StoreResult<void> on(const ProposalApproved& event);
  StoreResult<void> on(const ProposalDenied& event);
  StoreResult<void> on(const RoundTripClosed& event);
  StoreResult<void> on(const BreakerTripped& event);
  StoreResult<void> on(const BreakerResumed& event);
  StoreResult<void> on(const KillSwitchMoved& event);
  StoreResult<void> on(const DayRolled& event);
  StoreResult<void> on(const PeakRaised& event);
  StoreResult<void> on(const EquitySampled& event);
  StoreResult<void> on(const CoverageSet& event);
  StoreResult<void> on(const WatermarkMoved& event);
  StoreResult<void> on(const QuarantineSet& event);
  StoreResult<void> on(const OddityNoted& event);
  StoreResult<void> on(const ReconcileSet& event);
  StoreResult<void> on(const FundingApplied& event);
  StoreResult<void> on(const OrderQueried&) { return {}; }  // how often was asked matters to the engine alone

  StoreResult<void> brief_and_log(const DecisionRecorded& input);
  StoreResult<const Instrument*> instrument(InstrumentIx ix);
  StoreResult<void> advance_order(const Fill& fill);
  StoreResult<void> risk_event(std::optional<UserIx> user, std::string_view kind, const std::string& text);

  RowSink* sink_;
  ToolStatRows tool_stats_;
  std::map<InstrumentIx, Instrument> instruments_;  ///< as registered; asked for once
  const RecordedFrame* frame_ = nullptr;
  TimeNs now_{};
};

}  // namespace prom::ledger_rows
