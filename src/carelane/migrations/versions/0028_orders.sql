-- What needs a person among orders and callbacks, and what that person did about it. Suits the version now running: it knows no
-- callback that was dismissed and reads neither column.

ALTER TABLE orders
  -- Somebody looked at it after it came to nothing, or was put beside another order; what was found out is sealed.
  ADD resolved_at timestamptz,
  ADD resolution_sealed bytea;
-- What was refused before this is not put before anybody. Row-level security holds for the owner, too.
ALTER TABLE orders NO FORCE ROW LEVEL SECURITY;
UPDATE orders SET resolved_at = now() WHERE status = 'REJECTED' AND failure IS NULL;
ALTER TABLE orders FORCE ROW LEVEL SECURITY;

-- The board: each column by its state, of one pharmacy or all, tests apart; and what needs a person, which is little.
CREATE INDEX orders_board_index ON orders (organization_id, is_test, status, id);
CREATE INDEX orders_pharmacy_board_index ON orders (organization_id, pharmacy_id, is_test, status, id);
CREATE INDEX orders_attention_index ON orders (organization_id, is_test, id)
  WHERE status = 'NEEDS_ATTENTION' OR (status IN ('REJECTED', 'CANCELED') AND resolved_at IS NULL
    AND (status = 'REJECTED' OR failure IS NOT NULL));

ALTER TABLE pharmacy_callbacks
  ADD dismissal_sealed bytea,
  DROP CONSTRAINT pharmacy_callbacks_status_check,
  ADD CONSTRAINT pharmacy_callbacks_status_check
    CHECK (status IN ('STORED', 'APPLIED', 'LATE', 'WAITING', 'UNREADABLE', 'DISMISSED'));
