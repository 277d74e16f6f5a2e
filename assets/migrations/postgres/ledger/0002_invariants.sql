-- What a row may say, so that another program or a hand that writes here cannot put in what this one would not understand. The lists are those of the program's enumerations; a
-- test compares them, and a new enumerator needs a new file here.

ALTER TABLE users ADD CONSTRAINT users_level_known CHECK ("level" IN ('conservative', 'moderate', 'aggressive'));
ALTER TABLE users ADD CONSTRAINT users_limits_mandatory_stop_known CHECK ("limits_mandatory_stop" IN ('off', 'on'));
ALTER TABLE users ADD CONSTRAINT users_limits_circuit_breaker_known CHECK ("limits_circuit_breaker" IN ('off', 'on'));

ALTER TABLE accounts ADD CONSTRAINT accounts_venue_known CHECK ("venue" IN ('sim', 'binance', 'bybit', 'okx'));
ALTER TABLE accounts ADD CONSTRAINT accounts_kind_known CHECK ("kind" IN ('paper', 'testnet', 'live'));
ALTER TABLE accounts ADD CONSTRAINT accounts_position_mode_known CHECK ("position_mode" IN ('one_way', 'hedge'));
ALTER TABLE accounts ADD CONSTRAINT accounts_margin_mode_known CHECK ("margin_mode" IN ('cross', 'isolated'));

ALTER TABLE pairs ADD CONSTRAINT pairs_leg_known CHECK ("leg" IN ('net', 'long_leg', 'short_leg'));
ALTER TABLE pairs ADD CONSTRAINT pairs_mode_known CHECK ("mode" IN ('auto_trade', 'semi_auto', 'signals'));
ALTER TABLE pairs ADD CONSTRAINT pairs_state_known CHECK ("state" IN ('active', 'paused'));

ALTER TABLE decider_status ADD CONSTRAINT decider_status_status_known CHECK ("status" IN ('active', 'probation', 'disabled'));

ALTER TABLE orders ADD CONSTRAINT orders_leg_known CHECK ("leg" IN ('net', 'long_leg', 'short_leg'));
ALTER TABLE orders ADD CONSTRAINT orders_side_known CHECK ("side" IN ('buy', 'sell'));
ALTER TABLE orders ADD CONSTRAINT orders_type_known CHECK ("type" IN ('market', 'limit', 'stop_market', 'stop_limit', 'take_profit_market', 'trailing_stop'));
ALTER TABLE orders ADD CONSTRAINT orders_time_in_force_known CHECK ("time_in_force" IN ('gtc', 'ioc', 'fok', 'post_only'));
ALTER TABLE orders ADD CONSTRAINT orders_effect_known CHECK ("effect" IN ('open_or_add', 'reduce_only'));
ALTER TABLE orders ADD CONSTRAINT orders_purpose_known CHECK ("purpose" IN ('entry', 'ladder', 'stop_loss', 'take_profit', 'close', 'flatten'));
ALTER TABLE orders ADD CONSTRAINT orders_state_known CHECK ("state" IN ('pending', 'sent', 'accepted', 'triggered', 'partially_filled', 'cancel_pending', 'amend_pending', 'in_doubt', 'filled', 'cancelled', 'rejected', 'expired', 'not_sent'));

ALTER TABLE fills ADD CONSTRAINT fills_leg_known CHECK ("leg" IN ('net', 'long_leg', 'short_leg'));
ALTER TABLE fills ADD CONSTRAINT fills_side_known CHECK ("side" IN ('buy', 'sell'));
ALTER TABLE fills ADD CONSTRAINT fills_liquidity_known CHECK ("liquidity" IN ('maker', 'taker'));
ALTER TABLE fills ADD CONSTRAINT fills_source_known CHECK ("source" IN ('venue', 'inferred', 'liquidation'));

ALTER TABLE postings ADD CONSTRAINT postings_kind_known CHECK ("kind" IN ('transfer', 'fill', 'realised_pnl', 'fee', 'funding', 'liquidation', 'adjustment'));

ALTER TABLE positions ADD CONSTRAINT positions_leg_known CHECK ("leg" IN ('net', 'long_leg', 'short_leg'));

ALTER TABLE coverage ADD CONSTRAINT coverage_leg_known CHECK ("leg" IN ('net', 'long_leg', 'short_leg'));
ALTER TABLE coverage ADD CONSTRAINT coverage_state_known CHECK ("state" IN ('none', 'placing', 'covered', 'replacing', 'failed', 'emergency'));

ALTER TABLE proposals ADD CONSTRAINT proposals_intent_known CHECK ("intent" IN ('open', 'add', 'reduce', 'close'));
ALTER TABLE proposals ADD CONSTRAINT proposals_side_known CHECK ("side" IN ('buy', 'sell'));

ALTER TABLE trades ADD CONSTRAINT trades_side_known CHECK ("side" IN ('buy', 'sell'));

ALTER TABLE decisions ADD CONSTRAINT decisions_action_known CHECK ("action" IN ('hold', 'open_long', 'open_short', 'add', 'reduce', 'close', 'move_stop'));

ALTER TABLE verdicts ADD CONSTRAINT verdicts_role_known CHECK ("role" IN ('market_analyst', 'smc_analyst', 'sentiment_analyst', 'macro_analyst', 'orderflow_analyst', 'derivatives_analyst', 'correlation_analyst', 'onchain_analyst', 'strategy_planner', 'risk_manager', 'executor', 'position_manager', 'self_evaluator', 'orchestrator'));
ALTER TABLE verdicts ADD CONSTRAINT verdicts_stance_known CHECK ("stance" IN ('bullish', 'bearish', 'neutral', 'abstain'));

ALTER TABLE memories ADD CONSTRAINT memories_kind_known CHECK ("kind" IN ('observation', 'decision', 'trade', 'lesson', 'regime', 'pattern'));
ALTER TABLE memories ADD CONSTRAINT memories_scope_known CHECK ("scope" IN ('user', 'agent', 'collective'));
ALTER TABLE memories ADD CONSTRAINT memories_agent_known CHECK ("agent" IN ('market_analyst', 'smc_analyst', 'sentiment_analyst', 'macro_analyst', 'orderflow_analyst', 'derivatives_analyst', 'correlation_analyst', 'onchain_analyst', 'strategy_planner', 'risk_manager', 'executor', 'position_manager', 'self_evaluator', 'orchestrator'));

ALTER TABLE breakers ADD CONSTRAINT breakers_kind_known CHECK ("kind" IN ('daily_loss', 'rolling_loss', 'drawdown', 'consecutive_losses', 'errors', 'data_feed'));

ALTER TABLE risk_state ADD CONSTRAINT risk_state_trading_state_known CHECK ("trading_state" IN ('active', 'reducing', 'halted'));
ALTER TABLE risk_state ADD CONSTRAINT risk_state_kill_phase_known CHECK ("kill_phase" IN ('released', 'cancelling', 'flattening', 'flat'));

-- An order is open until its state is terminal, and has not been filled less than not at all.
ALTER TABLE orders ADD CONSTRAINT orders_open_until_terminal CHECK ((is_open = 0) = (state IN ('filled', 'cancelled', 'rejected', 'expired', 'not_sent')));
ALTER TABLE orders ADD CONSTRAINT orders_filled_not_negative CHECK (filled >= 0);
ALTER TABLE fills ADD CONSTRAINT fills_quantity_positive CHECK (quantity > 0);
ALTER TABLE proposals ADD CONSTRAINT proposals_approved_has_quantity CHECK (status <> 'approved' OR (approved_quantity IS NOT NULL AND risked IS NOT NULL));
ALTER TABLE verdicts ADD CONSTRAINT verdicts_confidence_is_a_share CHECK (confidence BETWEEN 0 AND 1);
