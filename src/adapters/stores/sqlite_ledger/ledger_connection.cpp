// Statements kept for the connection's life. One thread at a time.
#include "adapters/stores/sqlite_ledger/ledger_connection.h"

#include <utility>

namespace prom {

sqlite::SqlResult<sqlite::Statement*> LedgerConnection::statement(const std::string& sql) {
  const auto found = statements_.find(sql);
  if (found != statements_.end()) {
    found->second.reset();
    return &found->second;
  }
  PROM_TRY(auto prepared, database_.prepare(sql));
  return &statements_.emplace(sql, std::move(prepared)).first->second;
}

}  // namespace prom
