// The rows of tool statistics: gathered from a batch's decisions, then added to what the table has, inside the caller's transaction. The writing thread.
#pragma once

#include <map>
#include <span>

#include "adapters/stores/ledger_rows/row_sink.h"
#include "domain/ids.h"
#include "domain/tool_stat.h"

namespace prom::ledger_rows {

class ToolStatRows {
 public:
  explicit ToolStatRows(RowSink& sink) : sink_(&sink) {}
  /// Forgets what a batch that was not stored had gathered. Before each batch.
  void begin();
  /// Decisions about these instruments will come: what is looked for is asked for at once.
  StoreResult<void> expect(std::span<const InstrumentIx> instruments);
  /// Each decision once, in the order of the journal.
  StoreResult<void> add(const DecisionRecord& record);
  /// Writes the sums. Before the commit.
  StoreResult<void> finish();

 private:
  RowSink* sink_;
  ToolTally calls_;
  std::map<InstrumentIx, TimeNs> analysed_;  ///< the instant whose shared calls were counted last, of the instruments that this batch has met
};

}  // namespace prom::ledger_rows
