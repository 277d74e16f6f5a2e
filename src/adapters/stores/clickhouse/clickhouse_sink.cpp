// See batch_sink.h.
#include "adapters/stores/clickhouse/batch_sink.h"
#include "adapters/stores/clickhouse/clickhouse_link.h"
#include "adapters/stores/clickhouse/clickhouse_migrate.h"

#include <optional>

namespace prom {
namespace {

class Sink final : public BatchSink {
 public:
  Sink(ClickHouseOptions options, SinkSchema schema) : options_(std::move(options)), schema_(schema) {}
  StoreResult<void> insert(const Batch& batch) override {
    if (!link_) {
      PROM_TRY(clickhouse::Link link, clickhouse::Link::open(options_.clone()));
      if (schema_ == SinkSchema::migrate) PROM_CHECK_OK(clickhouse::migrate(link));
      link_.emplace(std::move(link));
    }
    // One block a batch: a token stands for one part a partition, whole or not at all. A batch that is sent again reaches the summary of its series again, which a
    // server killed in between may have missed; doubles change nothing there.
    auto done = link_->insert(batch.table, batch.columns, batch.bytes, batch.token,
                              {{"max_insert_block_size", std::to_string(batch.rows + 1)},
                               {"max_partitions_per_insert_block", "0"},
                               {"deduplicate_blocks_in_dependent_materialized_views", "1"}});
    if (!done) link_.reset();
    return done;
  }

 private:
  ClickHouseOptions options_;
  SinkSchema schema_;
  std::optional<clickhouse::Link> link_;
};

}  // namespace

std::unique_ptr<BatchSink> clickhouse_sink(ClickHouseOptions options, SinkSchema schema) { return std::make_unique<Sink>(std::move(options), schema); }

}  // namespace prom
