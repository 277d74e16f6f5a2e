-- The shared copy of each shard's journal, written in the transaction that projects it, and whose turn it is to write: who has taken a higher fence shuts all before him out.
ALTER TABLE applied ADD COLUMN fence BIGINT NOT NULL DEFAULT 0 CHECK (fence >= 0);

-- `frame` is the whole frame in the journal's own encoding.
CREATE TABLE journal (
  shard BIGINT NOT NULL,
  seq   BIGINT NOT NULL CHECK (seq > 0),
  fence BIGINT NOT NULL CHECK (fence >= 0),
  frame BYTEA NOT NULL,
  PRIMARY KEY (shard, seq)
);
