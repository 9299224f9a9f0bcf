"""The one way a factory writes: a row with a new id, as the application's role, in the organization's own transaction."""

from typing import Any
from uuid import UUID

from psycopg import sql

from carelane.kit.auth import system_actor
from carelane.kit.ids import uuid7
from carelane.services import Services


async def insert_row(services: Services, organization_id: UUID, table: str, **values: Any) -> UUID:
    """Writes one row and returns its id; `values` are columns, and may name the id."""
    row = {"organization_id": organization_id, "id": uuid7()} | values
    await _insert(services, organization_id, table, row)
    return row["id"]


async def insert_link(services: Services, organization_id: UUID, table: str, **values: Any) -> None:
    """Writes one row of a table whose rows have no id of their own."""
    await _insert(services, organization_id, table, {"organization_id": organization_id} | values)


async def update_row(services: Services, organization_id: UUID, table: str, row_id: UUID, **values: Any) -> None:
    assignments = sql.SQL(", ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in values)
    organization = sql.Identifier("id" if table == "organizations" else "organization_id")
    statement = sql.SQL("UPDATE {} SET {} WHERE {} = %s AND id = %s").format(
        sql.Identifier(table), assignments, organization
    )
    async with services.db.transaction(system_actor(organization_id)) as conn:
        await conn.execute(statement, (*values.values(), organization_id, row_id))


async def _insert(services: Services, organization_id: UUID, table: str, row: dict[str, Any]) -> None:
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(sql.Placeholder() * len(row)),
    )
    async with services.db.transaction(system_actor(organization_id)) as conn:
        await conn.execute(statement, list(row.values()))
