-- What streams and polls bring besides bars. Raw streams are kept for a time, statistics and texts for good: they are small and no venue gives them again.

CREATE TABLE IF NOT EXISTS trades (
  instrument LowCardinality(String),
  trade_time DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  trade_id String CODEC(ZSTD(1)),
  taker_side Enum8('unknown' = 0, 'buy' = 1, 'sell' = 2),
  price Decimal(38, 12) CODEC(ZSTD(1)),
  quantity Decimal(38, 12) CODEC(ZSTD(1)),
  version UInt64 DEFAULT toUnixTimestamp64Nano(now64(9)) CODEC(DoubleDelta, ZSTD(1))
) ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(trade_time)
ORDER BY (instrument, trade_time, trade_id)
TTL toDateTime(trade_time) + INTERVAL 180 DAY
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS orderbook_snapshots (
  instrument LowCardinality(String),
  taken_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  sequence UInt64 CODEC(DoubleDelta, ZSTD(1)),
  bid_prices Array(Decimal(38, 12)) CODEC(ZSTD(1)),
  bid_quantities Array(Decimal(38, 12)) CODEC(ZSTD(1)),
  ask_prices Array(Decimal(38, 12)) CODEC(ZSTD(1)),
  ask_quantities Array(Decimal(38, 12)) CODEC(ZSTD(1)),
  version UInt64 DEFAULT toUnixTimestamp64Nano(now64(9)) CODEC(DoubleDelta, ZSTD(1))
) ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(taken_at)
ORDER BY (instrument, taken_at, sequence)
TTL toDateTime(taken_at) + INTERVAL 30 DAY
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS tickers (
  instrument LowCardinality(String),
  taken_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  last Decimal(38, 12) CODEC(ZSTD(1)),
  bid Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
  ask Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
  mark Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
  volume_24h Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
  version UInt64 DEFAULT toUnixTimestamp64Nano(now64(9)) CODEC(DoubleDelta, ZSTD(1))
) ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(taken_at)
ORDER BY (instrument, taken_at)
TTL toDateTime(taken_at) + INTERVAL 30 DAY
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS open_interest (
  instrument LowCardinality(String),
  taken_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  quantity Decimal(38, 12) CODEC(ZSTD(1)),
  notional Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
  version UInt64 DEFAULT toUnixTimestamp64Nano(now64(9)) CODEC(DoubleDelta, ZSTD(1))
) ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(taken_at)
ORDER BY (instrument, taken_at)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS liquidations (
  instrument LowCardinality(String),
  liquidated_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  id String CODEC(ZSTD(1)),
  position_side Enum8('unknown' = 0, 'long' = 1, 'short' = 2),
  price Decimal(38, 12) CODEC(ZSTD(1)),
  quantity Decimal(38, 12) CODEC(ZSTD(1)),
  version UInt64 DEFAULT toUnixTimestamp64Nano(now64(9)) CODEC(DoubleDelta, ZSTD(1))
) ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(liquidated_at)
ORDER BY (instrument, liquidated_at, id)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS options (
  instrument LowCardinality(String),
  taken_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  underlying LowCardinality(String),
  expiry DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  strike Decimal(38, 12) CODEC(ZSTD(1)),
  kind Enum8('call' = 1, 'put' = 2),
  mark Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
  implied_volatility Nullable(Float64) CODEC(ZSTD(1)),
  open_interest Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
  version UInt64 DEFAULT toUnixTimestamp64Nano(now64(9)) CODEC(DoubleDelta, ZSTD(1))
) ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(taken_at)
ORDER BY (instrument, taken_at)
TTL toDateTime(taken_at) + INTERVAL 365 DAY
SETTINGS non_replicated_deduplication_window = 10000;
