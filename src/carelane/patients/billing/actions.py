"""Writes on patients in the billing dialect: making, changing, archiving and taking back."""

from functools import partial
from uuid import UUID

import msgspec
import psycopg

from carelane import events
from carelane.events import EventType
from carelane.kit.auth import Actor
from carelane.kit.db import Connection, Sealed
from carelane.kit.errors import ConflictError, FieldProblem, RecordNotFoundError, RuleBrokenError
from carelane.kit.ids import given_id, record_id, uuid7
from carelane.kit.phi import DataKey
from carelane.patients.billing import queries
from carelane.patients.billing.access import get_patient, lock_patient
from carelane.patients.billing.queries import CHART, Known, PatientColumns
from carelane.patients.billing.schemas import (
    ArchivePatientsIn,
    BillingPatientIn,
    BillingPatientOut,
    BillingPatientPatch,
    broken_rules,
    doubts,
)
from carelane.patients.billing.views import Chart, kept_gender, read_chart, show_patient
from carelane.permissions import PATIENTS_WRITE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once

# The patient in the way of an insert may change its e-mail address before it is locked; rarely, and not twice in a row.
_ATTEMPTS = 3
# What goes from a body to the sealed chart, and what to a column of another name.
_CHART_FIELDS = {name: name for name in Chart.__struct_fields__} | {"medications": "patient_medications"}
_COLUMNS = {name: name for name in PatientColumns.__struct_fields__} | {
    "address_line1": "address",
    "address_line2": "address_line_two",
    "postal_code": "zip_code",
    "credit_balance_cents": "credit_balance",
}
_ELSEWHERE = {"gender", "primary_location_id", "preferred_provider_id", "chart_sealed"}


@requires(PATIENTS_WRITE)
async def create_patient(
    services: Services, actor: Actor, body: BillingPatientIn, request_key: RequestKey | None
) -> BillingPatientOut:
    """The new patient; or the one whom the organization knows by that e-mail address, brought up to date.

    Raises RuleBrokenError, RecordNotFoundError (location, provider), ConflictError, and what `idempotency.begin` raises.
    """
    _refuse(list(broken_rules(body)))
    data_key = await services.keyring.data_key(actor.organization_id)
    return await run_once(services, actor, request_key, partial(_create, actor, data_key, body))


@requires(PATIENTS_WRITE)
async def update_patient(services: Services, actor: Actor, ref: str, body: BillingPatientPatch) -> BillingPatientOut:
    """Raises RuleBrokenError, RecordNotFoundError, ConflictError (archived, or the e-mail address is another patient's)."""
    _refuse(list(broken_rules(body)))
    data_key = await services.keyring.data_key(actor.organization_id)
    try:
        async with services.db.transaction(actor) as conn:
            await _check(conn, actor, record_id(actor.organization_id, ref), body)
            patient = await lock_patient(conn, actor, ref, body.email)
            return await _update(conn, actor, data_key, patient, body)
    except psycopg.errors.UniqueViolation:
        # Another request took the address between the lock and the update.
        raise ConflictError("the e-mail address is that of another patient") from None


@requires(PATIENTS_WRITE)
async def set_archived(
    services: Services, actor: Actor, body: ArchivePatientsIn, request_key: RequestKey | None
) -> bool:
    """All of them or none. Raises RecordNotFoundError, which names all that are not there."""
    return await run_once(services, actor, request_key, partial(_set_archived, actor, body))


async def _set_archived(actor: Actor, body: ArchivePatientsIn, conn: Connection) -> bool:
    refs = {record_id(actor.organization_id, ref): ref for ref in body.patient_ids}
    found = await queries.lock_all(conn, actor.organization_id, list(refs))
    if unknown := [ref for patient_id, ref in refs.items() if patient_id not in found]:
        raise RecordNotFoundError(f"no patient {', '.join(unknown)} here")
    changed = await queries.set_archived(conn, actor.organization_id, list(refs), is_archived=body.is_archived)
    event: EventType = "PATIENT_ARCHIVED" if body.is_archived else "PATIENT_UPDATED"
    if changed:
        await events.record(conn, *(events.new_event(actor, event, None, target_id=one) for one in changed))
    return True


async def _create(actor: Actor, data_key: DataKey, body: BillingPatientIn, conn: Connection) -> BillingPatientOut:
    organization_id = actor.organization_id
    await _check(conn, actor, None, body)
    patient_id = record_id(organization_id, body.id) if body.id is not None else uuid7()
    columns = _columns(organization_id, body, _seal(data_key, patient_id, None, body))
    for _ in range(_ATTEMPTS):
        if await queries.insert_patient(conn, organization_id, patient_id, given_id(body.id), columns):
            return await _finish(conn, actor, data_key, patient_id, "PATIENT_CREATED")
        known = await queries.lock_known(conn, organization_id, patient_id, body.email)
        patient = next((one for one in known if one.has_email), None)
        _refuse_other(body, patient_id, known, patient)
        if patient is not None:
            return await _update(conn, actor, data_key, patient, body)
    raise ConflictError("the patient is being changed by others at this moment; ask again")


def _refuse_other(body: BillingPatientIn, patient_id: UUID, known: list[Known], patient: Known | None) -> None:
    """An id that the caller chose is that of the patient with this e-mail address, or nobody's."""
    if body.id is None:
        return
    if patient is not None and patient.id != patient_id:
        raise ConflictError(f"the e-mail address is that of the patient {patient.name}; expected that id or none")
    if patient is None and any(one.id == patient_id for one in known):
        which = "taken" if body.email is None else "that of a patient with another e-mail address"
        raise ConflictError(f"the id {body.id} is {which}; expected a new one")


async def _update(
    conn: Connection, actor: Actor, data_key: DataKey, patient: Known, body: BillingPatientPatch
) -> BillingPatientOut:
    chart = _seal(data_key, patient.id, patient.chart_sealed, body)
    await queries.update_patient(conn, actor.organization_id, patient.id, _columns(actor.organization_id, body, chart))
    return await _finish(conn, actor, data_key, patient.id, "PATIENT_UPDATED")


async def _finish(
    conn: Connection, actor: Actor, data_key: DataKey, patient_id: UUID, event: EventType
) -> BillingPatientOut:
    await events.record(conn, events.new_event(actor, event, None, target_id=patient_id))
    return show_patient(data_key, await get_patient(conn, actor, str(patient_id)))


async def _check(conn: Connection, actor: Actor, patient_id: UUID | None, body: BillingPatientPatch) -> None:
    """Raises RecordNotFoundError, which names all that is not there, and RuleBrokenError for what `strict` refuses."""
    location_id, provider_id = _places(actor.organization_id, body)
    found = await queries.find_surroundings(conn, actor.organization_id, patient_id, location_id, provider_id)
    unknown = []
    if location_id is not None and not found.has_location:
        unknown.append(f"no location {body.primary_location_id} here")
    if provider_id is not None and not found.has_provider:
        unknown.append(f"no provider {body.preferred_provider_id} here")
    if found.profile == "strict":
        _refuse(list(doubts(body)))
    if unknown:
        raise RecordNotFoundError("; ".join(unknown))


def _places(organization_id: UUID, body: BillingPatientPatch) -> tuple[UUID | None, UUID | None]:
    names = (body.primary_location_id, body.preferred_provider_id)
    location_id, provider_id = (record_id(organization_id, name) if name is not None else None for name in names)
    return location_id, provider_id


def _columns(organization_id: UUID, body: BillingPatientPatch, chart: Sealed | None) -> PatientColumns:
    plain = {name: getattr(body, field) for name, field in _COLUMNS.items() if name not in _ELSEWHERE}
    location_id, provider_id = _places(organization_id, body)
    return PatientColumns(
        gender=kept_gender(body.gender),
        primary_location_id=location_id,
        preferred_provider_id=provider_id,
        chart_sealed=chart,
        **plain,
    )


def _seal(data_key: DataKey, patient_id: UUID, before: bytes | None, body: BillingPatientPatch) -> Sealed | None:
    """The chart as it is now; None when the body says nothing of what is in it."""
    said = {name: value for name, field in _CHART_FIELDS.items() if (value := getattr(body, field)) is not None}
    if not said:
        return None
    chart = msgspec.structs.replace(read_chart(data_key, patient_id, before), **said)
    return Sealed(data_key.seal(msgspec.json.encode(chart), CHART, patient_id))


def _refuse(problems: list[FieldProblem]) -> None:
    if problems:
        raise RuleBrokenError(problems=problems)
