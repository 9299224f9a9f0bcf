-- What is kept for a while only: deleted oldest first, in small batches, by a timed job (processes/retention.py). Suits the version
-- now running: nothing is deleted before the new worker has watched the clock for a day.

-- ---------------------------------------------------------------- ids that tell their time
-- As kit/ids.py makes them; PostgreSQL has its own from version 18 on. New rows then go to the right edge of each index, where
-- random ids touch a page of their own each: after a checkpoint that page is written to the log whole.
CREATE FUNCTION uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
    PLACING substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1),
    'hex')::uuid
$$;
-- The least id of a moment: whatever was made before it has a smaller one.
CREATE FUNCTION uuid7_at(moment timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN (lpad(to_hex(greatest(0, floor(extract(epoch FROM moment) * 1000))::bigint), 12, '0') || '70008000000000000000')::uuid;
-- When an id was made; of an id that does not tell: before all time.
CREATE FUNCTION uuid7_moment(id uuid) RETURNS timestamptz LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN CASE WHEN substr(id::text, 15, 1) = '7'
    THEN to_timestamp(('x' || substr(replace(id::text, '-', ''), 1, 12))::bit(48)::bigint / 1000.0) ELSE '-infinity' END;
ALTER TABLE webhook_deliveries ALTER id SET DEFAULT uuid7();

-- ---------------------------------------------------------------- how the oldest is found
-- Calls to pharmacies need no index for it: their ids tell their time, so the primary key begins with the oldest.
CREATE INDEX webhook_attempts_failed_index ON webhook_attempts (organization_id, id) WHERE failure IS NOT NULL;
CREATE INDEX webhook_deliveries_arrived_index ON webhook_deliveries (delivered_at) WHERE status = 'DELIVERED';
CREATE INDEX webhook_deliveries_given_up_index ON webhook_deliveries (created_at) WHERE status IN ('FAILED', 'CANCELED');
CREATE INDEX pharmacy_callbacks_applied_index ON pharmacy_callbacks (applied_at) WHERE applied_at IS NOT NULL;
CREATE INDEX carts_ended_index ON carts (updated_at)
  WHERE status IN ('ABANDONED', 'REJECTED', 'EXPIRED') OR status = 'DRAFT' AND archived_at IS NOT NULL;
-- Nothing is written into these two any more.
CREATE INDEX notifications_created_index ON notifications (created_at);
CREATE INDEX quote_messages_created_index ON quote_messages (created_at);

-- Each delivery leaves three dead rows: claimed, settled, deleted. A vacuum for each fiftieth of them instead of each fifth
-- keeps what stands dead at 2 % of a table that lives on what was deleted.
ALTER TABLE webhook_deliveries SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE webhook_attempts SET (autovacuum_vacuum_scale_factor = 0.02);

-- How far a job has looked; and since when the database's clock has gone evenly: what a clock that jumped calls old may be new.
ALTER TABLE timed_jobs ADD reached_at timestamptz, ADD even_since_at timestamptz;
-- One job does what these did; left behind, they would count as overdue.
DELETE FROM timed_jobs WHERE name IN ('remove_old_messages', 'delete_old_answers');

-- ---------------------------------------------------------------- what looks across organizations
GRANT CREATE ON SCHEMA public TO carelane_system;
GRANT DELETE ON webhook_deliveries TO carelane_system;
GRANT SELECT, DELETE ON webhook_attempts, order_attempts TO carelane_system;
-- A row is locked before it is deleted, for which PostgreSQL wants the right to change a column of it.
GRANT DELETE, UPDATE (applied_at) ON pharmacy_callbacks TO carelane_system;
GRANT DELETE ON notifications, quote_messages TO carelane_system;
GRANT DELETE, UPDATE (updated_at) ON carts TO carelane_system;
GRANT SELECT, DELETE ON cart_lines TO carelane_system;
CREATE POLICY system ON webhook_attempts TO carelane_system USING (true);
CREATE POLICY system ON order_attempts TO carelane_system USING (true);
CREATE POLICY system_delete ON pharmacy_callbacks TO carelane_system USING (true);
CREATE POLICY system_delete ON notifications FOR DELETE TO carelane_system USING (true);
CREATE POLICY system_delete ON carts TO carelane_system USING (true);
CREATE POLICY system ON cart_lines TO carelane_system USING (true);

-- Whatever the settings say, nothing younger than a day goes.
CREATE FUNCTION oldest_kept(keep interval) RETURNS timestamptz LANGUAGE sql STABLE
  RETURN now() - greatest(keep, interval '1 day');

-- Whether nothing more happens with an order, and nobody has to look at it.
CREATE FUNCTION order_is_over(status text, failure text, resolved_at timestamptz) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN status = 'DELIVERED' OR status IN ('REJECTED', 'CANCELED')
    AND (resolved_at IS NOT NULL OR status = 'CANCELED' AND failure IS NULL);

-- A delivery and its repeats are kept and deleted together: the event has arrived when any of them has. `arrived`: those that did;
-- otherwise those of which every try was given up or called off.
--
-- Whoever repeats a delivery holds its first one (FOR KEY SHARE): one that is held is left for the next batch, and one that we
-- hold cannot be repeated. What was committed before we held it is seen by the second look.
CREATE FUNCTION delete_deliveries(organizations uuid[], firsts uuid[], before timestamptz, arrived boolean) RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  held_organizations uuid[]; held uuid[]; over_organizations uuid[]; over_ids uuid[]; gone integer;
BEGIN
  SELECT array_agg(l.organization_id), array_agg(l.id) INTO held_organizations, held FROM (
    SELECT d.organization_id, d.id FROM unnest(organizations, firsts) f (organization_id, id)
    JOIN webhook_deliveries d ON d.organization_id = f.organization_id AND d.id = f.id
    FOR UPDATE OF d SKIP LOCKED) l;
  -- In one pass over each family: a join would be planned for ten rows.
  SELECT array_agg(l.organization_id), array_agg(l.id) INTO over_organizations, over_ids FROM (
    SELECT f.organization_id, f.id, bool_and(f.status <> 'PENDING' AND f.settled_at < before) OVER family
      AND bool_or(f.status = 'DELIVERED') OVER family = arrived AS is_over
    FROM (
      SELECT d.organization_id, d.id AS first_id, d.id, d.status, coalesce(d.delivered_at, d.created_at) AS settled_at
      FROM unnest(held_organizations, held) h (organization_id, id)
      JOIN webhook_deliveries d ON d.organization_id = h.organization_id AND d.id = h.id
      UNION ALL
      SELECT r.organization_id, r.replay_of_id, r.id, r.status, coalesce(r.delivered_at, r.created_at)
      FROM unnest(held_organizations, held) h (organization_id, id)
      JOIN webhook_deliveries r ON r.organization_id = h.organization_id AND r.replay_of_id = h.id) f
    WINDOW family AS (PARTITION BY f.organization_id, f.first_id)) l
  WHERE l.is_over;
  DELETE FROM webhook_attempts a USING unnest(over_organizations, over_ids) o (organization_id, id)
    WHERE a.organization_id = o.organization_id AND a.delivery_id = o.id;
  DELETE FROM webhook_deliveries d USING unnest(over_organizations, over_ids) o (organization_id, id)
    WHERE d.organization_id = o.organization_id AND d.id = o.id;
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END $$;

CREATE FUNCTION delete_old_deliveries(keep interval, most integer) RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT delete_deliveries(array_agg(f.organization_id), array_agg(f.id), oldest_kept(keep), true) FROM (
    SELECT DISTINCT l.organization_id, l.id FROM (
      SELECT d.organization_id, coalesce(d.replay_of_id, d.id) AS id FROM webhook_deliveries d
      WHERE d.status = 'DELIVERED' AND d.delivered_at < oldest_kept(keep)
        AND NOT EXISTS (SELECT FROM webhook_deliveries r
          WHERE r.organization_id = d.organization_id AND r.replay_of_id = coalesce(d.replay_of_id, d.id)
            AND (r.status = 'PENDING' OR coalesce(r.delivered_at, r.created_at) >= oldest_kept(keep)))
        AND NOT EXISTS (SELECT FROM webhook_deliveries b
          WHERE b.organization_id = d.organization_id AND b.id = d.replay_of_id
            AND (b.status = 'PENDING' OR coalesce(b.delivered_at, b.created_at) >= oldest_kept(keep)))
      ORDER BY d.delivered_at LIMIT most) l) f
$$;

CREATE FUNCTION delete_given_up_deliveries(keep interval, most integer) RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT delete_deliveries(array_agg(f.organization_id), array_agg(f.id), oldest_kept(keep), false) FROM (
    SELECT DISTINCT l.organization_id, l.id FROM (
      SELECT d.organization_id, coalesce(d.replay_of_id, d.id) AS id FROM webhook_deliveries d
      WHERE d.status IN ('FAILED', 'CANCELED') AND d.created_at < oldest_kept(keep)
        AND NOT EXISTS (SELECT FROM webhook_deliveries r
          WHERE r.organization_id = d.organization_id AND r.replay_of_id = coalesce(d.replay_of_id, d.id)
            AND (r.status IN ('PENDING', 'DELIVERED') OR r.created_at >= oldest_kept(keep)))
        AND NOT EXISTS (SELECT FROM webhook_deliveries b
          WHERE b.organization_id = d.organization_id AND b.id = d.replay_of_id
            AND (b.status IN ('PENDING', 'DELIVERED') OR b.created_at >= oldest_kept(keep)))
      ORDER BY d.created_at LIMIT most) l) f
$$;

-- Attempts at deliveries that are kept longer; the last of each stays, for it says what became of the delivery.
CREATE FUNCTION delete_old_webhook_attempts(keep interval, most integer) RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH old AS MATERIALIZED (
    SELECT n.* FROM organizations o CROSS JOIN LATERAL (
      SELECT a.organization_id, a.id FROM webhook_attempts a
      WHERE a.organization_id = o.id AND a.id < uuid7_at(oldest_kept(keep)) AND a.created_at < oldest_kept(keep)
        -- The last attempt at what arrived is not looked at again and again: it stays.
        AND a.failure IS NOT NULL
        AND EXISTS (SELECT FROM webhook_attempts l
          WHERE l.organization_id = a.organization_id AND l.delivery_id = a.delivery_id AND l.id > a.id)
        AND EXISTS (SELECT FROM webhook_deliveries d
          WHERE d.organization_id = a.organization_id AND d.id = a.delivery_id AND d.status <> 'PENDING')
      ORDER BY a.id LIMIT most) n
    LIMIT most
  ), gone AS (
    DELETE FROM webhook_attempts a USING old WHERE a.organization_id = old.organization_id AND a.id = old.id RETURNING 1)
  SELECT count(*)::integer FROM gone
$$;

-- Calls to pharmacies about orders that are over.
CREATE FUNCTION delete_old_order_attempts(keep interval, most integer) RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH old AS MATERIALIZED (
    SELECT n.* FROM organizations g CROSS JOIN LATERAL (
      SELECT a.organization_id, a.id FROM order_attempts a
      WHERE a.organization_id = g.id AND a.id < uuid7_at(oldest_kept(keep)) AND a.created_at < oldest_kept(keep)
        AND EXISTS (SELECT FROM orders o WHERE o.organization_id = a.organization_id AND o.id = a.order_id
          AND order_is_over(o.status, o.failure, o.resolved_at))
      ORDER BY a.id LIMIT most) n
    LIMIT most
  ), gone AS (
    DELETE FROM order_attempts a USING old WHERE a.organization_id = old.organization_id AND a.id = old.id RETURNING 1)
  SELECT count(*)::integer FROM gone
$$;

-- Those that were applied, came late or were laid aside. As long as the order goes on, a message that a pharmacy repeats must be
-- known again.
CREATE FUNCTION delete_old_callbacks(keep interval, most integer) RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH old AS MATERIALIZED (
    SELECT b.organization_id, b.id FROM pharmacy_callbacks b
    WHERE b.applied_at < oldest_kept(keep) AND b.status IN ('APPLIED', 'LATE', 'DISMISSED')
      AND NOT EXISTS (SELECT FROM orders o WHERE o.organization_id = b.organization_id AND o.id = b.order_id
        AND NOT order_is_over(o.status, o.failure, o.resolved_at))
    ORDER BY b.applied_at LIMIT most FOR UPDATE OF b SKIP LOCKED
  ), gone AS (
    DELETE FROM pharmacy_callbacks b USING old WHERE b.organization_id = old.organization_id AND b.id = old.id RETURNING 1)
  SELECT count(*)::integer FROM gone
$$;

-- What is left of the outboxes of before `messages`: rows that were settled there or moved.
CREATE FUNCTION delete_old_notifications(keep interval, most integer) RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH old AS MATERIALIZED (
    SELECT n.organization_id, n.id FROM notifications n
    WHERE n.created_at < oldest_kept(keep) AND coalesce(n.sent_at, n.created_at) < oldest_kept(keep)
      AND n.status IN ('SENT', 'FAILED')
    ORDER BY n.created_at LIMIT most
  ), gone AS (
    DELETE FROM notifications n USING old WHERE n.organization_id = old.organization_id AND n.id = old.id RETURNING 1)
  SELECT count(*)::integer FROM gone
$$;
CREATE FUNCTION delete_old_quote_messages(keep interval, most integer) RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH old AS MATERIALIZED (
    SELECT m.organization_id, m.id FROM quote_messages m
    WHERE m.created_at < oldest_kept(keep) AND coalesce(m.sent_at, m.created_at) < oldest_kept(keep) AND m.status <> 'PENDING'
    ORDER BY m.created_at LIMIT most
  ), gone AS (
    DELETE FROM quote_messages m USING old WHERE m.organization_id = old.organization_id AND m.id = old.id RETURNING 1)
  SELECT count(*)::integer FROM gone
$$;

-- Carts that came to nothing and were never offered, with their lines. The cart goes first, within one statement: lines of an
-- ended cart are held by it.
CREATE FUNCTION delete_ended_carts(keep interval, most integer) RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  organizations uuid[]; held uuid[]; gone integer;
BEGIN
  SELECT array_agg(l.organization_id), array_agg(l.id) INTO organizations, held FROM (
    SELECT c.organization_id, c.id FROM carts c
    WHERE (c.status IN ('ABANDONED', 'REJECTED', 'EXPIRED') OR c.status = 'DRAFT' AND c.archived_at IS NOT NULL)
      AND c.updated_at < oldest_kept(keep)
      AND NOT EXISTS (SELECT FROM quotes q WHERE q.organization_id = c.organization_id AND q.cart_id = c.id)
    ORDER BY c.updated_at LIMIT most FOR UPDATE SKIP LOCKED) l;
  -- Once more: a quote may have been committed before we held its cart.
  WITH over AS MATERIALIZED (
    SELECT h.* FROM unnest(organizations, held) h (organization_id, id)
    WHERE NOT EXISTS (SELECT FROM quotes q WHERE q.organization_id = h.organization_id AND q.cart_id = h.id)
  ), carts_gone AS (
    DELETE FROM carts c USING over o WHERE c.organization_id = o.organization_id AND c.id = o.id RETURNING 1
  ), lines_gone AS (
    DELETE FROM cart_lines i USING over o WHERE i.organization_id = o.organization_id AND i.cart_id = o.id RETURNING 1)
  SELECT count(*) INTO gone FROM carts_gone;
  RETURN gone;
END $$;

-- As before, but so many at a time; the version now running goes on with the other.
CREATE FUNCTION delete_old_answers(keep interval, most integer) RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH old AS MATERIALIZED (
    SELECT k.organization_id, k.key_digest FROM idempotency_keys k
    WHERE k.created_at < oldest_kept(keep) ORDER BY k.created_at LIMIT most
  ), gone AS (
    DELETE FROM idempotency_keys k USING old WHERE k.organization_id = old.organization_id AND k.key_digest = old.key_digest
    RETURNING 1)
  SELECT count(*)::integer FROM gone
$$;

-- Of each kind: since when the oldest row is kept. One look into an index, or one for each organization.
CREATE FUNCTION find_oldest_rows() RETURNS TABLE (kind text, oldest_at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT 'delivery', min(delivered_at) FROM webhook_deliveries WHERE status = 'DELIVERED'
  UNION ALL SELECT 'given_up_delivery', min(created_at) FROM webhook_deliveries WHERE status IN ('FAILED', 'CANCELED')
  UNION ALL SELECT 'webhook_attempt', min(f.created_at) FROM organizations o CROSS JOIN LATERAL (
    SELECT a.created_at FROM webhook_attempts a WHERE a.organization_id = o.id ORDER BY a.id LIMIT 1) f
  UNION ALL SELECT 'order_attempt', min(f.created_at) FROM organizations o CROSS JOIN LATERAL (
    SELECT a.created_at FROM order_attempts a WHERE a.organization_id = o.id ORDER BY a.id LIMIT 1) f
  UNION ALL SELECT 'callback', min(applied_at) FROM pharmacy_callbacks WHERE applied_at IS NOT NULL
  UNION ALL SELECT 'notification', min(created_at) FROM notifications
  UNION ALL SELECT 'quote_message', min(created_at) FROM quote_messages
  UNION ALL SELECT 'message_content', min(settled_at) FROM messages WHERE content_sealed IS NOT NULL
  UNION ALL SELECT 'message', min(settled_at) FROM messages
  UNION ALL SELECT 'cart', min(updated_at) FROM carts
    WHERE status IN ('ABANDONED', 'REJECTED', 'EXPIRED') OR status = 'DRAFT' AND archived_at IS NOT NULL
  UNION ALL SELECT 'answer', min(created_at) FROM idempotency_keys
$$;

DO $$
DECLARE signature text;
BEGIN
  FOREACH signature IN ARRAY ARRAY['delete_deliveries(uuid[], uuid[], timestamptz, boolean)',
    'delete_old_deliveries(interval, integer)', 'delete_given_up_deliveries(interval, integer)',
    'delete_old_webhook_attempts(interval, integer)', 'delete_old_order_attempts(interval, integer)',
    'delete_old_callbacks(interval, integer)', 'delete_old_notifications(interval, integer)',
    'delete_old_quote_messages(interval, integer)', 'delete_ended_carts(interval, integer)',
    'delete_old_answers(interval, integer)', 'find_oldest_rows()']
  LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO carelane_system', signature);
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', signature);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO carelane_app', signature);
  END LOOP;
END $$;
-- Only by way of the two that say what is old.
REVOKE EXECUTE ON FUNCTION delete_deliveries(uuid[], uuid[], timestamptz, boolean) FROM carelane_app;
REVOKE CREATE ON SCHEMA public FROM carelane_system;
