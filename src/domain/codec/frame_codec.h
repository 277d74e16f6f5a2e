// Bytes of journal frames: little endian, fields in PROM_FIELDS order, one format version. Framing, checksums and files are the journal's business.
// Pure; any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/command.h"

namespace prom {

/// Raised whenever a struct in domain/ gains a field or a variant gains an alternative; readers accept every version from 1 to this one.
inline constexpr std::uint16_t kFrameFormatVersion = 1;

enum class CodecError : std::uint8_t { truncated, unknown_version, unknown_kind, bad_value, trailing_bytes };

/// Appends the frame's bytes to `out`.
void encode_frame(const Frame& frame, std::vector<std::byte>& out);
std::expected<RecordedFrame, CodecError> decode_frame(std::span<const std::byte> bytes);

/// Same bytes for the parts: used by snapshots, digests and comparison on replay.
void encode_input(const Input& input, std::vector<std::byte>& out);
void encode_event(const Event& event, std::vector<std::byte>& out);
void encode_command(const Command& command, std::vector<std::byte>& out);
void encode_recorded(const RecordedCommand& command, std::vector<std::byte>& out);
/// The bytes that decode_frame() read: encode_recorded_frame(*decode_frame(b)) == b.
void encode_recorded_frame(const RecordedFrame& frame, std::vector<std::byte>& out);

/// The command as history: what decode_frame() gives back for it. Expiry and halt epoch of an approval are not part of history.
RecordedCommand to_recorded(const Command& command);
std::string_view describe(CodecError error);

/// One JSON object per input, event or command, for people and `--json` (decimals as strings, times RFC 3339, enums by name where they have one).
std::string input_to_json(const Input& input);
/// The kind stands under "input", "event" or "command" ("bar_closed", "order_moved", "order_spec"); prices and quantities are integers in the instrument's
/// units, ids numbers, durations texts like "1m".
std::string event_to_json(const Event& event);
std::string command_to_json(const RecordedCommand& command);
/// {"id":..., "verdicts":[...]...}
std::string decision_to_json(const DecisionRecord& record);

}  // namespace prom
