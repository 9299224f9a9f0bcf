"""Writes on tags, and giving them to patients."""

from uuid import UUID

import psycopg

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, FieldProblem, RecordNotFoundError, RuleBrokenError
from carelane.kit.ids import record_id, uuid7
from carelane.patients.billing.queries import lock_known
from carelane.patients.tags import queries
from carelane.patients.tags.schemas import AssignmentIn, TagIn, TagOut, TagPatch, broken_rules
from carelane.services import Services
from carelane.web import idempotency
from carelane.web.idempotency import RequestKey

_KIND = "tag"
_NAME_TAKEN = "another tag has this name; expected a new one"


async def create_tag(services: Services, actor: Actor, request_key: RequestKey | None, body: TagIn) -> TagOut:
    """Raises RuleBrokenError, ConflictError, and what `idempotency.begin` raises."""
    _refuse(list(broken_rules(body)))

    async def act(conn: Connection) -> TagOut:
        tag_id = uuid7()
        made = await queries.insert_tag(conn, actor.organization_id, tag_id, body)
        if made is None:
            raise ConflictError(_NAME_TAKEN)
        await _record(conn, actor, tag_id)
        return made

    return await idempotency.run_once(services, actor, request_key, act)


async def update_tag(services: Services, actor: Actor, tag_name: str, body: TagPatch) -> TagOut:
    """Raises RuleBrokenError, RecordNotFoundError, ConflictError."""
    _refuse(list(broken_rules(body)))
    tag_id = record_id(actor.organization_id, tag_name)
    try:
        async with services.db.transaction(actor) as conn:
            changed = await queries.update_tag(conn, actor.organization_id, tag_id, body)
            if changed is None:
                raise RecordNotFoundError(f"no tag {tag_name} here")
            await _record(conn, actor, tag_id)
    except psycopg.errors.UniqueViolation:
        raise ConflictError(_NAME_TAKEN) from None
    return changed


async def delete_tag(services: Services, actor: Actor, tag_name: str) -> None:
    """Takes it from all patients too. Raises RecordNotFoundError."""
    tag_id = record_id(actor.organization_id, tag_name)
    async with services.db.transaction(actor) as conn:
        if not await queries.delete_tag(conn, actor.organization_id, tag_id):
            raise RecordNotFoundError(f"no tag {tag_name} here")
        await _record(conn, actor, tag_id)


async def assign_tags(
    services: Services, actor: Actor, request_key: RequestKey | None, patient_name: str, body: AssignmentIn
) -> dict[str, str]:
    """The patient has these tags and no others. Raises RuleBrokenError, RecordNotFoundError, ConflictError (archived)."""
    organization_id = actor.organization_id
    patient_id = record_id(organization_id, patient_name)
    if record_id(organization_id, body.patient_id) != patient_id:
        _refuse([FieldProblem("patientId", "expected the patient of the path")])
    tags = {record_id(organization_id, name): name for name in body.tag_ids}

    async def act(conn: Connection) -> dict[str, str]:
        await _lock_patient(conn, organization_id, patient_id, patient_name)
        found = await queries.lock_tags(conn, organization_id, list(tags))
        if unknown := [name for tag_id, name in tags.items() if tag_id not in found]:
            raise RecordNotFoundError(f"no tag {', '.join(unknown)} here")
        await queries.set_tags(conn, organization_id, patient_id, list(tags))
        await events.record(conn, events.new_event(actor, "PATIENT_UPDATED", None, target_id=patient_id))
        return {"message": f"The patient has {len(tags)} tags."}

    return await idempotency.run_once(services, actor, request_key, act)


async def _lock_patient(conn: Connection, organization_id: UUID, patient_id: UUID, name: str) -> None:
    known = await lock_known(conn, organization_id, patient_id, None)
    if not known:
        raise RecordNotFoundError(f"no patient {name} here")
    if known[0].is_archived:
        raise ConflictError(f"the patient {name} is archived; expected one that is not")


async def _record(conn: Connection, actor: Actor, tag_id: UUID) -> None:
    await events.record(conn, events.new_event(actor, "CATALOG_CHANGED", None, target_id=tag_id, value_after=_KIND))


def _refuse(problems: list[FieldProblem]) -> None:
    if problems:
        raise RuleBrokenError(problems=problems)
