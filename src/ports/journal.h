// History first: frames become durable here before their commands leave. One writer thread; readers open files of their own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domain/command.h"

namespace prom {

/// process: survives a killed process (write). power: survives a power cut (fdatasync for each group).
enum class Durability : std::uint8_t { process, power };

enum class JournalErrorKind : std::uint8_t { io, full, corrupt, locked, version };
struct JournalError {
  JournalErrorKind kind = JournalErrorKind::io;
  std::string path;
  std::uint64_t seq = 0;  ///< last good sequence where that is known
  std::string detail;
};

class JournalWriter {
 public:
  virtual ~JournalWriter() = default;
  /// Buffers the frame; may write (never sync) when the buffer is full. Sequences rise by one from durable_seq() + 1 (asserted). A frame beyond the
  /// implementation's record limit is `full` and not appended.
  virtual std::expected<void, JournalError> append(const Frame& frame) = 0;
  /// Makes everything appended durable as one group; returns the durable sequence. After an error the writer refuses all further calls.
  virtual std::expected<std::uint64_t, JournalError> commit() = 0;
  virtual std::uint64_t durable_seq() const = 0;
};

class JournalReader {
 public:
  virtual ~JournalReader() = default;
  /// Calls `visit` for every intact frame from `from_seq` on, in order, until the end or until it returns false. A torn tail ends the walk without error; damage before
  /// the tail is `corrupt`. Returns the last sequence visited (from_seq - 1 when none).
  /// Bounded memory. `from_seq` 0 or 1 is the beginning; one before the oldest frame kept is `corrupt`.
  virtual std::expected<std::uint64_t, JournalError> read(std::uint64_t from_seq, const std::function<bool(const RecordedFrame&)>& visit) = 0;
};

/// Engine state after frame `seq`, as the engine's own bytes.
struct Snapshot {
  std::uint64_t seq = 0;
  std::vector<std::byte> bytes;
};

/// Keeps the newest few snapshots. A snapshot only shortens recovery: losing all of them loses nothing. One thread at a time.
class SnapshotStore {
 public:
  virtual ~SnapshotStore() = default;
  /// Stored whole or not at all; durable when this returns. Older ones beyond the number kept are removed.
  virtual std::expected<void, JournalError> save(std::uint64_t seq, std::span<const std::byte> bytes) = 0;
  /// The newest intact one with seq <= `at_most`; nothing when there is none. Damaged ones are passed over.
  virtual std::expected<std::optional<Snapshot>, JournalError> load(std::uint64_t at_most) = 0;
};

}  // namespace prom
