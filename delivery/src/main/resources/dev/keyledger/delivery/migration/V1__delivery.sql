-- Webhooks and their deliveries. What a webhook is follows from the log; addresses and signing secrets are here alone,
-- because the log keeps what it holds forever.

CREATE TABLE delivery.reader (
  name       text   PRIMARY KEY,
  position   bigint NOT NULL CHECK (position >= 0),
  owner      text, -- the node that moves it
  claimed_at timestamptz,
  CONSTRAINT reader_claim_whole CHECK ((owner IS NULL) = (claimed_at IS NULL))
) WITH (fillfactor = 10);

INSERT INTO delivery.reader (name, position) SELECT 'deliveries', position FROM log.log_head;

-- Addresses and signing secrets, each sealed under a pepper. Events name them by their ids.
CREATE TABLE delivery.sealed_value (
  value_id       text COLLATE "C" PRIMARY KEY,
  webhook_id     text COLLATE "C" NOT NULL,
  pepper_version integer          NOT NULL,
  sealed         bytea            NOT NULL,
  created_at     timestamptz      NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON delivery.sealed_value (created_at);
CREATE INDEX ON delivery.sealed_value (pepper_version);
CREATE INDEX ON delivery.sealed_value (webhook_id);

-- The row of a webhook is locked by whoever adds, claims or finishes deliveries of it.
CREATE TABLE delivery.webhook (
  webhook_id      text COLLATE "C" PRIMARY KEY,
  workspace       text COLLATE "C" NOT NULL,
  kind            text             NOT NULL,
  types           text[],
  owner_type      text,
  owner_id        text COLLATE "C",
  target          text COLLATE "C" NOT NULL,
  secret          text COLLATE "C",
  previous_secret text COLLATE "C",
  overlap_ends_at timestamptz,
  enabled         boolean          NOT NULL DEFAULT true,
  deleted         boolean          NOT NULL DEFAULT false,
  failing         boolean          NOT NULL DEFAULT false, -- its latest attempt failed
  due_at          timestamptz -- when its next delivery is due; null: it has none
) WITH (fillfactor = 50);
CREATE INDEX ON delivery.webhook (workspace) WHERE NOT deleted;
CREATE INDEX ON delivery.webhook (due_at) WHERE enabled AND NOT deleted;
CREATE INDEX ON delivery.webhook (webhook_id) WHERE deleted;

CREATE TABLE delivery.delivery (
  number          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  delivery_id     text COLLATE "C" NOT NULL UNIQUE,
  webhook_id      text COLLATE "C" NOT NULL,
  subject         text COLLATE "C" NOT NULL, -- deliveries of the same subject keep their order
  type            text             NOT NULL,
  key_id          text COLLATE "C",
  owner_type      text,                      -- the owner of the key after the event
  owner_id        text COLLATE "C",
  position        bigint,                    -- null: a test, which is no event
  status          text             NOT NULL DEFAULT 'pending'
    CHECK (status IN ('pending', 'delivered', 'dead')),
  in_order        boolean          NOT NULL, -- whether later ones of the subject wait for it
  attempts        integer          NOT NULL DEFAULT 0,
  retries         integer          NOT NULL DEFAULT 0, -- since it became pending
  due_at          timestamptz,               -- of the next attempt; null: it waits, or is done
  lease           text,                      -- set while an attempt runs, which due_at then ends
  response_status integer,
  response_body   bytea,
  created_at      timestamptz      NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON delivery.delivery (webhook_id, number);
CREATE INDEX ON delivery.delivery (webhook_id, status, number);
CREATE INDEX ON delivery.delivery (webhook_id, due_at, number) WHERE status = 'pending' AND due_at IS NOT NULL;
CREATE INDEX ON delivery.delivery (webhook_id, subject, number) WHERE status = 'pending';
CREATE INDEX ON delivery.delivery (created_at);
