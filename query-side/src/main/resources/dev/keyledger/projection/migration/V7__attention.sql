-- What needs attention, and how many keys there are of each kind.
TRUNCATE read.directory, read.directory_expiry;
ALTER TABLE read.directory
  ADD COLUMN leaked boolean NOT NULL,       -- a leak was reported
  ADD COLUMN closable_until_micros bigint;  -- the end of an overlap whose rotation is complete
CREATE INDEX ON read.directory (workspace, created_position) WHERE leaked;
CREATE INDEX ON read.directory (workspace, created_position) WHERE closable_until_micros IS NOT NULL;
CREATE INDEX ON read.directory (workspace, created_position) WHERE expires_at_micros IS NULL AND state <> 'revoked';

-- How the numbers of keys change with time. A number at a time is the sum of the changes up to that time. The number of
-- rows of grain 'day' does not grow with the keys; those of grain 'minute' are read of three days only.
CREATE TABLE read.directory_count (
  workspace text COLLATE "C" NOT NULL,
  grain     text COLLATE "C" NOT NULL,
  bucket    bigint           NOT NULL, -- when: half minutes since 1970; an odd one is the time between two minutes
  kind      text COLLATE "C" NOT NULL, -- which number: a status, a reason for attention, or expiries
  keys      bigint           NOT NULL, -- by how many it changes then
  PRIMARY KEY (workspace, grain, bucket, kind)
);

UPDATE read.projection
SET position = 0, shown_from = (SELECT position FROM log.log_head)
WHERE name = 'directory';

-- A rebuild that was killed begins anew.
DROP TABLE IF EXISTS read.directory_rebuilt, read.directory_expiry_rebuilt;
DELETE FROM read.projection WHERE name = 'directory rebuilt';
