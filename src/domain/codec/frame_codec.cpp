// Frames to bytes and back. Version, sequence, input, events, commands; an approval is written as the value that it approves. Pure; any thread.
#include "domain/codec/frame_codec.h"

#include <type_traits>

#include "domain/codec/field_codec.h"

namespace prom {

namespace {

static_assert(std::variant_size_v<Command::variant> == std::variant_size_v<RecordedCommand::variant>, "a command and its record share their index");

template <class E>
void put_input(E& encoder, const Input& input) {
  encoder.put(input.available_at);
  encoder.put(input.source_seq);
  encoder.put(input.body);
}

template <class T>
void encode_alone(const T& value, std::vector<std::byte>& out) {
  codec::Encoder<> encoder(out);
  encoder.put(value);
  encoder.flush();
}

struct ToRecorded {
  template <class T>
  RecordedCommand operator()(const Approved<T>& approved) const {
    return approved.value();
  }
  template <class T>
  RecordedCommand operator()(const T& plain) const {
    return plain;
  }
};

}  // namespace

void encode_frame(const Frame& frame, std::vector<std::byte>& out) {
  codec::Encoder<> encoder(out);
  encoder.put(kFrameFormatVersion);
  encoder.put(frame.seq);
  put_input(encoder, frame.input);
  encoder.put(frame.events);
  encoder.put(frame.commands);
  encoder.flush();
}

std::expected<RecordedFrame, CodecError> decode_frame(std::span<const std::byte> bytes) {
  codec::Decoder decoder(bytes);
  std::uint16_t version = 0;
  decoder.get(version);
  if (!decoder.ok()) return std::unexpected(decoder.error());
  if (version == 0 || version > kFrameFormatVersion) return std::unexpected(CodecError::unknown_version);
  std::expected<RecordedFrame, CodecError> frame;
  decoder.get(frame->seq);
  decoder.get(frame->input.available_at);
  decoder.get(frame->input.source_seq);
  decoder.get(frame->input.body);
  decoder.get(frame->events);
  decoder.get(frame->commands);
  if (!decoder.ok()) return std::unexpected(decoder.error());
  if (!decoder.at_end()) return std::unexpected(CodecError::trailing_bytes);
  return frame;
}

void encode_recorded_frame(const RecordedFrame& frame, std::vector<std::byte>& out) {
  codec::Encoder<> encoder(out);
  encoder.put(kFrameFormatVersion);
  encoder.put(frame.seq);
  put_input(encoder, frame.input);
  encoder.put(frame.events);
  encoder.put(frame.commands);
  encoder.flush();
}

void encode_input(const Input& input, std::vector<std::byte>& out) {
  codec::Encoder<> encoder(out);
  put_input(encoder, input);
  encoder.flush();
}
void encode_event(const Event& event, std::vector<std::byte>& out) { encode_alone(event, out); }
void encode_command(const Command& command, std::vector<std::byte>& out) { encode_alone(command, out); }
void encode_recorded(const RecordedCommand& command, std::vector<std::byte>& out) { encode_alone(command, out); }

RecordedCommand to_recorded(const Command& command) { return std::visit(ToRecorded{}, command); }

std::string_view describe(CodecError error) {
  switch (error) {
    case CodecError::truncated: return "the bytes end before the frame does";
    case CodecError::unknown_version: return "the frame was written by a newer version";
    case CodecError::unknown_kind: return "the frame holds a kind of input, event or command that is not known";
    case CodecError::bad_value: return "the frame holds a value out of its range";
    case CodecError::trailing_bytes: return "bytes follow the end of the frame";
  }
  PROM_UNREACHABLE();
}

}  // namespace prom
