// Operations panel. Main thread feeds, the endpoint's thread reads.
#include "app/run/ops_panel.h"

#include <chrono>
#include <mutex>

#include "adapters/telemetry/prometheus/metrics.h"
#include "app/cli/version.h"
#include "app/run/ops_endpoint.h"
#include "app/run/run_sharing.h"
#include "domain/tool_stat.h"
#include "engine/risk/equity.h"
#include "research/simulation/simulation.h"

namespace prom {

struct OpsPanel::Impl {
  explicit Impl(const BuildInfo& build) : metrics(build) {}

  HealthReport health() const {
    std::lock_guard lock(mutex);
    HealthReport report;
    report.version = version_info().version;
    report.uptime = DurationNs{std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - began).count()};
    report.components = {
        {"engine", HealthState::ok, {}},
        {"journal", HealthState::ok, {}},
        {"ledger", ledger_away ? HealthState::degraded : HealthState::ok, ledger_away ? "the projection is behind; trading and protection go on" : ""}};
    if (!announced) {
      report.readiness = Readiness::not_ready;
      report.not_ready_reason = "it is starting";
    }
    if (lease) report.components.push_back(*lease);
    if (clickhouse) report.components.push_back(*clickhouse);
    return report;
  }

  Metrics metrics;
  mutable std::mutex mutex;
  bool ledger_away = false, announced = false;
  std::optional<ComponentHealth> lease, clickhouse;
  std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
  std::uint64_t bars = 0, decisions = 0, denials = 0;
  PortFile port_file;
  std::string address;
  std::unique_ptr<OpsServer> server;  ///< last: its thread uses the rest
};

OpsPanel::OpsPanel(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
OpsPanel::~OpsPanel() { stop(); }

std::expected<std::unique_ptr<OpsPanel>, CommandError> OpsPanel::start(const Config& config, std::optional<int> port) {
  const VersionInfo version = version_info();
  auto impl = std::make_unique<Impl>(BuildInfo{std::string(version.version), std::string(version.commit), std::string(version.compiler), "paper"});
  Impl* raw = impl.get();
  PROM_TRY(OpsEndpoint endpoint, open_ops_endpoint(config, port, OpsProviders{[raw] { return raw->health(); }, [raw] { return raw->metrics.serialize(); }}));
  impl->server = std::move(endpoint.server);
  impl->address = std::move(endpoint.address);
  return std::unique_ptr<OpsPanel>(new OpsPanel(std::move(impl)));
}

std::string OpsPanel::address() const { return impl_->address; }

void OpsPanel::announce(const StatePaths& paths) {
  if (impl_->server) impl_->port_file.write(paths.port_file(), impl_->server->port());
  const std::lock_guard lock(impl_->mutex);
  impl_->announced = true;
}

void OpsPanel::on_frame(const EngineState& state, const Frame& frame) {
  Metrics& m = impl_->metrics;
  if (const auto* decided = std::get_if<DecisionRecorded>(&frame.input.body)) {
    m.count_decisions(1);
    for (const Verdict& verdict : decided->record.verdicts) {
      m.observe_agent(name_of(verdict.role), DurationNs{verdict.latency_ns});
      for (const ReasoningStep& step : verdict.steps)
        if (is_tool_call(step)) m.count_tool_calls({name_of(verdict.role), step.tool});
    }
  }
  const auto order_reached = [&](OrderId id, std::string_view status) {
    const Order* order = state.find_order(id);
    if (order == nullptr) return;
    const Instrument& instrument = state.instrument(order->spec.instrument);
    m.count_order({venue_name(instrument.venue), instrument.symbol, name_of(order->spec.side), status});
  };
  for (const Event& event : frame.events) {
    if (const auto* created = std::get_if<OrderCreated>(&event)) order_reached(created->spec.id, "pending");
    if (const auto* moved = std::get_if<OrderMoved>(&event)) {
      const Order* order = state.find_order(moved->order);
      if (order != nullptr) order_reached(moved->order, name_of(order->state));
    }
    if (const auto* filled = std::get_if<FillApplied>(&event)) order_reached(filled->fill.order, "filled");
    if (const auto* closed = std::get_if<RoundTripClosed>(&event)) m.add_realised(closed->entry.net);
    if (std::holds_alternative<ProposalDenied>(event)) m.count_denials(1);
  }
}

void OpsPanel::on_progress(Simulation& simulation) {
  const EngineState& state = simulation.state();
  Metrics& m = impl_->metrics;
  const AccountState& account = state.accounts[simulation.account().v];
  const UserState& user = state.user_of(simulation.account());
  if (const auto equity = equity_of(state, simulation.account())) {
    m.set_equity(*equity);
    if (user.peak_equity > Decimal{} && *equity <= user.peak_equity) m.set_drawdown(div(user.peak_equity - *equity, user.peak_equity, Round::half_even));
  }
  m.set_open_positions(account.open_positions);
  m.set_breaker(user.breakers.empty() && user.kill_phase == KillPhase::released ? Metrics::Breaker::closed : Metrics::Breaker::open);
  if (state.seq > impl_->bars) {
    m.count_bars(state.seq - impl_->bars);
    impl_->bars = state.seq;
  }
  for (const Holding& holding : account.holdings) {
    const Instrument& instrument = state.instrument(holding.position.instrument);
    m.set_pnl(instrument.symbol,
              holding.position.realised + unrealised_pnl(instrument, holding.position.quantity, holding.position.cost, state.market[instrument.ix.v].last));
  }
}

void OpsPanel::on_projected(std::optional<std::uint64_t> applied, std::uint64_t durable, DurationNs took) {
  {
    std::lock_guard lock(impl_->mutex);
    impl_->ledger_away = !applied.has_value();
  }
  impl_->metrics.set_journal_durable_sequence(durable);
  if (applied) impl_->metrics.set_ledger_lag_frames(durable - std::min(durable, *applied));
  impl_->metrics.observe_worker("ledger_projection", took);
}

void OpsPanel::on_shared(const RunSharing& sharing) {
  const LeaseKeeper::Status status = sharing.status();
  const RedisCounters counters = sharing.counters();
  {
    std::lock_guard lock(impl_->mutex);
    impl_->lease = sharing.holds() ? ComponentHealth{"lease", status.why.empty() ? HealthState::ok : HealthState::degraded, status.why}
                                   : ComponentHealth{"lease", HealthState::degraded, "the run waits for its lease and sends nothing: " + status.why};
  }
  impl_->metrics.set_shared({.lease = sharing.left(),
                             .lapses = status.lapses,
                             .asked = counters.asked,
                             .refused = counters.refused,
                             .in_doubt = counters.in_doubt,
                             .waited = counters.waited,
                             .cache_hits = counters.hits,
                             .cache_misses = counters.misses,
                             .redis = counters.last == RedisCounters::Last::answered ? Metrics::Shared::Redis::up : Metrics::Shared::Redis::down});
}

void OpsPanel::on_copied(const BatchCounters& counters, const std::string& why) {
  {
    std::lock_guard lock(impl_->mutex);
    impl_->clickhouse = why.empty() ? ComponentHealth{"clickhouse", HealthState::ok, {}}
                                    : ComponentHealth{"clickhouse", HealthState::degraded, "rows wait on disk, the run goes on: " + why};
  }
  impl_->metrics.set_batches(
      {counters.pushed, counters.stored, counters.spilled, counters.set_aside, counters.failures, counters.spill_batches, counters.memory});
}

void OpsPanel::stop() {
  impl_->server.reset();
  impl_->port_file.remove();
}

}  // namespace prom
