// The ledger's contract on a real PostgreSQL: each harness is a new database there, dropped at its end.
#include "adapters/stores/postgres_ledger/postgres_ledger.h"
#include "adapters/stores/postgres_link/postgres_server_test_support.h"
#include "ports/ledger_contract.h"

namespace prom::ledger_contract {
namespace {

class PostgresHarness final : public Harness {
 public:
  std::string why_not() const override { return postgres_test::why_not(); }
  StoreResult<std::unique_ptr<Ledger>> open() override { return open_postgres_ledger(database_.options()); }

 private:
  postgres_test::OwnDatabase database_;
};

INSTANTIATE_TEST_SUITE_P(Postgres, LedgerContract, ::testing::Values(MakeHarness([] { return std::make_unique<PostgresHarness>(); })));

}  // namespace
}  // namespace prom::ledger_contract
