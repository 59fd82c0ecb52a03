-- Finds the events of an actor whose contexts can be erased, past those that were erased already.

CREATE INDEX event_kept_context ON log.event (workspace, actor_type, actor_id)
  WHERE context IS NOT NULL AND type <> 'ContextErased';
