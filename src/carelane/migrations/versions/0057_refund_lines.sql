-- What of a charge's lines a refund gave back. Suits the version now running: its refunds name no lines.
CREATE TABLE refund_lines (
  organization_id uuid NOT NULL,
  refund_id uuid NOT NULL,
  line_id uuid NOT NULL,
  quantity integer NOT NULL CHECK (quantity > 0),
  amount_cents bigint NOT NULL CHECK (amount_cents >= 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, refund_id, line_id),
  FOREIGN KEY (organization_id, refund_id) REFERENCES refunds (organization_id, id),
  FOREIGN KEY (organization_id, line_id) REFERENCES charge_lines (organization_id, id)
);
CREATE INDEX refund_lines_line_index ON refund_lines (organization_id, line_id);

-- ---------------------------------------------------------------- the two locks
GRANT SELECT, INSERT ON refund_lines TO carelane_app;
ALTER TABLE refund_lines ENABLE ROW LEVEL SECURITY;
ALTER TABLE refund_lines FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON refund_lines TO carelane_app USING (organization_id = current_organization_id());
