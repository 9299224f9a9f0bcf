"""Every SQL statement about patients, as a case or an abandoned cart names them, and which patient it is."""

from datetime import date
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.kit import languages
from carelane.kit.db import Connection, Cursor, to_json
from carelane.kit.phi import Phi


class Patient(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What a case says of its patient. None: not said, so what is known stays."""

    organization_id: UUID
    id: UUID
    email: str
    mailbox: str
    first_name: str
    last_name: str
    first_name_key: str
    last_name_key: str
    gender: str | None = None
    phone_number: str | None = None
    phone_e164: str | None = None
    date_of_birth: date | None = None
    language_preferences: list[str] | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None


class FoundPatient(Phi, msgspec.Struct, frozen=True):
    """`gender` and `date_of_birth` are what was said now, or else what is known. `has_waiting`: a case of this patient waits for a clinician. `has_double`: another patient with this e-mail address has
    the same name or the same birth date, so the two may be one person."""

    id: UUID
    gender: str | None
    date_of_birth: date | None
    has_waiting: bool
    has_double: bool


# What decides whom an e-mail address stands for: until the transaction ends nobody else makes or finds patients by it.
_LOCK_MAILBOX: LiteralString = "SELECT pg_advisory_xact_lock(hashtextextended('mailbox ' || %s || ' ' || %s, 0))"

_LANGUAGE: LiteralString = """
SELECT p.language_preferences, coalesce(p.language, o.language) FROM patients p JOIN organizations o ON o.id = p.organization_id
WHERE p.organization_id = %s AND p.id = %s
"""
_SET_LANGUAGE: LiteralString = """
UPDATE patients SET language = %(language)s
WHERE organization_id = %(organization_id)s AND id = (
  SELECT id FROM patients
  WHERE organization_id = %(organization_id)s AND id = %(id)s AND language IS DISTINCT FROM %(language)s
  FOR NO KEY UPDATE SKIP LOCKED)
"""


def living(patient_id: LiteralString) -> LiteralString:
    """SQL for the patient whom an id stands for: itself, or the one it was merged into."""
    return f"""(
  SELECT coalesce(m.merged_into_id, m.id) FROM patients m
  WHERE m.organization_id = %(organization_id)s AND m.id = {patient_id})"""


# SQL for the id that a patient `r` stands for. CASE, because under row-level security an index is not asked with coalesce.
STANDING_ID: LiteralString = "CASE WHEN r.merged_into_id IS NULL THEN r.id ELSE r.merged_into_id END"
# SQL: after a patient `r`, the one `p` whom it stands for. Limited, so that it is looked up and never joined with all patients.
STANDS_FOR: LiteralString = f"""
CROSS JOIN LATERAL (
  SELECT * FROM patients k WHERE k.organization_id = r.organization_id AND k.id = {STANDING_ID} LIMIT 1) p
"""


def family(patient_id: LiteralString) -> LiteralString:
    """SQL for an array of the patient's id and of those that were merged into it."""
    return f"""ARRAY(
  SELECT {patient_id} UNION ALL
  SELECT f.id FROM patients f WHERE f.organization_id = %(organization_id)s AND f.merged_into_id = {patient_id})"""


# Whether a patient `r` and a person `s` can be the same. Where both birth dates are known they decide, since names change and
# are written in more than one way. Else first names, of which one may have more words than the other; where one of the two has
# no first name, the last names.
SAME_PERSON: LiteralString = """
CASE
  WHEN r.date_of_birth IS NOT NULL AND s.date_of_birth IS NOT NULL THEN r.date_of_birth = s.date_of_birth
  WHEN r.first_name_key <> '' AND s.first_name_key <> '' THEN r.first_name_key = s.first_name_key
    OR starts_with(r.first_name_key, s.first_name_key || ' ') OR starts_with(s.first_name_key, r.first_name_key || ' ')
  ELSE coalesce(r.last_name_key, '') = '' OR coalesce(s.last_name_key, '') = '' OR r.last_name_key = s.last_name_key END
"""
# Whom the e-mail address stands for, after `s`, the person: `known` have the address, `best` is the one of them who can be the
# person, if there is one. Without a birth date, one of several who have one cannot be chosen. A record that was merged stands
# for the one it was merged into.
MATCH: LiteralString = f"""
known AS MATERIALIZED (
  SELECT r.* FROM patients r WHERE r.organization_id = %(organization_id)s AND r.mailbox = %(mailbox)s
), fitting AS MATERIALIZED (SELECT r.* FROM known r, s WHERE {SAME_PERSON}
), best AS MATERIALIZED (
  SELECT coalesce(r.merged_into_id, r.id) AS id, r.merged_into_id IS NULL AS is_itself, r.gender, r.date_of_birth
  FROM fitting r, s
  WHERE s.date_of_birth IS NOT NULL
    OR (SELECT count(DISTINCT f.date_of_birth) <= 1 OR bool_or(f.date_of_birth IS NULL) FROM fitting f)
  ORDER BY (r.date_of_birth = s.date_of_birth) IS TRUE DESC, (r.first_name_key = s.first_name_key) IS TRUE DESC,
    r.date_of_birth IS NOT NULL, r.merged_into_id IS NOT NULL, r.created_at, r.id LIMIT 1
)"""

# The names of a record that another one was merged into stay.
_UPSERT: LiteralString = f"""
WITH s AS MATERIALIZED (SELECT * FROM json_populate_record(null::patients, %(patient)s)),
{MATCH}, updated AS (
  UPDATE patients p SET
    first_name = CASE WHEN (SELECT is_itself FROM best) THEN s.first_name ELSE p.first_name END,
    last_name = CASE WHEN (SELECT is_itself FROM best) THEN s.last_name ELSE p.last_name END,
    first_name_key = CASE WHEN (SELECT is_itself FROM best) THEN s.first_name_key ELSE p.first_name_key END,
    last_name_key = CASE WHEN (SELECT is_itself FROM best) THEN s.last_name_key ELSE p.last_name_key END,
    gender = coalesce(s.gender, p.gender),
    phone_number = coalesce(s.phone_number, p.phone_number),
    phone_e164 = CASE WHEN s.phone_number IS NULL THEN p.phone_e164 ELSE s.phone_e164 END,
    date_of_birth = coalesce(p.date_of_birth, s.date_of_birth),
    language_preferences = coalesce(s.language_preferences, p.language_preferences),
    address_line1 = CASE WHEN %(has_address)s THEN s.address_line1 ELSE p.address_line1 END,
    address_line2 = CASE WHEN %(has_address)s THEN s.address_line2 ELSE p.address_line2 END,
    city = CASE WHEN %(has_address)s THEN s.city ELSE p.city END,
    state = CASE WHEN %(has_address)s THEN s.state ELSE p.state END,
    postal_code = CASE WHEN %(has_address)s THEN s.postal_code ELSE p.postal_code END,
    country = CASE WHEN %(has_address)s THEN s.country ELSE p.country END,
    archived_at = NULL,
    updated_at = now()
  FROM s WHERE NOT %(only_finds)s AND p.organization_id = %(organization_id)s AND p.id = (SELECT id FROM best)
), inserted AS (
  INSERT INTO patients (organization_id, id, email, mailbox, first_name, last_name, first_name_key, last_name_key, gender,
    phone_number, phone_e164, date_of_birth, language_preferences, address_line1, address_line2, city, state, postal_code,
    country)
  SELECT organization_id, id, email, mailbox, first_name, last_name, first_name_key, last_name_key, gender, phone_number,
    phone_e164, date_of_birth, coalesce(language_preferences, '{{}}'), address_line1, address_line2, city, state,
    postal_code, country
  FROM s WHERE NOT EXISTS (SELECT FROM best)
)
SELECT coalesce(b.id, s.id), coalesce(s.gender, b.gender), coalesce(s.date_of_birth, b.date_of_birth), EXISTS (
    SELECT FROM cases c WHERE c.organization_id = %(organization_id)s AND c.patient_id = (SELECT id FROM best)
      AND c.status IN ('OPEN', 'ASSIGNED', 'IN_PROGRESS') AND NOT c.is_archived),
  EXISTS (SELECT FROM known r WHERE coalesce(r.merged_into_id, r.id) <> coalesce(b.id, s.id)
    AND (r.date_of_birth = s.date_of_birth OR r.first_name_key = s.first_name_key AND r.last_name_key = s.last_name_key))
FROM s LEFT JOIN best b ON true
"""


async def lock_mailbox(conn: Connection, organization_id: UUID, mailbox: str) -> None:
    """Until the transaction ends nobody else makes or finds patients by this e-mail address. Whoever locks rows of patients
    too locks the mailbox first."""
    await conn.execute(_LOCK_MAILBOX, (organization_id.hex, mailbox))


async def upsert_patient(conn: Connection, patient: Patient, *, has_address: bool, only_finds: bool) -> Cursor:
    """Finds the patient who has the e-mail address and whom nothing tells apart from this person, and brings the details up to
    date; makes one when there is none. Two cases for one address are created one after the other.

    With `only_finds` nothing of a known patient changes. One who was archived in the billing dialect is a patient again. The
    cursor is for `read_found`.
    """
    # A statement of its own: the next one sees what was committed before the lock was given.
    await lock_mailbox(conn, patient.organization_id, patient.mailbox)
    values = {
        "patient": to_json(patient),
        "organization_id": patient.organization_id,
        "mailbox": patient.mailbox,
        "has_address": has_address,
        "only_finds": only_finds,
    }
    return await conn.execute(_UPSERT, values)


async def read_found(cursor: Cursor) -> FoundPatient:
    (row,) = await cursor.fetchall()
    return FoundPatient(*row)


async def find_language(conn: Connection, organization_id: UUID, patient_id: UUID) -> str | None:
    """What the patient reads: what a storefront said, else the language of the page on which they last answered,
    else the organization's. None: there is no such patient."""
    row = await (await conn.execute(_LANGUAGE, (organization_id, patient_id))).fetchone()
    said, read = row or (None, None)
    known = (languages.nearest(name) for name in said or ())
    return next(filter(None, known), read)


async def set_language(conn: Connection, organization_id: UUID, patient_id: UUID, language: str) -> None:
    """That of the page on which the patient answers. Whoever has the record in hand is not waited for: it is told anew each time."""
    await conn.execute(_SET_LANGUAGE, {"language": language, "organization_id": organization_id, "id": patient_id})
