-- What of a card payment at the desk is to follow in instalments. Suits the version now running, whose
-- payments are of no plan; but it does not know how one begins. Until no process of it is left, `paymentPlan` must not be sent.
ALTER TABLE payin_configs ADD COLUMN plan jsonb CHECK (jsonb_typeof(plan) = 'object');
