"""Writes on tags, and giving them to patients."""

from functools import partial
from uuid import UUID

import psycopg

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, FieldProblem, RecordNotFoundError, refuse
from carelane.kit.ids import record_id, uuid7
from carelane.patients.billing.access import lock_patient
from carelane.patients.tags import queries
from carelane.patients.tags.schemas import AssignmentIn, TagIn, TagOut, TagPatch, broken_rules
from carelane.permissions import PATIENTS_WRITE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once

_KIND = "tag"
_NAME_TAKEN = "another tag has this name; expected a new one"


@requires(PATIENTS_WRITE)
async def create_tag(services: Services, actor: Actor, body: TagIn, request_key: RequestKey | None) -> TagOut:
    """Raises RuleBrokenError, ConflictError, and what `idempotency.begin` raises."""
    refuse(broken_rules(body))
    return await run_once(services, actor, request_key, partial(_create_tag, actor, body))


async def _create_tag(actor: Actor, body: TagIn, conn: Connection) -> TagOut:
    tag_id = uuid7()
    made = await queries.insert_tag(conn, actor.organization_id, tag_id, body)
    if made is None:
        raise ConflictError(_NAME_TAKEN)
    await _record(conn, actor, tag_id)
    return made


@requires(PATIENTS_WRITE)
async def update_tag(services: Services, actor: Actor, ref: str, body: TagPatch) -> TagOut:
    """Raises RuleBrokenError, RecordNotFoundError, ConflictError."""
    refuse(broken_rules(body))
    tag_id = record_id(actor.organization_id, ref)
    try:
        async with services.db.transaction(actor) as conn:
            changed = await queries.update_tag(conn, actor.organization_id, tag_id, body)
            if changed is None:
                raise RecordNotFoundError(f"no tag {ref} here")
            await _record(conn, actor, tag_id)
    except psycopg.errors.UniqueViolation:
        raise ConflictError(_NAME_TAKEN) from None
    return changed


@requires(PATIENTS_WRITE)
async def delete_tag(services: Services, actor: Actor, ref: str) -> None:
    """Takes it from all patients too. Raises RecordNotFoundError."""
    tag_id = record_id(actor.organization_id, ref)
    async with services.db.transaction(actor) as conn:
        if not await queries.delete_tag(conn, actor.organization_id, tag_id):
            raise RecordNotFoundError(f"no tag {ref} here")
        await _record(conn, actor, tag_id)


@requires(PATIENTS_WRITE)
async def assign_tags(
    services: Services, actor: Actor, ref: str, body: AssignmentIn, request_key: RequestKey | None
) -> dict[str, str]:
    """The patient `ref` has these tags and no others. Raises RuleBrokenError, RecordNotFoundError, ConflictError (archived)."""
    if record_id(actor.organization_id, body.patient_id) != record_id(actor.organization_id, ref):
        refuse([FieldProblem("patientId", "expected the patient of the path")])
    return await run_once(services, actor, request_key, partial(_assign_tags, actor, ref, body))


async def _assign_tags(actor: Actor, ref: str, body: AssignmentIn, conn: Connection) -> dict[str, str]:
    patient = await lock_patient(conn, actor, ref)
    tags = {record_id(actor.organization_id, tag_ref): tag_ref for tag_ref in body.tag_ids}
    found = await queries.lock_tags(conn, actor.organization_id, list(tags))
    if unknown := [tag_ref for tag_id, tag_ref in tags.items() if tag_id not in found]:
        raise RecordNotFoundError(f"no tag {', '.join(unknown)} here")
    await queries.set_tags(conn, actor.organization_id, patient.id, list(tags))
    await events.record(conn, events.new_event(actor, "PATIENT_UPDATED", None, target_id=patient.id))
    return {"message": f"The patient has {len(tags)} tags."}


async def _record(conn: Connection, actor: Actor, tag_id: UUID) -> None:
    await events.record(conn, events.new_event(actor, "CATALOG_CHANGED", None, target_id=tag_id, value_after=_KIND))
