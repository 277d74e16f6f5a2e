// The contract of stores of recordings on the real engine.
#include "adapters/stores/clickhouse/clickhouse_tapes.h"

#include "adapters/stores/clickhouse/clickhouse_server_test_support.h"
#include "ports/tape_store_contract.h"

namespace prom {
namespace {

/// A folder of the contract stands for a database, as long as the test runs.
StoreResult<std::unique_ptr<TapeStore>> open_for(const std::filesystem::path& dir) {
  static std::filesystem::path last;
  static std::unique_ptr<clickhouse_test::OwnDatabase> database;
  if (last != dir || !database) {
    database.reset();
    database = std::make_unique<clickhouse_test::OwnDatabase>();
    last = dir;
  }
  return open_clickhouse_tape_store(database->options());
}

std::vector<TapeStoreCase> cases() {
  if (!clickhouse_test::why_not().empty()) return {};
  return {TapeStoreCase{"clickhouse", open_for}};
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(TapeStoreContract);
INSTANTIATE_TEST_SUITE_P(ClickHouse, TapeStoreContract, testing::ValuesIn(cases()), [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace prom
