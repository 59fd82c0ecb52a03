-- When a rotation that is not complete has to be looked at next. Microseconds since 1970, rounded down.

CREATE TABLE schedule.key_rotation (
  key_id     text COLLATE "C" PRIMARY KEY,
  workspace  text             NOT NULL,
  due_micros bigint           NOT NULL,
  position   bigint           NOT NULL -- of the last event of the key that the row takes into account
);
CREATE INDEX ON schedule.key_rotation (due_micros);
