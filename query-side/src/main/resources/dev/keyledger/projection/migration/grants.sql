-- What the nodes' role may do in schema read if another role owns it: docs/operations.md has the same list.

GRANT USAGE ON SCHEMA read TO ${role};
GRANT SELECT, INSERT ON read.audit TO ${role};
GRANT SELECT, INSERT, UPDATE ON read.audit_day, read.directory, read.directory_expiry TO ${role};
GRANT SELECT, INSERT, UPDATE, DELETE ON read.directory_count TO ${role};
GRANT SELECT, UPDATE ON read.projection TO ${role};
GRANT SELECT ON read.schema_history TO ${role};
