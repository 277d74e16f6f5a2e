// The engine's state as bytes: for snapshots, and to compare two states. Derived fields are left out and rebuilt. Engine thread.
#pragma once

#include <cstddef>
#include <expected>
#include <span>
#include <vector>

#include "domain/codec/frame_codec.h"
#include "engine/state/state.h"

namespace prom {

/// Raised whenever a struct of engine/state gains a field; older snapshots are then refused and the journal is applied from its start.
inline constexpr std::uint16_t kSnapshotVersion = 2;

std::vector<std::byte> encode_snapshot(const EngineState& state);
/// A state ready to run (derived fields rebuilt).
std::expected<EngineState, CodecError> decode_snapshot(std::span<const std::byte> bytes);

}  // namespace prom
