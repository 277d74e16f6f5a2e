// Gathering, merging and the texts. The writing thread.
#include "adapters/stores/postgres_ledger/pg_rows.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <type_traits>

#include "adapters/stores/postgres_link/flat_rows.h"

namespace prom::postgres {

using ledger_rows::Cell;
using ledger_rows::Cells;
using ledger_rows::RowShape;

namespace {

constexpr std::size_t kRowsAStatement = 500;
/// Tables whose rows a projection looks for.
constexpr std::array<std::string_view, 6> kLookedFor{"orders", "balances", "instruments", "decisions", "tool_stats", "tool_stat_analyses"};
/// Columns of those that hold text.
constexpr std::array<std::string_view, 6> kTexts{"\"state\"", "\"last_text\"", "\"filled_value\"", "\"amount\"", "\"agent\"", "\"tool\""};

/// A literal as PostgreSQL reads it with standard_conforming_strings, which has been its default since 9.1. Text ends at a zero byte, which it cannot hold.
void append_literal(std::string& out, const Cell& cell) {
  const auto quoted = [&out](std::string_view text) {
    out += '\'';
    for (const char c : text.substr(0, text.find('\0'))) {
      if (c == '\'') out += '\'';
      out += c;
    }
    out += '\'';
  };
  std::visit(
      [&](const auto& value) {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, std::monostate>) {
          out += "NULL";
        } else if constexpr (std::is_same_v<T, std::int64_t>) {
          char text[24];
          out.append(text, std::to_chars(text, text + sizeof text, value).ptr);
        } else if constexpr (std::is_same_v<T, double>) {
          quoted(flat_rows::double_text(value));
        } else if constexpr (std::is_same_v<T, std::string>) {
          quoted(value);
        } else {
          quoted(flat_rows::bytea_text(value));
        }
      },
      cell);
}

std::string literal(const Cell& cell) {
  std::string out;
  append_literal(out, cell);
  return out;
}

std::string key_of(const RowShape& shape, const Cells& cells) {
  std::string out;
  for (const std::size_t key : shape.keys()) {
    append_literal(out, cells[key]);
    out += ',';
  }
  return out;
}

std::string key_of(const Cells& keys) {
  std::string out;
  for (const Cell& key : keys) {
    append_literal(out, key);
    out += ',';
  }
  return out;
}

std::string where(const RowShape& shape, const Cells& cells) {
  std::string out;
  for (const std::size_t key : shape.keys()) out += (out.empty() ? " WHERE " : " AND ") + shape.columns()[key] + " = " + literal(cells[key]);
  return out;
}

std::string conflict_clause(const RowShape& shape) {
  std::string changes;
  for (std::size_t i = 0; i < shape.columns().size(); ++i)
    if (!shape.is_key(i)) changes += (changes.empty() ? "" : ", ") + shape.columns()[i] + " = EXCLUDED." + shape.columns()[i];
  return " ON CONFLICT (" + shape.key_list() + ") DO UPDATE SET " + changes;
}

/// Where in `whole` the columns of `part` stand; nothing where one is missing.
std::optional<std::vector<std::size_t>> places(const RowShape& part, const RowShape& whole) {
  std::vector<std::size_t> out;
  for (const std::string& column : part.columns()) {
    const auto at = std::ranges::find(whole.columns(), column);
    if (at == whole.columns().end()) return std::nullopt;
    out.push_back(static_cast<std::size_t>(at - whole.columns().begin()));
  }
  return out;
}

bool is_looked_for(const RowShape& shape) { return std::ranges::find(kLookedFor, shape.table()) != kLookedFor.end(); }

/// A cell of a row that was asked for: numbers, texts and bytes are told apart by what the projection wrote.
Cell cell_from(const Value& value, bool bytes, bool number) {
  if (!value) return {};
  if (bytes) {
    auto decoded = flat_rows::bytea_bytes(*value);
    if (decoded) return *std::move(decoded);
    return *value;  // of a wrong type: the reader says that the row is corrupt
  }
  if (!number) return *value;
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), out);
  if (error == std::errc() && end == value->data() + value->size()) return out;
  return *value;
}

}  // namespace

PgRows::Waiting& PgRows::waiting_for(const RowShape& shape) {
  Waiting*& found = by_shape_[&shape];
  if (found == nullptr) {
    found = waiting_.emplace_back(std::make_unique<Waiting>()).get();
    found->shape = &shape;
  }
  return *found;
}

PgRows::Known* PgRows::known(const RowShape& shape, const std::string& key) {
  const auto table = known_.find(shape.table());
  if (table == known_.end()) return nullptr;
  const auto row = table->second.find(key);
  return row == table->second.end() ? nullptr : &row->second;
}

void PgRows::learn(const RowShape& shape, const std::string& key, const Cells& cells) {
  Known& row = known_[shape.table()][key];
  row.there = true;
  for (std::size_t i = 0; i < cells.size(); ++i) row.columns.insert_or_assign(shape.columns()[i], cells[i]);
}

StoreResult<void> PgRows::add(const RowShape& shape, Cells cells) {
  waiting_for(shape).rows.push_back(std::move(cells));
  return {};
}

StoreResult<void> PgRows::put(const RowShape& shape, Cells cells) {
  const std::string key = key_of(shape, cells);
  // A change of the same row that waits as a statement of its own happened before.
  if (erased_.contains(shape.table()) || changed_.contains(shape.table() + ' ' + key)) PROM_CHECK_OK(flush());
  if (is_looked_for(shape)) learn(shape, key, cells);
  Waiting& waiting = waiting_for(shape);
  const auto [at, fresh] = waiting.by_key.try_emplace(key, waiting.rows.size());
  if (fresh) {
    waiting.rows.push_back(std::move(cells));
  } else {
    waiting.rows[at->second] = std::move(cells);
  }
  return {};
}

StoreResult<void> PgRows::set(const RowShape& shape, Cells cells) {
  const std::string key = key_of(shape, cells);
  if (Known* row = known(shape, key)) {
    if (!row->there) return {};
    learn(shape, key, cells);
  }
  for (const auto& waiting : waiting_) {
    if (waiting->shape->table() != shape.table()) continue;
    const auto row = waiting->by_key.find(key);
    if (row == waiting->by_key.end()) continue;
    const auto columns = places(shape, *waiting->shape);
    if (!columns) continue;
    for (std::size_t i = 0; i < cells.size(); ++i) waiting->rows[row->second][(*columns)[i]] = std::move(cells[i]);
    return {};
  }
  std::string changes;
  for (std::size_t i = 0; i < cells.size(); ++i)
    if (!shape.is_key(i)) changes += (changes.empty() ? "" : ", ") + shape.columns()[i] + " = " + literal(cells[i]);
  statements_ += "UPDATE " + shape.table() + " SET " + changes + where(shape, cells) + ";\n";
  changed_.insert(shape.table() + ' ' + key);
  return {};
}

StoreResult<void> PgRows::erase(const RowShape& shape, Cells cells) {
  for (const auto& waiting : waiting_) {
    if (waiting->shape->table() != shape.table()) continue;
    const auto columns = places(shape, *waiting->shape);
    if (!columns) continue;
    std::erase_if(waiting->by_key, [&](const auto& entry) {
      Cells& row = waiting->rows[entry.second];
      for (std::size_t i = 0; i < cells.size(); ++i)
        if (row[(*columns)[i]] != cells[i]) return false;
      row.clear();
      return true;
    });
  }
  statements_ += "DELETE FROM " + shape.table() + where(shape, cells) + ";\n";
  erased_.insert(shape.table());
  return {};
}

StoreResult<void> PgRows::load(const RowShape& shape, const std::vector<Cells>& keys) {
  if (keys.empty()) return {};
  std::string list;
  for (const Cells& key : keys) {
    list += list.empty() ? "(" : ", (";
    for (std::size_t i = 0; i < key.size(); ++i) {
      if (i != 0) list += ", ";
      append_literal(list, key[i]);
    }
    list += ')';
  }
  // Never prepared: every list is another text.
  PROM_TRY(const Rows found, connection_->ask("SELECT " + shape.list() + " FROM " + shape.table() + " WHERE (" + shape.key_list() + ") IN (" + list + ")"));
  for (const Cells& key : keys) known_[shape.table()].try_emplace(key_of(key));
  for (const auto& values : found) {
    Cells cells;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::string& column = shape.columns()[i];
      const bool text = std::ranges::find(kTexts, column) != kTexts.end();
      cells.push_back(cell_from(values[i], column == "\"body\"", !text));
    }
    learn(shape, key_of(shape, cells), cells);
  }
  return {};
}

StoreResult<void> PgRows::expect(const RowShape& shape, const std::vector<Cells>& keys) {
  constexpr std::size_t kAtOnce = 5'000;
  for (std::size_t from = 0; from < keys.size(); from += kAtOnce) {
    const auto begin = keys.begin() + static_cast<std::ptrdiff_t>(from);
    PROM_CHECK_OK(load(shape, {begin, keys.begin() + static_cast<std::ptrdiff_t>(std::min(from + kAtOnce, keys.size()))}));
  }
  return {};
}

StoreResult<std::optional<Cells>> PgRows::find(const RowShape& shape, const Cells& keys) {
  const std::string key = key_of(keys);
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (const Known* row = known(shape, key)) {
      if (!row->there) return std::nullopt;
      Cells out;
      bool whole = true;
      for (std::size_t i = 0; i < shape.columns().size() && whole; ++i) {
        if (shape.is_key(i)) continue;
        const auto cell = row->columns.find(shape.columns()[i]);
        whole = cell != row->columns.end();
        if (whole) out.push_back(cell->second);
      }
      if (whole) return out;
    }
    PROM_CHECK_OK(flush());
    PROM_CHECK_OK(load(shape, {keys}));
  }
  return std::nullopt;
}

StoreResult<void> PgRows::flush() {
  std::string script = std::move(statements_);
  statements_.clear();
  changed_.clear();
  erased_.clear();
  for (const auto& waiting : waiting_) {
    const RowShape& shape = *waiting->shape;
    const std::string tail = (shape.keys().empty() ? "" : conflict_clause(shape)) + ";\n";
    std::size_t in_statement = 0;
    for (const Cells& row : waiting->rows) {
      if (row.empty()) continue;  // erased
      script += in_statement == 0 ? "INSERT INTO " + shape.table() + " (" + shape.list() + ") VALUES\n(" : ",\n(";
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (i != 0) script += ',';
        append_literal(script, row[i]);
      }
      script += ')';
      if (++in_statement == kRowsAStatement) {
        script += tail;
        in_statement = 0;
      }
    }
    if (in_statement != 0) script += tail;
    waiting->rows.clear();
    waiting->by_key.clear();
  }
  if (script.empty()) return {};
  return connection_->script(script);
}

}  // namespace prom::postgres
