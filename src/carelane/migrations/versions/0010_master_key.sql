-- Which master key all data keys are wrapped with: no process starts with another one, and none makes a data key under another.
-- Suits the version that knows only the schema before: nothing it uses changes.

-- One row, from the first start on. A database of an older version gets it on the first start with a key that opens its data keys.
CREATE TABLE master_key (
  is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
  recorded_at timestamptz NOT NULL DEFAULT now()
);
-- Recorded once. The owner alone changes it, when the key changes.
GRANT SELECT, INSERT ON master_key TO carelane_app;
