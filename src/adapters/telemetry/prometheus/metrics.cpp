// The families of metrics.h on prometheus-cpp. Its counters and gauges are atomics and its families lock themselves; ours is only the count of
// series that a family may hold.
#include "adapters/telemetry/prometheus/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace prom {
namespace {

using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

constexpr std::string_view kOther = "other";
constexpr std::size_t kLabelBytes = 128;  // longer values are cut: a label is a name, not a text

// A label value must be UTF-8 or the whole page is refused; names here are ASCII, so anything else becomes '?'.
std::string clean(std::string_view value) {
  std::string out(value.substr(0, kLabelBytes));
  std::replace_if(out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f; }, '?');
  return out;
}

/// To a count that is kept elsewhere; a counter never falls.
void raise(prometheus::Counter& counter, std::uint64_t value) { counter.Increment(std::max(static_cast<double>(value) - counter.Value(), 0.0)); }

double seconds(DurationNs took) { return static_cast<double>(std::max<std::int64_t>(took.ns, 0)) / static_cast<double>(kSecond.ns); }

// One family with labels: finds or makes the series for a set of label values, at most kMaxSeries of them.
template <class Metric, class... Args>
class Bounded {
 public:
  Bounded(prometheus::Family<Metric>& family, prometheus::Counter& beyond, std::vector<std::string> names, Args... args)
      : family_(family), beyond_(beyond), names_(std::move(names)), args_(std::move(args)...) {}

  Metric& of(std::initializer_list<std::string_view> values) {
    std::vector<std::string> key;
    key.reserve(values.size());
    for (const std::string_view value : values) key.push_back(clean(value));
    const std::lock_guard lock(mutex_);
    if (const auto found = series_.find(key); found != series_.end()) return *found->second;
    if (series_.size() + 1 >= Metrics::kMaxSeries) {  // the last place is for the rest
      beyond_.Increment();
      for (std::string& value : key) value = kOther;
      if (const auto found = series_.find(key); found != series_.end()) return *found->second;
    }
    return *series_.emplace(key, &add(key)).first->second;
  }

 private:
  Metric& add(const std::vector<std::string>& key) {
    prometheus::Labels labels;
    for (std::size_t i = 0; i < names_.size(); ++i) labels.emplace(names_[i], key.at(i));
    return std::apply([&](const Args&... args) -> Metric& { return family_.Add(labels, args...); }, args_);
  }

  prometheus::Family<Metric>& family_;
  prometheus::Counter& beyond_;
  std::vector<std::string> names_;
  std::tuple<Args...> args_;
  std::mutex mutex_;
  std::map<std::vector<std::string>, Metric*> series_;
};

using Buckets = prometheus::Histogram::BucketBoundaries;
using Counters = Bounded<prometheus::Counter>;
using Gauges = Bounded<prometheus::Gauge>;
using Histograms = Bounded<prometheus::Histogram, Buckets>;

// Rule brains answer in microseconds, language models in tens of seconds.
const Buckets kAgentBuckets{0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30};
const Buckets kExchangeBuckets{0.0001, 0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
const Buckets kWorkerBuckets{0.0001, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300};

}  // namespace

struct Metrics::Families {
  prometheus::Registry registry;

  prometheus::Family<prometheus::Counter>& counters(const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
  }
  prometheus::Family<prometheus::Gauge>& gauges(const char* name, const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
  }
  prometheus::Family<prometheus::Histogram>& histograms(const char* name, const char* help) {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
  }
  prometheus::Counter& counter(const char* name, const char* help) { return counters(name, help).Add({}); }
  prometheus::Gauge& gauge(const char* name, const char* help) { return gauges(name, help).Add({}); }

  prometheus::Counter& beyond = counter("promtrade_metrics_series_limited_total", "Samples counted under label values \"other\" because their family is full.");
  Counters orders{counters("trading_orders_total", "Orders by the state they reached."), beyond, {"exchange", "symbol", "side", "status"}};
  Gauges pnl{gauges("trading_pnl", "Realised and unrealised profit since the run began, in the quote asset."), beyond, {"symbol"}};
  prometheus::Counter& profit = counter("trading_realised_profit_total", "Sum of realised profits, in the quote asset.");
  prometheus::Counter& loss = counter("trading_realised_loss_total", "Sum of realised losses as a positive number, in the quote asset.");
  Histograms agents{histograms("agent_execution_duration_seconds", "Duration of one run of an agent."), beyond, {"agent"}, kAgentBuckets};
  Counters tool_calls{counters("agent_tool_calls_total", "Tool calls of the agents."), beyond, {"agent", "tool"}};
  Histograms exchange{
      histograms("exchange_api_latency_seconds", "Latency of a request to an exchange until its answer."), beyond, {"exchange", "endpoint"}, kExchangeBuckets};
  Histograms workers{histograms("worker_execution_duration_seconds", "Duration of one run of a background worker."), beyond, {"worker"}, kWorkerBuckets};
  prometheus::Gauge& durable = gauge("promtrade_journal_durable_sequence", "Last journal sequence that is on disk.");
  prometheus::Gauge& lag = gauge("promtrade_ledger_lag_frames", "Durable journal frames that the ledger has not applied yet.");
  // Made when there is a Redis to speak of.
  struct Shared {
    prometheus::Gauge& lease;
    prometheus::Counter& lapses;
    prometheus::Counter& asked;
    prometheus::Counter& refused;
    prometheus::Counter& in_doubt;
    prometheus::Counter& waited;
    prometheus::Gauge& up;
    prometheus::Counter& hits;
    prometheus::Counter& misses;
  };
  std::optional<Shared> shared;
  // Made when there is a shard to speak of.
  struct Shards {
    explicit Shards(Families& all)
        : hosted(all.gauges("promtrade_shard_hosted", "1 while this instance works at the shard, else 0."), all.beyond, {"shard"}),
          fence(all.gauges("promtrade_shard_fence", "Fence of the last lease of the shard that this instance held."), all.beyond, {"shard"}),
          taken(all.counters("promtrade_shard_taken_total", "Times that this instance took the shard."), all.beyond, {"shard"}),
          lapses(all.counters("promtrade_shard_lapses_total", "Times that the shard's lease ended here without being given back."), all.beyond, {"shard"}),
          open_positions(all.gauges("promtrade_shard_open_positions", "Open positions of the shard's accounts."), all.beyond, {"shard"}),
          unprotected(all.gauges("promtrade_shard_unprotected", "Open positions without a stop that rests at the venue."), all.beyond, {"shard"}) {}
    Gauges hosted, fence;
    Counters taken, lapses;
    Gauges open_positions, unprotected;
  };
  std::optional<Shards> shards;
  // Made when there is a ClickHouse to speak of.
  struct Batches {
    prometheus::Counter& pushed;
    prometheus::Counter& stored;
    prometheus::Counter& spilled;
    prometheus::Counter& set_aside;
    prometheus::Counter& failures;
    prometheus::Gauge& waiting;
    prometheus::Gauge& memory;
  };
  std::optional<Batches> batches;
  prometheus::Counter& bars = counter("promtrade_bars_total", "Bars processed.");
  prometheus::Counter& decisions = counter("promtrade_decisions_total", "Decisions of the desk or of strategies.");
  prometheus::Counter& denials = counter("promtrade_denials_total", "Proposals that the risk engine denied.");
  prometheus::Gauge& equity = gauge("promtrade_equity", "Equity of the account, in the quote asset.");
  prometheus::Gauge& drawdown = gauge("promtrade_drawdown_ratio", "Fraction by which equity lies below its peak.");
  prometheus::Gauge& breaker = gauge("promtrade_circuit_breaker_open", "1 while the circuit breaker blocks new risk, else 0.");
  prometheus::Gauge& positions = gauge("promtrade_open_positions", "Open positions.");
};

Metrics::Metrics(const BuildInfo& build) : families_(std::make_unique<Families>()) {
  families_->gauges("promtrade_build_info", "Always 1; what runs is in the labels.")
      .Add({{"version", clean(build.version)}, {"commit", clean(build.commit)}, {"compiler", clean(build.compiler)}, {"mode", clean(build.mode)}})
      .Set(1);
}

Metrics::~Metrics() = default;

void Metrics::count_order(const OrderLabels& labels) { families_->orders.of({labels.exchange, labels.symbol, labels.side, labels.status}).Increment(); }
void Metrics::set_pnl(std::string_view symbol, Decimal pnl) { families_->pnl.of({symbol}).Set(pnl.to_double()); }
void Metrics::add_realised(Decimal pnl) { (pnl.is_negative() ? families_->loss : families_->profit).Increment(pnl.abs().to_double()); }

void Metrics::observe_agent(std::string_view agent, DurationNs took) { families_->agents.of({agent}).Observe(seconds(took)); }
void Metrics::count_tool_calls(const ToolLabels& labels, std::uint64_t calls) {
  families_->tool_calls.of({labels.agent, labels.tool}).Increment(static_cast<double>(calls));
}
void Metrics::observe_exchange_call(const EndpointLabels& labels, DurationNs took) {
  families_->exchange.of({labels.exchange, labels.endpoint}).Observe(seconds(took));
}
void Metrics::observe_worker(std::string_view worker, DurationNs took) { families_->workers.of({worker}).Observe(seconds(took)); }

void Metrics::set_journal_durable_sequence(std::uint64_t sequence) { families_->durable.Set(static_cast<double>(sequence)); }
void Metrics::set_ledger_lag_frames(std::uint64_t frames) { families_->lag.Set(static_cast<double>(frames)); }
void Metrics::set_shared(const Shared& shared) {
  if (!families_->shared) {
    auto& requests = families_->counters("promtrade_redis_requests_total", "Requests to Redis by outcome: asked counts all of them.");
    families_->shared.emplace(
        Families::Shared{families_->gauge("promtrade_lease_seconds", "How long this instance may act for its run without renewing its lease."),
                         families_->counter("promtrade_lease_lapses_total", "Times that the lease of the run ended without being given back."),
                         requests.Add({{"outcome", "asked"}}), requests.Add({{"outcome", "refused"}}), requests.Add({{"outcome", "in_doubt"}}),
                         families_->counter("promtrade_redis_request_seconds_total", "Seconds that requests to Redis waited for their answers, together."),
                         families_->gauge("promtrade_redis_up", "1 while the newest request to Redis was answered, else 0."),
                         families_->counter("promtrade_cache_hits_total", "Reads of shared caches that found a value."),
                         families_->counter("promtrade_cache_misses_total", "Reads of shared caches that found none.")});
  }
  Families::Shared& to = *families_->shared;
  to.lease.Set(seconds(shared.lease));
  raise(to.lapses, shared.lapses);
  raise(to.asked, shared.asked);
  raise(to.refused, shared.refused);
  raise(to.in_doubt, shared.in_doubt);
  to.waited.Increment(std::max(seconds(shared.waited) - to.waited.Value(), 0.0));
  to.up.Set(shared.redis == Shared::Redis::up ? 1 : 0);
  raise(to.hits, shared.cache_hits);
  raise(to.misses, shared.cache_misses);
}
void Metrics::set_shard(std::string_view shard, const Shard& figures) {
  Families& all = *families_;
  if (!all.shards) all.shards.emplace(all);
  Families::Shards& to = *all.shards;
  to.hosted.of({shard}).Set(figures.hosted == Hosted::here ? 1 : 0);
  to.fence.of({shard}).Set(static_cast<double>(figures.fence));
  raise(to.taken.of({shard}), figures.taken);
  raise(to.lapses.of({shard}), figures.lapses);
  to.open_positions.of({shard}).Set(static_cast<double>(figures.open_positions));
  to.unprotected.of({shard}).Set(static_cast<double>(figures.unprotected));
}
void Metrics::set_batches(const Batches& batches) {
  if (!families_->batches) {
    auto& rows = families_->counters("promtrade_clickhouse_rows_total", "Rows for ClickHouse by what became of them: pushed counts all of them.");
    families_->batches.emplace(Families::Batches{
        rows.Add({{"outcome", "pushed"}}), rows.Add({{"outcome", "stored"}}), rows.Add({{"outcome", "spilled"}}), rows.Add({{"outcome", "set_aside"}}),
        families_->counter("promtrade_clickhouse_failures_total", "Sendings to ClickHouse that failed or are in doubt."),
        families_->gauge("promtrade_clickhouse_spill_batches", "Batches that wait on disk for ClickHouse."),
        families_->gauge("promtrade_clickhouse_memory_bytes", "Bytes of rows for ClickHouse held in memory.")});
  }
  Families::Batches& to = *families_->batches;
  raise(to.pushed, batches.pushed);
  raise(to.stored, batches.stored);
  raise(to.spilled, batches.spilled);
  raise(to.set_aside, batches.set_aside);
  raise(to.failures, batches.failures);
  to.waiting.Set(static_cast<double>(batches.spill_batches));
  to.memory.Set(static_cast<double>(batches.memory));
}
void Metrics::count_bars(std::uint64_t bars) { families_->bars.Increment(static_cast<double>(bars)); }
void Metrics::count_decisions(std::uint64_t decisions) { families_->decisions.Increment(static_cast<double>(decisions)); }
void Metrics::count_denials(std::uint64_t denials) { families_->denials.Increment(static_cast<double>(denials)); }
void Metrics::set_equity(Decimal equity) { families_->equity.Set(equity.to_double()); }
void Metrics::set_drawdown(Decimal fraction) { families_->drawdown.Set(fraction.to_double()); }
void Metrics::set_breaker(Breaker breaker) { families_->breaker.Set(breaker == Breaker::open ? 1 : 0); }
void Metrics::set_open_positions(std::uint64_t positions) { families_->positions.Set(static_cast<double>(positions)); }

std::string Metrics::serialize() const { return prometheus::TextSerializer().Serialize(families_->registry.Collect()); }

}  // namespace prom
