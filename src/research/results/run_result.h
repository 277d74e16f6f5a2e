// What a run came to, in plain values: the source of `--json`, exports, the report and the registry of runs. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/command.h"
#include "domain/memory.h"
#include "domain/verdict.h"

namespace prom {

/// full: everything a report shows. digest: fills, equity and their figures, for yardsticks, benches and sweeps.
enum class CollectLevel : std::uint8_t { full, digest };

struct EquityPoint {
  TimeNs time{};
  Decimal equity;
};
struct DeniedProposal {
  TimeNs time{};
  TradeProposal proposal;
  Denial denial;
};
struct OrderOutcome {
  OrderSpec spec;
  OrderState state = OrderState::pending;
  QuantityUnits filled{};
  TimeNs created_at{}, updated_at{};
};
/// A yardstick: what the same cash would have become otherwise.
struct Benchmark {
  std::string name;  ///< e.g. "buy and hold BTCUSDT", "strategy trend_following"
  Decimal net;
  double max_drawdown = 0;  ///< fraction, positive
  std::uint64_t trades = 0;
  std::vector<EquityPoint> equity;  ///< daily; may be empty
};
/// Where the result lies among seeded random entries with the same number of trades, sides and holding times.
struct RandomEntries {
  std::uint32_t runs = 0;
  std::uint64_t seed = 0;
  Decimal median, p05, p95;
  double beaten = 0;  ///< share of random runs with a lower net result, [0, 1]
};
struct Interval {
  double low = 0, high = 0;  ///< 95 %
};

struct RunSummary {
  Decimal opening_cash, closing_equity;
  Decimal net;                      ///< closing equity less transfers
  Decimal gross;                    ///< before fees, slippage and funding
  Decimal fees, slippage, funding;  ///< fees and slippage as paid (positive), funding as received (negative = paid)
  Decimal open_unrealised;          ///< part of net that is not closed yet
  std::uint64_t trades = 0, wins = 0, fills = 0, orders = 0, denials = 0, decisions = 0;
  double days = 0;
  double max_drawdown = 0;       ///< fraction of the peak, positive
  std::optional<double> sharpe;  ///< annualised, from daily equity; none under 5 days
  std::optional<double> win_rate, profit_factor, expectancy;
  std::optional<Interval> net_interval;  ///< block bootstrap over daily results, scaled to the run
  std::string funding_note;              ///< says where funding was assumed
};

struct RunResult {
  std::string run_id;
  std::string kind;  ///< backtest or replay
  std::string mode = "PAPER";
  std::string digest;  ///< SHA-256 of the fills, as docs/cli.md states it
  std::string data_sha256;
  std::uint64_t bars = 0;
  TimeNs from{}, to{};        ///< first open, last close
  std::string decider;        ///< "desk" or a strategy name
  std::string configuration;  ///< canonical text; its hash identifies it
  std::string quote;          ///< name of the reporting asset
  std::vector<Instrument> instruments;
  std::vector<std::string> assets;
  RunSummary summary;
  std::vector<EquityPoint> equity;
  std::vector<Fill> fills;
  std::vector<JournalEntry> trades;
  std::vector<DeniedProposal> denials;
  std::vector<OrderOutcome> orders;
  std::vector<Posting> postings;
  std::vector<DecisionRecord> decisions;
  std::vector<Benchmark> benchmarks;
  std::optional<RandomEntries> random_entries;
  std::vector<Alert> alerts;
};

}  // namespace prom
