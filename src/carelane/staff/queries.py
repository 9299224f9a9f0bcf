"""Every SQL statement about staff."""

from typing import Literal, LiteralString
from uuid import UUID

from carelane.kit.db import Connection

# Locking the staff row alone would not do: a worker that waited for it would go on with the order it saw before the wait,
# and give the same member a case twice in a row. So the rota is locked as a whole, in a statement of its own, and the next
# statement sees whatever the holder before wrote. NO KEY: rows that refer to the organization can be written meanwhile.
_LOCK_ROTA: LiteralString = "SELECT FROM organizations WHERE id = %s FOR NO KEY UPDATE"

# For `round_robin` the first ORDER BY expression is null for everybody, and the wait decides. The wall clock,
# not now(): a transaction that began earlier may come to its turn later.
_TAKE_TURN: LiteralString = """
UPDATE staff SET last_assigned_at = clock_timestamp()
WHERE organization_id = %(organization_id)s AND id = (
  SELECT s.id FROM staff s
  WHERE s.organization_id = %(organization_id)s AND s.role = 'CASEWORKER' AND s.takes_cases AND s.deactivated_at IS NULL
  ORDER BY
    CASE WHEN %(policy)s = 'least_loaded' THEN (
      SELECT count(*) FROM cases c
      WHERE c.organization_id = s.organization_id AND c.assigned_to_id = s.id
        AND c.status IN ('ASSIGNED', 'IN_PROGRESS') AND NOT c.is_archived) END,
    s.last_assigned_at NULLS FIRST, s.id
  LIMIT 1)
RETURNING id
"""


def person_json(record: LiteralString, staff_column: LiteralString, patient_column: LiteralString) -> LiteralString:
    """SQL for who did something, staff or patient, as the dialect's "Basic User"; `record` is the table's name there."""
    return (
        """
(SELECT json_build_object('id', u.id, 'firstName', u.first_name, 'lastName', u.last_name) FROM (
   SELECT s.id, s.first_name, s.last_name FROM staff s
   WHERE s.organization_id = """
        + record
        + ".organization_id AND s.id = "
        + record
        + "."
        + staff_column
        + """
   UNION ALL
   SELECT p.id, p.first_name, p.last_name FROM patients p
   WHERE p.organization_id = """
        + record
        + ".organization_id AND p.id = "
        + record
        + "."
        + patient_column
        + ") u)"
    )


AssignmentPolicy = Literal["none", "round_robin", "least_loaded"]


async def lock_next_assignee(conn: Connection, organization_id: UUID, policy: AssignmentPolicy) -> UUID | None:
    """The member whose turn it is, marked as assigned now; None when the policy is `none` or the rota is empty.

    The rota stays locked until the transaction ends, so the case must be given to the member in the same one.
    """
    if policy == "none":
        return None
    await conn.execute(_LOCK_ROTA, (organization_id,))
    cursor = await conn.execute(_TAKE_TURN, {"organization_id": organization_id, "policy": policy})
    row = await cursor.fetchone()
    return row[0] if row else None
