-- How many bytes of answers are kept for each caller, by the hour in which they were kept. Rows are written by the append
-- that keeps the answers, and go when their answers have gone.

CREATE TABLE log.idempotency_usage (
  caller text        NOT NULL,
  hour   timestamptz NOT NULL,
  bytes  bigint      NOT NULL CHECK (bytes >= 0),
  CONSTRAINT idempotency_usage_hour PRIMARY KEY (caller, hour)
) WITH (fillfactor = 50);

CREATE INDEX idempotency_usage_age ON log.idempotency_usage (hour);
