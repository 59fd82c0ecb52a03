-- The owners that keys have or had are found here: a row that went would hide a key from revoke-keys.

CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON log.key_owner
  FOR EACH ROW EXECUTE FUNCTION log.refuse();
CREATE TRIGGER kept_whole BEFORE TRUNCATE ON log.key_owner
  FOR EACH STATEMENT EXECUTE FUNCTION log.refuse();

-- Tells whether a key is revoked without reading its other events.

CREATE INDEX event_revoked ON log.event (stream_id) WHERE type = 'KeyRevoked';
