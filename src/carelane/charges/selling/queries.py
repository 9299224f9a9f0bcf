"""What must be known before anything is sold."""

from collections.abc import Iterable
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.kit.db import Connection, uuid_array
from carelane.permissions import Role
from carelane.pricing.lines import Catalog, RequestedLine
from carelane.pricing.queries import REQUESTED, catalog_json, requested_ids
from carelane.taxes.queries import taxes_at

# Whoever merges a patient changes this row, and waits for the sale, or the sale for that: a charge never stays behind.
_LOCK_PATIENTS: LiteralString = """
SELECT p.id FROM patients p WHERE p.organization_id = %(organization_id)s AND p.id = ANY(%(patient_ids)s::uuid[])
ORDER BY p.id FOR SHARE
"""
# Whom an id stands for: itself, or the one it was merged into.
_LIVING: LiteralString = """(SELECT coalesce(m.merged_into_id, m.id) FROM patients m
  WHERE m.organization_id = %(organization_id)s AND m.id = %(patient_id)s)"""
_PLACE: LiteralString = f"""coalesce(%(location_id)s::uuid, (SELECT w.primary_location_id FROM patients w
  WHERE w.organization_id = %(organization_id)s AND w.id = {_LIVING}))"""
_CONTEXT: LiteralString = f"""
SELECT json_build_object(
  'is_taken', EXISTS (SELECT FROM charges k WHERE k.organization_id = o.id AND k.id = %(charge_id)s),
  'patient', (SELECT json_build_object('id', p.id, 'location_id', p.primary_location_id)
    FROM patients p WHERE p.organization_id = o.id AND p.id = {_LIVING} AND p.archived_at IS NULL),
  'creator_role', (SELECT s.role FROM staff s
    WHERE s.organization_id = o.id AND s.id = %(creator_id)s AND s.deactivated_at IS NULL),
  'has_location', EXISTS (SELECT FROM locations l
    WHERE l.organization_id = o.id AND l.id = %(location_id)s AND l.archived_at IS NULL),
  'sellers', coalesce((SELECT json_agg(s.id) FROM staff s
    WHERE s.organization_id = o.id AND s.id = ANY(%(seller_ids)s::uuid[])), '[]'),
  'catalog', {catalog_json("o.currency", taxes_at(_PLACE), REQUESTED)})::text
FROM organizations o WHERE o.id = %(organization_id)s
"""


class KnownPatient(msgspec.Struct, frozen=True, kw_only=True):
    """Who is charged, and where they are at home."""

    id: UUID
    location_id: UUID | None


class SaleContext(msgspec.Struct, frozen=True, kw_only=True):
    """Who is unknown or archived is None; `sellers` are those that are known."""

    is_taken: bool
    patient: KnownPatient | None
    creator_role: Role | None
    has_location: bool
    sellers: frozenset[UUID]
    catalog: Catalog


async def lock_patients(conn: Connection, organization_id: UUID, patient_ids: Iterable[UUID]) -> None:
    """None of them is merged or archived until the transaction ends."""
    values = {"organization_id": organization_id, "patient_ids": uuid_array(list(patient_ids))}
    await conn.execute(_LOCK_PATIENTS, values)


async def get_context(
    conn: Connection,
    organization_id: UUID,
    charge_id: UUID,
    people: tuple[UUID, UUID | None, Iterable[UUID]],
    location_id: UUID | None,
    requested: Iterable[RequestedLine],
) -> SaleContext:
    """`people`: the patient, the creator, who sold the lines. Taxes are those of the location, or else of the patient's."""
    patient_id, creator_id, seller_ids = people
    values = {
        "organization_id": organization_id,
        "charge_id": charge_id,
        "patient_id": patient_id,
        "creator_id": creator_id,
        "location_id": location_id,
        "seller_ids": uuid_array(list(seller_ids)),
        **requested_ids(requested),
    }
    row = await (await conn.execute(_CONTEXT, values)).fetchone()
    if row is None:
        raise LookupError("the credential's organization is gone")
    return msgspec.json.decode(row[0], type=SaleContext)
