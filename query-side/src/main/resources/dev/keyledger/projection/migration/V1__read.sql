-- What is derived from the log for lists. Everything here can be rebuilt from schema log.
-- A change of what rows hold empties its tables and sets position to 0 and shown_from to the head.

CREATE TABLE read.projection (
  name       text   PRIMARY KEY,
  position   bigint NOT NULL DEFAULT 0 CHECK (position >= 0),
  shown_from bigint NOT NULL CHECK (shown_from >= 0), -- before this position it would show half
  owner      text,                                    -- the node that moves it
  claimed_at timestamptz,
  CONSTRAINT projection_claim_whole CHECK ((owner IS NULL) = (claimed_at IS NULL))
) WITH (fillfactor = 10);

INSERT INTO read.projection (name, shown_from)
SELECT names.name, log_head.position
FROM log.log_head, (VALUES ('directory'), ('audit')) AS names(name);

-- One row for each key. Times are microseconds since 1970, rounded up, as bigint: a key's times may
-- lie outside of what timestamptz can hold.
CREATE TABLE read.directory (
  key_id            text COLLATE "C" PRIMARY KEY,
  workspace         text COLLATE "C" NOT NULL,
  created_position  bigint           NOT NULL,
  position          bigint           NOT NULL,
  owner_type        text             NOT NULL,
  owner_id          text COLLATE "C" NOT NULL,
  environment       text             NOT NULL,
  state             text             NOT NULL,
  not_before_micros bigint,
  expires_at_micros bigint,
  issued_by_type    text             NOT NULL,
  issued_by_id      text COLLATE "C",
  permissions       text[]           NOT NULL,
  name_folded       text COLLATE "C" NOT NULL,
  view              bytea            NOT NULL -- the whole key as its events add up
);
CREATE INDEX ON read.directory (workspace, created_position);
CREATE INDEX ON read.directory (workspace, owner_type, owner_id, created_position);
CREATE INDEX ON read.directory (workspace, issued_by_type, issued_by_id, created_position);
CREATE INDEX ON read.directory USING gin (permissions);

-- Every expiry that a key ever had, and from when until when it had it: whoever pages through the
-- keys that expire walks through them as they were when the walk began.
CREATE TABLE read.directory_expiry (
  key_id            text COLLATE "C" NOT NULL,
  workspace         text COLLATE "C" NOT NULL,
  expires_at_micros bigint           NOT NULL,
  from_position     bigint           NOT NULL,
  until_position    bigint, -- exclusive; null: still
  PRIMARY KEY (key_id, from_position)
);
CREATE INDEX ON read.directory_expiry (workspace, expires_at_micros, key_id);

-- One row for each event of a key. What may be personal stays in log.event, where it can be erased.
CREATE TABLE read.audit (
  position    bigint           PRIMARY KEY,
  workspace   text COLLATE "C" NOT NULL,
  key_id      text COLLATE "C" NOT NULL,
  owner_type  text             NOT NULL,
  owner_id    text COLLATE "C" NOT NULL,
  actor_type  text             NOT NULL,
  actor_id    text COLLATE "C",
  type        text             NOT NULL,
  time_micros bigint           NOT NULL
);
CREATE INDEX ON read.audit (workspace, position);
CREATE INDEX ON read.audit (key_id, position);
CREATE INDEX ON read.audit (workspace, owner_type, owner_id, position);
CREATE INDEX ON read.audit (workspace, actor_type, actor_id, position);
CREATE INDEX ON read.audit (workspace, type, position);
CREATE INDEX ON read.audit (time_micros, position);
