// See the header. Main thread.
#include "app/run/ops_endpoint.h"

#include <filesystem>
#include <fstream>
#include <utility>

namespace prom {

std::expected<OpsEndpoint, CommandError> open_ops_endpoint(const Config& config, std::optional<int> port, OpsProviders providers) {
  OpsEndpoint out;
  if (!config.flag("http.enabled")) return out;
  OpsConfig ops;
  ops.address = config.text("http.bind");
  ops.port = static_cast<std::uint16_t>(port ? *port : config.integer("http.port"));
  auto server = OpsServer::start(ops, std::move(providers));
  if (!server) {
    const bool busy = server.error().code == OpsError::Code::port_in_use;
    return std::unexpected(CommandError{ExitCode::outside_away,
                                        busy ? "port_in_use" : "listen",
                                        server.error().message(),
                                        busy ? "move it with --http-port N (0 takes a free one) or http.port in promtrade.toml" : "",
                                        {}});
  }
  out.server = *std::move(server);
  out.address = ops.address + ":" + std::to_string(out.server->port());
  return out;
}

void PortFile::write(const std::string& path, std::uint16_t port) {
  path_ = path;
  text_ = std::to_string(port);
  std::ofstream(path_, std::ios::trunc) << text_ << "\n";
}

void PortFile::keep() {
  if (!path_.empty() && !std::filesystem::exists(path_)) std::ofstream(path_, std::ios::trunc) << text_ << "\n";
}

void PortFile::remove() {
  if (path_.empty()) return;
  std::string there;
  std::ifstream(path_) >> there;
  std::error_code ignored;
  if (there == text_) std::filesystem::remove(path_, ignored);
  path_.clear();
}

}  // namespace prom
