// The embedded stores and their schema versions, for `promtrade migrate`. One thread.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/sqlite/migrator.h"

namespace prom {

struct EmbeddedStore {
  std::string_view name;  ///< "ledger", "market store"
  std::string path;
  std::span<const sqlite::Migration> migrations;
};
std::vector<EmbeddedStore> embedded_stores(const std::string& ledger_path, const std::string& market_path);

struct SchemaChange {
  int before = 0, after = 0;
};
/// Creates the file where it is missing. Forward only; an error leaves the versions that were reached.
sqlite::SqlResult<SchemaChange> migrate_store(const EmbeddedStore& store);

}  // namespace prom
