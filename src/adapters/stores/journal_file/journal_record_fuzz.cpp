// Fuzz target: bytes as a journal record and as a segment header, then the same bytes as a payload inside a good record, so that the frame codec behind the
// checksum is reached too. Whatever parses must survive being written again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "adapters/stores/journal_file/record.h"
#include "domain/codec/frame_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  static_cast<void>(prom::parse_segment_header(bytes));
  if (const auto record = prom::parse_record(bytes)) {
    if (record->bytes > size) std::abort();
    static_cast<void>(prom::decode_frame(record->payload));
  }
  std::vector<std::byte> framed;
  const std::size_t offset = prom::begin_record(framed);
  framed.insert(framed.end(), bytes.begin(), bytes.end());
  if (!prom::finish_record(framed, offset, 1, 0)) return 0;
  const auto again = prom::parse_record(framed);
  if (!again || again->payload.size() != size || again->seq != 1) std::abort();
  static_cast<void>(prom::decode_frame(again->payload));
  return 0;
}
