"""Every SQL statement about patients."""

from datetime import date
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.kit.db import Connection, Cursor, to_json
from carelane.kit.phi import Phi


class Patient(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What a case says of its patient. None: not said, so what is known stays."""

    organization_id: UUID
    id: UUID
    email: str
    first_name: str
    last_name: str
    gender: str | None = None
    phone_number: str | None = None
    date_of_birth: date | None = None
    language_preferences: list[str] | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None


_UPSERT: LiteralString = """
INSERT INTO patients (organization_id, id, email, first_name, last_name, gender, phone_number, date_of_birth,
                      language_preferences, address_line1, address_line2, city, state, postal_code, country)
SELECT organization_id, id, email, first_name, last_name, gender, phone_number, date_of_birth,
       coalesce(language_preferences, '{}'), address_line1, address_line2, city, state, postal_code, country
FROM json_populate_record(null::patients, %(patient)s)
ON CONFLICT (organization_id, email_key) DO UPDATE SET
  first_name = excluded.first_name,
  last_name = excluded.last_name,
  gender = coalesce(excluded.gender, patients.gender),
  phone_number = coalesce(excluded.phone_number, patients.phone_number),
  date_of_birth = coalesce(excluded.date_of_birth, patients.date_of_birth),
  language_preferences =
    CASE WHEN %(has_languages)s THEN excluded.language_preferences ELSE patients.language_preferences END,
  address_line1 = CASE WHEN %(has_address)s THEN excluded.address_line1 ELSE patients.address_line1 END,
  address_line2 = CASE WHEN %(has_address)s THEN excluded.address_line2 ELSE patients.address_line2 END,
  city = CASE WHEN %(has_address)s THEN excluded.city ELSE patients.city END,
  state = CASE WHEN %(has_address)s THEN excluded.state ELSE patients.state END,
  postal_code = CASE WHEN %(has_address)s THEN excluded.postal_code ELSE patients.postal_code END,
  country = CASE WHEN %(has_address)s THEN excluded.country ELSE patients.country END,
  archived_at = NULL,
  updated_at = now()
RETURNING id
"""


async def upsert_patient(conn: Connection, patient: Patient, *, has_address: bool) -> Cursor:
    """Finds the patient by e-mail address, brings the details up to date, and holds the row's lock until the transaction ends,
    so that two cases for one patient are created one after the other. The cursor yields the patient's id.

    A patient who was archived in the billing dialect is a patient again.
    """
    return await conn.execute(
        _UPSERT,
        {
            "patient": to_json(patient),
            "has_address": has_address,
            "has_languages": patient.language_preferences is not None,
        },
    )
