// What a command hands to ClickHouse, where CLICKHOUSE_HOST is set: through the batch writer, beside the command and never in its way. Main thread.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/stores/clickhouse/batch_writer.h"
#include "app/cli/command.h"

namespace prom {

class ServerWriter {
 public:
  /// Index of a table in push().
  enum Table : std::size_t { run_bars, run_fills, observations };

  /// Null where no ClickHouse is named. What an earlier start left in the spill is sent first. A server that is away is said, and what comes meanwhile is spilled; one that
  /// refuses for good (password, database, version) is exit code 4, as is a spill folder that cannot be had. `owner` names the folder: one command at a time each.
  static std::expected<std::unique_ptr<ServerWriter>, CommandError> start(AppContext& context, const StatePaths& paths, const std::string& owner);

  /// "ClickHouse at host:port, database db".
  const std::string& place() const { return place_; }
  /// False where there is no room now, which is no failure: try again.
  bool push(Table table, std::string_view rows, std::uint64_t count);
  /// Whether everything pushed so far is on the server or on disk.
  bool durable() const { return writer_->counters().memory == 0; }
  /// Waits until everything pushed is on the server or, after some attempts, on disk; false where it is not on the server.
  bool flush() { return writer_->flush().has_value(); }
  BatchCounters counters() const { return writer_->counters(); }
  /// Why rows are not on the server now; empty where they are.
  std::string why() const;
  /// Says once in the log and to the user that rows wait, and once that they do no longer. Never waits.
  void tell();
  /// Sends what is there once and spills the rest. Empty, or in one sentence what lies in the spill or is lost.
  std::string close();

 private:
  ServerWriter(AppContext& context, std::string place, std::string folder) : context_(context), place_(std::move(place)), folder_(std::move(folder)) {}

  AppContext& context_;
  std::string place_, folder_;
  std::unique_ptr<BatchWriter> writer_;
  bool told_away_ = false;
  std::uint64_t told_stored_ = 0, told_lost_ = 0;
};

}  // namespace prom
