-- Memories to be searched. Never edited once shipped; changes are new files. What needs pgvector (columns `embedding` and `situation_embedding`, their indexes) is
-- added by the program where the extension is there, because its dimension is a setting; everything in this table can be made anew from `body`.

CREATE TABLE kept_memories (
  id BIGINT PRIMARY KEY,                    -- 64-bit identity: its bits
  owner BIGINT NOT NULL CHECK (owner BETWEEN -2 AND 4294967295),  -- the user who alone may see it; -1: every user, -2: nobody
  scope TEXT NOT NULL CHECK (scope IN ('user', 'agent', 'collective')),
  kind TEXT NOT NULL CHECK (kind IN ('observation', 'decision', 'trade', 'lesson', 'regime', 'pattern')),
  seen_by TEXT,                             -- the agent who alone may see it; null: every agent
  importance DOUBLE PRECISION NOT NULL CHECK (importance BETWEEN 0 AND 1),
  created_ns BIGINT NOT NULL,               -- since 1970
  expires_ns BIGINT,                        -- null: never
  situation_size INTEGER NOT NULL CHECK (situation_size >= 0),
  text_vector BYTEA NOT NULL,               -- of length 1 or 0, 32-bit floats, least byte first
  situation BYTEA NOT NULL,                 -- the same; situation_size of them
  body BYTEA NOT NULL,                      -- the whole memory in the journal's own encoding
  CHECK (scope <> 'collective' OR (owner = -1 AND seen_by IS NULL)),
  CHECK (scope <> 'user' OR owner <> -1),
  CHECK (octet_length(situation) = 4 * situation_size)
);
-- Few writes and long reads of one user's: what was added is soon marked as visible to all, so that a search reads the index alone.
ALTER TABLE kept_memories SET (autovacuum_vacuum_insert_threshold = 1000, autovacuum_vacuum_insert_scale_factor = 0.02);
CREATE INDEX kept_memories_newest ON kept_memories (created_ns DESC) WHERE scope = 'collective';
CREATE INDEX kept_memories_important ON kept_memories (importance DESC) WHERE scope = 'collective';
