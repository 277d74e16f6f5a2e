// Metrics of the running product in Prometheus' text format, under the names that PRODUCT.md fixes. A thin front for prometheus-cpp.
// Any thread. Labels are bounded: each family keeps at most kMaxSeries series; what comes beyond counts as label values "other" and is itself counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/decimal.h"
#include "base/time.h"

namespace prom {

struct BuildInfo {
  std::string version, commit, compiler, mode;  ///< mode: "paper"
};

struct OrderLabels {
  std::string_view exchange, symbol;
  std::string_view side;    ///< "buy" or "sell"
  std::string_view status;  ///< the order state's name
};
struct ToolLabels {
  std::string_view agent, tool;
};
struct EndpointLabels {
  std::string_view exchange, endpoint;
};

class Metrics {
 public:
  /// Series per family; the 14 agents, 108 tools and some hundred instruments fit, an attacker's label values do not.
  static constexpr std::size_t kMaxSeries = 2048;

  explicit Metrics(const BuildInfo& build);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// trading_orders_total{exchange,symbol,side,status}: one more order that reached `status`.
  void count_order(const OrderLabels& labels);
  /// trading_pnl{symbol}: realised and unrealised, quote asset, since the run began.
  void set_pnl(std::string_view symbol, Decimal pnl);
  /// Adds to trading_realised_profit_total or trading_realised_loss_total by sign; quote asset. Both counters only grow.
  void add_realised(Decimal pnl);

  /// agent_execution_duration_seconds{agent}; took.ns >= 0, else it counts as 0.
  void observe_agent(std::string_view agent, DurationNs took);
  /// agent_tool_calls_total{agent,tool}.
  void count_tool_calls(const ToolLabels& labels, std::uint64_t calls = 1);
  /// exchange_api_latency_seconds{exchange,endpoint}.
  void observe_exchange_call(const EndpointLabels& labels, DurationNs took);
  /// worker_execution_duration_seconds{worker}.
  void observe_worker(std::string_view worker, DurationNs took);

  /// promtrade_journal_durable_sequence: last sequence that is on disk.
  void set_journal_durable_sequence(std::uint64_t sequence);
  /// promtrade_ledger_lag_frames: durable frames that the ledger has not applied yet.
  void set_ledger_lag_frames(std::uint64_t frames);
  /// promtrade_lease_seconds: how long this instance may act for its run if nothing is renewed; 0 where it may not. promtrade_lease_lapses_total counts how often it ended.
  /// promtrade_redis_requests_total{outcome}: asked, refused, in_doubt. promtrade_redis_request_seconds_total: what they waited
  /// together. promtrade_redis_up: whether the newest was answered. promtrade_cache_hits_total and promtrade_cache_misses_total: of shared caches. The counters as the store has them by
  /// now. Without Redis none of these is there.
  struct Shared {
    DurationNs lease;
    std::uint64_t lapses = 0, asked = 0, refused = 0, in_doubt = 0;
    DurationNs waited;
    std::uint64_t cache_hits = 0, cache_misses = 0;
    enum class Redis : std::uint8_t { up, down } redis = Redis::up;
  };
  void set_shared(const Shared& shared);
  /// Of one shard of a host: promtrade_shard_hosted{shard} (1 here, else 0), promtrade_shard_fence{shard} (of its last lease here), promtrade_shard_taken_total{shard},
  /// promtrade_shard_lapses_total{shard} (leases that ended unreturned), promtrade_shard_open_positions{shard}, promtrade_shard_unprotected{shard} (of them, those
  /// without a stop that rests at the venue). The counters as they stand by now.
  enum class Hosted : std::uint8_t { elsewhere, here };
  struct Shard {
    Hosted hosted = Hosted::elsewhere;
    std::uint64_t fence = 0, taken = 0, lapses = 0, open_positions = 0, unprotected = 0;
  };
  void set_shard(std::string_view shard, const Shard& figures);
  /// What became of the rows for ClickHouse. promtrade_clickhouse_rows_total{outcome}: pushed, stored, spilled, set_aside; promtrade_clickhouse_failures_total: sendings
  /// that failed; promtrade_clickhouse_spill_batches: waiting on disk now; promtrade_clickhouse_memory_bytes. Without ClickHouse none of these is there.
  struct Batches {
    std::uint64_t pushed = 0, stored = 0, spilled = 0, set_aside = 0, failures = 0, spill_batches = 0, memory = 0;
  };
  void set_batches(const Batches& batches);
  /// promtrade_bars_total: bars processed.
  void count_bars(std::uint64_t bars);
  /// promtrade_decisions_total and promtrade_denials_total.
  void count_decisions(std::uint64_t decisions);
  void count_denials(std::uint64_t denials);
  /// promtrade_equity, quote asset.
  void set_equity(Decimal equity);
  /// promtrade_drawdown_ratio: fraction of the peak, [0, 1].
  void set_drawdown(Decimal fraction);
  enum class Breaker : std::uint8_t { closed, open };
  /// promtrade_circuit_breaker_open: 1 while open.
  void set_breaker(Breaker breaker);
  /// promtrade_open_positions.
  void set_open_positions(std::uint64_t positions);

  /// The whole page, text format 0.0.4.
  std::string serialize() const;

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace prom
