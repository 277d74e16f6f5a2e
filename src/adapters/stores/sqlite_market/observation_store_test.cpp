// The contract of observation stores on SQLite.
#include "adapters/stores/sqlite_market/observation_store.h"

#include "ports/observation_contract.h"

namespace prom {
namespace {

INSTANTIATE_TEST_SUITE_P(Sqlite, ObservationStoreContract,
                         testing::Values(ObservationStoreCase{
                             "sqlite", [](const std::filesystem::path& dir) { return open_sqlite_observation_store((dir / "market.db").string()); }}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace prom
