-- The ledger: rows projected from the journal. Never edited once shipped; changes are new files.
-- Amounts of money are exact decimal TEXT (never summed in SQL); prices and quantities are integers at the instrument's digits; times are ns since 1970.
-- 64-bit identities that SQL knows only signed keep their bits. Columns that mirror a record of the engine carry its field names, in its order; `body` is the whole record in the journal's own encoding.

CREATE TABLE applied (
  shard BIGINT PRIMARY KEY,
  seq   BIGINT NOT NULL CHECK (seq >= 0)
);

CREATE TABLE assets (
  ix   BIGINT PRIMARY KEY,
  name TEXT NOT NULL
);

CREATE TABLE instruments (
  ix   BIGINT PRIMARY KEY,
  code TEXT NOT NULL,
  body BYTEA NOT NULL
);

CREATE TABLE users (
  "ix" BIGINT PRIMARY KEY,
  "name" TEXT NOT NULL,
  "telegram_id" BIGINT NOT NULL,
  "language" TEXT NOT NULL,
  "time_zone" TEXT NOT NULL,
  "utc_offset_ns" BIGINT NOT NULL,
  "level" TEXT NOT NULL,
  "limits_max_positions" BIGINT NOT NULL,
  "limits_max_orders_per_minute" BIGINT NOT NULL,
  "limits_max_consecutive_losses" BIGINT NOT NULL,
  "limits_max_errors_per_hour" BIGINT NOT NULL,
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
  "limits_max_data_age_ns" BIGINT NOT NULL,
  "limits_breaker_cooldown_ns" BIGINT NOT NULL,
  "limits_mandatory_stop" TEXT NOT NULL,
  "limits_circuit_breaker" TEXT NOT NULL
);

CREATE TABLE accounts (
  "ix" BIGINT PRIMARY KEY,
  "user" BIGINT NOT NULL,
  "venue" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "label" TEXT NOT NULL,
  "reporting_asset" BIGINT NOT NULL,
  "position_mode" TEXT NOT NULL,
  "margin_mode" TEXT NOT NULL
);

CREATE TABLE pairs (
  "ix" BIGINT PRIMARY KEY,
  "account" BIGINT NOT NULL,
  "instrument" BIGINT NOT NULL,
  "leg" TEXT COLLATE "C" NOT NULL,
  "decider" TEXT NOT NULL,
  "budget" TEXT NOT NULL,
  "leverage" TEXT NOT NULL,
  "mode" TEXT NOT NULL,
  "state" TEXT NOT NULL,
  "paused_reason" TEXT NOT NULL
);

CREATE TABLE decider_status (
  pair    BIGINT PRIMARY KEY,
  status  TEXT NOT NULL,
  reason  TEXT NOT NULL,
  time_ns BIGINT NOT NULL
);

CREATE TABLE orders (
  "id" BIGINT PRIMARY KEY,
  "client_id_account" BIGINT NOT NULL,
  "client_id_epoch" BIGINT NOT NULL,
  "client_id_sequence" BIGINT NOT NULL,
  "account" BIGINT NOT NULL,
  "pair" BIGINT NOT NULL,
  "instrument" BIGINT NOT NULL,
  "leg" TEXT COLLATE "C" NOT NULL,
  "side" TEXT NOT NULL,
  "type" TEXT NOT NULL,
  "time_in_force" TEXT NOT NULL,
  "effect" TEXT NOT NULL,
  "purpose" TEXT NOT NULL,
  "quantity" BIGINT NOT NULL,
  "limit" BIGINT,
  "trigger" BIGINT,
  "trailing_distance" BIGINT,
  "oco_group" BIGINT,
  "proposal" BIGINT,
  state TEXT NOT NULL,
  is_open BIGINT NOT NULL CHECK (is_open IN (0, 1)),  -- 1 until the state is terminal
  filled BIGINT NOT NULL,
  filled_value TEXT NOT NULL,        -- in the quote asset
  last_text TEXT NOT NULL,
  created_ns BIGINT NOT NULL,
  updated_ns BIGINT NOT NULL
);
CREATE INDEX orders_by_account ON orders(account, id);
CREATE INDEX orders_open ON orders(id) WHERE is_open = 1;
CREATE INDEX orders_open_by_account ON orders(account, id) WHERE is_open = 1;

CREATE TABLE fills (
  n BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,             -- order of application
  "trade" BIGINT NOT NULL,
  "order" BIGINT NOT NULL,
  "account" BIGINT NOT NULL,
  "instrument" BIGINT NOT NULL,
  "leg" TEXT COLLATE "C" NOT NULL,
  "side" TEXT NOT NULL,
  "price" BIGINT NOT NULL,
  "quantity" BIGINT NOT NULL,
  "fee_asset" BIGINT NOT NULL,
  "fee_amount" TEXT NOT NULL,
  "slippage" TEXT NOT NULL,
  "liquidity" TEXT NOT NULL,
  "source" TEXT NOT NULL,
  "time_ns" BIGINT NOT NULL
);
CREATE INDEX fills_by_account ON fills(account, n);
CREATE INDEX fills_by_order ON fills("order");

CREATE TABLE postings (
  n BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  "time_ns" BIGINT NOT NULL,
  "account" BIGINT NOT NULL,
  "asset" BIGINT NOT NULL,
  "kind" TEXT NOT NULL,
  "amount" TEXT NOT NULL,
  "instrument" BIGINT NOT NULL,
  "ref" BIGINT NOT NULL
);
CREATE INDEX postings_by_account ON postings(account, n);

CREATE TABLE balances (
  account BIGINT NOT NULL,
  asset   BIGINT NOT NULL,
  amount  TEXT NOT NULL,             -- the exact sum of the postings
  PRIMARY KEY (account, asset)
);

CREATE TABLE positions (
  "account" BIGINT NOT NULL,
  "instrument" BIGINT NOT NULL,
  "leg" TEXT COLLATE "C" NOT NULL,
  "quantity" BIGINT NOT NULL,
  "cost" TEXT NOT NULL,
  "realised" TEXT NOT NULL,
  "fees" TEXT NOT NULL,
  "funding" TEXT NOT NULL,
  "opened_at_ns" BIGINT NOT NULL,
  "round_trip" BIGINT NOT NULL,
  "version" BIGINT NOT NULL,
  PRIMARY KEY ("account", "instrument", "leg")
);

CREATE TABLE coverage (
  account BIGINT NOT NULL,
  instrument BIGINT NOT NULL,
  leg TEXT COLLATE "C" NOT NULL,
  state TEXT NOT NULL,
  stop BIGINT,
  stop_order BIGINT,
  failures BIGINT NOT NULL,
  deadline_ns BIGINT NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (account, instrument, leg)
);

CREATE TABLE proposals (
  id BIGINT PRIMARY KEY,
  received_ns BIGINT NOT NULL,
  account BIGINT NOT NULL,
  pair BIGINT NOT NULL,
  instrument BIGINT NOT NULL,
  intent TEXT NOT NULL,
  side TEXT NOT NULL,
  decider TEXT NOT NULL,
  reason TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('received', 'approved', 'denied')),
  approved_quantity BIGINT,
  risked TEXT,
  body BYTEA NOT NULL
);

CREATE TABLE denials (
  n BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  time_ns BIGINT NOT NULL,
  proposal BIGINT NOT NULL,
  "code" TEXT NOT NULL,
  "limit" TEXT NOT NULL,
  "actual" TEXT NOT NULL
);

CREATE TABLE trades (
  n BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  "trade" BIGINT NOT NULL,
  "account" BIGINT NOT NULL,
  "pair" BIGINT NOT NULL,
  "instrument" BIGINT NOT NULL,
  "side" TEXT NOT NULL,
  "decider" TEXT NOT NULL,
  "decision" BIGINT,
  "proposal" BIGINT,
  "opened_at_ns" BIGINT NOT NULL,
  "closed_at_ns" BIGINT NOT NULL,
  "quantity" BIGINT NOT NULL,
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
CREATE INDEX trades_by_account ON trades(account, n);
CREATE INDEX trades_by_instrument ON trades(instrument, n);
CREATE INDEX trades_by_pair ON trades(pair, n);
CREATE INDEX trades_by_decider ON trades(decider, n);

CREATE TABLE decisions (
  id BIGINT PRIMARY KEY,
  time_ns BIGINT NOT NULL,
  account BIGINT NOT NULL,
  pair BIGINT NOT NULL,
  instrument BIGINT NOT NULL,
  action TEXT NOT NULL,
  score DOUBLE PRECISION NOT NULL,
  summary TEXT NOT NULL,
  regime TEXT NOT NULL,
  body BYTEA NOT NULL                 -- without the verdicts' reasoning steps
);
CREATE INDEX decisions_by_pair ON decisions(pair, id);

CREATE TABLE decision_logs (
  id BIGINT PRIMARY KEY,
  body BYTEA NOT NULL                 -- whole, with every reasoning step
);

CREATE TABLE verdicts (
  decision BIGINT NOT NULL,
  n BIGINT NOT NULL,
  role TEXT NOT NULL,
  stance TEXT NOT NULL,
  confidence DOUBLE PRECISION NOT NULL,
  weight DOUBLE PRECISION NOT NULL,
  summary TEXT NOT NULL,
  PRIMARY KEY (decision, n)
);

CREATE TABLE memories (
  id BIGINT PRIMARY KEY,
  kind TEXT NOT NULL,
  scope TEXT NOT NULL,
  "user" BIGINT,
  agent TEXT,
  importance DOUBLE PRECISION NOT NULL,
  created_ns BIGINT NOT NULL,
  expires_ns BIGINT,
  text TEXT NOT NULL,
  body BYTEA NOT NULL
);

CREATE TABLE breakers (
  "user" BIGINT NOT NULL,
  "kind" TEXT NOT NULL,
  "limit" TEXT NOT NULL,
  "actual" TEXT NOT NULL,
  "until_ns" BIGINT NOT NULL,
  PRIMARY KEY ("user", "kind")
);

CREATE TABLE risk_state (
  "user" BIGINT PRIMARY KEY,
  trading_state TEXT,
  kill_phase TEXT,
  day_start_ns BIGINT,
  day_equity TEXT,
  peak_equity TEXT
);

CREATE TABLE equity_samples (
  "user" BIGINT NOT NULL,
  time_ns BIGINT NOT NULL,
  equity TEXT NOT NULL,
  PRIMARY KEY ("user", time_ns)
);

CREATE TABLE quarantine (
  account BIGINT NOT NULL,
  instrument BIGINT NOT NULL,
  diff TEXT NOT NULL,
  PRIMARY KEY (account, instrument)
);

CREATE TABLE risk_events (
  n BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  seq BIGINT NOT NULL,
  time_ns BIGINT NOT NULL,
  "user" BIGINT,
  kind TEXT NOT NULL,
  text TEXT NOT NULL
);
