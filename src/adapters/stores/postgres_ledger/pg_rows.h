// The rows of a projection for PostgreSQL, gathered for a whole batch and written in a few large statements: a row that changes ten times in the batch is written
// once, and the distance to the server is paid a handful of times. Inside the caller's transaction. The writing thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "adapters/stores/ledger_rows/row_sink.h"
#include "adapters/stores/postgres_link/pg_connection.h"

namespace prom::postgres {

class PgRows final : public ledger_rows::RowSink {
 public:
  explicit PgRows(PgConnection& connection) : connection_(&connection) {}
  StoreResult<void> add(const ledger_rows::RowShape& shape, ledger_rows::Cells cells) override;
  StoreResult<void> put(const ledger_rows::RowShape& shape, ledger_rows::Cells cells) override;
  StoreResult<void> set(const ledger_rows::RowShape& shape, ledger_rows::Cells cells) override;
  StoreResult<void> erase(const ledger_rows::RowShape& shape, ledger_rows::Cells cells) override;
  StoreResult<std::optional<ledger_rows::Cells>> find(const ledger_rows::RowShape& shape, const ledger_rows::Cells& keys) override;
  StoreResult<void> expect(const ledger_rows::RowShape& shape, const std::vector<ledger_rows::Cells>& keys) override;

  /// Writes what was gathered. Before the commit.
  StoreResult<void> flush();

 private:
  /// Rows of one shape that wait, in the order in which they first came.
  struct Waiting {
    const ledger_rows::RowShape* shape = nullptr;
    std::vector<ledger_rows::Cells> rows;       ///< an erased one is empty
    std::map<std::string, std::size_t> by_key;  ///< empty for rows that are only added
  };
  /// What is known of a row that is looked for: its columns by name, or that it is not there.
  struct Known {
    bool there = false;
    std::map<std::string, ledger_rows::Cell> columns;
  };
  Waiting& waiting_for(const ledger_rows::RowShape& shape);
  Known* known(const ledger_rows::RowShape& shape, const std::string& key);
  void learn(const ledger_rows::RowShape& shape, const std::string& key, const ledger_rows::Cells& cells);
  StoreResult<void> load(const ledger_rows::RowShape& shape, const std::vector<ledger_rows::Cells>& keys);

  PgConnection* connection_;
  std::vector<std::unique_ptr<Waiting>> waiting_;
  std::map<const ledger_rows::RowShape*, Waiting*> by_shape_;
  std::string statements_;                                     ///< changes of rows that the server has already, in order
  std::set<std::string> changed_;                              ///< table and key of those
  std::set<std::string> erased_;                               ///< tables from which they remove rows
  std::map<std::string, std::map<std::string, Known>> known_;  ///< table -> key -> row
};

}  // namespace prom::postgres
