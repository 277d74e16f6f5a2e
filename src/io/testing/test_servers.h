// Which real servers `dev/servers.py up` left running, for tests that need one. Tests only. One thread.
#pragma once

#include <map>
#include <optional>
#include <string>

namespace prom {

class TestServers {
 public:
  /// Reads build/servers/env of the tree that this was compiled in, or that of the set that PROM_SERVERS_AS names.
  TestServers();
  /// REDIS_PORT and so on.
  std::optional<std::string> setting(const std::string& name) const;
  /// Why the server of that name (postgres, clickhouse, redis, kafka) is not there, in one sentence for a skip.
  std::string why_not(const std::string& server) const;
  /// Runs dev/servers.py with these arguments, e.g. "kill redis" or "up redis"; its exit code.
  int command(const std::string& arguments) const;

 private:
  std::string root_;
  std::map<std::string, std::string> settings_;
};

}  // namespace prom
