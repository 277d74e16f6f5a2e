// Shapes from lists of names. Any thread.
#include "adapters/stores/ledger_rows/row_sink.h"

#include <algorithm>

#include "base/assert.h"

namespace prom::ledger_rows {
namespace {

std::vector<std::string> split(const std::string& names) {
  std::vector<std::string> out;
  std::string name;
  const auto end = [&] {
    if (!name.empty()) out.push_back(name.front() == '"' ? name : '"' + name + '"');
    name.clear();
  };
  for (const char c : names) {
    if (c == ',') {
      end();
    } else if (c != ' ') {
      name += c;
    }
  }
  end();
  return out;
}

std::string join(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

}  // namespace

RowShape::RowShape(std::string table, const std::string& columns, const std::string& keys) : table_(std::move(table)), columns_(split(columns)) {
  for (const std::string& key : split(keys)) {
    const auto at = std::ranges::find(columns_, key);
    PROM_ASSERT(at != columns_.end(), "a key is one of the columns");
    keys_.push_back(static_cast<std::size_t>(at - columns_.begin()));
  }
}

bool RowShape::is_key(std::size_t column) const { return std::ranges::find(keys_, column) != keys_.end(); }
std::string RowShape::list() const { return join(columns_); }
std::string RowShape::key_list() const {
  std::vector<std::string> names;
  for (const std::size_t key : keys_) names.push_back(columns_[key]);
  return join(names);
}

}  // namespace prom::ledger_rows
