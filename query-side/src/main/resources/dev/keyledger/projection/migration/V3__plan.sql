-- What a plan makes of a key's state, and from when on. No key had a plan before.
ALTER TABLE read.directory
  ADD COLUMN planned_state  text,
  ADD COLUMN planned_micros bigint,
  ADD CONSTRAINT directory_plan_whole CHECK ((planned_state IS NULL) = (planned_micros IS NULL));

-- A rebuild that was killed begins anew, with the new columns.
DROP TABLE IF EXISTS read.directory_rebuilt, read.directory_expiry_rebuilt;
DELETE FROM read.projection WHERE name = 'directory rebuilt';
