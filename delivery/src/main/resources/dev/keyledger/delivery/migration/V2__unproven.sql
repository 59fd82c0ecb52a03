-- Unproven: its latest attempt did not succeed at once; a new webhook has had none.
ALTER TABLE delivery.webhook RENAME COLUMN failing TO unproven;
ALTER TABLE delivery.webhook ALTER COLUMN unproven SET DEFAULT true;
