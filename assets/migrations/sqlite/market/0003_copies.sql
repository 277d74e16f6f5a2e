-- How far the observations were handed to another store: everything that became available up to until_ns. A put of rows that became available earlier (a saved
-- reply that is imported later) sets it back in the same transaction, so that none is left out.
CREATE TABLE observation_copies(
  place TEXT PRIMARY KEY,
  until_ns INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
