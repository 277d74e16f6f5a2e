// Which shard an account belongs to. Any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace prom {

/// Logical shards of an installation that hosts many accounts: many more than instances, so that they divide evenly, and as many as the partitions of the topic by
/// which Kafka divides them. Fixed: another number would move accounts.
inline constexpr std::uint32_t kShards = 12;

/// In [0, kShards): the first eight bytes of the SHA-256 of the account's durable name, as a big-endian number, modulo kShards. The same for good.
std::uint32_t shard_of(std::string_view account);

}  // namespace prom
