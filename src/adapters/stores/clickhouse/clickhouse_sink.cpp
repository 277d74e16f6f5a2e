// See batch_sink.h.
#include "adapters/stores/clickhouse/batch_sink.h"
#include "adapters/stores/clickhouse/clickhouse_link.h"

#include <optional>

namespace prom {
namespace {

class Sink final : public BatchSink {
 public:
  explicit Sink(ClickHouseOptions options) : options_(std::move(options)) {}
  StoreResult<void> insert(const Batch& batch) override {
    if (!link_) {
      PROM_TRY(link_, clickhouse::Link::open(options_.clone()));
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
  std::optional<clickhouse::Link> link_;
};

}  // namespace

std::unique_ptr<BatchSink> clickhouse_sink(ClickHouseOptions options) { return std::make_unique<Sink>(std::move(options)); }

}  // namespace prom
