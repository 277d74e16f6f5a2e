// The operations endpoint: GET /health, /ready and /metrics over HTTP, loopback by default, on a thread of its own.
// start, port and the destructor from any one thread; the providers are called on the server's thread and must be safe to call there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace prom {

enum class HealthState : std::uint8_t { ok, degraded, failed };
std::string_view to_string(HealthState state);

struct ComponentHealth {
  std::string name;
  HealthState state = HealthState::ok;
  std::string reason;  ///< why it is not ok; empty otherwise
};

enum class Readiness : std::uint8_t { ready, not_ready };

struct HealthReport {
  std::string mode = "PAPER";
  std::string version;
  DurationNs uptime{};
  std::vector<ComponentHealth> components;
  Readiness readiness = Readiness::ready;  ///< not_ready while starting or stopping
  std::string not_ready_reason;

  /// The worst of the components. /health answers 200 for ok and degraded, 503 for failed.
  HealthState state() const;
};

/// Readiness::ready and no component failed: /ready answers 200, else 503.
bool is_ready(const HealthReport& report);

/// The documents of /health and /ready; also what `promtrade health` prints.
std::string health_json(const HealthReport& report);
std::string ready_json(const HealthReport& report);

struct OpsConfig {
  std::string address = "127.0.0.1";         ///< numeric, IPv4 or IPv6
  std::uint16_t port = 8081;                 ///< 0 = the system picks a free one
  DurationNs request_timeout = 5 * kSecond;  ///< from the first byte awaited to the last byte sent, for each request
  std::size_t max_connections = 64;          ///< further ones are answered 503 and closed
};

struct OpsProviders {
  std::function<HealthReport()> health;  ///< required
  std::function<std::string()> metrics;  ///< required; text format 0.0.4
};

struct OpsError {
  enum class Code : std::uint8_t {
    bad_address,     ///< http.bind is not a numeric address, or not one of this machine
    port_in_use,     ///< move it by http.port
    port_forbidden,  ///< below 1024 without the right
    system,          ///< anything else; `detail` has the system's words
  };
  Code code = Code::system;
  std::string address;
  std::uint16_t port = 0;
  std::string detail;
  /// One sentence that names the setting which helps (http.port, http.bind).
  std::string message() const;
};

class OpsServer {
 public:
  /// Listens and serves from the return on.
  static std::expected<std::unique_ptr<OpsServer>, OpsError> start(const OpsConfig& config, OpsProviders providers);
  /// stop().
  ~OpsServer();
  OpsServer(const OpsServer&) = delete;
  OpsServer& operator=(const OpsServer&) = delete;

  /// The port in use, also where 0 was asked for.
  std::uint16_t port() const;
  /// Closes the listener and idle connections, lets answers that are being sent go out (at most one second), ends the thread. Waits also for a provider
  /// that is being called, however long. Repeating it does nothing.
  void stop();

 private:
  struct Core;
  explicit OpsServer(std::unique_ptr<Core> core);
  std::unique_ptr<Core> core_;
};

}  // namespace prom
