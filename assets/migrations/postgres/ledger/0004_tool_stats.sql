-- What the agents' tool calls came to, by day, agent and tool; summed over the decisions of each batch in the transaction that projects it.
CREATE TABLE tool_stats (
  "day_ns" BIGINT NOT NULL,             -- its midnight in UTC, on the market's clock
  "agent" TEXT COLLATE "C" NOT NULL,
  "tool" TEXT COLLATE "C" NOT NULL,
  "calls" BIGINT NOT NULL,  -- all that the agent made
  "cached" BIGINT NOT NULL,  -- answered by what an equal call in the same decision had found
  "refused" BIGINT NOT NULL,  -- never ran
  "bad_argument" BIGINT NOT NULL,
  "unavailable" BIGINT NOT NULL,
  "not_enough_data" BIGINT NOT NULL,
  "failed" BIGINT NOT NULL,
  "took_total_ns" BIGINT NOT NULL,  -- of what ran: neither cached nor refused
  "took_longest_ns" BIGINT NOT NULL,
  PRIMARY KEY ("day_ns", "agent", "tool"),
  CONSTRAINT tool_stats_agent_known CHECK ("agent" IN ('market_analyst', 'smc_analyst', 'sentiment_analyst', 'macro_analyst', 'orderflow_analyst', 'derivatives_analyst', 'correlation_analyst', 'onchain_analyst', 'strategy_planner', 'risk_manager', 'executor', 'position_manager', 'self_evaluator', 'orchestrator')),
  CONSTRAINT tool_stats_day_begins_at_midnight CHECK ("day_ns" % 86400000000000 = 0),
  CONSTRAINT tool_stats_parts_of_calls CHECK ("calls" > 0 AND "cached" >= 0 AND "refused" >= 0 AND "bad_argument" >= 0 AND "unavailable" >= 0 AND "not_enough_data" >= 0 AND "failed" >= 0
    AND "cached" + "refused" <= "calls" AND "refused" + "bad_argument" + "unavailable" + "not_enough_data" + "failed" <= "calls"),
  CONSTRAINT tool_stats_times_of_what_ran CHECK ("took_longest_ns" >= 0 AND "took_total_ns" >= "took_longest_ns" AND ("took_total_ns" = 0 OR "calls" > "cached" + "refused"))
);
CREATE INDEX tool_stats_by_tool ON tool_stats("tool", "day_ns");

-- Of each instrument the instant whose shared calls were counted last: all its pairs share what its analysts asked.
CREATE TABLE tool_stat_analyses (
  instrument BIGINT PRIMARY KEY,
  time_ns BIGINT NOT NULL
);

-- One row where decisions are here that nobody has counted yet: the program counts them when it opens the ledger next, and deletes it.
CREATE TABLE tool_stats_owed (
  one INTEGER PRIMARY KEY CHECK (one = 1)
);
INSERT INTO tool_stats_owed SELECT 1 WHERE EXISTS (SELECT 1 FROM decision_logs);
