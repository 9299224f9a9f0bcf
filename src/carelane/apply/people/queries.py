"""The SQL statements by which `carelane apply` writes staff."""

from typing import Any
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection, to_json
from carelane.staff.queries import Member


class Secrets(msgspec.Struct, frozen=True, kw_only=True):
    """What a member proves to be the member with."""

    id: UUID
    password_hash: str | None
    totp_secret_sealed: bytes | None

    def __repr__(self) -> str:
        return "Secrets(***)"


async def list_secrets(conn: Connection, organization_id: UUID) -> list[Secrets]:
    async with conn.cursor(row_factory=class_row(Secrets)) as cursor:
        await cursor.execute(
            "SELECT id, password_hash, totp_secret_sealed FROM staff WHERE organization_id = %s", (organization_id,)
        )
        return await cursor.fetchall()


async def save_members(conn: Connection, organization_id: UUID, members: list[Member]) -> None:
    """Saves them, and makes their licences exactly those in `licenses`. Secrets stay as they are."""
    await conn.execute(
        """
        INSERT INTO staff (organization_id, id, email, first_name, last_name, role, title, title_suffix, npi, dea,
                           phone_number, address_line1, address_line2, city, state, postal_code, country, takes_cases,
                           given_id, deactivated_at)
        SELECT n.organization_id, n.id, n.email, n.first_name, n.last_name, n.role, n.title, n.title_suffix, n.npi, n.dea,
               n.phone_number, n.address_line1, n.address_line2, n.city, n.state, n.postal_code, n.country, n.takes_cases,
               n.given_id, CASE WHEN (sent ->> 'is_deactivated')::boolean THEN now() END
        FROM json_array_elements(%s::json) sent, json_populate_record(null::staff, sent) n
        ON CONFLICT (organization_id, id) DO UPDATE SET
          email = excluded.email, first_name = excluded.first_name, last_name = excluded.last_name, role = excluded.role,
          title = excluded.title, title_suffix = excluded.title_suffix, npi = excluded.npi, dea = excluded.dea,
          phone_number = excluded.phone_number, address_line1 = excluded.address_line1,
          address_line2 = excluded.address_line2, city = excluded.city, state = excluded.state,
          postal_code = excluded.postal_code, country = excluded.country, takes_cases = excluded.takes_cases,
          given_id = excluded.given_id, deactivated_at = CASE WHEN excluded.deactivated_at IS NOT NULL
            THEN coalesce(staff.deactivated_at, excluded.deactivated_at) END
        """,
        (to_json([msgspec.structs.asdict(member) | {"organization_id": organization_id} for member in members]),),
    )
    await _save_licenses(conn, organization_id, members)


async def _save_licenses(conn: Connection, organization_id: UUID, members: list[Member]) -> None:
    ids = [member.id for member in members]
    rows: list[dict[str, Any]] = [
        msgspec.structs.asdict(held) | {"organization_id": organization_id, "staff_id": member.id}
        for member in members
        for held in member.licenses
    ]
    await conn.execute(
        "DELETE FROM staff_licenses WHERE organization_id = %s AND staff_id = ANY (%s::uuid[])", (organization_id, ids)
    )
    await conn.execute(
        """
        INSERT INTO staff_licenses (organization_id, staff_id, state, number, expires_on)
        SELECT organization_id, staff_id, state, number, expires_on FROM json_populate_recordset(null::staff_licenses, %s)
        """,
        (to_json(rows),),
    )


async def save_secrets(conn: Connection, organization_id: UUID, secrets: Secrets) -> None:
    """The failures so far are forgotten with what was failed at, and so are the used codes of another second factor."""
    await conn.execute(
        """
        UPDATE staff SET
          password_hash = %(password_hash)s, totp_secret_sealed = %(totp_secret_sealed)s,
          totp_last_step = CASE WHEN totp_secret_sealed = %(totp_secret_sealed)s THEN totp_last_step END,
          failed_sign_ins = 0, unlocks_at = NULL
        WHERE organization_id = %(organization_id)s AND id = %(id)s
        """,
        msgspec.structs.asdict(secrets) | {"organization_id": organization_id},
    )
