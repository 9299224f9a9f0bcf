"""SQL about pharmacies, and the rows of pharmacies and drugs. Drugs are read where orders are checked (`orders/queries.py`)."""

from collections.abc import Iterable
from functools import partial
from typing import Literal, LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import LOCK, Connection, Sealed, to_json, uuid_array

# The place that a pharmacy's sealed secret is bound to.
SECRET = "pharmacies.secret_sealed"  # noqa: S105 - a table's column

AdapterName = Literal["http", "fhir", "simulator", "simulator-fhir"]
Schedule = Literal["II", "III", "IV", "V"]

_PHARMACY: LiteralString = """
SELECT organization_id, id, code, name, adapter, url, secret_sealed, is_active
FROM pharmacies WHERE organization_id = %(organization_id)s AND id = %(id)s
"""
_CALLING: LiteralString = """
SELECT organization_id, id, code, name, adapter, url, secret_sealed, is_active FROM find_calling_pharmacy(%s)
"""


class Pharmacy(msgspec.Struct, frozen=True):
    organization_id: UUID
    id: UUID
    code: str
    name: str
    adapter: AdapterName
    url: str | None
    secret_sealed: bytes
    is_active: bool


class Drug(msgspec.Struct, frozen=True):
    """`schedule` is that of the Controlled Substances Act; None for drugs that are not controlled."""

    organization_id: UUID
    id: UUID
    code: str
    name: str
    ndc: str | None
    schedule: Schedule | None
    product_id: UUID | None
    is_active: bool


async def find_pharmacy(conn: Connection, organization_id: UUID, pharmacy_id: UUID) -> Pharmacy | None:
    """Whether it is active or not: orders that went there are still tracked."""
    async with conn.cursor(row_factory=class_row(Pharmacy)) as cursor:
        await cursor.execute(_PHARMACY, {"organization_id": organization_id, "id": pharmacy_id})
        return await cursor.fetchone()


async def find_calling_pharmacy(conn: Connection, pharmacy_id: UUID) -> Pharmacy | None:
    """The pharmacy of any organization, active or not. Works in `db.across()`, where no row can be seen."""
    async with conn.cursor(row_factory=class_row(Pharmacy)) as cursor:
        await cursor.execute(_CALLING, (pharmacy_id,))
        return await cursor.fetchone()


_FIND_PHARMACIES: LiteralString = """
SELECT organization_id, id, code, name, adapter, url, secret_sealed, is_active FROM pharmacies
WHERE organization_id = %(organization_id)s AND (id = ANY(%(ids)s::uuid[]) OR code = ANY(%(codes)s::text[]))
ORDER BY id
"""
_SAVE_PHARMACIES: LiteralString = """
INSERT INTO pharmacies (organization_id, id, code, name, adapter, url, secret_sealed, is_active)
SELECT organization_id, id, code, name, adapter, url, secret_sealed, is_active
FROM json_populate_recordset(null::pharmacies, %s)
ON CONFLICT (organization_id, id) DO UPDATE SET
  code = excluded.code, name = excluded.name, adapter = excluded.adapter, url = excluded.url,
  secret_sealed = excluded.secret_sealed, is_active = excluded.is_active
"""
_FIND_DRUGS: LiteralString = """
SELECT organization_id, id, code, name, ndc, schedule, product_id, is_active FROM drugs
WHERE organization_id = %(organization_id)s AND (id = ANY(%(ids)s::uuid[]) OR code = ANY(%(codes)s::text[]))
ORDER BY id
"""
_SAVE_DRUGS: LiteralString = """
INSERT INTO drugs (organization_id, id, code, name, ndc, schedule, product_id, is_active)
SELECT organization_id, id, code, name, ndc, schedule, product_id, is_active
FROM json_populate_recordset(null::drugs, %s)
ON CONFLICT (organization_id, id) DO UPDATE SET
  code = excluded.code, name = excluded.name, ndc = excluded.ndc, schedule = excluded.schedule,
  product_id = excluded.product_id, is_active = excluded.is_active
"""


async def find_pharmacies(
    conn: Connection, organization_id: UUID, ids: Iterable[UUID], codes: Iterable[str] = (), *, lock: LiteralString = ""
) -> dict[UUID, Pharmacy]:
    """Those of `ids` or with one of `codes`; by id."""
    values = {"organization_id": organization_id, "ids": uuid_array(ids), "codes": list(codes)}
    async with conn.cursor(row_factory=class_row(Pharmacy)) as cursor:
        await cursor.execute(_FIND_PHARMACIES + lock, values)
        return {pharmacy.id: pharmacy for pharmacy in await cursor.fetchall()}


lock_pharmacies = partial(find_pharmacies, lock=LOCK)


async def save_pharmacies(conn: Connection, pharmacies: list[Pharmacy]) -> None:
    rows = [msgspec.structs.asdict(row) | {"secret_sealed": Sealed(row.secret_sealed)} for row in pharmacies]
    await conn.execute(_SAVE_PHARMACIES, (to_json(rows),))


async def find_drugs(
    conn: Connection, organization_id: UUID, ids: Iterable[UUID], codes: Iterable[str] = (), *, lock: LiteralString = ""
) -> dict[UUID, Drug]:
    """Those of `ids` or with one of `codes`; by id."""
    values = {"organization_id": organization_id, "ids": uuid_array(ids), "codes": list(codes)}
    async with conn.cursor(row_factory=class_row(Drug)) as cursor:
        await cursor.execute(_FIND_DRUGS + lock, values)
        return {drug.id: drug for drug in await cursor.fetchall()}


lock_drugs = partial(find_drugs, lock=LOCK)


async def save_drugs(conn: Connection, drugs: list[Drug]) -> None:
    await conn.execute(_SAVE_DRUGS, (to_json(drugs),))
