-- Recordings of order books and trades: what was told, in the order of the feed, and how much later it was known here. A recording is never changed; its name is the
-- SHA-256 of what it holds. Times in nanoseconds: last_ns by the venue's clock, known_ns of the last event. kind and side as TapeKind and BookHalf count.
CREATE TABLE recordings(
  id INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE,
  instrument TEXT NOT NULL,
  first_ns INTEGER NOT NULL,
  last_ns INTEGER NOT NULL,
  known_ns INTEGER NOT NULL,
  events INTEGER NOT NULL,
  trades INTEGER NOT NULL,
  tells_trades INTEGER NOT NULL CHECK(tells_trades IN (0, 1)),
  tells_book INTEGER NOT NULL CHECK(tells_book IN (0, 1)),
  origin TEXT NOT NULL
) STRICT;

CREATE TABLE recorded_events(
  recording_id INTEGER NOT NULL REFERENCES recordings(id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  time_ns INTEGER NOT NULL,
  late_ns INTEGER NOT NULL CHECK(late_ns >= 0),
  kind INTEGER NOT NULL CHECK(kind BETWEEN 0 AND 4),
  side INTEGER NOT NULL CHECK(side BETWEEN 0 AND 1),
  price REAL NOT NULL,
  quantity REAL NOT NULL,
  PRIMARY KEY(recording_id, number)
) STRICT, WITHOUT ROWID;
