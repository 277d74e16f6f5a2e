-- What outside feeds said, as it was said: a row is never changed; a revision is a further row with a later available_ns. Nanoseconds, because publishers' times
-- are on no grid. A put is one part (no partitions), so it is there whole or not at all. The views show the rows under the names of their subjects.
CREATE TABLE IF NOT EXISTS observations (
  series LowCardinality(String),
  subject String CODEC(ZSTD(1)),
  source LowCardinality(String),
  id String CODEC(ZSTD(1)),
  event_ns Int64 CODEC(Delta, ZSTD(1)),
  available_ns Int64 CODEC(Delta, ZSTD(1)),
  trust UInt8,
  value Nullable(Float64) CODEC(ZSTD(1)),
  text String CODEC(ZSTD(3))
) ENGINE = ReplacingMergeTree
ORDER BY (series, subject, source, event_ns, id, available_ns)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE VIEW IF NOT EXISTS news AS SELECT * FROM observations WHERE startsWith(series, 'news.');

CREATE VIEW IF NOT EXISTS social_sentiment AS SELECT * FROM observations WHERE startsWith(series, 'social.') OR startsWith(series, 'sentiment.');

CREATE VIEW IF NOT EXISTS macro_events AS SELECT * FROM observations WHERE startsWith(series, 'macro.');

CREATE VIEW IF NOT EXISTS onchain AS SELECT * FROM observations WHERE startsWith(series, 'onchain.');
