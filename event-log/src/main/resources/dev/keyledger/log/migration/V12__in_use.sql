-- Tells of each moment since the columns exist whether a key was in use then, as far as it was known at that moment: a list
-- that begins with the keys in use goes on as it began, whatever is used meanwhile.

ALTER TABLE log.key_last_use
  ADD COLUMN known_since timestamptz NOT NULL DEFAULT '-infinity', -- when the first use after a pause of 30 days was written
  ADD COLUMN used_before integer; -- the last minute before that pause
