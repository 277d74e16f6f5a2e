-- What a run traded, from its journal: `frame` is the journal's sequence. fee: positive is paid; slippage: positive is worse for us, both in their assets.
CREATE TABLE IF NOT EXISTS run_fills (
  run LowCardinality(String),
  instrument LowCardinality(String),
  filled_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  frame UInt64 CODEC(Delta, ZSTD(1)),
  trade UInt64 CODEC(Delta, ZSTD(1)),
  order_id UInt64 CODEC(Delta, ZSTD(1)),
  side Enum8('buy' = 1, 'sell' = 2),
  liquidity Enum8('maker' = 1, 'taker' = 2),
  price Decimal(38, 12) CODEC(ZSTD(1)),
  quantity Decimal(38, 12) CODEC(ZSTD(1)),
  fee Decimal(38, 12) CODEC(ZSTD(1)),
  fee_asset LowCardinality(String),
  slippage Decimal(38, 12) CODEC(ZSTD(1))
) ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(filled_at)
ORDER BY (run, instrument, filled_at, frame, trade)
SETTINGS non_replicated_deduplication_window = 10000;
