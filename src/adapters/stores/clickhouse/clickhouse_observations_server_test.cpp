// The contract of observation stores on the real engine.
#include "adapters/stores/clickhouse/clickhouse_observations.h"

#include "adapters/stores/clickhouse/clickhouse_server_test_support.h"
#include "ports/observation_contract.h"

namespace prom {
namespace {

/// A folder of the contract stands for a database, as long as the test runs.
StoreResult<std::unique_ptr<ObservationStore>> open_for(const std::filesystem::path& dir) {
  static std::filesystem::path last;
  static std::unique_ptr<clickhouse_test::OwnDatabase> database;
  if (last != dir || !database) {
    database.reset();
    database = std::make_unique<clickhouse_test::OwnDatabase>();
    last = dir;
  }
  return open_clickhouse_observation_store(database->options());
}

std::vector<ObservationStoreCase> cases() {
  if (!clickhouse_test::why_not().empty()) return {};
  return {ObservationStoreCase{"clickhouse", open_for}};
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ObservationStoreContract);
INSTANTIATE_TEST_SUITE_P(ClickHouse, ObservationStoreContract, testing::ValuesIn(cases()), [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace prom
