-- The Merkle tree over the events, and its last checkpoint. Both follow from the events.

CREATE TABLE log.tree_tile (
  level  smallint NOT NULL,
  index  bigint   NOT NULL,
  width  smallint NOT NULL CHECK (width BETWEEN 1 AND 256),
  hashes bytea    NOT NULL CHECK (octet_length(hashes) = 32 * width),
  PRIMARY KEY (level, index)
);

-- Hashes cannot be compressed.
ALTER TABLE log.tree_tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

CREATE TABLE log.checkpoint (
  name       text   PRIMARY KEY,
  position   bigint NOT NULL,
  owner      text,
  claimed_at timestamptz,
  size       bigint,
  root       bytea  CHECK (octet_length(root) = 32),
  note       text,
  keys       text
);

INSERT INTO log.checkpoint (name, position) VALUES ('checkpoints', 0);
