-- Which pepper each version is: a fingerprint that follows from it and tells nothing about it. A row is written by the first
-- node that names the version, and tells those that name another pepper so apart. To mend a mistake, delete its row.

CREATE TABLE log.pepper (
  version     integer     PRIMARY KEY CHECK (version > 0),
  fingerprint bytea       NOT NULL CHECK (octet_length(fingerprint) = 32),
  since       timestamptz NOT NULL DEFAULT clock_timestamp()
);
