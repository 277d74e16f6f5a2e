// The rows of a projection in SQLite: a statement each, inside the caller's transaction. The writing thread.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "adapters/stores/ledger_rows/row_sink.h"
#include "adapters/stores/sqlite_ledger/ledger_connection.h"

namespace prom {

class SqliteRows final : public ledger_rows::RowSink {
 public:
  explicit SqliteRows(LedgerConnection& connection) : connection_(&connection) {}
  StoreResult<void> add(const ledger_rows::RowShape& shape, ledger_rows::Cells cells) override;
  StoreResult<void> put(const ledger_rows::RowShape& shape, ledger_rows::Cells cells) override;
  StoreResult<void> set(const ledger_rows::RowShape& shape, ledger_rows::Cells cells) override;
  StoreResult<void> erase(const ledger_rows::RowShape& shape, ledger_rows::Cells cells) override;
  StoreResult<std::optional<ledger_rows::Cells>> find(const ledger_rows::RowShape& shape, const ledger_rows::Cells& keys) override;

 private:
  enum class Verb : std::uint8_t { add, put, set, erase, find };
  const std::string& sql_of(Verb verb, const ledger_rows::RowShape& shape);
  StoreResult<void> run(Verb verb, const ledger_rows::RowShape& shape, const ledger_rows::Cells& cells);
  LedgerConnection* connection_;
  std::map<std::pair<const ledger_rows::RowShape*, Verb>, std::string> texts_;
};

}  // namespace prom
