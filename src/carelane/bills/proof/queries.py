"""Statements about who a patient is, and about tries to show it."""

from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.bills.receipts.queries import CLINIC, PAYER, ClinicRow, PayerRow
from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.patients.queries import STANDS_FOR
from carelane.quotes.page.queries import Tries


class ProofRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A patient, the clinic, and the tries of whoever held a link."""

    patient: PayerRow
    clinic: ClinicRow
    tries: Tries


# Of a row `g` of bill_pages, which may be missing.
_TRIES: LiteralString = """
json_build_object('failed', coalesce(g.failed_verifications, 0), 'wrong', coalesce(g.wrong_verifications, 0),
  'locks', coalesce(g.verification_locks, 0), 'unlocks_at', g.verification_unlocks_at,
  'is_closed', g.verification_closed_at IS NOT NULL, 'version', coalesce(g.link_version, 1))
"""
# The patient whom the id stands for: itself, or the one it was merged into.
_FIND: LiteralString = f"""
SELECT json_build_object('patient', {PAYER}, 'clinic', {CLINIC}, 'tries', {_TRIES})::text
FROM patients r
{STANDS_FOR}
JOIN organizations o ON o.id = r.organization_id
LEFT JOIN bill_pages g ON g.organization_id = p.organization_id AND g.patient_id = p.id
LEFT JOIN locations h ON h.organization_id = p.organization_id AND h.id = p.primary_location_id
LEFT JOIN branding b ON b.organization_id = r.organization_id
WHERE r.organization_id = %s AND r.id = %s
"""
_BEGIN: LiteralString = "INSERT INTO bill_pages (organization_id, patient_id) VALUES (%s, %s) ON CONFLICT DO NOTHING"
_LOCK: LiteralString = f"""
SELECT {_TRIES}::text FROM bill_pages g WHERE g.organization_id = %s AND g.patient_id = %s FOR NO KEY UPDATE
"""
_SET: LiteralString = """
UPDATE bill_pages SET failed_verifications = %(failed)s, wrong_verifications = %(wrong)s, verification_locks = %(locks)s,
  verification_unlocks_at = %(unlocks_at)s, link_version = %(version)s,
  verification_closed_at = CASE WHEN %(is_closed)s THEN coalesce(verification_closed_at, now()) END
WHERE organization_id = %(organization_id)s AND patient_id = %(patient_id)s
"""


async def find_proof(conn: Connection, organization_id: UUID, patient_id: UUID) -> ProofRow | None:
    row = await (await conn.execute(_FIND, (organization_id, patient_id))).fetchone()
    return msgspec.json.decode(row[0], type=ProofRow) if row else None


async def lock_tries(conn: Connection, organization_id: UUID, patient_id: UUID) -> Tries:
    """Of a patient who is there. Tries made at the same moment wait until this transaction has counted."""
    await conn.execute(_BEGIN, (organization_id, patient_id))
    row = (await (await conn.execute(_LOCK, (organization_id, patient_id))).fetchall())[0]
    return msgspec.json.decode(row[0], type=Tries)


async def set_tries(conn: Connection, organization_id: UUID, patient_id: UUID, tries: Tries) -> None:
    values = msgspec.structs.asdict(tries) | {"organization_id": organization_id, "patient_id": patient_id}
    await conn.execute(_SET, values)
