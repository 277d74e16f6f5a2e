// Frames go in a few large statements and come back in pages.
#include "adapters/stores/postgres_ledger/journal_rows.h"

#include <string>
#include <vector>

#include "adapters/stores/ledger_rows/packed_records.h"
#include "adapters/stores/postgres_link/flat_rows.h"
#include "domain/codec/frame_codec.h"

namespace prom::postgres {
namespace {

using flat_rows::Columns;
using flat_rows::Parameters;

constexpr std::size_t kStatementBytes = 1U << 20;
constexpr std::uint64_t kPage = 500;

}  // namespace

StoreResult<void> write_frames(PgConnection& connection, std::uint32_t shard, std::uint64_t fence, std::span<const RecordedFrame> frames) {
  const std::string head = "INSERT INTO journal (shard, seq, fence, frame) VALUES ";
  std::string statement;
  std::vector<std::byte> bytes;
  for (const RecordedFrame& frame : frames) {
    bytes.clear();
    encode_recorded_frame(frame, bytes);
    statement += statement.empty() ? head : ",";
    statement += '(' + std::to_string(shard) + ',' + std::to_string(frame.seq) + ',' + std::to_string(fence) + ",'" + flat_rows::bytea_text(bytes) + "')";
    if (statement.size() < kStatementBytes && &frame != &frames.back()) continue;
    PROM_CHECK_OK(connection.script(statement));
    statement.clear();
  }
  return {};
}

StoreResult<std::uint64_t> read_frames(PgPool& readers, std::chrono::milliseconds patience, std::uint32_t shard, std::uint64_t from,
                                       const std::function<bool(const RecordedFrame&)>& visit) {
  static const std::string sql = "SELECT seq, frame FROM journal WHERE shard = ? AND seq >= ? ORDER BY seq LIMIT " + std::to_string(kPage);
  for (std::uint64_t next = from;;) {
    PROM_TRY(const Rows rows, readers.read(sql, Parameters().put(shard).put(next).values(), patience));
    for (const auto& row : rows) {
      Columns columns(row);
      const auto seq = columns.get<std::uint64_t>();
      const auto bytes = columns.get<std::vector<std::byte>>();
      if (!columns.ok() || seq != next) return err(ledger_rows::corrupt_row("frame " + std::to_string(next) + " is missing from the journal's copy"));
      auto frame = decode_frame(bytes);
      if (!frame || frame->seq != seq) return err(ledger_rows::corrupt_row("frame " + std::to_string(seq) + " of the journal's copy cannot be read"));
      ++next;
      if (!visit(*frame)) return next - 1;
    }
    if (rows.size() < kPage) return next - 1;
  }
}

}  // namespace prom::postgres
