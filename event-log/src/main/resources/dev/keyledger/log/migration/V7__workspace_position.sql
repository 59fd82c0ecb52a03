-- The position of the last event of a workspace. Commands are decided under what a node knows of
-- workspaces; an append that rests on older knowledge than this is not made. It stands in the
-- head's own row, for that is what an append reads again after it has waited for another one.

ALTER TABLE log.log_head
  ADD COLUMN workspace_position bigint NOT NULL DEFAULT 0 CHECK (workspace_position >= 0);

UPDATE log.log_head SET workspace_position =
  coalesce((SELECT max(position) FROM log.event WHERE stream_kind = 'workspace'), 0);
