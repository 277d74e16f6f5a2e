-- The bars that a run played, under its name: apart from ohlcv, whose series later runs begin with. A run that goes on after a crash sends some again: they replace.
CREATE TABLE IF NOT EXISTS run_bars (
  run LowCardinality(String),
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
  open_price Float64 ALIAS open / exp10(price_digits),
  high_price Float64 ALIAS high / exp10(price_digits),
  low_price Float64 ALIAS low / exp10(price_digits),
  close_price Float64 ALIAS close / exp10(price_digits),
  traded Float64 ALIAS volume / exp10(quantity_digits)
) ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(open_time)
ORDER BY (run, instrument, interval_ms, open_time)
SETTINGS non_replicated_deduplication_window = 10000;
