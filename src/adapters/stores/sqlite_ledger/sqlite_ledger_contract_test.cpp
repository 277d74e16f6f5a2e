// The ledger's contract on SQLite.
#include <gtest/gtest.h>

#include <filesystem>

#include "adapters/stores/sqlite_ledger/sqlite_ledger.h"
#include "ports/ledger_contract.h"

namespace prom::ledger_contract {
namespace {

class SqliteHarness final : public Harness {
 public:
  SqliteHarness() {
    std::string name = (std::filesystem::temp_directory_path() / "prom_ledger_XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  ~SqliteHarness() override { std::filesystem::remove_all(directory_); }
  StoreResult<std::unique_ptr<Ledger>> open() override {
    SqliteLedgerOptions options;
    options.path = directory_ + "/ledger.db";
    return open_sqlite_ledger(options);
  }

 private:
  std::string directory_;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, LedgerContract, ::testing::Values(MakeHarness([] { return std::make_unique<SqliteHarness>(); })));

}  // namespace
}  // namespace prom::ledger_contract
