-- What a million cases showed. Suits the version now running.

-- Two orders of the table of patients that read all of them.
CREATE INDEX patients_mailbox_order_index ON patients (organization_id, mailbox, id) WHERE archived_at IS NULL;
CREATE INDEX patients_external_order_index ON patients (organization_id, external_id, id) WHERE archived_at IS NULL;

-- Old messages and callbacks are deleted by where they lie: joined with a batch of unknown size, the planner read all that are old
-- for each batch (462,000 pages for 500 messages, 98,000 for 500 callbacks). As before otherwise: one that moved meanwhile is left
-- for the next batch.

CREATE OR REPLACE FUNCTION remove_message_contents(older_than interval, most integer) RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH removed AS (
    UPDATE messages m SET content_sealed = NULL
    WHERE m.ctid = ANY(ARRAY(
        SELECT o.ctid FROM messages o
        WHERE o.settled_at < now() - older_than AND o.content_sealed IS NOT NULL ORDER BY o.settled_at LIMIT most))
      AND m.settled_at < now() - older_than
    RETURNING 1)
  SELECT count(*)::integer FROM removed
$$;
CREATE OR REPLACE FUNCTION delete_old_messages(older_than interval, most integer) RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH deleted AS (
    DELETE FROM messages m
    WHERE m.ctid = ANY(ARRAY(
        SELECT o.ctid FROM messages o WHERE o.settled_at < now() - older_than ORDER BY o.settled_at LIMIT most))
      AND m.settled_at < now() - older_than
    RETURNING 1)
  SELECT count(*)::integer FROM deleted
$$;
CREATE OR REPLACE FUNCTION delete_old_callbacks(keep interval, most integer) RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (
    DELETE FROM pharmacy_callbacks g WHERE g.ctid = ANY(ARRAY(
      SELECT b.ctid FROM pharmacy_callbacks b
      WHERE b.applied_at < oldest_kept(keep) AND b.status IN ('APPLIED', 'LATE', 'DISMISSED')
        AND NOT EXISTS (SELECT FROM orders o WHERE o.organization_id = b.organization_id AND o.id = b.order_id
          AND NOT order_is_over(o.status, o.failure, o.resolved_at))
      ORDER BY b.applied_at LIMIT most FOR UPDATE OF b SKIP LOCKED))
    RETURNING 1)
  SELECT count(*)::integer FROM gone
$$;
