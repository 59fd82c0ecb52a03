-- When each secret of a key was last used: the newest one that was, and the one before it.

ALTER TABLE log.key_last_use
  ADD COLUMN generation integer NOT NULL DEFAULT 0, -- of the newest secret that was used; 0: not known
  ADD COLUMN first_minute integer, -- when that secret was used first
  ADD COLUMN current_minute integer, -- when that secret was used last
  ADD COLUMN previous_minute integer, -- when the secret before it was used last
  ADD COLUMN advanced boolean NOT NULL DEFAULT false; -- another secret was used first, and no sweep has looked at the key since

CREATE INDEX key_last_use_advanced ON log.key_last_use (key_id) WHERE advanced;
