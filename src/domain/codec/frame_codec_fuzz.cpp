// Any bytes: decoding ends with a frame or an error, and a frame that was read writes the same bytes again.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/assert.h"
#include "domain/codec/frame_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto frame = prom::decode_frame(bytes);
  if (!frame) return 0;
  std::vector<std::byte> again;
  prom::encode_recorded_frame(*frame, again);
  PROM_ASSERT(again.size() == bytes.size() && std::equal(again.begin(), again.end(), bytes.begin()), "a frame is not what was read");
  (void)prom::input_to_json(frame->input);
  for (const auto& event : frame->events) (void)prom::event_to_json(event);
  return 0;
}
