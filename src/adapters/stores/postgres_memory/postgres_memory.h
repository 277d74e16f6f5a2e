// Memories in PostgreSQL 15 or newer, found by pgvector where the server has it and exactly where not: the same hits as the embedded index. Meets ports/memory_contract.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "adapters/stores/memory_index/memory_score.h"
#include "adapters/stores/postgres_link/postgres_options.h"
#include "ports/memory_keeper.h"
#include "ports/store_error.h"

namespace prom {

/// Where the memories come from when the store is opened.
enum class MemoryHistory : std::uint8_t {
  store,    ///< the table: what it holds is there at once
  journal,  ///< a journal, whose memories are added again in their order; what the table holds is shown once it has been added, and not written a second time.
            ///< So what was written just before a crash and is not in the journal never happened.
};

struct PostgresMemoryOptions {
  PostgresOptions server;  ///< `timeout` is for writing, 3 s at most, `readers` for searching at the same time
  MemoryHistory history = MemoryHistory::store;
  MemoryWeights weights;
  std::size_t dimensions = kTextDimensions;        ///< POSTGRES_VECTOR_DIMENSIONS, of the column; text vectors have kTextDimensions, the rest is zeros
  std::chrono::milliseconds search_timeout{1000};  ///< for one question, and as long again for a free connection
  std::size_t mirrored = 200'000;  ///< memories held in process too (about 1.3 kB each), which answer while the server is away; with more there is no mirror
  /// Bytes for columns of memories of the owners whose memories are asked for, about 190 a memory: with them a question asks the server only for what has changed since the last one and
  /// for the hits. 0: the server ranks every time.
  std::size_t held_bytes = std::size_t{256} << 20U;
  /// Where the large ones of such columns lie, in files without a name that the kernel may put out of memory; empty: all on the heap.
  std::filesystem::path held_dir;
  /// Collective memories beyond this number are found by the index of nearest neighbours, and among the newest and most important ones; up to it exactly.
  std::size_t exact_collective = 20'000;
  bool use_extension = true;  ///< false: as on a server without pgvector
};

class PostgresMemory : public MemoryKeeper {
 public:
  /// What the operator should know of the server, in one sentence; else empty.
  virtual std::string note() const = 0;
  struct Status {
    bool reachable = true;
    std::string why;          ///< not
    std::size_t pending = 0;  ///< added and not written yet
    std::size_t mirrored = 0;
    bool mirror = true;               ///< whether searches can be answered while the server is away
    std::uint64_t asked = 0;          ///< searches that the server answered
    std::uint64_t ranked_here = 0;    ///< of these, among columns held in process
    std::size_t held_bytes = 0;       ///< of such columns
    std::uint64_t answered_here = 0;  ///< those that the mirror answered
  };
  virtual Status status() const = 0;
  /// Waits until everything that was added is written, and every owner's columns that were asked for are read; false where that takes longer than `limit`.
  virtual bool settle(std::chrono::milliseconds limit) = 0;
};

/// Connects, migrates, and loads what was kept. Afterwards nothing here waits for a server that is away: additions are written by a thread of its own as soon as they can be,
/// and searches are answered from the mirror, or with why they cannot be. A memory without an id (0) gets the next one.
/// add(), view(): one thread. Searching: any thread; hits are valid until the next add().
StoreResult<std::unique_ptr<PostgresMemory>> open_postgres_memory(PostgresMemoryOptions options);

}  // namespace prom
