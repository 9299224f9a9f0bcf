"""Changing a profile, in the transaction of whoever does it."""

from typing import Any
from uuid import UUID

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, FieldProblem, RuleBrokenError
from carelane.kit.phi import DataKey
from carelane.patients.profiles import queries
from carelane.patients.profiles.queries import ProfileRow
from carelane.patients.profiles.rows import PERSON, changes_of
from carelane.patients.profiles.schemas import ProfileIn

# A case that a clinician was given, whatever became of it. One that nobody has had does not count.
LOCKING = frozenset({"ASSIGNED", "IN_PROGRESS", "APPROVED", "REJECTED", "NO_DECISION"})
_WIRE_NAMES = {"first_name": "firstName", "last_name": "lastName", "date_of_birth": "dob", "gender": "gender"}
_HELD = "cannot be changed once a clinician was given a case of the patient; ask the clinic to change it"


async def change_profile(
    conn: Connection, actor: Actor, data_key: DataKey, patient_id: UUID, profile: ProfileIn, prefix: str = ""
) -> ProfileRow:
    """The profile as it is then. All of what was said, or nothing: raises RuleBrokenError for what is held, and ConflictError when
    the record was archived or merged meanwhile."""
    before = await queries.lock_profile(conn, actor.organization_id, patient_id)
    if before is None or before.is_archived:
        raise ConflictError("the patient was archived or merged meanwhile; ask again")
    changes = changes_of(data_key, before.id, before.chart_sealed, profile)
    changed = [name for name in PERSON if name in changes and changes[name] != getattr(before, name)]
    if changed and LOCKING & set(await queries.lock_case_statuses(conn, actor.organization_id, before.id)):
        raise RuleBrokenError(problems=[FieldProblem(f"{prefix}{_WIRE_NAMES[name]}", _HELD) for name in changed])
    await save_changes(conn, actor, before.id, changes)
    return await get_profile(conn, actor, before.id)


async def save_changes(conn: Connection, actor: Actor, patient_id: UUID, changes: dict[str, Any]) -> None:
    """`changes` are columns and what they become. The patient's row must be locked."""
    await queries.update_profile(conn, actor.organization_id, patient_id, changes)
    await events.record(conn, events.new_event(actor, "PATIENT_UPDATED", None, target_id=patient_id))


async def get_profile(conn: Connection, actor: Actor, patient_id: UUID) -> ProfileRow:
    """Of a patient who is known to exist."""
    row = await queries.find_profile(conn, actor.organization_id, patient_id)
    if row is None:
        raise LookupError("the patient is gone")
    return row
