// The first contact tells a server that is away from one that will never take anything.
#include "app/market/server_writer.h"

#include <vector>

#include "adapters/stores/clickhouse/bar_rows.h"
#include "adapters/stores/clickhouse/clickhouse_link.h"
#include "adapters/stores/clickhouse/clickhouse_migrate.h"
#include "adapters/stores/clickhouse/fill_rows.h"
#include "adapters/stores/clickhouse/observation_rows.h"
#include "app/market/clickhouse_settings.h"
#include "base/log.h"

namespace prom {
namespace {

/// Between tries while the server is away: it is asked twice a second at most.
constexpr std::chrono::milliseconds kPause{500};
/// An insert that takes longer is sent again, under its token. Short, because a shutdown waits for two of them at most.
constexpr std::chrono::milliseconds kStatement{3'000};
constexpr std::chrono::milliseconds kConnect{2'000};

CommandError failed(const StoreError& error) { return {ExitCode::outside_away, "clickhouse", error.detail, error.hint, {}}; }

StoreResult<void> first_contact(const ClickHouseOptions& options) {
  PROM_TRY(auto link, clickhouse::Link::open(options.clone()));
  return clickhouse::migrate(link);
}

}  // namespace

std::expected<std::unique_ptr<ServerWriter>, CommandError> ServerWriter::start(AppContext& context, const StatePaths& paths, const std::string& owner) {
  PROM_TRY(const Config* config, context.config());
  if (config->text("CLICKHOUSE_HOST").empty()) return nullptr;
  ClickHouseOptions options = clickhouse_settings(*config);
  options.statement = kStatement;
  options.connect = kConnect;
  const std::string place = clickhouse::place_of(options) + ", database " + options.db;
  std::unique_ptr<ServerWriter> out(new ServerWriter(context, place, paths.spill(owner)));
  const auto reached = first_contact(options);
  if (!reached && reached.error().retry == Retry::never) return std::unexpected(failed(reached.error()));
  BatchWriterOptions writing;
  writing.spill = out->folder_;
  writing.when_full = WhenFull::refuse;
  writing.pause = kPause;
  auto writer = open_batch_writer(clickhouse_sink(std::move(options), SinkSchema::migrate),
                                  {{std::string(clickhouse::kRunBarTable), std::string(clickhouse::kRunBarColumns)},
                                   {std::string(clickhouse::kRunFillTable), std::string(clickhouse::kRunFillColumns)},
                                   {std::string(clickhouse::kObservationTable), std::string(clickhouse::kObservationColumns)}},
                                  std::move(writing));
  if (!writer) return std::unexpected(failed(writer.error()));
  out->writer_ = *std::move(writer);
  if (!reached) context.note("what goes to ClickHouse waits in " + out->folder_ + ": " + reached.error().detail);
  out->told_away_ = !reached;
  if (!reached) log_event(LogLevel::warning, "clickhouse", {{"mode", "PAPER"}, {"reachable", "no"}, {"why", reached.error().detail}});
  return out;
}

bool ServerWriter::push(Table table, std::string_view rows, std::uint64_t count) { return writer_->push(table, rows, count).has_value(); }

std::string ServerWriter::why() const {
  const BatchCounters now = writer_->counters();
  return now.spill_batches > 0 && now.failures > 0 ? writer_->last_error().detail : "";
}

void ServerWriter::tell() {
  const BatchCounters now = writer_->counters();
  const bool waits = now.spill_batches > 0 && now.failures > 0;
  if (waits && !told_away_) {
    told_away_ = true;
    const std::string why = writer_->last_error().detail;
    log_event(LogLevel::warning, "clickhouse", {{"mode", "PAPER"}, {"reachable", "no"}, {"why", why}});
    context_.note("what goes to ClickHouse waits in " + folder_ + ": " + why);
  } else if (told_away_ && now.spill_batches == 0 && now.stored > told_stored_) {
    told_away_ = false;
    log_event(LogLevel::info, "clickhouse", {{"mode", "PAPER"}, {"reachable", "yes"}});
    context_.note("what waited for ClickHouse is there now");
  }
  told_stored_ = now.stored;
  if (const std::uint64_t lost = now.set_aside + now.damaged; lost != told_lost_) {
    told_lost_ = lost;
    const std::string why = writer_->last_error().detail;
    log_event(LogLevel::warning, "clickhouse_refused", {{"mode", "PAPER"}, {"rows", now.set_aside}, {"damaged_files", now.damaged}, {"why", why}});
    context_.note("ClickHouse will never take some rows; they lie beside the spill in " + folder_ + ": " + why);
  }
}

std::string ServerWriter::close() {
  const BatchClosed closed = writer_->close();
  tell();
  const std::uint64_t left = writer_->counters().spill_batches;
  std::string out;
  if (closed.rows_lost > 0) out = std::to_string(closed.rows_lost) + " rows for ClickHouse could be written neither there nor to " + folder_;
  if (closed.rows_lost == 0 && left > 0)
    out = std::to_string(left) + (left == 1 ? " batch for ClickHouse waits in " : " batches for ClickHouse wait in ") + folder_ + "; the next start sends " +
          (left == 1 ? "it" : "them");
  return out.empty() || closed.why.empty() ? out : out + " (" + closed.why + ")";
}

}  // namespace prom
