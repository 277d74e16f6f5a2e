// CLICKHOUSE_* of the configuration as the store's options. Main thread.
#pragma once

#include "adapters/stores/clickhouse/clickhouse_options.h"
#include "app/cli/command.h"

namespace prom {

inline ClickHouseOptions clickhouse_settings(const Config& config) {
  ClickHouseOptions options;
  options.host = config.text("CLICKHOUSE_HOST");
  options.port = static_cast<std::uint16_t>(config.integer("CLICKHOUSE_PORT"));
  options.user = config.text("CLICKHOUSE_USER");
  options.password = config.secret("CLICKHOUSE_PASSWORD").clone();
  options.db = config.text("CLICKHOUSE_DB");
  // On this machine there is no network to spare.
  const bool here = options.host == "localhost" || options.host == "::1" || options.host.starts_with("127.");
  options.compression = here ? ClickHouseCompression::none : ClickHouseCompression::lz4;
  return options;
}

}  // namespace prom
