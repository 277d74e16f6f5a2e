-- The bodies of a few memories at once. Their pages lie anywhere in a table that may be larger than memory: read one after the other, as an index scan reads them, each
-- waits for the disk; a bitmap scan asks for all of them beforehand. Only here: other questions are best answered by index scans.
CREATE FUNCTION kept_memory_bodies(wanted BIGINT[]) RETURNS SETOF BYTEA LANGUAGE sql STABLE SET enable_indexscan = off AS
$$ SELECT body FROM kept_memories WHERE id = ANY (wanted) $$;
-- A server on a system that cannot read ahead refuses the setting; it then reads as it always did.
DO $$ BEGIN
  EXECUTE 'ALTER FUNCTION kept_memory_bodies(BIGINT[]) SET effective_io_concurrency = 64';
EXCEPTION WHEN invalid_parameter_value THEN NULL;
END $$;
