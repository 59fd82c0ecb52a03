-- One row for each key that is not revoked, with its owner: revoke-keys reads what it revokes, and nothing else.

DROP TRIGGER kept ON log.key_owner;

DELETE FROM log.key_owner o
  USING (
    SELECT DISTINCT ON (stream_id) stream_id,
      convert_from(payload, 'UTF8')::json -> 'owner' AS owner
    FROM log.event WHERE type = 'KeyTransferred' ORDER BY stream_id, sequence DESC) last
  WHERE o.key_id = last.stream_id
    AND (o.owner_type, o.owner_id) <> (last.owner ->> 'type', last.owner ->> 'id');
DELETE FROM log.key_owner o USING log.event e
  WHERE e.stream_id = o.key_id AND e.type = 'KeyRevoked';
DELETE FROM log.key_owner o USING log.event e
  WHERE e.stream_id = o.key_id AND e.type = 'KeyImported'
    AND convert_from(e.payload, 'UTF8')::json -> 'revokedAt' IS NOT NULL;

ALTER TABLE log.key_owner DROP CONSTRAINT key_owner_pkey, ADD PRIMARY KEY (key_id);
CREATE INDEX key_owner_owned ON log.key_owner (workspace, owner_type, owner_id, key_id);

-- A row that went or changed without an event would hide a key from revoke-keys.

CREATE FUNCTION log.follow_revocations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM log.event WHERE stream_id = OLD.key_id AND type = 'KeyRevoked') THEN
    RAISE EXCEPTION 'the key % has an owner, because it is not revoked', OLD.key_id
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION log.follow_transfers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  last json := (
    SELECT convert_from(payload, 'UTF8')::json -> 'owner' FROM log.event
    WHERE stream_kind = 'key' AND stream_id = OLD.key_id AND type = 'KeyTransferred'
    ORDER BY sequence DESC LIMIT 1);
BEGIN
  IF (NEW.key_id, NEW.workspace, NEW.owner_type, NEW.owner_id)
      IS DISTINCT FROM (OLD.key_id, OLD.workspace, last ->> 'type', last ->> 'id') THEN
    RAISE EXCEPTION 'the key % was not transferred to this owner', OLD.key_id
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER follows_revocations AFTER DELETE ON log.key_owner
  FOR EACH ROW EXECUTE FUNCTION log.follow_revocations();
CREATE TRIGGER follows_transfers AFTER UPDATE ON log.key_owner
  FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION log.follow_transfers();
