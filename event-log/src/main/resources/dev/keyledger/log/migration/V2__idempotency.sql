-- What is kept of answers, so that a repeated request gets the first one again. A row is written by
-- the append of what the answer tells of, and goes when it is a day old.

CREATE TABLE log.idempotency (
  id          bytea       NOT NULL CHECK (octet_length(id) = 32),
  fingerprint bytea       NOT NULL CHECK (octet_length(fingerprint) = 32),
  time        timestamptz NOT NULL,
  position    bigint      NOT NULL CHECK (position >= 0),
  sealed      bytea       NOT NULL,
  CONSTRAINT idempotency_id PRIMARY KEY (id)
);

CREATE INDEX idempotency_time ON log.idempotency (time);
