-- Finds the keys that an operator issued or imported, for revocations that cascade: the actor of a key's first event.

CREATE INDEX event_issued_by ON log.event (actor_id, stream_id)
  WHERE sequence = 0 AND stream_kind = 'key' AND actor_type = 'operator';
