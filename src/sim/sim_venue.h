// The simulated venue: matching on bars, trades or books, with latency, fees, slippage, funding and liquidation as replaceable models. Paper trading and
// backtests trade here. It keeps its own account of everything, shares no code with the engine's, and speaks only in inputs. One thread.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domain/bar.h"
#include "domain/command.h"
#include "domain/instrument.h"
#include "ports/execution.h"
#include "sim/fault_plan.h"

namespace prom {

/// What the account file told when it was opened: nothing of any account, deposits alone, or more than those.
enum class SimHistory : std::uint8_t { none, paid_in, lived };

/// What a spot buy pays its fee in: the quote asset, or the base asset that it receives (Binance without BNB). Everything else pays in the settle asset.
enum class FeeAsset : std::uint8_t { quote, received };

struct SimVenueConfig {
  DurationNs latency_to_venue{};        ///< request sent -> arrives
  DurationNs latency_to_engine{};       ///< event happened -> delivered
  DurationNs request_spacing{};         ///< requests arrive at least this far apart, as behind a rate limit; a batch of orders is one request
  std::size_t batch_limit = 1;          ///< orders in one request, at least 1
  Decimal slippage;                     ///< fraction of price paid by taker fills (0.0002 = 2 bps), clipped to the bar's range
  std::optional<FeeSchedule> fees;      ///< overrides every instrument's own
  std::optional<Decimal> funding_rate;  ///< overrides recorded and assumed rates, per funding interval
  FeeAsset fee_asset = FeeAsset::quote;
  std::optional<Decimal> participation;  ///< at most this fraction of a bar's (trade's) volume fills here, (0, 1]; none = unlimited, no partial fills
  std::string file;                      ///< append-only account file; empty = none (backtest)
};

struct SimPosition {
  AccountIx account{};
  InstrumentIx instrument{};
  PositionLeg leg = PositionLeg::net;
  QuantityUnits quantity{};
};

class SimVenue final : public ExecutionPort {
 public:
  /// Opens (and, where it exists, reloads) the account file. Fails with one sentence on a damaged or foreign file.
  static std::expected<std::unique_ptr<SimVenue>, std::string> create(const SimVenueConfig& config, std::span<const Instrument> instruments,
                                                                      std::span<const std::string> assets);
  ~SimVenue() override;

  // --- market. Time never goes back per instrument; phases at or before the restored cursor are ignored. ---
  /// The bar's first instant: resting market orders fill here (at the open, worsened by slippage, never outside the bar), gapped stops too.
  void on_bar_open(InstrumentIx instrument, const Bar& bar, DurationNs interval);
  /// The rest of the bar: stops before targets (pessimistic), limits only when traded through, liquidation at the adverse extreme.
  void on_bar_range(InstrumentIx instrument, const Bar& bar, DurationNs interval);
  /// What the range opened, against stops that came for it after the range: the price went on, and may have met them. True where there was anything to look at.
  bool on_bar_rest(InstrumentIx instrument, const Bar& bar, DurationNs interval);
  /// A single trade: triggers, and limits traded through.
  void on_trade(InstrumentIx instrument, TimeNs time, PriceUnits price, QuantityUnits quantity);
  /// Settles funding for every open position of the instrument at `time`. Without a recorded rate the instrument's assumed one is charged and labelled.
  void on_funding(InstrumentIx instrument, TimeNs time, std::optional<Decimal> recorded_rate, PriceUnits mark);
  /// Books a deposit or withdrawal on the venue's side.
  void transfer(AccountIx account, Money amount, TimeNs time);

  // --- requests (ExecutionPort) ---
  void place(const Approved<OrderSpec>& order, TimeNs now) override;
  std::size_t batch_limit() const override;
  void place_batch(std::span<const Approved<OrderSpec>> orders, TimeNs now) override;
  void amend(const Approved<AmendSpec>& amend, TimeNs now) override;
  void cancel(const Approved<CancelSpec>& cancel, TimeNs now) override;
  void set_leverage(const Approved<LeverageSpec>& leverage, TimeNs now) override;
  void query(const QueryOrder& query, TimeNs now) override;
  void query_snapshot(const QuerySnapshot& query, TimeNs now) override;

  // --- replies ---
  /// Delivery time of the earliest waiting reply; TimeNs{INT64_MAX} when there is none. Cheap: the driver asks on every bar.
  TimeNs next_delivery() const;
  /// Takes the earliest reply due at or before `until`, in order of (deliver_at, creation). False when there is none.
  bool poll(TimeNs until, Input& out);

  /// Replaces the fault plan and starts its counts anew. For tests.
  void set_faults(SimFaultPlan plan);

  /// Why the account file could not be written; empty while it could. From then on the venue forgets at the next start what it answers: take no answer of it any more.
  const std::string& failure() const;

  // --- inspection, for tests, reports and reconciliation ---
  std::vector<SimPosition> positions(AccountIx account) const;
  std::vector<Money> balances(AccountIx account) const;
  std::vector<VenueOpenOrder> open_orders(AccountIx account) const;
  /// As last set on the account's instrument; 1 before.
  Decimal leverage(AccountIx account, InstrumentIx instrument) const;
  /// True while the instrument has neither orders nor positions here: both bar phases would do nothing.
  bool is_idle(InstrumentIx instrument) const;
  /// Of the file alone: what happens from now on does not change it.
  SimHistory history() const;

  // --- stretches of bars that touch nothing. Only while no reply or request is under way (next_delivery() is the end of time). ---
  /// Prices strictly between which bars of the instrument would do nothing here but move its mark.
  struct UntouchedRange {
    std::int64_t low = INT64_MIN, high = INT64_MAX;
  };
  UntouchedRange untouched(InstrumentIx instrument) const;
  /// Bars of the instrument that all lay strictly inside untouched(), as if on_bar_open and on_bar_range had seen each; the last opened at `open_time`.
  void pass_bars(InstrumentIx instrument, TimeNs open_time, DurationNs interval, PriceUnits close);

 private:
  struct Impl;
  explicit SimVenue(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace prom
