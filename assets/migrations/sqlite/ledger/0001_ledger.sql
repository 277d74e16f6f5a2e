-- The ledger: rows projected from the journal. Never edited once shipped; changes are new files.
-- Amounts of money are exact decimal TEXT (never summed in SQL); prices and quantities are integers at the instrument's digits; times are ns since 1970.
-- Columns that mirror a record of the engine carry its field names, in its order; `body` is the whole record in the journal's own encoding.

CREATE TABLE applied (
  shard INTEGER PRIMARY KEY,
  seq   INTEGER NOT NULL
);

CREATE TABLE assets (
  ix   INTEGER PRIMARY KEY,
  name TEXT NOT NULL
);

CREATE TABLE instruments (
  ix   INTEGER PRIMARY KEY,
  code TEXT NOT NULL,
  body BLOB NOT NULL
);

CREATE TABLE users (
  "ix" INTEGER PRIMARY KEY,
  "name" TEXT NOT NULL,
  "telegram_id" INTEGER NOT NULL,
  "language" TEXT NOT NULL,
  "time_zone" TEXT NOT NULL,
  "utc_offset_ns" INTEGER NOT NULL,
  "level" TEXT NOT NULL,
  "limits_max_positions" INTEGER NOT NULL,
  "limits_max_orders_per_minute" INTEGER NOT NULL,
  "limits_max_consecutive_losses" INTEGER NOT NULL,
  "limits_max_errors_per_hour" INTEGER NOT NULL,
  "limits_risk_per_trade" TEXT NOT NULL,
  "limits_max_position" TEXT NOT NULL,
  "limits_max_instrument_exposure" TEXT NOT NULL,
  "limits_max_group_exposure" TEXT NOT NULL,
  "limits_max_total_exposure" TEXT NOT NULL,
  "limits_max_leverage" TEXT NOT NULL,
  "limits_max_daily_drawdown" TEXT NOT NULL,
  "limits_max_drawdown" TEXT NOT NULL,
  "limits_price_collar" TEXT NOT NULL,
  "limits_min_liquidation_distance" TEXT NOT NULL,
  "limits_max_data_age_ns" INTEGER NOT NULL,
  "limits_breaker_cooldown_ns" INTEGER NOT NULL,
  "limits_mandatory_stop" TEXT NOT NULL,
  "limits_circuit_breaker" TEXT NOT NULL
);

CREATE TABLE accounts (
  "ix" INTEGER PRIMARY KEY,
  "user" INTEGER NOT NULL,
  "venue" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "label" TEXT NOT NULL,
  "reporting_asset" INTEGER NOT NULL,
  "position_mode" TEXT NOT NULL,
  "margin_mode" TEXT NOT NULL
);

CREATE TABLE pairs (
  "ix" INTEGER PRIMARY KEY,
  "account" INTEGER NOT NULL,
  "instrument" INTEGER NOT NULL,
  "leg" TEXT NOT NULL,
  "decider" TEXT NOT NULL,
  "budget" TEXT NOT NULL,
  "leverage" TEXT NOT NULL,
  "mode" TEXT NOT NULL,
  "state" TEXT NOT NULL,
  "paused_reason" TEXT NOT NULL
);

CREATE TABLE decider_status (
  pair    INTEGER PRIMARY KEY,
  status  TEXT NOT NULL,
  reason  TEXT NOT NULL,
  time_ns INTEGER NOT NULL
);

CREATE TABLE orders (
  "id" INTEGER PRIMARY KEY,
  "client_id_account" INTEGER NOT NULL,
  "client_id_epoch" INTEGER NOT NULL,
  "client_id_sequence" INTEGER NOT NULL,
  "account" INTEGER NOT NULL,
  "pair" INTEGER NOT NULL,
  "instrument" INTEGER NOT NULL,
  "leg" TEXT NOT NULL,
  "side" TEXT NOT NULL,
  "type" TEXT NOT NULL,
  "time_in_force" TEXT NOT NULL,
  "effect" TEXT NOT NULL,
  "purpose" TEXT NOT NULL,
  "quantity" INTEGER NOT NULL,
  "limit" INTEGER,
  "trigger" INTEGER,
  "trailing_distance" INTEGER,
  "oco_group" INTEGER,
  "proposal" INTEGER,
  state TEXT NOT NULL,
  is_open INTEGER NOT NULL,          -- 1 until the state is terminal
  filled INTEGER NOT NULL,
  filled_value TEXT NOT NULL,        -- in the quote asset
  last_text TEXT NOT NULL,
  created_ns INTEGER NOT NULL,
  updated_ns INTEGER NOT NULL
);
CREATE INDEX orders_by_account ON orders(account, id);
CREATE INDEX orders_open ON orders(id) WHERE is_open = 1;
CREATE INDEX orders_open_by_account ON orders(account, id) WHERE is_open = 1;

CREATE TABLE fills (
  n INTEGER PRIMARY KEY,             -- order of application
  "trade" INTEGER NOT NULL,
  "order" INTEGER NOT NULL,
  "account" INTEGER NOT NULL,
  "instrument" INTEGER NOT NULL,
  "leg" TEXT NOT NULL,
  "side" TEXT NOT NULL,
  "price" INTEGER NOT NULL,
  "quantity" INTEGER NOT NULL,
  "fee_asset" INTEGER NOT NULL,
  "fee_amount" TEXT NOT NULL,
  "slippage" TEXT NOT NULL,
  "liquidity" TEXT NOT NULL,
  "source" TEXT NOT NULL,
  "time_ns" INTEGER NOT NULL
);
CREATE INDEX fills_by_account ON fills(account);
CREATE INDEX fills_by_order ON fills("order");

CREATE TABLE postings (
  n INTEGER PRIMARY KEY,
  "time_ns" INTEGER NOT NULL,
  "account" INTEGER NOT NULL,
  "asset" INTEGER NOT NULL,
  "kind" TEXT NOT NULL,
  "amount" TEXT NOT NULL,
  "instrument" INTEGER NOT NULL,
  "ref" INTEGER NOT NULL
);
CREATE INDEX postings_by_account ON postings(account);

CREATE TABLE balances (
  account INTEGER NOT NULL,
  asset   INTEGER NOT NULL,
  amount  TEXT NOT NULL,             -- the exact sum of the postings
  PRIMARY KEY (account, asset)
) WITHOUT ROWID;

CREATE TABLE positions (
  "account" INTEGER NOT NULL,
  "instrument" INTEGER NOT NULL,
  "leg" TEXT NOT NULL,
  "quantity" INTEGER NOT NULL,
  "cost" TEXT NOT NULL,
  "realised" TEXT NOT NULL,
  "fees" TEXT NOT NULL,
  "funding" TEXT NOT NULL,
  "opened_at_ns" INTEGER NOT NULL,
  "round_trip" INTEGER NOT NULL,
  "version" INTEGER NOT NULL,
  PRIMARY KEY ("account", "instrument", "leg")
) WITHOUT ROWID;

CREATE TABLE coverage (
  account INTEGER NOT NULL,
  instrument INTEGER NOT NULL,
  leg TEXT NOT NULL,
  state TEXT NOT NULL,
  stop INTEGER,
  stop_order INTEGER,
  failures INTEGER NOT NULL,
  deadline_ns INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (account, instrument, leg)
) WITHOUT ROWID;

CREATE TABLE proposals (
  id INTEGER PRIMARY KEY,
  received_ns INTEGER NOT NULL,
  account INTEGER NOT NULL,
  pair INTEGER NOT NULL,
  instrument INTEGER NOT NULL,
  intent TEXT NOT NULL,
  side TEXT NOT NULL,
  decider TEXT NOT NULL,
  reason TEXT NOT NULL,
  status TEXT NOT NULL,              -- received, approved or denied
  approved_quantity INTEGER,
  risked TEXT,
  body BLOB NOT NULL
);

CREATE TABLE denials (
  n INTEGER PRIMARY KEY,
  time_ns INTEGER NOT NULL,
  proposal INTEGER NOT NULL,
  "code" TEXT NOT NULL,
  "limit" TEXT NOT NULL,
  "actual" TEXT NOT NULL
);

CREATE TABLE trades (
  n INTEGER PRIMARY KEY,
  "trade" INTEGER NOT NULL,
  "account" INTEGER NOT NULL,
  "pair" INTEGER NOT NULL,
  "instrument" INTEGER NOT NULL,
  "side" TEXT NOT NULL,
  "decider" TEXT NOT NULL,
  "decision" INTEGER,
  "proposal" INTEGER,
  "opened_at_ns" INTEGER NOT NULL,
  "closed_at_ns" INTEGER NOT NULL,
  "quantity" INTEGER NOT NULL,
  "entry_price" TEXT NOT NULL,
  "exit_price" TEXT NOT NULL,
  "gross" TEXT NOT NULL,
  "fees" TEXT NOT NULL,
  "funding" TEXT NOT NULL,
  "slippage" TEXT NOT NULL,
  "net" TEXT NOT NULL,
  "risked" TEXT NOT NULL,
  "best_excursion" TEXT NOT NULL,
  "worst_excursion" TEXT NOT NULL,
  "exit_reason" TEXT NOT NULL,
  "regime" TEXT NOT NULL,
  "lesson" TEXT NOT NULL
);
CREATE INDEX trades_by_account ON trades(account);
CREATE INDEX trades_by_instrument ON trades(instrument);
CREATE INDEX trades_by_pair ON trades(pair);
CREATE INDEX trades_by_decider ON trades(decider);

CREATE TABLE decisions (
  id INTEGER PRIMARY KEY,
  time_ns INTEGER NOT NULL,
  account INTEGER NOT NULL,
  pair INTEGER NOT NULL,
  instrument INTEGER NOT NULL,
  action TEXT NOT NULL,
  score REAL NOT NULL,
  summary TEXT NOT NULL,
  regime TEXT NOT NULL,
  body BLOB NOT NULL                 -- without the verdicts' reasoning steps
);
CREATE INDEX decisions_by_pair ON decisions(pair, id);

CREATE TABLE decision_logs (
  id INTEGER PRIMARY KEY,
  body BLOB NOT NULL                 -- whole, with every reasoning step
);

CREATE TABLE verdicts (
  decision INTEGER NOT NULL,
  n INTEGER NOT NULL,
  role TEXT NOT NULL,
  stance TEXT NOT NULL,
  confidence REAL NOT NULL,
  weight REAL NOT NULL,
  summary TEXT NOT NULL,
  PRIMARY KEY (decision, n)
) WITHOUT ROWID;

CREATE TABLE memories (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  scope TEXT NOT NULL,
  user INTEGER,
  agent TEXT,
  importance REAL NOT NULL,
  created_ns INTEGER NOT NULL,
  expires_ns INTEGER,
  text TEXT NOT NULL,
  body BLOB NOT NULL
);

CREATE TABLE breakers (
  "user" INTEGER NOT NULL,
  "kind" TEXT NOT NULL,
  "limit" TEXT NOT NULL,
  "actual" TEXT NOT NULL,
  "until_ns" INTEGER NOT NULL,
  PRIMARY KEY ("user", "kind")
) WITHOUT ROWID;

CREATE TABLE risk_state (
  user INTEGER PRIMARY KEY,
  trading_state TEXT,
  kill_phase TEXT,
  day_start_ns INTEGER,
  day_equity TEXT,
  peak_equity TEXT
);

CREATE TABLE equity_samples (
  user INTEGER NOT NULL,
  time_ns INTEGER NOT NULL,
  equity TEXT NOT NULL,
  PRIMARY KEY (user, time_ns)
) WITHOUT ROWID;

CREATE TABLE quarantine (
  account INTEGER NOT NULL,
  instrument INTEGER NOT NULL,
  diff TEXT NOT NULL,
  PRIMARY KEY (account, instrument)
) WITHOUT ROWID;

CREATE TABLE risk_events (
  n INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL,
  time_ns INTEGER NOT NULL,
  user INTEGER,
  kind TEXT NOT NULL,
  text TEXT NOT NULL
);
