// Statements to ClickHouse over HTTP, and what its errors mean. One thread at a time each object.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/stores/clickhouse/clickhouse_options.h"
#include "io/http/http_client.h"
#include "ports/store_error.h"

namespace prom::clickhouse {

using Named = std::vector<std::pair<std::string, std::string>>;

class Link {
 public:
  /// Asks for the version (24.1 or newer) with the user's name and password, then whether the database is there.
  static StoreResult<Link> open(ClickHouseOptions options);

  /// Runs one statement; its whole answer. `parameters` stand in the SQL as {name:Type}. An error before anything was sent has Retry::after.
  StoreResult<std::string> run(std::string_view sql, const Named& parameters = {}, const Named& settings = {});
  /// INSERT INTO table(columns) FORMAT RowBinary with `rows` as data. With a token the same bytes may be sent again: the server keeps them once.
  StoreResult<void> insert(std::string_view table, std::string_view columns, std::string_view rows, std::string_view token, const Named& settings = {});
  const ClickHouseOptions& options() const { return options_; }

 private:
  explicit Link(ClickHouseOptions options);
  /// `encoding`: of the body, as Content-Encoding names it; empty for none.
  StoreResult<std::string> post(const std::string& target, std::string_view body, std::string_view encoding = "");
  std::string target_of(std::string_view query, const Named& parameters, const Named& settings) const;

  ClickHouseOptions options_;
  http::Client client_;
  std::string compressed_;  // its memory is used again
};

/// "ClickHouse at host:port".
std::string place_of(const ClickHouseOptions& options);
/// What the server's exception means: one sentence with the next step. `text` is the server's own.
StoreError error_of(const ClickHouseOptions& options, int code, const std::string& text);

}  // namespace prom::clickhouse
