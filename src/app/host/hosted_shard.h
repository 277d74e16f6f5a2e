// One shard open: journal, engine, simulated venue and ledger of its accounts, in STATE/shards/NN. Opened, run and closed on the shard's thread.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "app/cli/command.h"
#include "app/host/market_clock.h"
#include "app/run/scenario.h"
#include "app/shared/live_values.h"
#include "ports/journal.h"
#include "runtime/shards/shard_host.h"

namespace prom {

/// What a shard that is open here looks like.
struct ShardFigures {
  std::uint64_t accounts = 0;
  std::uint64_t open_positions = 0;
  std::uint64_t unprotected = 0;  ///< open positions without a stop that rests at the venue
  std::uint64_t fills = 0;        ///< by all tenures
  std::uint32_t epoch = 0;
  TimeNs at{};             ///< on the market's clock
  std::string ledger_why;  ///< why the ledger is behind; empty: it is not
};

/// The newest figures of each shard, written by the shards' threads and read by others.
class ShardBoard {
 public:
  explicit ShardBoard(std::size_t shards) : figures_(shards) {}
  void put(std::uint32_t shard, ShardFigures figures) {
    const std::lock_guard lock(mutex_);
    figures_[shard] = std::move(figures);
  }
  std::vector<ShardFigures> all() const {
    const std::lock_guard lock(mutex_);
    return figures_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<ShardFigures> figures_;
};

/// What all shards of a host stand on. Outlives them; the configuration was loaded before.
struct ShardGround {
  AppContext& context;
  const Scenario& scenario;
  const MarketClock& clock;
  ShardBoard& board;
  StatePaths paths;    ///< of the whole host
  std::string ledger;  ///< name of the installation's ledger among others on a server; a shard's ends in its number
  std::uint32_t users = 0;
  Durability durability = Durability::process;
  LiveValues* values = nullptr;  ///< null where no Redis is named
};

/// Of one shard.
StatePaths shard_paths(const StatePaths& host, std::uint32_t shard);

/// Continues where the shard's journal ends, or begins it. What the market did while the shard was hosted nowhere, its venue has done alone: stops that rest there have
/// worked, and the engine hears of it first.
std::expected<std::unique_ptr<ShardWork>, std::string> open_hosted_shard(const ShardGround& ground, ShardTenure& tenure);

}  // namespace prom
