-- The reminders of a key's expiry that are recorded, and the notice that it has passed (offset PT0S): one row for each such
-- event, written by the append of the event, so that none is recorded twice. The texts are exact; a time of PostgreSQL would
-- round them.

CREATE TABLE log.key_reminder (
  key_id     text COLLATE "C" NOT NULL,
  expires_at text COLLATE "C" NOT NULL,
  "offset"   text COLLATE "C" NOT NULL,
  time       timestamptz      NOT NULL,
  CONSTRAINT key_reminder_once PRIMARY KEY (key_id, expires_at, "offset")
);

INSERT INTO log.key_reminder (key_id, expires_at, "offset", time)
SELECT stream_id, payload ->> 'expiresAt', coalesce(payload ->> 'offset', 'PT0S'), time
FROM (
  SELECT stream_id, convert_from(payload, 'UTF8')::json AS payload, time
  FROM log.event
  WHERE type IN ('ExpiryApproaching', 'KeyExpired')
) reminder
ON CONFLICT DO NOTHING;

CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON log.key_reminder
  FOR EACH ROW EXECUTE FUNCTION log.refuse();
CREATE TRIGGER kept_whole BEFORE TRUNCATE ON log.key_reminder
  FOR EACH STATEMENT EXECUTE FUNCTION log.refuse();
