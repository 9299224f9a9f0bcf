"""The SQL statements by which `carelane apply` writes pharmacies, drugs and webhook endpoints."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection, Sealed, to_json
from carelane.pharmacies.queries import Drug, Pharmacy


class EndpointRow(msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    name: str
    url: str
    events: list[str]
    document_format: str
    payload: str
    secret_sealed: bytes
    previous_secret_sealed: bytes | None
    previous_secret_ends_at: datetime | None
    is_enabled: bool

    def __repr__(self) -> str:
        return "EndpointRow(***)"


async def list_pharmacies(conn: Connection, organization_id: UUID) -> list[Pharmacy]:
    async with conn.cursor(row_factory=class_row(Pharmacy)) as cursor:
        await cursor.execute(
            """
            SELECT organization_id, id, code, name, adapter, url, secret_sealed, is_active
            FROM pharmacies WHERE organization_id = %s
            """,
            (organization_id,),
        )
        return await cursor.fetchall()


async def save_pharmacies(conn: Connection, pharmacies: list[Pharmacy]) -> None:
    await conn.execute(
        """
        INSERT INTO pharmacies (organization_id, id, code, name, adapter, url, secret_sealed, is_active)
        SELECT organization_id, id, code, name, adapter, url, secret_sealed, is_active
        FROM json_populate_recordset(null::pharmacies, %s)
        ON CONFLICT (organization_id, id) DO UPDATE SET
          code = excluded.code, name = excluded.name, adapter = excluded.adapter, url = excluded.url,
          secret_sealed = excluded.secret_sealed, is_active = excluded.is_active
        """,
        (to_json([_with_sealed(pharmacy) for pharmacy in pharmacies]),),
    )


async def list_drugs(conn: Connection, organization_id: UUID) -> list[Drug]:
    async with conn.cursor(row_factory=class_row(Drug)) as cursor:
        await cursor.execute(
            """
            SELECT organization_id, id, code, name, ndc, schedule, product_id, is_active
            FROM drugs WHERE organization_id = %s
            """,
            (organization_id,),
        )
        return await cursor.fetchall()


async def save_drugs(conn: Connection, drugs: list[Drug]) -> None:
    await conn.execute(
        """
        INSERT INTO drugs (organization_id, id, code, name, ndc, schedule, product_id, is_active)
        SELECT organization_id, id, code, name, ndc, schedule, product_id, is_active
        FROM json_populate_recordset(null::drugs, %s)
        ON CONFLICT (organization_id, id) DO UPDATE SET
          code = excluded.code, name = excluded.name, ndc = excluded.ndc, schedule = excluded.schedule,
          product_id = excluded.product_id, is_active = excluded.is_active
        """,
        (to_json(drugs),),
    )


async def list_endpoints(conn: Connection, organization_id: UUID) -> list[EndpointRow]:
    async with conn.cursor(row_factory=class_row(EndpointRow)) as cursor:
        await cursor.execute(
            """
            SELECT organization_id, id, name, url, events, document_format, payload, secret_sealed,
                   previous_secret_sealed, previous_secret_ends_at, disabled_at IS NULL AS is_enabled
            FROM webhook_endpoints WHERE organization_id = %s FOR UPDATE
            """,
            (organization_id,),
        )
        return await cursor.fetchall()


async def save_endpoints(conn: Connection, endpoints: list[EndpointRow]) -> None:
    """What is on already, or off, stays so since when and why it was."""
    await conn.execute(
        """
        INSERT INTO webhook_endpoints (organization_id, id, name, url, events, document_format, payload, secret_sealed,
                                       previous_secret_sealed, previous_secret_ends_at, disabled_at, disabled_reason)
        SELECT n.organization_id, n.id, n.name, n.url, n.events, n.document_format, n.payload, n.secret_sealed,
               n.previous_secret_sealed, n.previous_secret_ends_at,
               CASE WHEN NOT (sent ->> 'is_enabled')::boolean THEN now() END,
               CASE WHEN NOT (sent ->> 'is_enabled')::boolean THEN 'BY_STAFF' END
        FROM json_array_elements(%s::json) sent, json_populate_record(null::webhook_endpoints, sent) n
        ON CONFLICT (organization_id, id) DO UPDATE SET
          name = excluded.name, url = excluded.url, events = excluded.events,
          document_format = excluded.document_format, payload = excluded.payload,
          secret_sealed = excluded.secret_sealed, previous_secret_sealed = excluded.previous_secret_sealed,
          previous_secret_ends_at = excluded.previous_secret_ends_at,
          disabled_at = CASE WHEN excluded.disabled_at IS NOT NULL
            THEN coalesce(webhook_endpoints.disabled_at, excluded.disabled_at) END,
          disabled_reason = CASE WHEN excluded.disabled_at IS NOT NULL
            THEN coalesce(webhook_endpoints.disabled_reason, excluded.disabled_reason) END,
          first_failed_at = CASE WHEN webhook_endpoints.disabled_at IS NULL THEN webhook_endpoints.first_failed_at END,
          updated_at = now()
        """,
        (to_json([_with_sealed(endpoint) for endpoint in endpoints]),),
    )


def _with_sealed(row: msgspec.Struct) -> dict[str, Any]:
    """JSON has no bytes of its own: msgspec would write base64, PostgreSQL reads `Sealed`."""
    values = msgspec.structs.asdict(row)
    return {name: Sealed(value) if isinstance(value, bytes) else value for name, value in values.items()}
