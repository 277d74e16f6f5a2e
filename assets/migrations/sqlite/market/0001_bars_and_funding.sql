-- Bars of all series in one table clustered by (series, time): a range of one series is one run of pages.
CREATE TABLE series(
  id INTEGER PRIMARY KEY,
  instrument TEXT NOT NULL,
  interval_ns INTEGER NOT NULL CHECK(interval_ns > 0),
  price_digits INTEGER NOT NULL CHECK(price_digits BETWEEN 0 AND 18),
  quantity_digits INTEGER NOT NULL CHECK(quantity_digits BETWEEN 0 AND 18),
  bars INTEGER NOT NULL DEFAULT 0,
  origin TEXT NOT NULL,
  UNIQUE(instrument, interval_ns)
) STRICT;

-- Times in milliseconds (six bytes a row where nanoseconds take eight); prices and quantities in units of the series' digits.
-- taker_buy is NULL where the source does not tell the taker's side.
CREATE TABLE bars(
  series_id INTEGER NOT NULL REFERENCES series(id),
  open_ms INTEGER NOT NULL,
  open INTEGER NOT NULL,
  high INTEGER NOT NULL,
  low INTEGER NOT NULL,
  close INTEGER NOT NULL,
  volume INTEGER NOT NULL,
  taker_buy INTEGER,
  PRIMARY KEY(series_id, open_ms)
) STRICT, WITHOUT ROWID;

-- rate: units of 1e-12 of notional.
CREATE TABLE funding(
  instrument TEXT NOT NULL,
  time_ms INTEGER NOT NULL,
  rate INTEGER NOT NULL,
  PRIMARY KEY(instrument, time_ms)
) STRICT, WITHOUT ROWID;
