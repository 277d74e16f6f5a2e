// The documents of /health and /ready, apart from the server so that the command line can print them too.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/assert.h"
#include "servers/ops/ops_server.h"

namespace prom {
namespace {

// Reasons may quote the outside world: what is not UTF-8 is replaced rather than thrown at.
std::string dump(const nlohmann::ordered_json& document) { return document.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n"; }

nlohmann::ordered_json components_of(const HealthReport& report) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const ComponentHealth& component : report.components) {
    nlohmann::ordered_json one{{"name", component.name}, {"state", to_string(component.state)}};
    if (!component.reason.empty()) one["reason"] = component.reason;
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace

std::string_view to_string(HealthState state) {
  switch (state) {
    case HealthState::ok: return "ok";
    case HealthState::degraded: return "degraded";
    case HealthState::failed: return "failed";
  }
  PROM_UNREACHABLE();
}

HealthState HealthReport::state() const {
  HealthState worst = HealthState::ok;
  for (const ComponentHealth& component : components) worst = std::max(worst, component.state);
  return worst;
}

std::string health_json(const HealthReport& report) {
  nlohmann::ordered_json document{{"status", to_string(report.state())}, {"mode", report.mode}};
  if (!report.version.empty()) document["version"] = report.version;
  document["uptime_seconds"] = report.uptime / kSecond;
  document["ready"] = is_ready(report);
  document["components"] = components_of(report);
  return dump(document);
}

bool is_ready(const HealthReport& report) { return report.readiness == Readiness::ready && report.state() != HealthState::failed; }

std::string ready_json(const HealthReport& report) {
  nlohmann::ordered_json document{{"ready", is_ready(report)}, {"mode", report.mode}};
  if (report.readiness == Readiness::not_ready) {
    document["reason"] = report.not_ready_reason;
  } else if (report.state() == HealthState::failed) {
    for (const ComponentHealth& component : report.components) {
      if (component.state != HealthState::failed) continue;
      document["reason"] = component.name + ": " + component.reason;
      break;
    }
  }
  return dump(document);
}

}  // namespace prom
