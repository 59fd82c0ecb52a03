-- The log. docs/event-log.md says what each table promises.

CREATE TABLE log.log_head (
  only_row    boolean     PRIMARY KEY DEFAULT true CHECK (only_row),
  store_id    uuid        NOT NULL DEFAULT gen_random_uuid(),
  incarnation integer     NOT NULL DEFAULT 1 CHECK (incarnation > 0),
  position    bigint      NOT NULL DEFAULT 0 CHECK (position >= 0),
  time        timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 10); -- room for each append's new version of the row within its page

INSERT INTO log.log_head DEFAULT VALUES;

CREATE TABLE log.event (
  position     bigint      PRIMARY KEY CHECK (position > 0),
  stream_kind  text        NOT NULL,
  stream_id    text        NOT NULL,
  sequence     bigint      NOT NULL CHECK (sequence >= 0),
  workspace    text        NOT NULL,
  type         text        NOT NULL,
  version      integer     NOT NULL CHECK (version > 0),
  time         timestamptz NOT NULL,
  actor_type   text        NOT NULL,
  actor_id     text,
  request_id   text        NOT NULL,
  payload      bytea       NOT NULL,
  context      bytea,
  context_salt bytea       CHECK (octet_length(context_salt) = 32),
  context_hash bytea       NOT NULL CHECK (octet_length(context_hash) = 32),
  CONSTRAINT event_sequence UNIQUE (stream_kind, stream_id, sequence),
  CONSTRAINT event_context_whole CHECK ((context IS NULL) = (context_salt IS NULL))
);

CREATE TABLE log.key_secret (
  digest     bytea   NOT NULL CHECK (octet_length(digest) = 32),
  key_id     text    NOT NULL,
  generation integer NOT NULL CHECK (generation > 0),
  workspace  text    NOT NULL,
  CONSTRAINT key_secret_digest PRIMARY KEY (digest)
);

CREATE TABLE log.key_owner (
  workspace  text NOT NULL,
  owner_type text NOT NULL,
  owner_id   text NOT NULL,
  key_id     text NOT NULL,
  PRIMARY KEY (workspace, owner_type, owner_id, key_id)
);

CREATE FUNCTION log.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of %.% are never deleted or changed', TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION log.allow_erasure_only() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  erased log.event := OLD;
BEGIN
  erased.context := NULL;
  erased.context_salt := NULL;
  IF NEW IS DISTINCT FROM erased THEN
    RAISE EXCEPTION 'an event never changes; only its context can be erased'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION log.allow_forward_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.store_id <> OLD.store_id
      OR NEW.incarnation < OLD.incarnation
      OR NEW.position < OLD.position
      OR NEW.time < OLD.time THEN
    RAISE EXCEPTION 'the head of the log never goes back' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER erasure_only BEFORE UPDATE ON log.event
  FOR EACH ROW EXECUTE FUNCTION log.allow_erasure_only();
CREATE TRIGGER kept BEFORE DELETE ON log.event
  FOR EACH ROW EXECUTE FUNCTION log.refuse();
CREATE TRIGGER kept_whole BEFORE TRUNCATE ON log.event
  FOR EACH STATEMENT EXECUTE FUNCTION log.refuse();

CREATE TRIGGER forward_only BEFORE UPDATE ON log.log_head
  FOR EACH ROW EXECUTE FUNCTION log.allow_forward_only();
CREATE TRIGGER kept BEFORE DELETE ON log.log_head
  FOR EACH ROW EXECUTE FUNCTION log.refuse();
CREATE TRIGGER kept_whole BEFORE TRUNCATE ON log.log_head
  FOR EACH STATEMENT EXECUTE FUNCTION log.refuse();

CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON log.key_secret
  FOR EACH ROW EXECUTE FUNCTION log.refuse();
CREATE TRIGGER kept_whole BEFORE TRUNCATE ON log.key_secret
  FOR EACH STATEMENT EXECUTE FUNCTION log.refuse();
