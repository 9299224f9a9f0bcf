"""SQL that finds cases in the order of the queue, whatever it is filtered by. `cases` is `c` in all of it."""

from functools import cache
from typing import LiteralString

# So many holds are looked at, and cases whose reader's license ends; the first to run out, if there are more.
MOST_SOONER = 1_000
# Up to so many are looked at one by one, rather than looked for in the queue.
MOST_FEW = 2_000

# The cases whose money is held, but not for a day any more.
_HOLDS: LiteralString = """
(SELECT y.case_id, i.hold_ends_at AS ends, 'HOLD' AS reason FROM payment_intents i
 JOIN payments y ON y.organization_id = i.organization_id AND y.id = i.payment_id
 WHERE i.organization_id = %(organization_id)s AND i.status = 'requires_capture' AND i.hold_ends_at <= now() + %(hurry)s
   AND y.case_id IS NOT NULL AND NOT %(is_archived)s
 ORDER BY i.hold_ends_at LIMIT %(most_sooner)s)
"""
# Those that the reader may decide, but not for a day any more.
_LICENSES: LiteralString = """
UNION ALL
(SELECT c.id, l.ends, 'LICENSE' FROM unnest(%(ending_states)s::text[], %(ending_at)s::timestamptz[]) l (state, ends),
   unnest(ARRAY['OPEN', 'ASSIGNED', 'IN_PROGRESS', 'NO_DECISION']) one (status), LATERAL (
   SELECT c.id FROM cases c
   WHERE c.organization_id = %(organization_id)s AND NOT c.is_archived AND c.status = one.status AND c.patient_state = l.state
     AND c.due_at > l.ends AND c.due_at < 'infinity' AND NOT %(is_archived)s
   ORDER BY c.due_at LIMIT %(most_sooner)s) c)
"""


UNDECIDED: LiteralString = "c.status IN ('OPEN', 'ASSIGNED', 'IN_PROGRESS', 'NO_DECISION') AND NOT c.is_archived"


# What runs out before its promise does, each case looked up once. Of licenses only who has one that ends is asked.
def sooner(*, with_licenses: bool) -> LiteralString:
    licenses: LiteralString = _LICENSES if with_licenses else ""
    return f"""
WITH sooner AS MATERIALIZED (
  SELECT n.case_id, n.ends, n.reason, c.status FROM (
    SELECT e.case_id, min(e.ends) AS ends, (array_agg(e.reason ORDER BY e.ends))[1] AS reason FROM ({_HOLDS}{licenses}) e
    GROUP BY e.case_id) n, LATERAL (
    SELECT * FROM cases k WHERE k.organization_id = %(organization_id)s AND k.id = n.case_id LIMIT 1) c
  WHERE n.ends < c.due_at AND {UNDECIDED})
"""


IS_FREE: LiteralString = (
    "(c.lease_ends_at IS NULL OR c.lease_ends_at <= now() OR c.lease_staff_id IS NOT DISTINCT FROM %(me)s::uuid)"
)
# Somebody has decided, and can undo that.
IS_HELD: LiteralString = (
    "EXISTS (SELECT FROM pending_decisions h WHERE h.organization_id = c.organization_id AND h.case_id = c.id"
    " AND h.status = 'PENDING')"
)
# The patient lives where the reader has a license, nobody else has the case or looks after it, and nobody has just decided.
IS_FIT: LiteralString = (
    "c.patient_state = ANY(%(licensed)s::text[]) AND (c.assigned_to_id IS NULL OR c.assigned_to_id = %(me)s::uuid)"
    f" AND {IS_FREE} AND NOT {IS_HELD}"
)

# One condition for each filter that is set. One that is not set must not be in the statement, which is planned once
# for all values; and what an index has none but such rows of is said in its words.
_CONDITIONS: dict[str, LiteralString] = {
    "mine": "c.assigned_to_id = %(assigned_to)s",
    "nobodys": "c.assigned_to_id IS NULL",
    "escalated": "c.is_escalated",
    "calm": "NOT c.is_escalated",
    "asked": "c.asked_patient_at IS NOT NULL",
    "unasked": "c.asked_patient_at IS NULL",
    "product": "EXISTS (SELECT FROM case_products k WHERE k.organization_id = c.organization_id AND k.case_id = c.id"
    " AND k.product_id = %(product)s)",
    "state": "c.patient_state = upper(%(state)s)",
    "fits": IS_FIT,
    "short_id": "starts_with(c.short_id, upper(%(short_id)s))",
    "other": "c.id <> %(apart_from)s",
}
# What few cases have leads to them; what many have is met soon enough on the way through the queue.
_FEW: dict[str, LiteralString] = {
    "short_id": """SELECT t.record_id AS id FROM search_tokens t WHERE t.organization_id = %(organization_id)s AND t.kind = 'case'
    AND t.token >= %(short_token)s AND t.token < %(short_token)s || U&'\\+10FFFF'""",
    "product": """SELECT k.case_id AS id FROM case_products k WHERE k.organization_id = %(organization_id)s
    AND k.product_id = %(product)s""",
}


@cache
def found(conditions: tuple[str, ...], *, is_onward: bool) -> LiteralString:
    """The first of each state, read off the index in order, those among them that run out sooner put in their place.

    However many cases there are, no more of each state is read than asked for, and what the filters leave out before.
    """
    further = "".join(f" AND {_CONDITIONS[name]}" for name in conditions)
    rare = next((name for name in _FEW if name in conditions), None)
    if rare is None:
        return f"SELECT w.* FROM {_walk(further, is_onward=is_onward)} ORDER BY w.ends, w.id LIMIT %(most)s"
    return f"""
  WITH few AS MATERIALIZED ({_FEW[rare]} LIMIT %(most_few)s + 1)
  SELECT w.* FROM (
    SELECT w.* FROM {_looked_up(further, is_onward=is_onward)} WHERE (SELECT count(*) FROM few) <= %(most_few)s
    UNION ALL
    SELECT w.* FROM {_walk(further, is_onward=is_onward)} WHERE (SELECT count(*) FROM few) > %(most_few)s) w
  ORDER BY w.ends, w.id LIMIT %(most)s
"""


def _walk(further: LiteralString, *, is_onward: bool) -> LiteralString:
    by_promise: LiteralString = (
        " AND (c.due_at, c.id) > (%(after_ends)s::timestamptz, %(after_id)s)" if is_onward else ""
    )
    by_other: LiteralString = (
        " AND (h.ends, h.case_id) > (%(after_ends)s::timestamptz, %(after_id)s)" if is_onward else ""
    )
    return f"""unnest(%(statuses)s::text[]) one (status), LATERAL (
    (SELECT c.*, c.due_at AS ends, 'PROMISE' AS reason FROM cases c
     WHERE c.organization_id = %(organization_id)s AND c.is_archived = %(is_archived)s AND c.status = one.status
       AND c.id NOT IN (SELECT h.case_id FROM sooner h){further}{by_promise}
     ORDER BY c.due_at, c.id LIMIT %(most)s)
    UNION ALL
    (SELECT c.*, h.ends, h.reason FROM (
       SELECT * FROM sooner s WHERE s.status = one.status ORDER BY s.ends, s.case_id) h, LATERAL (
       SELECT * FROM cases k WHERE k.organization_id = %(organization_id)s AND k.id = h.case_id LIMIT 1) c
     WHERE c.is_archived = %(is_archived)s{further}{by_other}
     ORDER BY h.ends, h.case_id LIMIT %(most)s)) w"""


def _looked_up(further: LiteralString, *, is_onward: bool) -> LiteralString:
    """By their ids. LIMIT 1 keeps it a look-up by key, whatever the planner believes of the table."""
    onward: LiteralString = " AND (w.ends, w.id) > (%(after_ends)s::timestamptz, %(after_id)s)" if is_onward else ""
    return f"""(
      SELECT w.* FROM (SELECT DISTINCT f.id FROM few f) f, LATERAL (
        SELECT c.*, coalesce(h.ends, c.due_at) AS ends, coalesce(h.reason, 'PROMISE') AS reason
        FROM (SELECT * FROM cases c WHERE c.organization_id = %(organization_id)s AND c.id = f.id LIMIT 1) c
        LEFT JOIN sooner h ON h.case_id = c.id
        WHERE c.is_archived = %(is_archived)s AND c.status = ANY(%(statuses)s::text[]){further}) w
      WHERE true{onward}) w"""
