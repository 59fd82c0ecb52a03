-- When keys were last used, as far as nodes have written it down: beside the log, and no part of it.
-- Nothing follows from it, so that no rebuild makes it anew.

CREATE TABLE log.key_last_use (
  key_id text COLLATE "C" PRIMARY KEY,
  minute integer NOT NULL -- since 1970
) WITH (fillfactor = 50); -- room for each key's next version of its row within its page
