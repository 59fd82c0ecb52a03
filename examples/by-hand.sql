-- The tables of the examples by hand, each used by one way of Express and of Spring.
CREATE TABLE owned_keys (
  id text PRIMARY KEY DEFAULT gen_random_uuid(),
  digest bytea NOT NULL UNIQUE,
  owner text NOT NULL,
  revoked_at timestamptz
);

CREATE TABLE expiring_keys (
  id text PRIMARY KEY DEFAULT gen_random_uuid(),
  digest bytea NOT NULL UNIQUE,
  owner text NOT NULL,
  expires_at timestamptz NOT NULL,
  reminded_days integer, -- the last reminder, in days before the expiry
  revoked_at timestamptz
);

CREATE TABLE limited_keys (
  id text PRIMARY KEY DEFAULT gen_random_uuid(),
  digest bytea NOT NULL UNIQUE,
  permissions text[] NOT NULL,
  revoked_at timestamptz
);
