// The contract of observation stores on the real engine.
#include "adapters/stores/clickhouse/clickhouse_observations.h"

#include "adapters/stores/clickhouse/clickhouse_server_test_support.h"
#include "ports/observation_contract.h"

namespace prom {
namespace {

StoreResult<std::unique_ptr<ObservationStore>> open_for(const std::filesystem::path& dir) {
  return open_clickhouse_observation_store(clickhouse_test::options_for(dir));
}

std::vector<ObservationStoreCase> cases() {
  if (!clickhouse_test::why_not().empty()) return {};
  return {ObservationStoreCase{"clickhouse", open_for}};
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ObservationStoreContract);
INSTANTIATE_TEST_SUITE_P(ClickHouse, ObservationStoreContract, testing::ValuesIn(cases()), [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace prom
