-- What the nodes' role may do in schema delivery if another role owns it: docs/operations.md has the same list.

GRANT USAGE ON SCHEMA delivery TO ${role};
GRANT SELECT, INSERT, UPDATE, DELETE ON delivery.delivery, delivery.sealed_value, delivery.webhook TO ${role};
GRANT SELECT, UPDATE ON delivery.reader TO ${role};
GRANT SELECT ON delivery.schema_history TO ${role};
