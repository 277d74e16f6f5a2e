// The contract of stores of recordings on SQLite.
#include "adapters/stores/sqlite_market/tape_store.h"

#include "ports/tape_store_contract.h"

namespace prom {
namespace {

INSTANTIATE_TEST_SUITE_P(Sqlite, TapeStoreContract,
                         testing::Values(TapeStoreCase{"sqlite",
                                                       [](const std::filesystem::path& dir) { return open_sqlite_tape_store((dir / "market.db").string()); }}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace prom
