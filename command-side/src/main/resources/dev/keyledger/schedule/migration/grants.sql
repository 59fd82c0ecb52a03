-- What the nodes' role may do in schema schedule if another role owns it: docs/operations.md has the same list.

GRANT USAGE ON SCHEMA schedule TO ${role};
GRANT SELECT, UPDATE ON schedule.due_list TO ${role};
GRANT SELECT, INSERT, UPDATE, DELETE ON schedule.key_due, schedule.key_rotation, schedule.scheduled_tasks TO ${role};
GRANT SELECT ON schedule.schema_history TO ${role};
