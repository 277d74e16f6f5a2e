// Where the rows of a projection go: one database each. The writing thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/stores/ledger_rows/cells.h"
#include "ports/store_error.h"

namespace prom::ledger_rows {

/// Columns of a table, and which of them identify a row. Made once, as a static, and told apart by its address.
class RowShape {
 public:
  /// Names separated by commas, quoted or not; keys among the columns.
  RowShape(std::string table, const std::string& columns, const std::string& keys);

  const std::string& table() const { return table_; }
  const std::vector<std::string>& columns() const { return columns_; }  ///< each in double quotes
  const std::vector<std::size_t>& keys() const { return keys_; }        ///< indexes into columns(), in the order given
  bool is_key(std::size_t column) const;
  std::string list() const;      ///< `"a", "b"`
  std::string key_list() const;  ///< of the keys

 private:
  std::string table_;
  std::vector<std::string> columns_;
  std::vector<std::size_t> keys_;
};

class RowSink {
 public:
  virtual ~RowSink() = default;
  /// A row that is only ever added, in the order of the calls. The shape has no keys.
  virtual StoreResult<void> add(const RowShape& shape, Cells cells) = 0;
  /// Sets these columns of the row with these keys, which is made where there is none. At least one column is no key.
  virtual StoreResult<void> put(const RowShape& shape, Cells cells) = 0;
  /// The same where the row is there; nothing where it is not.
  virtual StoreResult<void> set(const RowShape& shape, Cells cells) = 0;
  /// Removes the rows with these keys; `cells` are the keys, which are all of the shape's columns.
  virtual StoreResult<void> erase(const RowShape& shape, Cells cells) = 0;
  /// The columns that are no keys, as whatever was written before left them; nothing where there is no such row. `keys` are numbers and names.
  virtual StoreResult<std::optional<Cells>> find(const RowShape& shape, const Cells& keys) = 0;
  /// find() of these keys will follow: a database that is far away asks for all of them at once.
  virtual StoreResult<void> expect(const RowShape&, const std::vector<Cells>&) { return {}; }
};

}  // namespace prom::ledger_rows
