-- What outside feeds said, as it was said: a row is never changed. A value that was revised is a further row with a later available_ns, so that a replay
-- reads what was known at its instant. Times in nanoseconds, because publishers' times are not on a grid. value is NULL where the observation is text alone.
CREATE TABLE observations(
  series TEXT NOT NULL,
  subject TEXT NOT NULL,
  source TEXT NOT NULL,
  event_ns INTEGER NOT NULL,
  id TEXT NOT NULL,
  available_ns INTEGER NOT NULL,
  trust INTEGER NOT NULL CHECK(trust BETWEEN 0 AND 3),
  value REAL,
  text TEXT NOT NULL,
  PRIMARY KEY(series, subject, source, event_ns, id, available_ns)
) STRICT, WITHOUT ROWID;
