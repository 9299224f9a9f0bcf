"""Writes on patients in the billing dialect: making, changing, archiving and taking back."""

from functools import partial
from uuid import UUID

import msgspec

from carelane import events
from carelane.event_names import EventType
from carelane.kit.auth import Actor
from carelane.kit.db import Connection, Sealed
from carelane.kit.emails import mailbox_of
from carelane.kit.errors import ConflictError, RecordNotFoundError, refuse
from carelane.kit.ids import given_id, record_id, uuid7
from carelane.kit.names import fold_name
from carelane.kit.phi import DataKey
from carelane.kit.phones import to_e164
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
from carelane.patients.queries import lock_mailbox
from carelane.permissions import PATIENTS_WRITE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once

# What goes from a body to the sealed chart, and what to a column of another name.
_CHART_FIELDS = {name: name for name in Chart.__struct_fields__} | {"medications": "patient_medications"}
_COLUMNS = {name: name for name in PatientColumns.__struct_fields__} | {
    "address_line1": "address",
    "address_line2": "address_line_two",
    "postal_code": "zip_code",
    "credit_balance_cents": "credit_balance",
}
# What is worked out from what was said.
_ELSEWHERE = {
    "gender", "primary_location_id", "preferred_provider_id", "chart_sealed",
    "mailbox", "first_name_key", "last_name_key", "phone_e164",
}  # fmt: skip
# By what a person is told apart from another.
_PERSON = ("first_name", "last_name", "gender", "date_of_birth")


@requires(PATIENTS_WRITE)
async def create_patient(
    services: Services, actor: Actor, body: BillingPatientIn, request_key: RequestKey | None
) -> BillingPatientOut:
    """The new patient; or the one with that e-mail address who can be this person, brought up to date: names, gender and birth
    date are only added where they are not known.

    Raises RuleBrokenError, RecordNotFoundError (location, provider), ConflictError, and what `idempotency.begin` raises.
    """
    refuse(broken_rules(body))
    data_key = await services.keyring.data_key(actor.organization_id)
    return await run_once(services, actor, request_key, partial(_create, actor, data_key, body))


@requires(PATIENTS_WRITE)
async def update_patient(services: Services, actor: Actor, ref: str, body: BillingPatientPatch) -> BillingPatientOut:
    """Raises RuleBrokenError, RecordNotFoundError, ConflictError (archived, or the e-mail address is another patient's)."""
    refuse(broken_rules(body))
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        await _check(conn, actor, record_id(actor.organization_id, ref), body)
        mailbox = mailbox_of(body.email) if body.email is not None else None
        if mailbox is not None:
            await lock_mailbox(conn, actor.organization_id, mailbox)
        patient = await lock_patient(conn, actor, ref)
        if mailbox is not None and mailbox != patient.mailbox:
            columns = _columns(actor.organization_id, body, None)
            other = await queries.find_double(conn, actor.organization_id, patient.id, mailbox, columns)
            if other is not None:
                raise ConflictError(f"the e-mail address is that of the patient {other}")
        return await _update(conn, actor, data_key, patient, body)


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
    if merged := [refs[patient_id] for patient_id, is_merged in found.items() if is_merged]:
        raise ConflictError(f"the patient {', '.join(merged)} was merged into another one")
    changed = await queries.set_archived(conn, actor.organization_id, list(refs), is_archived=body.is_archived)
    event: EventType = "PATIENT_ARCHIVED" if body.is_archived else "PATIENT_UPDATED"
    if changed:
        await events.record(conn, *(events.new_event(actor, event, None, target_id=one) for one in changed))
    return True


async def _create(actor: Actor, data_key: DataKey, body: BillingPatientIn, conn: Connection) -> BillingPatientOut:
    organization_id = actor.organization_id
    profile = await _check(conn, actor, None, body)
    patient_id = record_id(organization_id, body.id) if body.id is not None else uuid7()
    columns = _columns(organization_id, body, _seal(data_key, patient_id, None, body))
    same = await _find_same(conn, organization_id, columns)
    named = same if body.id is None else await queries.lock_known(conn, organization_id, patient_id)
    if same is not None:
        if named is None or named.id != same.id:
            raise ConflictError(f"the e-mail address is that of the patient {same.name}; expected that id or none")
        return await _update(conn, actor, data_key, same, _without_known(same, body))
    if named is None and await queries.insert_patient(conn, organization_id, patient_id, given_id(body.id), columns):
        return await _finish(conn, actor, data_key, patient_id, "PATIENT_CREATED")
    # Another request may have taken the id since.
    named = named or await queries.lock_known(conn, organization_id, patient_id)
    if named is None or columns.mailbox is None or columns.mailbox != named.mailbox:
        which = "taken" if columns.mailbox is None else "that of a patient with another e-mail address"
        raise ConflictError(f"the id {body.id} is {which}; expected a new one")
    return await _settle_conflict(conn, actor, data_key, named, body, profile)


async def _find_same(conn: Connection, organization_id: UUID, columns: PatientColumns) -> Known | None:
    """The patient whom the e-mail address stands for, if it can be this person. The row and the mailbox stay locked."""
    if columns.mailbox is None:
        return None
    await lock_mailbox(conn, organization_id, columns.mailbox)
    found = await queries.find_person(conn, organization_id, columns)
    return await queries.lock_known(conn, organization_id, found) if found is not None else None


async def _settle_conflict(
    conn: Connection, actor: Actor, data_key: DataKey, patient: Known, body: BillingPatientIn, profile: str
) -> BillingPatientOut:
    """The id and the e-mail address are this patient's, and the person is another one."""
    if profile == "strict":
        said = "with another name or birth date; expected those that are known, or a new id"
        raise ConflictError(f"the id {body.id} is that of a patient {said}")
    chart = _seal(data_key, patient.id, patient.chart_sealed, _without_person(body))
    columns = _columns(actor.organization_id, _without_person(body), chart)
    await queries.update_patient(conn, actor.organization_id, patient.id, columns)
    return await _finish(conn, actor, data_key, patient.id, "PATIENT_CONFLICT")


def _without_person(body: BillingPatientIn) -> BillingPatientIn:
    return msgspec.structs.replace(body, **dict.fromkeys(_PERSON))


def _without_known(patient: Known, body: BillingPatientIn) -> BillingPatientIn:
    """Whoever makes a patient says nothing about one who is known: a name or a birth date stays as it is. Another word for the
    same gender is taken."""
    known = {name: None for name in _PERSON if getattr(patient, name) is not None}
    if kept_gender(body.gender) == patient.gender:
        known.pop("gender", None)
    return msgspec.structs.replace(body, **known)


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


async def _check(conn: Connection, actor: Actor, patient_id: UUID | None, body: BillingPatientPatch) -> str:
    """The organization's profile. Raises RecordNotFoundError, which names all that is not there, and RuleBrokenError for what
    `strict` refuses."""
    location_id, provider_id = _places(actor.organization_id, body)
    found = await queries.find_surroundings(conn, actor.organization_id, patient_id, location_id, provider_id)
    unknown = []
    if location_id is not None and not found.has_location:
        unknown.append(f"no location {body.primary_location_id} here")
    if provider_id is not None and not found.has_provider:
        unknown.append(f"no provider {body.preferred_provider_id} here")
    if found.profile == "strict":
        refuse(doubts(body))
    if unknown:
        raise RecordNotFoundError("; ".join(unknown))
    return found.profile


def _places(organization_id: UUID, body: BillingPatientPatch) -> tuple[UUID | None, UUID | None]:
    names = (body.primary_location_id, body.preferred_provider_id)
    location_id, provider_id = (record_id(organization_id, name) if name is not None else None for name in names)
    return location_id, provider_id


def _columns(organization_id: UUID, body: BillingPatientPatch, chart: Sealed | None) -> PatientColumns:
    plain = {name: getattr(body, field) for name, field in _COLUMNS.items() if name not in _ELSEWHERE}
    location_id, provider_id = _places(organization_id, body)
    return PatientColumns(
        gender=kept_gender(body.gender),
        mailbox=mailbox_of(body.email) if body.email is not None else None,
        first_name_key=fold_name(body.first_name) if body.first_name is not None else None,
        last_name_key=fold_name(body.last_name) if body.last_name is not None else None,
        phone_e164=to_e164(body.phone_number),
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
