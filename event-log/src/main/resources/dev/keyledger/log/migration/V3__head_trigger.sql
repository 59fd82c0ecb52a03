-- The head moves with every append: its trigger's function is called only when it has to refuse.

DROP TRIGGER forward_only ON log.log_head;
DROP FUNCTION log.allow_forward_only();

CREATE FUNCTION log.refuse_to_go_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the head of the log never goes back' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER forward_only BEFORE UPDATE ON log.log_head
  FOR EACH ROW
  WHEN (NEW.store_id <> OLD.store_id
    OR NEW.incarnation < OLD.incarnation
    OR NEW.position < OLD.position
    OR NEW.time < OLD.time)
  EXECUTE FUNCTION log.refuse_to_go_back();
