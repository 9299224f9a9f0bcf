"""SQL about pharmacies, and the rows of pharmacies and drugs. Drugs are read where orders are checked (`orders/queries.py`)."""

from typing import Literal, LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection

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
