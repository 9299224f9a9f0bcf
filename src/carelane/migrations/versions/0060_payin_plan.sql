-- What of a card payment at the desk is to follow in instalments. Suits the version now running: its payments are of no plan.
ALTER TABLE payin_configs ADD COLUMN plan jsonb CHECK (jsonb_typeof(plan) = 'object');
