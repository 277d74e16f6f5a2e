// Statements from shapes. Parameters are numbered by column, so that keys need not come last. The writing thread.
#include "adapters/stores/sqlite_ledger/sqlite_rows.h"

#include <type_traits>

namespace prom {

using ledger_rows::Cell;
using ledger_rows::Cells;
using ledger_rows::RowShape;

namespace {

std::string mark(std::size_t column) { return "?" + std::to_string(column + 1); }

std::string insert_text(const RowShape& shape) {
  std::string marks;
  for (std::size_t i = 0; i < shape.columns().size(); ++i) marks += (i == 0 ? "" : ", ") + mark(i);
  return "INSERT INTO " + shape.table() + " (" + shape.list() + ") VALUES (" + marks + ")";
}

/// `column = <value>` for the columns that are no keys.
template <class Value>
std::string changes_text(const RowShape& shape, const Value& value) {
  std::string out;
  for (std::size_t i = 0; i < shape.columns().size(); ++i)
    if (!shape.is_key(i)) out += (out.empty() ? "" : ", ") + shape.columns()[i] + " = " + value(i);
  return out;
}

/// `key = ?n AND ...`; `by_column`: numbered as in the row, else one after another.
std::string keys_text(const RowShape& shape, bool by_column) {
  std::string out;
  for (std::size_t i = 0; i < shape.keys().size(); ++i)
    out += (i == 0 ? "" : " AND ") + shape.columns()[shape.keys()[i]] + " = " + mark(by_column ? shape.keys()[i] : i);
  return out;
}

std::string plain_columns(const RowShape& shape) {
  std::string out;
  for (std::size_t i = 0; i < shape.columns().size(); ++i)
    if (!shape.is_key(i)) out += (out.empty() ? "" : ", ") + shape.columns()[i];
  return out;
}

void bind(sqlite::Statement& statement, const Cells& cells) {
  int at = 1;
  for (const Cell& cell : cells) {
    std::visit(
        [&](const auto& value) {
          using T = std::decay_t<decltype(value)>;
          if constexpr (std::is_same_v<T, std::monostate>) {
            statement.bind_null(at);
          } else if constexpr (std::is_same_v<T, std::string>) {
            statement.bind(at, std::string_view(value));
          } else if constexpr (std::is_same_v<T, std::vector<std::byte>>) {
            statement.bind(at, std::span<const std::byte>(value));
          } else {
            statement.bind(at, value);
          }
        },
        cell);
    ++at;
  }
}

Cell cell_at(const sqlite::Statement& statement, int column) {
  switch (statement.column_kind(column)) {
    case sqlite::ColumnKind::null: return {};
    case sqlite::ColumnKind::integer: return statement.column_int(column);
    case sqlite::ColumnKind::real: return statement.column_double(column);
    case sqlite::ColumnKind::text: return std::string(statement.column_text(column));
    case sqlite::ColumnKind::blob: {
      const auto blob = statement.column_blob(column);
      return std::vector<std::byte>(blob.begin(), blob.end());
    }
  }
  return {};
}

}  // namespace

const std::string& SqliteRows::sql_of(Verb verb, const RowShape& shape) {
  std::string& text = texts_[{&shape, verb}];
  if (!text.empty()) return text;
  switch (verb) {
    case Verb::add: text = insert_text(shape); break;
    case Verb::put:
      text = insert_text(shape) + " ON CONFLICT (" + shape.key_list() + ") DO UPDATE SET " +
             changes_text(shape, [&](std::size_t i) { return "excluded." + shape.columns()[i]; });
      break;
    case Verb::set: text = "UPDATE " + shape.table() + " SET " + changes_text(shape, mark) + " WHERE " + keys_text(shape, true); break;
    case Verb::erase: text = "DELETE FROM " + shape.table() + " WHERE " + keys_text(shape, true); break;
    case Verb::find: text = "SELECT " + plain_columns(shape) + " FROM " + shape.table() + " WHERE " + keys_text(shape, false); break;
  }
  return text;
}

StoreResult<void> SqliteRows::run(Verb verb, const RowShape& shape, const Cells& cells) {
  PROM_TRY(sqlite::Statement * statement, connection_->statement(sql_of(verb, shape)));
  bind(*statement, cells);
  PROM_CHECK_OK(statement->run());
  return {};
}

StoreResult<void> SqliteRows::add(const RowShape& shape, Cells cells) { return run(Verb::add, shape, cells); }
StoreResult<void> SqliteRows::put(const RowShape& shape, Cells cells) { return run(Verb::put, shape, cells); }
StoreResult<void> SqliteRows::set(const RowShape& shape, Cells cells) { return run(Verb::set, shape, cells); }
StoreResult<void> SqliteRows::erase(const RowShape& shape, Cells cells) { return run(Verb::erase, shape, cells); }

StoreResult<std::optional<Cells>> SqliteRows::find(const RowShape& shape, const Cells& keys) {
  PROM_TRY(sqlite::Statement * statement, connection_->statement(sql_of(Verb::find, shape)));
  const StatementScope scope(*statement);
  bind(*statement, keys);
  PROM_TRY(const sqlite::Step step, statement->step());
  if (step == sqlite::Step::done) return std::nullopt;
  Cells out;
  const auto count = static_cast<int>(shape.columns().size() - shape.keys().size());
  for (int i = 0; i < count; ++i) out.push_back(cell_at(*statement, i));
  return out;
}

}  // namespace prom
