// See the header. Any thread.
#include "runtime/shards/shard_map.h"

#include "base/sha256.h"

namespace prom {

std::uint32_t shard_of(std::string_view account) {
  std::uint64_t number = 0;
  for (const char digit : sha256_hex(account).substr(0, 16)) number = number << 4 | static_cast<std::uint64_t>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
  return static_cast<std::uint32_t>(number % kShards);
}

}  // namespace prom
