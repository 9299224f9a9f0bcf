-- What a receiver answered to an attempt, how it begins. Suits the version now running: it writes none.
ALTER TABLE webhook_attempts ADD COLUMN answer_sealed bytea;

-- Instalments and invoices are told of. The version now running knows no invoice to send: until the new workers run, listeners of
-- INVOICE_STATUS_UPDATE get it without `data`.
CREATE OR REPLACE FUNCTION alert_type(type text, actor_kind text, value_before text, value_after text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE
    WHEN type = 'PATIENT_CREATED' THEN type
    WHEN type IN ('PATIENT_UPDATED', 'PATIENT_ARCHIVED', 'PATIENT_MERGED', 'PATIENT_UNMERGED') THEN 'PATIENT_UPDATED'
    WHEN type IN ('CHARGE_CREATED', 'PAYMENT_FAILED', 'REFUND_CREATED', 'REFUND_FAILED', 'ADJUSTMENT_CREATED',
      'PLANNED_PAYMENT_SUCCEEDED', 'PLANNED_PAYMENT_FAILED', 'INVOICE_UPDATED') THEN type
    WHEN type IN ('INVOICE_SENT', 'INVOICE_NOT_DELIVERED', 'INVOICE_STATUS_CHANGED') THEN 'INVOICE_STATUS_UPDATE'
    WHEN type = 'PAYMENT_ADDED' THEN 'PAYMENT_CREATED'
    WHEN type = 'PAYMENT_COMPLETED' THEN 'PAYMENT_SUCCEEDED'
    WHEN type = 'REFUND_COMPLETED' THEN 'REFUND_SUCCEEDED'
    WHEN type = 'ADD_FORM_RESPONSE' THEN 'FORM_SUBMITTED'
    WHEN type = 'CALENDAR_EVENT_CREATED' THEN
      CASE actor_kind WHEN 'patient' THEN 'SELF_SCHEDULED_APPOINTMENT' ELSE 'APPOINTMENT_SCHEDULED' END
    WHEN type = 'CALENDAR_EVENT_CANCELED' THEN
      CASE actor_kind WHEN 'patient' THEN 'SELF_SCHEDULED_APPOINTMENT_CANCELLED' ELSE 'APPOINTMENT_CANCELLED' END
    WHEN type = 'CALENDAR_EVENT_RESCHEDULED' AND actor_kind = 'patient' THEN 'SELF_SCHEDULED_APPOINTMENT_UPDATED'
    WHEN type IN ('CALENDAR_EVENT_RESCHEDULED', 'CALENDAR_EVENT_NO_SHOW', 'CALENDAR_EVENT_NO_SHOW_REMOVED')
      THEN 'APPOINTMENT_UPDATED'
    WHEN type = 'CATALOG_CHANGED' AND value_after = 'item' THEN 'ITEM_' || coalesce(value_before, 'UPDATED')
  END;

-- As before; that an invoice's status moved by it is an event of the same transaction.
CREATE OR REPLACE FUNCTION follow_invoices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM invoices v
  WHERE v.organization_id = NEW.organization_id AND v.id IN (
    SELECT i.invoice_id FROM invoice_charges i WHERE i.organization_id = NEW.organization_id AND i.charge_id = NEW.id)
  ORDER BY v.id FOR NO KEY UPDATE;
  IF FOUND THEN
    WITH moved AS (
      UPDATE invoices v SET paid_at = CASE WHEN s.is_over AND NOT s.is_given_up THEN coalesce(v.paid_at, now()) END,
        canceled_at = CASE WHEN s.is_over AND s.is_given_up THEN coalesce(v.canceled_at, now()) END
      FROM (
        SELECT i.invoice_id, bool_and(c.outstanding_cents <= 0) AS is_over,
          bool_and(c.status IN ('VOID', 'WRITE_OFF')) AS is_given_up
        FROM invoice_charges n
        JOIN invoice_charges i ON i.organization_id = n.organization_id AND i.invoice_id = n.invoice_id
        JOIN charges c ON c.organization_id = i.organization_id AND c.id = i.charge_id
        WHERE n.organization_id = NEW.organization_id AND n.charge_id = NEW.id
        GROUP BY i.invoice_id) s
      JOIN invoices o ON o.organization_id = NEW.organization_id AND o.id = s.invoice_id
      WHERE v.organization_id = NEW.organization_id AND v.id = s.invoice_id
      RETURNING v.id, v.is_test, o.set_status AS value_before, v.set_status AS value_after)
    INSERT INTO events (organization_id, id, type, actor_kind, target_id, is_test, value_before, value_after)
    SELECT NEW.organization_id, uuid7(), 'INVOICE_STATUS_CHANGED', 'system', m.id, m.is_test, m.value_before, m.value_after
    FROM moved m WHERE m.value_before <> m.value_after;
  END IF;
  RETURN NULL;
END $$;
