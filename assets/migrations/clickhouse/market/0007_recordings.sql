-- Recordings of order books and trades, in the order of the feed: how much later than time_ns an event was known here is late_ns. kind and side as TapeKind and
-- BookHalf count. Rows are visible once tape_recordings lists their put as not removed: one row there a recording, the later by the server's clock wins.
CREATE TABLE IF NOT EXISTS tape_events (
  put UInt64,
  number UInt64 CODEC(Delta, ZSTD(1)),
  time_ns Int64 CODEC(DoubleDelta, ZSTD(1)),
  late_ns Int64 CODEC(Delta, ZSTD(1)),
  kind UInt8,
  side UInt8,
  price Float64 CODEC(ZSTD(1)),
  quantity Float64 CODEC(ZSTD(1))
) ENGINE = ReplacingMergeTree
ORDER BY (put, number)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS tape_recordings (
  sha256 String,
  instrument String,
  first_ns Int64,
  last_ns Int64,
  known_ns Int64,
  events UInt64,
  trades UInt64,
  tells_trades UInt8,
  tells_book UInt8,
  origin String,
  put UInt64,
  removed UInt8,
  version UInt64 DEFAULT toUnixTimestamp64Nano(now64(9))
) ENGINE = ReplacingMergeTree(version)
ORDER BY sha256
SETTINGS non_replicated_deduplication_window = 10000;
