// Frames of the journal as rows. Include from .cpp files only. Inside the caller's transaction where they are written.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "adapters/stores/postgres_link/pg_connection.h"
#include "adapters/stores/postgres_link/pg_pool.h"
#include "domain/command.h"

namespace prom::postgres {

StoreResult<void> write_frames(PgConnection& connection, std::uint32_t shard, std::uint64_t fence, std::span<const RecordedFrame> frames);
/// See JournalCopy::read_journal.
StoreResult<std::uint64_t> read_frames(PgPool& readers, std::chrono::milliseconds patience, std::uint32_t shard, std::uint64_t from,
                                       const std::function<bool(const RecordedFrame&)>& visit);

}  // namespace prom::postgres
