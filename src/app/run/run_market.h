// What a run hands to ClickHouse, where CLICKHOUSE_HOST is set: the bars that it played and its fills, under its name, and what feeds said. Beside the run and never in its way: a server
// that is away is caught up with, by this start or the next. Main thread.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "app/feeds/observation_copy.h"
#include "app/market/server_writer.h"
#include "ports/journal.h"
#include "research/dataset/dataset.h"

namespace prom {

class RunMarket {
 public:
  /// Null where no ClickHouse is named. `data` outlives it. Exit code 4 where the server refuses for good.
  static std::expected<std::unique_ptr<RunMarket>, CommandError> start(AppContext& context, const StatePaths& paths, const std::string& run,
                                                                       const Dataset& data);

  /// Bars that have closed by `now` may go, and fills of the journal's frames up to `durable`. Never waits.
  void poke(TimeNs now, std::uint64_t durable);
  /// Hands over the rest, for at most this long, and closes the writer. Empty, or in one sentence what is not on the server and where it lies.
  std::string finish(TimeNs now, std::uint64_t durable, DurationNs timeout);
  BatchCounters counters() const { return writer_->counters(); }
  /// Why rows are not on the server now; empty where they are.
  std::string why() const { return writer_->why(); }

 private:
  RunMarket(std::string path, std::string run, const Dataset& data) : path_(std::move(path)), run_(std::move(run)), data_(data) {}
  std::expected<void, CommandError> push_observations(const std::string& market);
  /// The next bars that have closed by `now`; false where the writer has no room.
  bool push_bars(TimeNs now);
  /// The fills of the next frames; false where the writer has no room or the journal cannot be read.
  bool push_fills(std::uint64_t durable);
  void remember();

  std::string path_, run_;
  const Dataset& data_;
  std::unique_ptr<ServerWriter> writer_;
  std::unique_ptr<SqliteObservationStore> observations_;  ///< null where there are none
  std::unique_ptr<ObservationCopy> copy_;
  std::unique_ptr<JournalReader> reader_;
  TimeNs pushed_{INT64_MIN}, remembered_{INT64_MIN};         ///< bars that have closed by then
  std::uint64_t frames_pushed_ = 0, frames_remembered_ = 0;  ///< fills of the frames up to there
};

}  // namespace prom
