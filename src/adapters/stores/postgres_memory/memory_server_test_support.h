// Stores of memories on the real PostgreSQL of dev/servers.py, each in a database of its own. Tests only.
#pragma once

#include <memory>
#include <utility>

#include "adapters/stores/memory_index/memory_index.h"
#include "adapters/stores/postgres_link/postgres_server_test_support.h"
#include "adapters/stores/postgres_memory/postgres_memory.h"

namespace prom::postgres_test {

inline PostgresMemoryOptions memory_options(PostgresOptions server) {
  PostgresMemoryOptions out;
  out.server = std::move(server);
  out.server.schema = "run_of_a_test";
  return out;
}
inline std::unique_ptr<PostgresMemory> open_memory(PostgresMemoryOptions options) {
  auto opened = open_postgres_memory(std::move(options));
  EXPECT_TRUE(opened) << opened.error().detail;
  return opened ? *std::move(opened) : nullptr;
}
/// The same hits with the same scores, to the last bit.
inline void expect_same(const MemoryAnswer& found, const std::vector<MemoryHit>& expected) {
  ASSERT_TRUE(found) << found.error();
  ASSERT_EQ(found->size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_EQ((*found)[i].memory->id, expected[i].memory->id) << "hit " << i;
    ASSERT_EQ((*found)[i].score, expected[i].score) << "hit " << i;
    ASSERT_EQ((*found)[i].memory->text, expected[i].memory->text);
  }
}

}  // namespace prom::postgres_test
