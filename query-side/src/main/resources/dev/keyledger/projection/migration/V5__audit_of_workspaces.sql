-- The events of workspaces too, which are about no key and have no owner.
TRUNCATE read.audit;
ALTER TABLE read.audit
  ALTER COLUMN key_id DROP NOT NULL,
  ALTER COLUMN owner_type DROP NOT NULL,
  ALTER COLUMN owner_id DROP NOT NULL,
  ADD CONSTRAINT audit_owner_whole CHECK (num_nonnulls(key_id, owner_type, owner_id) IN (0, 3));

-- Each filter alone reads an index in the order of positions.
DROP INDEX read.audit_workspace_actor_type_actor_id_position_idx;
CREATE INDEX ON read.audit (workspace, actor_type, position);
CREATE INDEX ON read.audit (workspace, actor_id, position);

UPDATE read.projection
SET position = 0, shown_from = (SELECT position FROM log.log_head)
WHERE name = 'audit';

-- A rebuild that was killed begins anew.
DROP TABLE IF EXISTS read.audit_rebuilt;
DELETE FROM read.projection WHERE name = 'audit rebuilt';
