// Operations panel of a host. Main thread feeds, the endpoint's thread reads.
#include "app/host/host_panel.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <utility>

#include "adapters/telemetry/prometheus/metrics.h"
#include "app/cli/version.h"
#include "app/run/ops_endpoint.h"

namespace prom {

struct HostPanel::Impl {
  explicit Impl(const BuildInfo& build) : metrics(build) {}

  HealthReport health() const {
    const std::lock_guard lock(mutex);
    HealthReport report = now;
    report.version = version_info().version;
    report.uptime = DurationNs{std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - began).count()};
    return report;
  }

  Metrics metrics;
  mutable std::mutex mutex;
  HealthReport now;
  std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
  PortFile port_file;
  std::string address;
  std::unique_ptr<OpsServer> server;  ///< last: its thread uses the rest
};

HostPanel::HostPanel(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HostPanel::~HostPanel() { stop(); }

std::expected<std::unique_ptr<HostPanel>, CommandError> HostPanel::start(const Config& config, std::optional<int> port) {
  const VersionInfo version = version_info();
  auto impl = std::make_unique<Impl>(BuildInfo{std::string(version.version), std::string(version.commit), std::string(version.compiler), "paper"});
  Impl* raw = impl.get();
  PROM_TRY(OpsEndpoint endpoint, open_ops_endpoint(config, port, OpsProviders{[raw] { return raw->health(); }, [raw] { return raw->metrics.serialize(); }}));
  impl->server = std::move(endpoint.server);
  impl->address = std::move(endpoint.address);
  return std::unique_ptr<HostPanel>(new HostPanel(std::move(impl)));
}

std::string HostPanel::address() const { return impl_->address; }

void HostPanel::announce(const StatePaths& paths) {
  if (impl_->server) impl_->port_file.write(paths.port_file(), impl_->server->port());
}

void HostPanel::show(const std::vector<Seat>& seats, const std::vector<ShardFigures>& figures, const std::string& division) {
  impl_->port_file.keep();
  HealthReport report;
  std::uint64_t positions = 0;
  for (std::size_t shard = 0; shard < seats.size(); ++shard) {
    const Seat& seat = seats[shard];
    const bool hosted = seat.state == SeatState::hosted;
    if (hosted) positions += figures[shard].open_positions;
    impl_->metrics.set_shard(std::to_string(shard), {hosted ? Metrics::Hosted::here : Metrics::Hosted::elsewhere, seat.fence, seat.taken, seat.lapses,
                                                     hosted ? figures[shard].open_positions : 0, hosted ? figures[shard].unprotected : 0});
    const std::string name = "shard " + std::to_string(shard);
    if (seat.state == SeatState::failed) report.components.push_back({name, HealthState::degraded, seat.why});
    if (hosted && !figures[shard].ledger_why.empty())
      report.components.push_back(
          {name + " ledger", HealthState::degraded, "the projection is behind; trading and protection go on: " + figures[shard].ledger_why});
  }
  impl_->metrics.set_open_positions(positions);
  report.components.push_back({"division", division.empty() ? HealthState::ok : HealthState::degraded, division});
  const std::lock_guard lock(impl_->mutex);
  impl_->now = std::move(report);
}

void HostPanel::stop() {
  impl_->server.reset();
  impl_->port_file.remove();
}

}  // namespace prom
