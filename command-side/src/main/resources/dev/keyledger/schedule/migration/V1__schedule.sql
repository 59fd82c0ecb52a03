-- What the command side does at a time. Nothing here is a record: all of it can be made anew from schema log.

-- db-scheduler's table.
CREATE TABLE schedule.scheduled_tasks (
  task_name            text        NOT NULL,
  task_instance        text        NOT NULL,
  task_data            bytea,
  execution_time       timestamptz NOT NULL,
  picked               boolean     NOT NULL,
  picked_by            text,
  last_success         timestamptz,
  last_failure         timestamptz,
  consecutive_failures integer,
  last_heartbeat       timestamptz,
  version              bigint      NOT NULL,
  priority             smallint,
  PRIMARY KEY (task_name, task_instance)
);
CREATE INDEX ON schedule.scheduled_tasks (execution_time);
CREATE INDEX ON schedule.scheduled_tasks (last_heartbeat);

-- How far the list of due times has taken in the log.
CREATE TABLE schedule.due_list (
  only_row boolean     PRIMARY KEY DEFAULT true CHECK (only_row),
  position bigint      NOT NULL DEFAULT 0 CHECK (position >= 0),
  since    timestamptz NOT NULL DEFAULT clock_timestamp() -- what was due by then is not recorded any more
) WITH (fillfactor = 10);

INSERT INTO schedule.due_list DEFAULT VALUES;

-- When a key has to be looked at next. Microseconds since 1970, rounded down.
CREATE TABLE schedule.key_due (
  key_id     text COLLATE "C" PRIMARY KEY,
  workspace  text             NOT NULL,
  due_micros bigint           NOT NULL,
  position   bigint           NOT NULL -- of the last event of the key that the row takes into account
);
CREATE INDEX ON schedule.key_due (due_micros);
