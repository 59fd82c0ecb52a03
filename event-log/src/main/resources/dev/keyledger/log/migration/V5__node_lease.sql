-- Which nodes answer checks, and how far each of them is. What a lease is worth: docs/consistency.md.

CREATE TABLE log.node_lease (
  instance    uuid        PRIMARY KEY,
  node        text        NOT NULL,
  strict      boolean     NOT NULL,
  incarnation integer     NOT NULL,
  position    bigint      NOT NULL CHECK (position >= 0),
  applied_at  timestamptz NOT NULL,
  renewed_at  timestamptz NOT NULL,
  lease_until timestamptz NOT NULL
) WITH (fillfactor = 10); -- as with the head: a row is written anew every other second
