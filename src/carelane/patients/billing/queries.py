"""Every SQL statement about patients in the billing dialect."""

from datetime import date, datetime
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.kit.db import Connection, Sealed, to_json, uuid_array
from carelane.kit.phi import Phi
from carelane.patients.billing.schemas import PatientSource
from carelane.patients.queries import MATCH, SAME_PERSON, STANDS_FOR, living
from carelane.patients.tags.schemas import TagOut

# The place a sealed chart is bound to.
CHART = "patients.chart_sealed"

# A patient `p` with its tags as JSON that reads as a PatientRow: a part of every statement that shows one.
PATIENT: LiteralString = """
json_build_object('id', p.id, 'given_id', p.given_id, 'created_at', p.created_at, 'first_name', p.first_name,
  'last_name', p.last_name, 'phone_number', p.phone_number, 'email', p.email, 'external_id', p.external_id,
  'address_line1', p.address_line1, 'address_line2', p.address_line2, 'city', p.city, 'state', p.state,
  'postal_code', p.postal_code, 'country', p.country, 'address_valid', p.address_valid, 'archived_at', p.archived_at,
  'gender', p.gender, 'date_of_birth', p.date_of_birth, 'on_scheduling_blacklist', p.on_scheduling_blacklist,
  'surcharge_disabled', p.surcharge_disabled,
  'credit_balance_cents', p.credit_balance_cents + ledger_credit(p.organization_id, p.id),
  'patient_source', p.patient_source, 'lead_source', p.lead_source, 'chart', encode(p.chart_sealed, 'hex'),
  'location_id', (SELECT coalesce(l.given_id, l.id::text) FROM locations l
    WHERE l.organization_id = p.organization_id AND l.id = p.primary_location_id),
  'provider_id', (SELECT coalesce(s.given_id, s.id::text) FROM staff s
    WHERE s.organization_id = p.organization_id AND s.id = p.preferred_provider_id),
  'tags', coalesce((
    SELECT json_agg(json_build_object('id', t.id, 'name', t.name, 'isActive', t.is_active, 'createdDate', t.created_at,
      'emoji', t.emoji, 'color', t.color, 'updatedDate', t.updated_at) ORDER BY t.name)
    FROM patient_tag_assignments a JOIN patient_tags t ON t.organization_id = a.organization_id AND t.id = a.tag_id
    WHERE a.organization_id = p.organization_id AND a.patient_id = p.id), '[]'))
"""


class PatientRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A patient as PATIENT gives it; `chart` is still sealed, in hex."""

    id: UUID
    given_id: str | None
    created_at: datetime
    first_name: str | None
    last_name: str | None
    phone_number: str | None
    email: str | None
    external_id: str | None
    address_line1: str | None
    address_line2: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    country: str | None
    address_valid: bool | None
    archived_at: datetime | None
    gender: str | None
    date_of_birth: date | None
    on_scheduling_blacklist: bool
    surcharge_disabled: bool
    credit_balance_cents: int
    patient_source: PatientSource | None
    lead_source: str | None
    chart: str | None
    location_id: str | None
    provider_id: str | None
    tags: list[TagOut]


class PatientColumns(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What a caller said of a patient, by columns. None: not said."""

    email: str | None = None
    mailbox: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    first_name_key: str | None = None
    last_name_key: str | None = None
    gender: str | None = None
    phone_number: str | None = None
    phone_e164: str | None = None
    date_of_birth: date | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None
    external_id: str | None = None
    address_valid: bool | None = None
    primary_location_id: UUID | None = None
    preferred_provider_id: UUID | None = None
    patient_source: PatientSource | None = None
    lead_source: str | None = None
    on_scheduling_blacklist: bool | None = None
    surcharge_disabled: bool | None = None
    credit_balance_cents: int | None = None
    chart_sealed: Sealed | None = None


class Surroundings(msgspec.Struct, frozen=True):
    """What a patient's details are judged by."""

    profile: str
    has_location: bool
    has_provider: bool


class Known(Phi, msgspec.Struct, frozen=True):
    """A patient whose row is locked."""

    id: UUID
    name: str
    mailbox: str | None
    first_name: str | None
    last_name: str | None
    gender: str | None
    date_of_birth: date | None
    is_archived: bool
    chart_sealed: bytes | None


# A record that was merged is asked for by its old id: the other one answers.
_FIND: LiteralString = f"""
SELECT {PATIENT}::text FROM patients p WHERE p.organization_id = %(organization_id)s AND p.id = {living("%(id)s")}
"""

# What the patient has already may have been archived since.
_FIND_SURROUNDINGS: LiteralString = """
SELECT o.validation_profile,
  EXISTS (SELECT FROM locations l WHERE l.organization_id = o.id AND l.id = %(location_id)s
    AND (l.archived_at IS NULL OR l.id = p.primary_location_id)),
  EXISTS (SELECT FROM staff s WHERE s.organization_id = o.id AND s.id = %(provider_id)s
    AND (s.deactivated_at IS NULL OR s.id = p.preferred_provider_id))
FROM organizations o LEFT JOIN patients p ON p.organization_id = o.id AND p.id = %(patient_id)s
WHERE o.id = %(organization_id)s
"""

# Waits for a transaction that is inserting the same patient, and then inserts nothing.
_INSERT: LiteralString = """
INSERT INTO patients (organization_id, id, given_id, email, mailbox, first_name, last_name, first_name_key, last_name_key,
  gender, phone_number, phone_e164, date_of_birth, address_line1, address_line2, city, state, postal_code, country, external_id, address_valid, primary_location_id,
  preferred_provider_id, patient_source, lead_source, on_scheduling_blacklist, surcharge_disabled, credit_balance_cents,
  chart_sealed)
SELECT %(organization_id)s, %(id)s, %(given_id)s, email, mailbox, first_name, last_name, first_name_key, last_name_key,
  gender, phone_number, phone_e164, date_of_birth, address_line1, address_line2, city, state, postal_code, country, external_id, address_valid, primary_location_id,
  preferred_provider_id, patient_source, lead_source, coalesce(on_scheduling_blacklist, false),
  coalesce(surcharge_disabled, false), coalesce(credit_balance_cents, 0), chart_sealed
FROM json_populate_record(null::patients, %(columns)s)
ON CONFLICT DO NOTHING RETURNING id
"""

_LOCK_KNOWN: LiteralString = f"""
SELECT p.id, coalesce(p.given_id, p.id::text), p.mailbox, p.first_name, p.last_name, p.gender, p.date_of_birth,
  p.archived_at IS NOT NULL, p.chart_sealed
FROM patients p WHERE p.organization_id = %(organization_id)s AND p.id = {living("%(id)s")} FOR NO KEY UPDATE
"""
_FIND_PERSON: LiteralString = f"""
WITH s AS MATERIALIZED (SELECT * FROM json_populate_record(null::patients, %(columns)s)), {MATCH}
SELECT id FROM best
"""
# Others with the e-mail address who can be the patient as it is to be.
_FIND_DOUBLE: LiteralString = f"""
WITH s AS MATERIALIZED (
  SELECT coalesce(n.date_of_birth, p.date_of_birth) AS date_of_birth,
    coalesce(n.first_name_key, p.first_name_key) AS first_name_key, coalesce(n.last_name_key, p.last_name_key) AS last_name_key
  FROM patients p, json_populate_record(null::patients, %(columns)s) n
  WHERE p.organization_id = %(organization_id)s AND p.id = %(id)s
)
SELECT coalesce(p.given_id, p.id::text) FROM patients r {STANDS_FOR}, s
WHERE r.organization_id = %(organization_id)s AND r.mailbox = %(mailbox)s AND p.id <> %(id)s AND {SAME_PERSON}
ORDER BY r.created_at LIMIT 1
"""

_UPDATE: LiteralString = """
UPDATE patients p SET
  email = coalesce(n.email, p.email),
  mailbox = coalesce(n.mailbox, p.mailbox),
  first_name = coalesce(n.first_name, p.first_name),
  last_name = coalesce(n.last_name, p.last_name),
  first_name_key = coalesce(n.first_name_key, p.first_name_key),
  last_name_key = coalesce(n.last_name_key, p.last_name_key),
  gender = coalesce(n.gender, p.gender),
  phone_number = coalesce(n.phone_number, p.phone_number),
  phone_e164 = CASE WHEN n.phone_number IS NULL THEN p.phone_e164 ELSE n.phone_e164 END,
  date_of_birth = coalesce(n.date_of_birth, p.date_of_birth),
  address_line1 = coalesce(n.address_line1, p.address_line1),
  address_line2 = coalesce(n.address_line2, p.address_line2),
  city = coalesce(n.city, p.city),
  state = coalesce(n.state, p.state),
  postal_code = coalesce(n.postal_code, p.postal_code),
  country = coalesce(n.country, p.country),
  external_id = coalesce(n.external_id, p.external_id),
  address_valid = coalesce(n.address_valid, p.address_valid),
  primary_location_id = coalesce(n.primary_location_id, p.primary_location_id),
  preferred_provider_id = coalesce(n.preferred_provider_id, p.preferred_provider_id),
  patient_source = coalesce(n.patient_source, p.patient_source),
  lead_source = coalesce(n.lead_source, p.lead_source),
  on_scheduling_blacklist = coalesce(n.on_scheduling_blacklist, p.on_scheduling_blacklist),
  surcharge_disabled = coalesce(n.surcharge_disabled, p.surcharge_disabled),
  credit_balance_cents = CASE WHEN n.credit_balance_cents IS NULL THEN p.credit_balance_cents
    ELSE greatest(n.credit_balance_cents - ledger_credit(p.organization_id, p.id), 0) END,
  chart_sealed = coalesce(n.chart_sealed, p.chart_sealed),
  archived_at = NULL,
  updated_at = now()
FROM json_populate_record(null::patients, %(columns)s) n
WHERE p.organization_id = %(organization_id)s AND p.id = %(id)s
"""

_LOCK_ALL: LiteralString = """
SELECT p.id, p.merged_into_id IS NOT NULL FROM patients p
WHERE p.organization_id = %s AND p.id = ANY(%s::uuid[]) ORDER BY p.id FOR NO KEY UPDATE
"""

_SET_ARCHIVED: LiteralString = """
UPDATE patients p SET archived_at = CASE WHEN %(is_archived)s THEN now() END, updated_at = now()
WHERE p.organization_id = %(organization_id)s AND p.id = ANY(%(ids)s::uuid[])
  AND (p.archived_at IS NOT NULL) <> %(is_archived)s
RETURNING p.id
"""


async def find_patient(conn: Connection, organization_id: UUID, patient_id: UUID) -> PatientRow | None:
    """Archived patients too."""
    row = await (await conn.execute(_FIND, {"organization_id": organization_id, "id": patient_id})).fetchone()
    return msgspec.json.decode(row[0], type=PatientRow) if row else None


async def find_surroundings(
    conn: Connection, organization_id: UUID, patient_id: UUID | None, location_id: UUID | None, provider_id: UUID | None
) -> Surroundings:
    """For the patient, None for a new one."""
    values = {
        "organization_id": organization_id,
        "patient_id": patient_id,
        "location_id": location_id,
        "provider_id": provider_id,
    }
    row = await (await conn.execute(_FIND_SURROUNDINGS, values)).fetchone()
    if row is None:
        raise LookupError("the credential's organization is gone")
    return Surroundings(*row)


async def insert_patient(
    conn: Connection, organization_id: UUID, patient_id: UUID, given_id: str | None, columns: PatientColumns
) -> bool:
    """False when there is a patient of that id."""
    values = {"organization_id": organization_id, "id": patient_id, "given_id": given_id, "columns": to_json(columns)}
    return await (await conn.execute(_INSERT, values)).fetchone() is not None


async def lock_known(conn: Connection, organization_id: UUID, patient_id: UUID) -> Known | None:
    """The patient whom the id stands for; the row stays locked."""
    row = await (await conn.execute(_LOCK_KNOWN, {"organization_id": organization_id, "id": patient_id})).fetchone()
    return Known(*row) if row else None


async def find_person(conn: Connection, organization_id: UUID, columns: PatientColumns) -> UUID | None:
    """The patient who has the e-mail address and can be this person. The mailbox must be locked."""
    values = {"organization_id": organization_id, "mailbox": columns.mailbox, "columns": to_json(columns)}
    row = await (await conn.execute(_FIND_PERSON, values)).fetchone()
    return row[0] if row else None


async def find_double(
    conn: Connection, organization_id: UUID, patient_id: UUID, mailbox: str, columns: PatientColumns
) -> str | None:
    """The name of another patient with the e-mail address, from whom nothing would tell this one apart, changed as `columns`
    say. The mailbox must be locked."""
    values = {"organization_id": organization_id, "id": patient_id, "mailbox": mailbox, "columns": to_json(columns)}
    row = await (await conn.execute(_FIND_DOUBLE, values)).fetchone()
    return row[0] if row else None


async def update_patient(conn: Connection, organization_id: UUID, patient_id: UUID, columns: PatientColumns) -> None:
    """Changes what `columns` says; the patient is not archived any more. The row must be locked."""
    await conn.execute(_UPDATE, {"organization_id": organization_id, "id": patient_id, "columns": to_json(columns)})


async def lock_all(conn: Connection, organization_id: UUID, ids: list[UUID]) -> dict[UUID, bool]:
    """Those of `ids` that are patients, and whether they were merged into others; their rows stay locked."""
    cursor = await conn.execute(_LOCK_ALL, (organization_id, uuid_array(ids)))
    return {row[0]: row[1] for row in await cursor.fetchall()}


async def set_archived(conn: Connection, organization_id: UUID, ids: list[UUID], *, is_archived: bool) -> list[UUID]:
    """Those that were not so before."""
    values = {"organization_id": organization_id, "ids": uuid_array(ids), "is_archived": is_archived}
    return [row[0] for row in await (await conn.execute(_SET_ARCHIVED, values)).fetchall()]
