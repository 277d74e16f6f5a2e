-- What the agents' tool calls came to, by day, agent and tool; summed over the decisions of each batch in the transaction that projects it.
CREATE TABLE tool_stats (
  "day_ns" INTEGER NOT NULL,             -- its midnight in UTC, on the market's clock
  "agent" TEXT NOT NULL,
  "tool" TEXT NOT NULL,
  "calls" INTEGER NOT NULL,  -- all that the agent made
  "cached" INTEGER NOT NULL,  -- answered by what an equal call in the same decision had found
  "refused" INTEGER NOT NULL,  -- never ran
  "bad_argument" INTEGER NOT NULL,
  "unavailable" INTEGER NOT NULL,
  "not_enough_data" INTEGER NOT NULL,
  "failed" INTEGER NOT NULL,
  "took_total_ns" INTEGER NOT NULL,  -- of what ran: neither cached nor refused
  "took_longest_ns" INTEGER NOT NULL,
  PRIMARY KEY ("day_ns", "agent", "tool"),
  CONSTRAINT tool_stats_agent_known CHECK ("agent" = 'market_analyst' OR "agent" = 'smc_analyst' OR "agent" = 'sentiment_analyst' OR "agent" = 'macro_analyst' OR "agent" = 'orderflow_analyst' OR "agent" = 'derivatives_analyst' OR "agent" = 'correlation_analyst' OR "agent" = 'onchain_analyst' OR "agent" = 'strategy_planner' OR "agent" = 'risk_manager' OR "agent" = 'executor' OR "agent" = 'position_manager' OR "agent" = 'self_evaluator' OR "agent" = 'orchestrator'),
  CONSTRAINT tool_stats_day_begins_at_midnight CHECK ("day_ns" % 86400000000000 = 0),
  CONSTRAINT tool_stats_parts_of_calls CHECK ("calls" > 0 AND "cached" >= 0 AND "refused" >= 0 AND "bad_argument" >= 0 AND "unavailable" >= 0 AND "not_enough_data" >= 0 AND "failed" >= 0
    AND "cached" + "refused" <= "calls" AND "refused" + "bad_argument" + "unavailable" + "not_enough_data" + "failed" <= "calls"),
  CONSTRAINT tool_stats_times_of_what_ran CHECK ("took_longest_ns" >= 0 AND "took_total_ns" >= "took_longest_ns" AND ("took_total_ns" = 0 OR "calls" > "cached" + "refused"))
) WITHOUT ROWID;
CREATE INDEX tool_stats_by_tool ON tool_stats("tool", "day_ns");

-- Of each instrument the instant whose shared calls were counted last: all its pairs share what its analysts asked.
CREATE TABLE tool_stat_analyses (
  instrument INTEGER PRIMARY KEY,
  time_ns INTEGER NOT NULL
);

-- One row where decisions are here that nobody has counted yet: the program counts them when it opens the ledger next, and deletes it.
CREATE TABLE tool_stats_owed (
  one INTEGER PRIMARY KEY CHECK (one = 1)
);
INSERT INTO tool_stats_owed SELECT 1 WHERE EXISTS (SELECT 1 FROM decision_logs);
