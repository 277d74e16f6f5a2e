// Statements kept for the connection's life, and records packed in the journal's encoding. One thread at a time.
#include "adapters/stores/sqlite_ledger/ledger_connection.h"

#include <utility>

#include "domain/codec/frame_codec.h"

namespace prom {

sqlite::SqlResult<sqlite::Statement*> LedgerConnection::statement(const std::string& sql) {
  const auto found = statements_.find(sql);
  if (found != statements_.end()) {
    found->second.reset();
    return &found->second;
  }
  PROM_TRY(auto prepared, database_.prepare(sql));
  return &statements_.emplace(sql, std::move(prepared)).first->second;
}

StoreError corrupt_row(const std::string& what) {
  return {StoreErrorKind::corrupt, Retry::never, "ledger: " + what, "restore the ledger by projecting the journal into a new file"};
}

std::vector<std::byte> pack(InputBody body) {
  Frame frame;
  frame.input.body = std::move(body);
  std::vector<std::byte> out;
  encode_frame(frame, out);
  return out;
}

std::vector<std::byte> pack(Event event) {
  Frame frame;
  frame.input.body = TimePassed{};
  frame.events.push_back(std::move(event));
  std::vector<std::byte> out;
  encode_frame(frame, out);
  return out;
}

std::optional<RecordedFrame> unpack(std::span<const std::byte> blob) {
  auto frame = decode_frame(blob);
  if (!frame) return std::nullopt;
  return *std::move(frame);
}

}  // namespace prom
