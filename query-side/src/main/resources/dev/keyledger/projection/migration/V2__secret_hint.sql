-- The hint of the current secret, for searches. It is in the view of each key, too; json and not
-- jsonb, which refuses a NUL in a name.
ALTER TABLE read.directory ADD COLUMN secret_hint text COLLATE "C";
UPDATE read.directory
SET secret_hint = convert_from(view, 'UTF8')::json #>> '{state,facts,secrets,current,hint}';

-- A rebuild that was killed begins anew, with the new column.
DROP TABLE IF EXISTS read.directory_rebuilt, read.directory_expiry_rebuilt;
DELETE FROM read.projection WHERE name = 'directory rebuilt';
