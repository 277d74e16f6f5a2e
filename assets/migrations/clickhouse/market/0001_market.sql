-- Replacing semantics everywhere: a row that is sent again replaces the one with the same ORDER BY key, the later by the server's clock wins. Readers pick the
-- last version themselves, since merging is up to the server. non_replicated_deduplication_window: a batch that is sent again with its token is not stored twice.
-- Prices and quantities of bars are integers at the row's own digits; all other amounts are Decimal(38, 12), exact as the program's.
-- Statements end with a semicolon at the end of a line; each may run again, because a migration that was interrupted is repeated.

CREATE TABLE IF NOT EXISTS ohlcv (
  instrument LowCardinality(String),
  interval_ms UInt64 CODEC(T64, ZSTD(1)),
  open_time DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  open Int64 CODEC(Delta, ZSTD(1)),
  high Int64 CODEC(Delta, ZSTD(1)),
  low Int64 CODEC(Delta, ZSTD(1)),
  close Int64 CODEC(Delta, ZSTD(1)),
  volume Int64 CODEC(T64, ZSTD(1)),
  taker_buy Nullable(Int64) CODEC(T64, ZSTD(1)),
  price_digits UInt8,
  quantity_digits UInt8,
  origin LowCardinality(String),
  put UInt64 COMMENT '0, or the import that is visible once ohlcv_puts lists it',
  version UInt64 DEFAULT toUnixTimestamp64Nano(now64(9)) CODEC(DoubleDelta, ZSTD(1)),
  open_price Float64 ALIAS open / exp10(price_digits),
  high_price Float64 ALIAS high / exp10(price_digits),
  low_price Float64 ALIAS low / exp10(price_digits),
  close_price Float64 ALIAS close / exp10(price_digits),
  traded Float64 ALIAS volume / exp10(quantity_digits)
) ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(open_time)
ORDER BY (instrument, interval_ms, open_time, put)
SETTINGS non_replicated_deduplication_window = 10000;

-- Imports that reached their last row. Few rows, so never split and never forgotten.
CREATE TABLE IF NOT EXISTS ohlcv_puts (
  put UInt64,
  done_at DateTime64(3, 'UTC') DEFAULT now64(3)
) ENGINE = ReplacingMergeTree
ORDER BY put;

-- One-minute bars at coarser intervals, made anew by the store for each stretch that a put touched. A materialised view would add a re-sent bar's volume twice.
CREATE TABLE IF NOT EXISTS ohlcv_rollup (
  instrument LowCardinality(String),
  interval_ms UInt64 CODEC(T64, ZSTD(1)),
  open_time DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  open Int64 CODEC(Delta, ZSTD(1)),
  high Int64 CODEC(Delta, ZSTD(1)),
  low Int64 CODEC(Delta, ZSTD(1)),
  close Int64 CODEC(Delta, ZSTD(1)),
  volume Int64 CODEC(T64, ZSTD(1)),
  taker_buy Nullable(Int64) CODEC(T64, ZSTD(1)),
  price_digits UInt8,
  quantity_digits UInt8,
  last_minute DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  version UInt64 DEFAULT toUnixTimestamp64Nano(now64(9)) CODEC(DoubleDelta, ZSTD(1))
) ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(open_time)
ORDER BY (instrument, interval_ms, open_time);

-- Three rows a day and instrument: one partition, so that a put is one part and visible whole.
CREATE TABLE IF NOT EXISTS funding (
  instrument LowCardinality(String),
  funding_time DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  rate Decimal(38, 12) CODEC(ZSTD(1)),
  version UInt64 DEFAULT toUnixTimestamp64Nano(now64(9))
) ENGINE = ReplacingMergeTree(version)
ORDER BY (instrument, funding_time)
SETTINGS non_replicated_deduplication_window = 10000;
