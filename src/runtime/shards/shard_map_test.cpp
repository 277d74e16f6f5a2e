// Where accounts belong: fixed for good, and evenly.
#include "runtime/shards/shard_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

namespace prom {
namespace {

// From `printf NAME | sha256sum`, the first 16 digits modulo 12 by Python: another answer would move accounts away from their journals.
TEST(ShardMap, AnAccountKeepsItsShardForGood) {
  EXPECT_EQ(shard_of("user-0001"), 3U);
  EXPECT_EQ(shard_of("user-0002"), 4U);
  EXPECT_EQ(shard_of("user-1000"), 3U);
  EXPECT_EQ(shard_of(""), 4U);
}

TEST(ShardMap, AThousandAccountsDivideEvenly) {
  std::array<int, kShards> accounts{};
  for (int user = 1; user <= 1'000; ++user) ++accounts.at(shard_of("user-" + std::to_string(user)));
  const auto [least, most] = std::ranges::minmax(accounts);
  EXPECT_GT(least, 50) << "83 on average";
  EXPECT_LT(most, 120);
}

}  // namespace
}  // namespace prom
