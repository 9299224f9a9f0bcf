"""Every SQL statement about merges."""

from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.kit.db import Connection
from carelane.patients.merging.schemas import MergeOut

# What is a patient's: the kind, the table, the column. Carts first, then what is made of carts: whoever makes a quote or a charge
# holds the cart's row, and is waited for there. A case before its payments, and those before charges, as money is moved.
_MOVED: tuple[tuple[LiteralString, LiteralString, LiteralString], ...] = (
    ("carts", "carts", "patient_id"),
    ("quotes", "quotes", "patient_id"),
    ("cases", "cases", "patient_id"),
    ("formResponses", "form_responses", "patient_id"),
    ("comments", "comments", "author_patient_id"),
    ("attachments", "attachments", "uploaded_by_patient_id"),
    ("payments", "payments", "patient_id"),
    ("paymentsMade", "payments", "created_by_patient_id"),
    ("charges", "charges", "patient_id"),
    ("invoices", "invoices", "patient_id"),
    ("quickNotes", "quick_notes", "patient_id"),
    ("credits", "patient_credits", "patient_id"),
    ("patients", "patients", "merged_into_id"),
)


class Mergeable(msgspec.Struct, frozen=True):
    """A patient, as a merge must know it."""

    id: UUID
    name: str
    mailbox: str | None
    merged_into: str | None
    is_archived: bool


class Merge(msgspec.Struct, frozen=True):
    """A merge whose row is locked. `kept_into`: the record that the one that stayed was merged into since."""

    id: UUID
    kept_id: UUID
    merged_id: UUID
    merged_name: str
    was_archived: bool
    is_undone: bool
    kept_into: str | None


_FIND: LiteralString = """
SELECT p.id, coalesce(p.given_id, p.id::text), p.mailbox, (
    SELECT coalesce(k.given_id, k.id::text) FROM patients k
    WHERE k.organization_id = p.organization_id AND k.id = p.merged_into_id), p.archived_at IS NOT NULL
FROM patients p WHERE p.organization_id = %(organization_id)s AND p.id = ANY(%(ids)s) ORDER BY p.id
"""
# With all that were merged into them, which may change hands too: always in one order. Leaves those who make something of the
# patients' carts to their work.
_CLAIM: LiteralString = """
SELECT p.id FROM patients p
WHERE p.organization_id = %(organization_id)s AND (p.id = ANY(%(ids)s) OR p.merged_into_id = ANY(%(ids)s))
ORDER BY p.id FOR NO KEY UPDATE
"""
# Whoever makes a cart shares this lock, and finds the other record when it is free again (the trigger `follow_merge`).
_LOCK_MAKING: LiteralString = """
SELECT pg_advisory_xact_lock(hashtextextended('merged ' || %s::uuid || ' ' || %s::uuid, 0))
"""
_INSERT: LiteralString = """
INSERT INTO patient_merges (organization_id, id, kept_id, merged_id, was_archived, merged_by_id)
VALUES (%(organization_id)s, %(merge_id)s, %(kept_id)s, %(merged_id)s, %(was_archived)s, %(actor_id)s)
"""
_MERGE: LiteralString = """
UPDATE patients SET merged_into_id = %(kept_id)s, archived_at = coalesce(archived_at, now()), updated_at = now()
WHERE organization_id = %(organization_id)s AND id = %(merged_id)s
"""
# Whoever guessed at one's bill has guessed at the other's, and no link that was closed opens again: the stricter of the two counts.
# The merged record's own row stays, and counts again once the merge is undone.
_KEEP_TRIES: LiteralString = """
INSERT INTO bill_pages AS g (organization_id, patient_id, link_version, failed_verifications, wrong_verifications,
  verification_locks, verification_unlocks_at, verification_closed_at)
SELECT m.organization_id, %(kept_id)s, m.link_version, m.failed_verifications, m.wrong_verifications, m.verification_locks,
  m.verification_unlocks_at, m.verification_closed_at
FROM bill_pages m WHERE m.organization_id = %(organization_id)s AND m.patient_id = %(merged_id)s
ON CONFLICT (organization_id, patient_id) DO UPDATE SET
  link_version = greatest(g.link_version, excluded.link_version),
  failed_verifications = greatest(g.failed_verifications, excluded.failed_verifications),
  wrong_verifications = greatest(g.wrong_verifications, excluded.wrong_verifications),
  verification_locks = greatest(g.verification_locks, excluded.verification_locks),
  verification_unlocks_at = greatest(g.verification_unlocks_at, excluded.verification_unlocks_at),
  verification_closed_at = coalesce(g.verification_closed_at, excluded.verification_closed_at)
"""
_END_SESSIONS: LiteralString = """
DELETE FROM sessions WHERE organization_id = %(organization_id)s AND patient_id = %(merged_id)s
"""
_FIND_PAIR: LiteralString = """
SELECT m.kept_id, m.merged_id FROM patient_merges m WHERE m.organization_id = %(organization_id)s AND m.id = %(merge_id)s
"""
_LOCK_MERGE: LiteralString = """
SELECT m.id, m.kept_id, m.merged_id, coalesce(r.given_id, r.id::text), m.was_archived, m.undone_at IS NOT NULL, (
    SELECT coalesce(o.given_id, o.id::text) FROM patients o WHERE o.organization_id = k.organization_id AND o.id = k.merged_into_id)
FROM patient_merges m
JOIN patients k ON k.organization_id = m.organization_id AND k.id = m.kept_id
JOIN patients r ON r.organization_id = m.organization_id AND r.id = m.merged_id
WHERE m.organization_id = %(organization_id)s AND m.id = %(merge_id)s FOR UPDATE OF m
"""
_SPLIT: LiteralString = """
UPDATE patients SET merged_into_id = NULL, archived_at = CASE WHEN %(was_archived)s THEN archived_at END, updated_at = now()
WHERE organization_id = %(organization_id)s AND id = %(merged_id)s
"""
_SET_UNDONE: LiteralString = """
UPDATE patient_merges SET undone_at = now(), undone_by_id = %(actor_id)s
WHERE organization_id = %(organization_id)s AND id = %(merge_id)s
"""
_SHOWN: LiteralString = """
SELECT json_build_object('id', m.id, 'keptId', coalesce(k.given_id, k.id::text), 'mergedId', coalesce(r.given_id, r.id::text),
  'mergedAt', m.merged_at, 'undoneAt', m.undone_at, 'moved', coalesce((
    SELECT json_object_agg(n.kind, n.moved) FROM (
      SELECT v.kind, count(*) AS moved FROM patient_merge_moves v
      WHERE v.organization_id = m.organization_id AND v.merge_id = m.id GROUP BY v.kind) n), '{}'))::text
FROM patient_merges m
JOIN patients k ON k.organization_id = m.organization_id AND k.id = m.kept_id
JOIN patients r ON r.organization_id = m.organization_id AND r.id = m.merged_id
WHERE m.organization_id = %(organization_id)s
"""
_BY_ID: LiteralString = _SHOWN + " AND m.id = %(merge_id)s"
_OF_PATIENT: LiteralString = (
    _SHOWN + " AND %(patient_id)s IN (m.kept_id, m.merged_id) ORDER BY m.merged_at DESC, m.id DESC LIMIT %(most)s"
)


def _move(kind: LiteralString, table: LiteralString, column: LiteralString) -> LiteralString:
    return f"""
WITH moved AS (
  UPDATE {table} SET {column} = %(kept_id)s WHERE organization_id = %(organization_id)s AND {column} = %(merged_id)s RETURNING id
)
INSERT INTO patient_merge_moves (organization_id, merge_id, kind, record_id)
SELECT %(organization_id)s, %(merge_id)s, '{kind}', id FROM moved
"""


def _move_back(kind: LiteralString, table: LiteralString, column: LiteralString) -> LiteralString:
    return f"""
UPDATE {table} t SET {column} = %(merged_id)s FROM patient_merge_moves v
WHERE v.organization_id = %(organization_id)s AND v.merge_id = %(merge_id)s AND v.kind = '{kind}'
  AND t.organization_id = v.organization_id AND t.id = v.record_id AND t.{column} = %(kept_id)s
"""


async def find_patients(conn: Connection, organization_id: UUID, ids: list[UUID]) -> dict[UUID, Mergeable]:
    cursor = await conn.execute(_FIND, {"organization_id": organization_id, "ids": ids})
    return {row[0]: Mergeable(*row) for row in await cursor.fetchall()}


async def claim_patients(conn: Connection, organization_id: UUID, ids: list[UUID]) -> None:
    """Until the transaction ends nobody else changes or merges them."""
    await conn.execute(_CLAIM, {"organization_id": organization_id, "ids": ids})


async def lock_making_of_carts(conn: Connection, organization_id: UUID, patient_id: UUID) -> None:
    """Until the transaction ends nobody makes a cart for this patient."""
    await conn.execute(_LOCK_MAKING, (organization_id, patient_id))


async def insert_merge(
    conn: Connection, organization_id: UUID, merge_id: UUID, kept: Mergeable, merged: Mergeable, actor_id: UUID | None
) -> None:
    """Raises UniqueViolation when the second is merged already."""
    values = _values(organization_id, merge_id, kept.id, merged.id)
    await conn.execute(_INSERT, values | {"was_archived": merged.is_archived, "actor_id": actor_id})


async def set_owner(conn: Connection, organization_id: UUID, merge_id: UUID, kept_id: UUID, merged_id: UUID) -> None:
    """All that is the second's becomes the first's, and it is written down what."""
    values = _values(organization_id, merge_id, kept_id, merged_id)
    for kind in _MOVED:
        await conn.execute(_move(*kind), values)
    await conn.execute(_KEEP_TRIES, values)


async def set_merged(conn: Connection, organization_id: UUID, merge_id: UUID, kept_id: UUID, merged_id: UUID) -> None:
    """The second is archived, and its id stands for the first. Its sessions end."""
    values = _values(organization_id, merge_id, kept_id, merged_id)
    await conn.execute(_MERGE, values)
    await conn.execute(_END_SESSIONS, values)


async def lock_merge(conn: Connection, organization_id: UUID, merge_id: UUID) -> Merge | None:
    """Claims its two patients first, as merging does."""
    values = {"organization_id": organization_id, "merge_id": merge_id}
    pair = await (await conn.execute(_FIND_PAIR, values)).fetchone()
    if pair is None:
        return None
    await claim_patients(conn, organization_id, list(pair))
    row = await (await conn.execute(_LOCK_MERGE, values)).fetchone()
    return Merge(*row) if row else None


async def set_undone(conn: Connection, organization_id: UUID, merge: Merge, actor_id: UUID | None) -> None:
    """What was moved is moved back, and nothing else. The rows of both patients must be locked."""
    values = _values(organization_id, merge.id, merge.kept_id, merge.merged_id)
    for kind in _MOVED:
        await conn.execute(_move_back(*kind), values)
    await conn.execute(_SPLIT, values | {"was_archived": merge.was_archived})
    await conn.execute(_SET_UNDONE, values | {"actor_id": actor_id})


async def get_merge(conn: Connection, organization_id: UUID, merge_id: UUID) -> MergeOut:
    row = await (await conn.execute(_BY_ID, {"organization_id": organization_id, "merge_id": merge_id})).fetchone()
    if row is None:
        raise LookupError("a merge that was there a moment ago")
    return msgspec.json.decode(row[0], type=MergeOut)


async def list_merges(conn: Connection, organization_id: UUID, patient_id: UUID, most: int) -> list[MergeOut]:
    values = {"organization_id": organization_id, "patient_id": patient_id, "most": most}
    return [
        msgspec.json.decode(row[0], type=MergeOut) for row in await (await conn.execute(_OF_PATIENT, values)).fetchall()
    ]


def _values(organization_id: UUID, merge_id: UUID, kept_id: UUID, merged_id: UUID) -> dict[str, object]:
    return {"organization_id": organization_id, "merge_id": merge_id, "kept_id": kept_id, "merged_id": merged_id}
