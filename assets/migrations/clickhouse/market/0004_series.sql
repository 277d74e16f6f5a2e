-- What a reader must know of a series before it asks for bars, without a look at all of them: the finest digits and the newest time, one row for each series and
-- import once merged. The server keeps it as rows arrive, whoever sends them. All of it are maxima, so a row that arrives again changes nothing.
CREATE TABLE IF NOT EXISTS ohlcv_series (
  instrument LowCardinality(String),
  interval_ms UInt64,
  put UInt64,
  price_digits SimpleAggregateFunction(max, UInt8),
  quantity_digits SimpleAggregateFunction(max, UInt8),
  open_time SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
) ENGINE = AggregatingMergeTree
ORDER BY (instrument, interval_ms, put);

CREATE MATERIALIZED VIEW IF NOT EXISTS ohlcv_series_feed TO ohlcv_series AS
SELECT instrument, interval_ms, put, max(price_digits) AS price_digits, max(quantity_digits) AS quantity_digits, max(open_time) AS open_time
FROM ohlcv
GROUP BY instrument, interval_ms, put;

INSERT INTO ohlcv_series (instrument, interval_ms, put, price_digits, quantity_digits, open_time)
SELECT instrument, interval_ms, put, max(price_digits), max(quantity_digits), max(open_time)
FROM ohlcv
GROUP BY instrument, interval_ms, put;
