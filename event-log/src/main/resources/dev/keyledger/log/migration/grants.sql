-- What the nodes' role may do in schema log if another role owns it: docs/operations.md has the same list.

GRANT USAGE ON SCHEMA log TO ${role};
GRANT SELECT, INSERT ON log.event, log.key_reminder, log.key_secret, log.pepper TO ${role};
GRANT UPDATE (context, context_salt) ON log.event TO ${role};
GRANT SELECT, UPDATE ON log.checkpoint, log.log_head TO ${role};
GRANT SELECT, INSERT, UPDATE ON log.key_last_use, log.tree_tile TO ${role};
GRANT SELECT, INSERT, UPDATE, DELETE ON log.idempotency, log.idempotency_usage, log.key_owner, log.node_lease
  TO ${role};
GRANT SELECT ON log.schema_history TO ${role};
