"""Making one of two records, and undoing it."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.ids import parse_uuid, record_id, uuid7
from carelane.patients.merging import queries
from carelane.patients.merging.errors import MergeNotFoundError, MergeRefusedError, PatientNotFoundError
from carelane.patients.merging.queries import Mergeable
from carelane.patients.merging.schemas import MergeIn, MergeOut
from carelane.patients.queries import lock_mailbox
from carelane.permissions import PATIENTS_MERGE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once


@requires(PATIENTS_MERGE)
async def merge_patients(
    services: Services, actor: Actor, ref: str, body: MergeIn, request_key: RequestKey | None
) -> MergeOut:
    """The patient `ref` stays; what is the other's follows.

    Raises PatientNotFoundError, MergeRefusedError, and what `run_once` raises.
    """
    return await run_once(services, actor, request_key, partial(merge_two, actor, ref, body.other_id))


@requires(PATIENTS_MERGE)
async def undo_merge(services: Services, actor: Actor, ref: str, request_key: RequestKey | None) -> MergeOut:
    """What followed goes back; what came since stays with the record that had stayed.

    Raises MergeNotFoundError, MergeRefusedError, and what `run_once` raises.
    """
    return await run_once(services, actor, request_key, partial(_undo, actor, ref))


async def merge_two(actor: Actor, kept_ref: str, merged_ref: str, conn: Connection) -> MergeOut:
    """In the transaction of whoever calls. Raises PatientNotFoundError, MergeRefusedError."""
    organization_id, merge_id = actor.organization_id, uuid7()
    kept, merged = await lock_patients(conn, actor, kept_ref, merged_ref)
    _require_mergeable(kept, merged)
    await queries.insert_merge(conn, organization_id, merge_id, kept, merged, actor.id)
    # Each of the other's carts is waited for, if somebody makes a quote or a charge of it.
    await queries.lock_making_of_carts(conn, organization_id, merged.id)
    await queries.set_owner(conn, organization_id, merge_id, kept.id, merged.id)
    await queries.set_merged(conn, organization_id, merge_id, kept.id, merged.id)
    event = events.new_event(actor, "PATIENT_MERGED", None, target_id=kept.id, value_after=merged.name)
    await events.record(conn, event)
    return await queries.get_merge(conn, organization_id, merge_id)


async def lock_patients(conn: Connection, actor: Actor, *refs: str) -> list[Mergeable]:
    """Nobody finds or makes patients by their e-mail addresses until the transaction ends, and nobody else merges them either.

    Whoever merges several pairs locks all of them first, so that two callers do not wait for each other in a ring. Raises
    PatientNotFoundError, MergeRefusedError."""
    ids = [record_id(actor.organization_id, ref) for ref in refs]
    before = await _find(conn, actor.organization_id, ids, refs)
    for mailbox in sorted({one.mailbox for one in before if one.mailbox is not None}):
        await lock_mailbox(conn, actor.organization_id, mailbox)
    await queries.claim_patients(conn, actor.organization_id, ids)
    again = await _find(conn, actor.organization_id, ids, refs)
    if [one.mailbox for one in again] != [one.mailbox for one in before]:
        raise MergeRefusedError("the patients are being changed by others at this moment; ask again")
    return again


async def _find(conn: Connection, organization_id: UUID, ids: list[UUID], refs: Sequence[str]) -> list[Mergeable]:
    found = await queries.find_patients(conn, organization_id, ids)
    if unknown := [ref for patient_id, ref in zip(ids, refs, strict=True) if patient_id not in found]:
        raise PatientNotFoundError(f"no patient {', '.join(unknown)} here")
    return [found[patient_id] for patient_id in ids]


def _require_mergeable(kept: Mergeable, merged: Mergeable) -> None:
    if kept.id == merged.id:
        raise MergeRefusedError("expected two patients; these are one")
    for one in (kept, merged):
        if one.merged_into is not None:
            raise MergeRefusedError(
                f"the patient {one.name} was merged into {one.merged_into}; name that one, or undo it"
            )
    if kept.is_archived:
        raise MergeRefusedError(f"the patient {kept.name} is archived; expected one that is not")


async def _undo(actor: Actor, ref: str, conn: Connection) -> MergeOut:
    organization_id, merge_id = actor.organization_id, parse_uuid(ref)
    merge = await queries.lock_merge(conn, organization_id, merge_id) if merge_id is not None else None
    if merge is None:
        raise MergeNotFoundError
    if merge.is_undone:
        raise MergeRefusedError("the merge is undone already")
    if merge.kept_into is not None:
        raise MergeRefusedError(f"the record that stayed was merged into {merge.kept_into} since; undo that first")
    await queries.set_undone(conn, organization_id, merge, actor.id)
    event = events.new_event(actor, "PATIENT_UNMERGED", None, target_id=merge.kept_id, value_before=merge.merged_name)
    await events.record(conn, event)
    return await queries.get_merge(conn, organization_id, merge.id)
