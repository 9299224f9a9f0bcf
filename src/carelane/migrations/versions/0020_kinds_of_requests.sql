-- A clock that was ahead locks nobody out, whatever kind of requests is counted. Suits the version that knows only the schema
-- before: the function is called as ever.

CREATE OR REPLACE FUNCTION take_requests_of_kind(organization uuid, request_kind text, window_began_at timestamptz, wanted integer, most integer)
  RETURNS TABLE (granted integer, taken integer)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE before integer;
DECLARE current_began_at timestamptz;
BEGIN
  INSERT INTO request_counts (organization_id, kind, began_at, taken) VALUES (organization, request_kind, window_began_at, 0)
    ON CONFLICT (organization_id, kind) DO NOTHING;
  SELECT w.began_at, w.taken INTO current_began_at, before
    FROM request_counts w WHERE w.organization_id = organization AND w.kind = request_kind FOR UPDATE;
  -- One that begins more than a minute later was written by a clock that was ahead.
  IF current_began_at < window_began_at OR current_began_at > window_began_at + interval '1 minute' THEN
    current_began_at := window_began_at;
    before := 0;
  END IF;
  granted := greatest(0, least(wanted, most - before));
  taken := before + granted;
  UPDATE request_counts w SET began_at = current_began_at, taken = take_requests_of_kind.taken
    WHERE w.organization_id = organization AND w.kind = request_kind;
  RETURN NEXT;
END $$;
