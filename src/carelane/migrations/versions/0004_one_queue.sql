-- One way to claim what is due, whatever it is: fair shares, leases that are renewed.

-- How many more items one organization may get now: no more than it leaves free for the others. `free` is what the claiming
-- worker has left, `in_flight` has an entry for each item that it works on. Alone, an organization gets half of a worker; two
-- get a third each; however many are busy, as much as each of them has is left for the one that comes next.
CREATE FUNCTION fair_share(free integer, in_flight uuid[], organization uuid) RETURNS integer
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN greatest(0, (free + 1 - cardinality(array_positions(in_flight, organization))) / 2);
