// The operations endpoint where the configuration wants it. Main thread.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "app/cli/command.h"
#include "servers/ops/ops_server.h"

namespace prom {

struct OpsEndpoint {
  std::unique_ptr<OpsServer> server;  ///< null where http.enabled is off
  std::string address;                ///< "127.0.0.1:8081"; empty when nothing listens
};

/// The file by which `promtrade health` finds this instance. Instances that share a state directory share the file: each says its own port where nothing stands, and
/// takes back only that.
class PortFile {
 public:
  PortFile() = default;
  PortFile(const PortFile&) = delete;
  PortFile& operator=(const PortFile&) = delete;
  ~PortFile() { remove(); }
  /// Replaces what stands there.
  void write(const std::string& path, std::uint16_t port);
  /// Writes it again where another instance has taken its own port back since. Cheap.
  void keep();
  void remove();

 private:
  std::string path_, text_;
};

/// `port` replaces http.port; 0 takes a free one. A busy port is `outside_away` and names http.port. What the providers use outlives the server.
std::expected<OpsEndpoint, CommandError> open_ops_endpoint(const Config& config, std::optional<int> port, OpsProviders providers);

}  // namespace prom
