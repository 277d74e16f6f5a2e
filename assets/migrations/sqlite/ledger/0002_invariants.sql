-- What a row may say, as PostgreSQL's 0002_invariants states it: another program or a hand that writes here cannot put in what this one would not understand. SQLite
-- adds no constraint to a table that is there, so each is made anew with its rows; and it would build a table for every IN of three
-- and more, for every row, so these are comparisons. The lists are those of the program's enumerations; a test compares them, and a new enumerator needs a new file here.

CREATE TABLE users_checked (
  "ix" INTEGER PRIMARY KEY, "name" TEXT NOT NULL, "telegram_id" INTEGER NOT NULL, "language" TEXT NOT NULL, "time_zone" TEXT NOT NULL, "utc_offset_ns" INTEGER NOT NULL,
  "level" TEXT NOT NULL, "limits_max_positions" INTEGER NOT NULL, "limits_max_orders_per_minute" INTEGER NOT NULL, "limits_max_consecutive_losses" INTEGER NOT NULL,
  "limits_max_errors_per_hour" INTEGER NOT NULL, "limits_risk_per_trade" TEXT NOT NULL, "limits_max_position" TEXT NOT NULL,
  "limits_max_instrument_exposure" TEXT NOT NULL, "limits_max_group_exposure" TEXT NOT NULL, "limits_max_total_exposure" TEXT NOT NULL,
  "limits_max_leverage" TEXT NOT NULL, "limits_max_daily_drawdown" TEXT NOT NULL, "limits_max_drawdown" TEXT NOT NULL, "limits_price_collar" TEXT NOT NULL,
  "limits_min_liquidation_distance" TEXT NOT NULL, "limits_max_data_age_ns" INTEGER NOT NULL, "limits_breaker_cooldown_ns" INTEGER NOT NULL,
  "limits_mandatory_stop" TEXT NOT NULL, "limits_circuit_breaker" TEXT NOT NULL,
  CONSTRAINT users_level_known CHECK ("level" = 'conservative' OR "level" = 'moderate' OR "level" = 'aggressive'),
  CONSTRAINT users_limits_mandatory_stop_known CHECK ("limits_mandatory_stop" IN ('off', 'on')),
  CONSTRAINT users_limits_circuit_breaker_known CHECK ("limits_circuit_breaker" IN ('off', 'on'))
);
INSERT INTO users_checked SELECT * FROM users;
DROP TABLE users;
ALTER TABLE users_checked RENAME TO users;

CREATE TABLE accounts_checked (
  "ix" INTEGER PRIMARY KEY, "user" INTEGER NOT NULL, "venue" TEXT NOT NULL, "kind" TEXT NOT NULL, "label" TEXT NOT NULL, "reporting_asset" INTEGER NOT NULL,
  "position_mode" TEXT NOT NULL, "margin_mode" TEXT NOT NULL,
  CONSTRAINT accounts_venue_known CHECK ("venue" = 'sim' OR "venue" = 'binance' OR "venue" = 'bybit' OR "venue" = 'okx'),
  CONSTRAINT accounts_kind_known CHECK ("kind" = 'paper' OR "kind" = 'testnet' OR "kind" = 'live'),
  CONSTRAINT accounts_position_mode_known CHECK ("position_mode" IN ('one_way', 'hedge')),
  CONSTRAINT accounts_margin_mode_known CHECK ("margin_mode" IN ('cross', 'isolated'))
);
INSERT INTO accounts_checked SELECT * FROM accounts;
DROP TABLE accounts;
ALTER TABLE accounts_checked RENAME TO accounts;

CREATE TABLE pairs_checked (
  "ix" INTEGER PRIMARY KEY, "account" INTEGER NOT NULL, "instrument" INTEGER NOT NULL, "leg" TEXT NOT NULL, "decider" TEXT NOT NULL, "budget" TEXT NOT NULL,
  "leverage" TEXT NOT NULL, "mode" TEXT NOT NULL, "state" TEXT NOT NULL, "paused_reason" TEXT NOT NULL,
  CONSTRAINT pairs_leg_known CHECK ("leg" = 'net' OR "leg" = 'long_leg' OR "leg" = 'short_leg'),
  CONSTRAINT pairs_mode_known CHECK ("mode" = 'auto_trade' OR "mode" = 'semi_auto' OR "mode" = 'signals'),
  CONSTRAINT pairs_state_known CHECK ("state" IN ('active', 'paused'))
);
INSERT INTO pairs_checked SELECT * FROM pairs;
DROP TABLE pairs;
ALTER TABLE pairs_checked RENAME TO pairs;

CREATE TABLE decider_status_checked (
  pair INTEGER PRIMARY KEY, status TEXT NOT NULL, reason TEXT NOT NULL, time_ns INTEGER NOT NULL,
  CONSTRAINT decider_status_status_known CHECK ("status" = 'active' OR "status" = 'probation' OR "status" = 'disabled')
);
INSERT INTO decider_status_checked SELECT * FROM decider_status;
DROP TABLE decider_status;
ALTER TABLE decider_status_checked RENAME TO decider_status;

CREATE TABLE orders_checked (
  "id" INTEGER PRIMARY KEY, "client_id_account" INTEGER NOT NULL, "client_id_epoch" INTEGER NOT NULL, "client_id_sequence" INTEGER NOT NULL, "account" INTEGER NOT NULL,
  "pair" INTEGER NOT NULL, "instrument" INTEGER NOT NULL, "leg" TEXT NOT NULL, "side" TEXT NOT NULL, "type" TEXT NOT NULL, "time_in_force" TEXT NOT NULL,
  "effect" TEXT NOT NULL, "purpose" TEXT NOT NULL, "quantity" INTEGER NOT NULL, "limit" INTEGER, "trigger" INTEGER, "trailing_distance" INTEGER, "oco_group" INTEGER,
  "proposal" INTEGER, state TEXT NOT NULL, is_open INTEGER NOT NULL, filled INTEGER NOT NULL, filled_value TEXT NOT NULL, last_text TEXT NOT NULL,
  created_ns INTEGER NOT NULL, updated_ns INTEGER NOT NULL,
  CONSTRAINT orders_leg_known CHECK ("leg" = 'net' OR "leg" = 'long_leg' OR "leg" = 'short_leg'),
  CONSTRAINT orders_side_known CHECK ("side" IN ('buy', 'sell')),
  CONSTRAINT orders_type_known CHECK ("type" = 'market' OR "type" = 'limit' OR "type" = 'stop_market' OR "type" = 'stop_limit' OR "type" = 'take_profit_market' OR "type" = 'trailing_stop'),
  CONSTRAINT orders_time_in_force_known CHECK ("time_in_force" = 'gtc' OR "time_in_force" = 'ioc' OR "time_in_force" = 'fok' OR "time_in_force" = 'post_only'),
  CONSTRAINT orders_effect_known CHECK ("effect" IN ('open_or_add', 'reduce_only')),
  CONSTRAINT orders_purpose_known CHECK ("purpose" = 'entry' OR "purpose" = 'ladder' OR "purpose" = 'stop_loss' OR "purpose" = 'take_profit' OR "purpose" = 'close' OR "purpose" = 'flatten'),
  CONSTRAINT orders_state_known CHECK ("state" = 'pending' OR "state" = 'sent' OR "state" = 'accepted' OR "state" = 'triggered' OR "state" = 'partially_filled' OR "state" = 'cancel_pending' OR "state" = 'amend_pending' OR "state" = 'in_doubt' OR "state" = 'filled' OR "state" = 'cancelled' OR "state" = 'rejected' OR "state" = 'expired' OR "state" = 'not_sent'),
  CONSTRAINT orders_open_until_terminal CHECK ((is_open = 0) = (state = 'filled' OR state = 'cancelled' OR state = 'rejected' OR state = 'expired' OR state = 'not_sent')),
  CONSTRAINT orders_filled_not_negative CHECK (filled >= 0)
);
INSERT INTO orders_checked SELECT * FROM orders;
DROP TABLE orders;
ALTER TABLE orders_checked RENAME TO orders;
CREATE INDEX orders_by_account ON orders(account, id);
CREATE INDEX orders_open ON orders(id) WHERE is_open = 1;
CREATE INDEX orders_open_by_account ON orders(account, id) WHERE is_open = 1;

CREATE TABLE fills_checked (
  n INTEGER PRIMARY KEY, "trade" INTEGER NOT NULL, "order" INTEGER NOT NULL, "account" INTEGER NOT NULL, "instrument" INTEGER NOT NULL, "leg" TEXT NOT NULL,
  "side" TEXT NOT NULL, "price" INTEGER NOT NULL, "quantity" INTEGER NOT NULL, "fee_asset" INTEGER NOT NULL, "fee_amount" TEXT NOT NULL, "slippage" TEXT NOT NULL,
  "liquidity" TEXT NOT NULL, "source" TEXT NOT NULL, "time_ns" INTEGER NOT NULL,
  CONSTRAINT fills_leg_known CHECK ("leg" = 'net' OR "leg" = 'long_leg' OR "leg" = 'short_leg'),
  CONSTRAINT fills_side_known CHECK ("side" IN ('buy', 'sell')),
  CONSTRAINT fills_liquidity_known CHECK ("liquidity" IN ('maker', 'taker')),
  CONSTRAINT fills_source_known CHECK ("source" = 'venue' OR "source" = 'inferred' OR "source" = 'liquidation'),
  CONSTRAINT fills_quantity_positive CHECK (quantity > 0)
);
INSERT INTO fills_checked SELECT * FROM fills;
DROP TABLE fills;
ALTER TABLE fills_checked RENAME TO fills;
CREATE INDEX fills_by_account ON fills(account);
CREATE INDEX fills_by_order ON fills("order");

CREATE TABLE postings_checked (
  n INTEGER PRIMARY KEY, "time_ns" INTEGER NOT NULL, "account" INTEGER NOT NULL, "asset" INTEGER NOT NULL, "kind" TEXT NOT NULL, "amount" TEXT NOT NULL,
  "instrument" INTEGER NOT NULL, "ref" INTEGER NOT NULL,
  CONSTRAINT postings_kind_known CHECK ("kind" = 'transfer' OR "kind" = 'fill' OR "kind" = 'realised_pnl' OR "kind" = 'fee' OR "kind" = 'funding' OR "kind" = 'liquidation' OR "kind" = 'adjustment')
);
INSERT INTO postings_checked SELECT * FROM postings;
DROP TABLE postings;
ALTER TABLE postings_checked RENAME TO postings;
CREATE INDEX postings_by_account ON postings(account);

CREATE TABLE positions_checked (
  "account" INTEGER NOT NULL, "instrument" INTEGER NOT NULL, "leg" TEXT NOT NULL, "quantity" INTEGER NOT NULL, "cost" TEXT NOT NULL, "realised" TEXT NOT NULL,
  "fees" TEXT NOT NULL, "funding" TEXT NOT NULL, "opened_at_ns" INTEGER NOT NULL, "round_trip" INTEGER NOT NULL, "version" INTEGER NOT NULL,
  PRIMARY KEY ("account", "instrument", "leg"),
  CONSTRAINT positions_leg_known CHECK ("leg" = 'net' OR "leg" = 'long_leg' OR "leg" = 'short_leg')
) WITHOUT ROWID;
INSERT INTO positions_checked SELECT * FROM positions;
DROP TABLE positions;
ALTER TABLE positions_checked RENAME TO positions;

CREATE TABLE coverage_checked (
  account INTEGER NOT NULL, instrument INTEGER NOT NULL, leg TEXT NOT NULL, state TEXT NOT NULL, stop INTEGER, stop_order INTEGER, failures INTEGER NOT NULL,
  deadline_ns INTEGER NOT NULL, body BLOB NOT NULL,
  PRIMARY KEY (account, instrument, leg),
  CONSTRAINT coverage_leg_known CHECK ("leg" = 'net' OR "leg" = 'long_leg' OR "leg" = 'short_leg'),
  CONSTRAINT coverage_state_known CHECK ("state" = 'none' OR "state" = 'placing' OR "state" = 'covered' OR "state" = 'replacing' OR "state" = 'failed' OR "state" = 'emergency')
) WITHOUT ROWID;
INSERT INTO coverage_checked SELECT * FROM coverage;
DROP TABLE coverage;
ALTER TABLE coverage_checked RENAME TO coverage;

CREATE TABLE proposals_checked (
  id INTEGER PRIMARY KEY, received_ns INTEGER NOT NULL, account INTEGER NOT NULL, pair INTEGER NOT NULL, instrument INTEGER NOT NULL, intent TEXT NOT NULL,
  side TEXT NOT NULL, decider TEXT NOT NULL, reason TEXT NOT NULL, status TEXT NOT NULL, approved_quantity INTEGER, risked TEXT, body BLOB NOT NULL,
  CONSTRAINT proposals_intent_known CHECK ("intent" = 'open' OR "intent" = 'add' OR "intent" = 'reduce' OR "intent" = 'close'),
  CONSTRAINT proposals_side_known CHECK ("side" IN ('buy', 'sell')),
  CONSTRAINT proposals_approved_has_quantity CHECK (status <> 'approved' OR (approved_quantity IS NOT NULL AND risked IS NOT NULL))
);
INSERT INTO proposals_checked SELECT * FROM proposals;
DROP TABLE proposals;
ALTER TABLE proposals_checked RENAME TO proposals;

CREATE TABLE trades_checked (
  n INTEGER PRIMARY KEY, "trade" INTEGER NOT NULL, "account" INTEGER NOT NULL, "pair" INTEGER NOT NULL, "instrument" INTEGER NOT NULL, "side" TEXT NOT NULL,
  "decider" TEXT NOT NULL, "decision" INTEGER, "proposal" INTEGER, "opened_at_ns" INTEGER NOT NULL, "closed_at_ns" INTEGER NOT NULL, "quantity" INTEGER NOT NULL,
  "entry_price" TEXT NOT NULL, "exit_price" TEXT NOT NULL, "gross" TEXT NOT NULL, "fees" TEXT NOT NULL, "funding" TEXT NOT NULL, "slippage" TEXT NOT NULL,
  "net" TEXT NOT NULL, "risked" TEXT NOT NULL, "best_excursion" TEXT NOT NULL, "worst_excursion" TEXT NOT NULL, "exit_reason" TEXT NOT NULL, "regime" TEXT NOT NULL,
  "lesson" TEXT NOT NULL,
  CONSTRAINT trades_side_known CHECK ("side" IN ('buy', 'sell'))
);
INSERT INTO trades_checked SELECT * FROM trades;
DROP TABLE trades;
ALTER TABLE trades_checked RENAME TO trades;
CREATE INDEX trades_by_account ON trades(account);
CREATE INDEX trades_by_instrument ON trades(instrument);
CREATE INDEX trades_by_pair ON trades(pair);
CREATE INDEX trades_by_decider ON trades(decider);

CREATE TABLE decisions_checked (
  id INTEGER PRIMARY KEY, time_ns INTEGER NOT NULL, account INTEGER NOT NULL, pair INTEGER NOT NULL, instrument INTEGER NOT NULL, action TEXT NOT NULL,
  score REAL NOT NULL, summary TEXT NOT NULL, regime TEXT NOT NULL, body BLOB NOT NULL,
  CONSTRAINT decisions_action_known CHECK ("action" = 'hold' OR "action" = 'open_long' OR "action" = 'open_short' OR "action" = 'add' OR "action" = 'reduce' OR "action" = 'close' OR "action" = 'move_stop')
);
INSERT INTO decisions_checked SELECT * FROM decisions;
DROP TABLE decisions;
ALTER TABLE decisions_checked RENAME TO decisions;
CREATE INDEX decisions_by_pair ON decisions(pair, id);

CREATE TABLE verdicts_checked (
  decision INTEGER NOT NULL, n INTEGER NOT NULL, role TEXT NOT NULL, stance TEXT NOT NULL, confidence REAL NOT NULL, weight REAL NOT NULL, summary TEXT NOT NULL,
  PRIMARY KEY (decision, n),
  CONSTRAINT verdicts_role_known CHECK ("role" = 'market_analyst' OR "role" = 'smc_analyst' OR "role" = 'sentiment_analyst' OR "role" = 'macro_analyst' OR "role" = 'orderflow_analyst' OR "role" = 'derivatives_analyst' OR "role" = 'correlation_analyst' OR "role" = 'onchain_analyst' OR "role" = 'strategy_planner' OR "role" = 'risk_manager' OR "role" = 'executor' OR "role" = 'position_manager' OR "role" = 'self_evaluator' OR "role" = 'orchestrator'),
  CONSTRAINT verdicts_stance_known CHECK ("stance" = 'bullish' OR "stance" = 'bearish' OR "stance" = 'neutral' OR "stance" = 'abstain'),
  CONSTRAINT verdicts_confidence_is_a_share CHECK (confidence BETWEEN 0 AND 1)
) WITHOUT ROWID;
INSERT INTO verdicts_checked SELECT * FROM verdicts;
DROP TABLE verdicts;
ALTER TABLE verdicts_checked RENAME TO verdicts;

CREATE TABLE memories_checked (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, scope TEXT NOT NULL, user INTEGER, agent TEXT, importance REAL NOT NULL, created_ns INTEGER NOT NULL, expires_ns INTEGER,
  text TEXT NOT NULL, body BLOB NOT NULL,
  CONSTRAINT memories_kind_known CHECK ("kind" = 'observation' OR "kind" = 'decision' OR "kind" = 'trade' OR "kind" = 'lesson' OR "kind" = 'regime' OR "kind" = 'pattern'),
  CONSTRAINT memories_scope_known CHECK ("scope" = 'user' OR "scope" = 'agent' OR "scope" = 'collective'),
  CONSTRAINT memories_agent_known CHECK ("agent" = 'market_analyst' OR "agent" = 'smc_analyst' OR "agent" = 'sentiment_analyst' OR "agent" = 'macro_analyst' OR "agent" = 'orderflow_analyst' OR "agent" = 'derivatives_analyst' OR "agent" = 'correlation_analyst' OR "agent" = 'onchain_analyst' OR "agent" = 'strategy_planner' OR "agent" = 'risk_manager' OR "agent" = 'executor' OR "agent" = 'position_manager' OR "agent" = 'self_evaluator' OR "agent" = 'orchestrator')
);
INSERT INTO memories_checked SELECT * FROM memories;
DROP TABLE memories;
ALTER TABLE memories_checked RENAME TO memories;

CREATE TABLE breakers_checked (
  "user" INTEGER NOT NULL, "kind" TEXT NOT NULL, "limit" TEXT NOT NULL, "actual" TEXT NOT NULL, "until_ns" INTEGER NOT NULL,
  PRIMARY KEY ("user", "kind"),
  CONSTRAINT breakers_kind_known CHECK ("kind" = 'daily_loss' OR "kind" = 'rolling_loss' OR "kind" = 'drawdown' OR "kind" = 'consecutive_losses' OR "kind" = 'errors' OR "kind" = 'data_feed')
) WITHOUT ROWID;
INSERT INTO breakers_checked SELECT * FROM breakers;
DROP TABLE breakers;
ALTER TABLE breakers_checked RENAME TO breakers;

CREATE TABLE risk_state_checked (
  user INTEGER PRIMARY KEY, trading_state TEXT, kill_phase TEXT, day_start_ns INTEGER, day_equity TEXT, peak_equity TEXT,
  CONSTRAINT risk_state_trading_state_known CHECK ("trading_state" = 'active' OR "trading_state" = 'reducing' OR "trading_state" = 'halted'),
  CONSTRAINT risk_state_kill_phase_known CHECK ("kill_phase" = 'released' OR "kill_phase" = 'cancelling' OR "kill_phase" = 'flattening' OR "kill_phase" = 'flat')
);
INSERT INTO risk_state_checked SELECT * FROM risk_state;
DROP TABLE risk_state;
ALTER TABLE risk_state_checked RENAME TO risk_state;
