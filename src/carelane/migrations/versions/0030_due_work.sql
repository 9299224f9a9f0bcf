-- Which queues of the worker have anything due, by their names. A claim judges more narrowly: who is in flight already, and whose
-- turn it is. Each looks into the index that its claim looks into. In plpgsql, which keeps its plan for the session.
GRANT CREATE ON SCHEMA public TO carelane_system;
CREATE FUNCTION list_due_work() RETURNS SETOF text
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN QUERY
  SELECT 'event' WHERE EXISTS (SELECT FROM events e WHERE e.dispatched_at IS NULL)
  UNION ALL SELECT 'assignment' WHERE EXISTS (SELECT FROM find_unassigned(1, '{}'))
  UNION ALL SELECT 'decision' WHERE EXISTS (SELECT FROM organizations o CROSS JOIN LATERAL (
    SELECT FROM pending_decisions d
    WHERE d.organization_id = o.id AND d.status = 'PENDING' AND d.next_at <= now() LIMIT 1) n)
  UNION ALL SELECT 'order' WHERE EXISTS (SELECT FROM pharmacies p CROSS JOIN LATERAL (
    SELECT FROM orders r
    WHERE r.organization_id = p.organization_id AND r.pharmacy_id = p.id AND r.next_step_at <= now() LIMIT 1) n)
    OR EXISTS (SELECT FROM organizations o CROSS JOIN LATERAL (
    SELECT FROM orders r WHERE r.organization_id = o.id AND r.pharmacy_id IS NULL AND r.next_step_at <= now() LIMIT 1) n)
  UNION ALL SELECT 'payment' WHERE EXISTS (SELECT FROM organizations o CROSS JOIN LATERAL (
    SELECT FROM payments y WHERE y.organization_id = o.id AND y.next_step_at <= now() LIMIT 1) n)
  UNION ALL SELECT 'gateway_event' WHERE EXISTS (SELECT FROM organizations o CROSS JOIN LATERAL (
    SELECT FROM gateway_events g WHERE g.organization_id = o.id AND g.due_at <= now() LIMIT 1) n)
  UNION ALL SELECT 'delivery' WHERE EXISTS (SELECT FROM webhook_endpoints w CROSS JOIN LATERAL (
    SELECT FROM webhook_deliveries d WHERE d.organization_id = w.organization_id AND d.endpoint_id = w.id
      AND d.status = 'PENDING' AND d.next_attempt_at <= now() LIMIT 1) n WHERE w.disabled_at IS NULL)
  UNION ALL SELECT 'message' WHERE EXISTS (SELECT FROM organizations o CROSS JOIN LATERAL (
    SELECT FROM messages m
    WHERE m.organization_id = o.id AND m.status IN ('QUEUED', 'SENDING') AND m.due_at <= now() LIMIT 1) n)
  UNION ALL SELECT 'timed_job' WHERE EXISTS (SELECT FROM timed_jobs j WHERE j.due_at <= now()
    OR j.began_at > now() + interval '1 minute' OR j.claim_id IS NULL AND j.ended_at > now() + interval '1 minute');
END $$;
ALTER FUNCTION list_due_work() OWNER TO carelane_system;
REVOKE EXECUTE ON FUNCTION list_due_work() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION list_due_work() TO carelane_app;
REVOKE CREATE ON SCHEMA public FROM carelane_system;
