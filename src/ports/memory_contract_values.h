// Memories and questions for tests of stores of memories, from a seed or by hand. Tests only.
#pragma once

#include <gtest/gtest.h>  // tidy-ok(heavy_headers): for test files

#include <string>
#include <utility>
#include <vector>

#include "base/prng.h"
#include "ports/memory_keeper.h"

namespace prom::memory_contract {

inline constexpr TimeNs kNow{1'750'000'000'000'000'000};

inline Memory memory_of(std::uint64_t id, std::string text, MemoryScope scope = MemoryScope::collective) {
  Memory memory;
  memory.id = id;
  memory.scope = scope;
  memory.text = std::move(text);
  memory.created_at = kNow - kDay;
  return memory;
}
inline MemoryQuery query_of(std::string text) {
  MemoryQuery query;
  query.text = std::move(text);
  query.now = kNow;
  return query;
}
inline std::vector<std::uint64_t> ids(const MemoryAnswer& answer) {
  EXPECT_TRUE(answer) << answer.error();
  std::vector<std::uint64_t> out;
  for (const auto& hit : answer.value_or(std::vector<MemoryHit>{})) out.push_back(hit.memory->id);
  return out;
}
/// Words, situations, scopes, owners, ages and lives of every sort; from a seed.
inline Memory random_memory(Xoshiro256pp& random, std::uint64_t id) {
  Memory memory =
      memory_of(id, "lesson " + std::to_string(random.below(40)) + " on pair " + std::to_string(random.below(9)) + " word" + std::to_string(random.below(500)));
  memory.kind = static_cast<MemoryKind>(random.below(6));
  memory.scope = static_cast<MemoryScope>(random.below(3));
  if (random.chance(3, 4)) memory.user = UserIx{static_cast<std::uint32_t>(random.below(4))};
  if (random.chance(1, 2)) memory.agent = static_cast<AgentRole>(random.below(6));
  memory.importance = static_cast<double>(random.below(100)) / 100;
  memory.created_at =
      kNow - DurationNs{static_cast<std::int64_t>(random.below(60)) * kDay.ns} + DurationNs{static_cast<std::int64_t>(random.below(3)) * kHour.ns};
  if (random.chance(1, 5)) memory.expires_at = kNow + DurationNs{(static_cast<std::int64_t>(random.below(5)) - 2) * kHour.ns};
  const std::size_t size = random.chance(1, 2) ? 0 : 3 + random.below(2);
  for (std::size_t i = 0; i < size; ++i) memory.situation.push_back(static_cast<float>(random.below(19)) - 9);
  return memory;
}
inline MemoryQuery random_query(Xoshiro256pp& random) {
  MemoryQuery query = query_of(random.chance(1, 6) ? "" : "lesson " + std::to_string(random.below(40)) + " word" + std::to_string(random.below(500)));
  if (random.chance(1, 2)) query.situation = {static_cast<float>(random.below(9)) - 4, 1, static_cast<float>(random.below(9)) - 4};
  if (random.chance(3, 4)) query.user = UserIx{static_cast<std::uint32_t>(random.below(4))};
  if (random.chance(1, 3)) query.agent = static_cast<AgentRole>(random.below(6));
  if (random.chance(1, 4)) query.kind = static_cast<MemoryKind>(random.below(6));
  query.now = kNow - DurationNs{static_cast<std::int64_t>(random.below(3)) * kDay.ns};
  query.limit = static_cast<std::uint32_t>(random.below(25));
  return query;
}

}  // namespace prom::memory_contract
