#!/bin/sh
# The image of PostgreSQL runs this once, when it creates the database: a role that owns the schemas and migrates them,
# and the role of the nodes, which owns nothing (docs/operations.md). Afterwards the superuser cannot log in over the
# network.
set -eu
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" \
  -v nodes="$KEYLEDGER_DATABASE_PASSWORD" -v migrations="$KEYLEDGER_MIGRATION_PASSWORD" <<'SQL'
CREATE ROLE keyledger_owner LOGIN PASSWORD :'migrations';
CREATE ROLE keyledger LOGIN PASSWORD :'nodes';
ALTER DATABASE keyledger OWNER TO keyledger_owner;
ALTER ROLE CURRENT_USER PASSWORD NULL;
SQL
