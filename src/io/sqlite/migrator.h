// Forward-only schema migrations, numbered from 1 without holes, embedded at build time from assets/migrations/sqlite/<store>/NNNN_name.sql
// (prom_embed_migrations in embed_migrations.cmake). Called by the thread that opens the database, before anyone else uses it.
#pragma once

#include <span>
#include <string_view>

#include "io/sqlite/database.h"

namespace prom::sqlite {

struct Migration {
  int version;            ///< 1, 2, 3 ...
  std::string_view name;  ///< the file's name
  std::string_view sql;
};

/// Version that the database is at: 0 when nothing was applied yet.
SqlResult<int> schema_version(Database& database);

/// Applies what is missing, each migration in a transaction of its own with its row in schema_version(version, name).
/// `version` error, in one sentence naming `store`, when the database is newer than the program. Returns the version reached.
SqlResult<int> migrate(Database& database, std::span<const Migration> migrations, std::string_view store);

}  // namespace prom::sqlite
