-- Which transaction wrote a row last, so that a program which holds one owner's memories in its own columns asks only for what has changed since. Whatever was written by a
-- transaction that was under way when it last looked has a number at or above that moment's xmin.

ALTER TABLE kept_memories ADD COLUMN changed XID8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX kept_memories_changed ON kept_memories (owner, changed);
