"""SQL that finds cases in the order of the queue, whatever it is filtered by. `cases` is `c` in all of it."""

from functools import lru_cache
from typing import LiteralString

from carelane.cases.states import CaseStatus

# Up to so many are looked at one by one, rather than looked for in the queue.
MOST_FEW = 2_000

# Statements that are kept: for each set of states and of filters that somebody asked for.
MOST_KEPT = 500

UNDECIDED_STATUSES: frozenset[CaseStatus] = frozenset({"OPEN", "ASSIGNED", "IN_PROGRESS", "NO_DECISION"})
UNDECIDED: LiteralString = "c.status IN ('OPEN', 'ASSIGNED', 'IN_PROGRESS', 'NO_DECISION') AND NOT c.is_archived"

# As it was found before: once for all that a page asks.
SOONER: LiteralString = """
WITH sooner AS MATERIALIZED (
  SELECT * FROM unnest(%(sooner_ids)s::uuid[], %(sooner_ends)s::timestamptz[], %(sooner_reasons)s::text[]) s (case_id, ends, reason))
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

_STATUS_WORDS: dict[CaseStatus, LiteralString] = {
    "OPEN": "'OPEN'",
    "ASSIGNED": "'ASSIGNED'",
    "IN_PROGRESS": "'IN_PROGRESS'",
    "NO_DECISION": "'NO_DECISION'",
    "APPROVED": "'APPROVED'",
    "REJECTED": "'REJECTED'",
    "ABANDONED": "'ABANDONED'",
}
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


@lru_cache(MOST_KEPT)
def found(conditions: tuple[str, ...], statuses: tuple[CaseStatus, ...], *, is_onward: bool) -> LiteralString:
    """The first of each state, read off the index in order, those among them that run out sooner put in their place.

    However many cases there are, no more are read than asked for, and what the filters leave out before.
    """
    further = "".join(f" AND {_CONDITIONS[name]}" for name in conditions)
    rare = next((name for name in _FEW if name in conditions), None)
    walk = _walk(further, statuses, is_onward=is_onward)
    if rare is None:
        return walk
    return f"""
  WITH few AS MATERIALIZED ({_FEW[rare]} LIMIT %(most_few)s + 1)
  SELECT w.* FROM (
    SELECT w.* FROM {_looked_up(further, is_onward=is_onward)} WHERE (SELECT count(*) FROM few) <= %(most_few)s
    UNION ALL
    SELECT w.* FROM ({walk}) w WHERE (SELECT count(*) FROM few) > %(most_few)s) w
  ORDER BY w.ends, w.id LIMIT %(most)s
"""


def _walk(further: LiteralString, statuses: tuple[CaseStatus, ...], *, is_onward: bool) -> LiteralString:
    """A part for each state, all of them in order, so that they are merged and no more is read of them than is shown."""
    by_promise: LiteralString = (
        " AND (c.due_at, c.id) > (%(after_ends)s::timestamptz, %(after_id)s)" if is_onward else ""
    )
    by_other: LiteralString = (
        " AND (h.ends, h.case_id) > (%(after_ends)s::timestamptz, %(after_id)s)" if is_onward else ""
    )
    each: list[LiteralString] = [
        f"""(SELECT c.*, c.due_at AS ends, 'PROMISE' AS reason FROM cases c
   WHERE c.organization_id = %(organization_id)s AND c.is_archived = %(is_archived)s AND c.status = {_STATUS_WORDS[status]}
     AND c.id NOT IN (SELECT h.case_id FROM sooner h){further}{by_promise}
   ORDER BY c.due_at, c.id LIMIT %(most)s)"""
        for status in statuses
    ]
    early: LiteralString = f"""(SELECT c.*, h.ends, h.reason FROM (SELECT * FROM sooner s ORDER BY s.ends, s.case_id) h, LATERAL (
     SELECT * FROM cases k WHERE k.organization_id = %(organization_id)s AND k.id = h.case_id LIMIT 1) c
   WHERE c.is_archived = %(is_archived)s AND c.status = ANY(%(statuses)s::text[]){further}{by_other}
   ORDER BY h.ends, h.case_id LIMIT %(most)s)"""
    parts: LiteralString = " UNION ALL ".join([*each, early])
    return f"SELECT w.* FROM ({parts}) w ORDER BY w.ends, w.id LIMIT %(most)s"


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
