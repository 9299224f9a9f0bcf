"""The SQL statements by which `carelane apply` writes locations and taxes."""

from decimal import Decimal
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection, to_json


class LocationRow(msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    name: str
    is_virtual: bool
    address_line1: str | None
    address_line2: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    country: str | None
    timezone: str
    is_archived: bool


class TaxRow(msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    name: str
    percentage: Decimal
    scope: str
    category_names: list[str]
    is_archived: bool
    location_ids: list[UUID]


async def list_locations(conn: Connection, organization_id: UUID) -> list[LocationRow]:
    async with conn.cursor(row_factory=class_row(LocationRow)) as cursor:
        await cursor.execute(
            """
            SELECT organization_id, id, name, is_virtual, address_line1, address_line2, city, state, postal_code, country,
                   timezone, archived_at IS NOT NULL AS is_archived
            FROM locations WHERE organization_id = %s ORDER BY created_at DESC, id
            """,
            (organization_id,),
        )
        return await cursor.fetchall()


async def save_locations(conn: Connection, locations: list[LocationRow]) -> None:
    await conn.execute(
        """
        INSERT INTO locations (organization_id, id, name, is_virtual, address_line1, address_line2, city, state,
                               postal_code, country, timezone, archived_at)
        SELECT n.organization_id, n.id, n.name, n.is_virtual, n.address_line1, n.address_line2, n.city, n.state,
               n.postal_code, n.country, n.timezone, CASE WHEN (sent ->> 'is_archived')::boolean THEN now() END
        FROM json_array_elements(%s::json) sent, json_populate_record(null::locations, sent) n
        ON CONFLICT (organization_id, id) DO UPDATE SET
          name = excluded.name, is_virtual = excluded.is_virtual, address_line1 = excluded.address_line1,
          address_line2 = excluded.address_line2, city = excluded.city, state = excluded.state,
          postal_code = excluded.postal_code, country = excluded.country, timezone = excluded.timezone,
          archived_at = CASE WHEN excluded.archived_at IS NOT NULL
            THEN coalesce(locations.archived_at, excluded.archived_at) END,
          updated_at = now()
        """,
        (to_json(locations),),
    )


async def list_taxes(conn: Connection, organization_id: UUID) -> list[TaxRow]:
    async with conn.cursor(row_factory=class_row(TaxRow)) as cursor:
        await cursor.execute(
            """
            SELECT t.organization_id, t.id, t.name, t.percentage, t.scope, t.category_names,
                   t.archived_at IS NOT NULL AS is_archived,
                   ARRAY(SELECT a.location_id FROM tax_locations a
                         WHERE a.organization_id = t.organization_id AND a.tax_id = t.id ORDER BY 1) AS location_ids
            FROM taxes t WHERE t.organization_id = %s ORDER BY t.created_at DESC, t.id
            """,
            (organization_id,),
        )
        return await cursor.fetchall()


async def save_taxes(conn: Connection, organization_id: UUID, taxes: list[TaxRow]) -> None:
    """Saves them, and makes their locations exactly those in `location_ids`."""
    await conn.execute(
        """
        INSERT INTO taxes (organization_id, id, name, percentage, scope, category_names, archived_at)
        SELECT n.organization_id, n.id, n.name, n.percentage, n.scope, n.category_names,
               CASE WHEN (sent ->> 'is_archived')::boolean THEN now() END
        FROM json_array_elements(%s::json) sent, json_populate_record(null::taxes, sent) n
        ON CONFLICT (organization_id, id) DO UPDATE SET
          name = excluded.name, percentage = excluded.percentage, scope = excluded.scope,
          category_names = excluded.category_names,
          archived_at = CASE WHEN excluded.archived_at IS NOT NULL
            THEN coalesce(taxes.archived_at, excluded.archived_at) END,
          updated_at = now()
        """,
        (to_json(taxes),),
    )
    ids = [tax.id for tax in taxes]
    await conn.execute(
        "DELETE FROM tax_locations WHERE organization_id = %s AND tax_id = ANY (%s::uuid[])", (organization_id, ids)
    )
    places = [
        {"organization_id": organization_id, "tax_id": tax.id, "location_id": location_id}
        for tax in taxes
        for location_id in tax.location_ids
    ]
    await conn.execute(
        """
        INSERT INTO tax_locations (organization_id, tax_id, location_id)
        SELECT organization_id, tax_id, location_id FROM json_populate_recordset(null::tax_locations, %s)
        """,
        (to_json(places),),
    )
