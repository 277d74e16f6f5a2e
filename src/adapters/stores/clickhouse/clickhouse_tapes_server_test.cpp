// The contract of stores of recordings on the real engine.
#include "adapters/stores/clickhouse/clickhouse_tapes.h"

#include "adapters/stores/clickhouse/clickhouse_server_test_support.h"
#include "ports/tape_store_contract.h"

namespace prom {
namespace {

StoreResult<std::unique_ptr<TapeStore>> open_for(const std::filesystem::path& dir) { return open_clickhouse_tape_store(clickhouse_test::options_for(dir)); }

std::vector<TapeStoreCase> cases() {
  if (!clickhouse_test::why_not().empty()) return {};
  return {TapeStoreCase{"clickhouse", open_for}};
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(TapeStoreContract);
INSTANTIATE_TEST_SUITE_P(ClickHouse, TapeStoreContract, testing::ValuesIn(cases()), [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace prom
