// Frames with one record. Any thread.
#include "adapters/stores/ledger_rows/packed_records.h"

#include "domain/codec/frame_codec.h"

namespace prom::ledger_rows {

StoreError corrupt_row(const std::string& what) {
  return {StoreErrorKind::corrupt, Retry::never, "ledger: " + what, "restore the ledger by projecting the journal anew"};
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

}  // namespace prom::ledger_rows
