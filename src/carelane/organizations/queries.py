"""Every SQL statement about organizations and their credentials, and the row types."""

from datetime import datetime
from functools import partial
from typing import Literal, LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import LOCK, Connection, to_json

CredentialKind = Literal["key", "client"]


_AUTHENTICATE: LiteralString = """
SELECT organization_id, id, kind, scopes, tenant, requests_per_minute FROM authenticate_tenant(%s)
"""


class Organization(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    tenant: str
    name: str
    case_prefix: str
    case_type: str
    validation_profile: str
    assignment_policy: str
    notification_emails: list[str]
    currency: str
    requests_per_minute: int | None
    storefront_origins: list[str]
    answer_within_hours: int = 24
    language: str = "en"


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    kind: CredentialKind
    name: str
    secret_digest: bytes
    scopes: list[str]
    is_revoked: bool = False


class Authenticated(msgspec.Struct, frozen=True):
    """Whose secret was presented."""

    organization_id: UUID
    id: UUID
    kind: CredentialKind
    scopes: list[str]
    tenant: str
    # Of the billing dialect; None: the setting's.
    requests_per_minute: int | None


class Taken(msgspec.Struct, frozen=True):
    """How many requests were granted, and how many the organization has had in the window by now."""

    granted: int
    taken: int


async def find_authenticated(conn: Connection, secret_digest: bytes) -> Authenticated | None:
    """The active credential with this digest, of whatever organization; marks it used. Works in `db.across()`."""
    async with conn.cursor(row_factory=class_row(Authenticated)) as cursor:
        await cursor.execute(_AUTHENTICATE, (secret_digest,))
        return await cursor.fetchone()


async def claim_requests(
    conn: Connection, organization_id: UUID, kind: str, window_began_at: datetime, wanted: int, most: int
) -> Taken:
    """Takes up to `wanted` requests of the kind in the window, of `most` in all. Works in `db.across()`."""
    cursor = await conn.execute(
        "SELECT granted, taken FROM take_requests_of_kind(%s, %s, %s, %s, %s)",
        (organization_id, kind, window_began_at, wanted, most),
    )
    return Taken(*(await cursor.fetchall())[0])


async def find_organization_id(conn: Connection, tenant: str) -> UUID | None:
    """The organization that goes by `tenant`. Works in `db.across()`."""
    cursor = await conn.execute("SELECT find_organization(%s)", (tenant,))
    row = await cursor.fetchone()
    return row[0] if row else None


async def list_organizations(conn: Connection) -> list[tuple[UUID, str]]:
    """All of them with their tenants, which they are sorted by. Works in `db.across()`."""
    cursor = await conn.execute("SELECT organization_id, tenant FROM list_organizations()")
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def find_origin_organizations(conn: Connection, origin: str) -> frozenset[UUID]:
    """Those that list `origin` as one of their storefront's. Works in `db.across()`."""
    cursor = await conn.execute("SELECT find_origin_organizations(%s)", (origin,))
    return frozenset(row[0] for row in await cursor.fetchall())


async def get_organization_name(conn: Connection, organization_id: UUID) -> str:
    """Of one that is there."""
    cursor = await conn.execute("SELECT name FROM organizations WHERE id = %s", (organization_id,))
    return str((await cursor.fetchall())[0][0])


async def find_organization(
    conn: Connection, organization_id: UUID, *, lock: LiteralString = ""
) -> Organization | None:
    async with conn.cursor(row_factory=class_row(Organization)) as cursor:
        await cursor.execute(
            """
            SELECT id, tenant, name, case_prefix, case_type, validation_profile, assignment_policy, notification_emails,
                   currency, requests_per_minute, storefront_origins, answer_within_hours, language
            FROM organizations WHERE id = %s
            """
            + lock,
            (organization_id,),
        )
        return await cursor.fetchone()


lock_organization = partial(find_organization, lock=LOCK)


async def save_organization(conn: Connection, organization: Organization) -> None:
    await conn.execute(
        """
        INSERT INTO organizations (id, tenant, name, case_prefix, case_type, validation_profile, assignment_policy,
                                   notification_emails, currency, requests_per_minute, storefront_origins,
                                   answer_within_hours, language)
        SELECT id, tenant, name, case_prefix, case_type, validation_profile, assignment_policy, notification_emails,
               currency, requests_per_minute, storefront_origins, answer_within_hours, language
        FROM json_populate_recordset(null::organizations, %s)
        ON CONFLICT (id) DO UPDATE SET
          tenant = excluded.tenant, name = excluded.name, case_prefix = excluded.case_prefix,
          case_type = excluded.case_type, validation_profile = excluded.validation_profile,
          assignment_policy = excluded.assignment_policy, notification_emails = excluded.notification_emails,
          currency = excluded.currency, requests_per_minute = excluded.requests_per_minute,
          storefront_origins = excluded.storefront_origins, answer_within_hours = excluded.answer_within_hours,
          language = excluded.language, updated_at = now()
        """,
        (to_json([organization]),),
    )


async def insert_data_key(conn: Connection, organization_id: UUID, wrapped: bytes, fingerprint: bytes) -> bool:
    """`fingerprint` is that of the master key it is wrapped with. False when the database has gone over to another since."""
    cursor = await conn.execute(
        """
        INSERT INTO organization_data_keys (organization_id, version, wrapped)
        SELECT %s, 1, %s FROM master_key WHERE fingerprint = %s
        RETURNING version
        """,
        (organization_id, wrapped, fingerprint),
    )
    return await cursor.fetchone() is not None


async def get_wrapped_data_key(conn: Connection, organization_id: UUID) -> bytes:
    """Every organization has one from its first day."""
    cursor = await conn.execute(
        "SELECT wrapped FROM organization_data_keys WHERE organization_id = %s AND version = 1", (organization_id,)
    )
    row = await cursor.fetchone()
    if row is None:
        raise LookupError("the organization has no data key")
    return bytes(row[0])


async def list_credentials(conn: Connection, organization_id: UUID) -> list[Credential]:
    """All of them, including revoked ones: their secrets must not be used again."""
    async with conn.cursor(row_factory=class_row(Credential)) as cursor:
        await cursor.execute(
            """
            SELECT id, kind, name, secret_digest, scopes, revoked_at IS NOT NULL AS is_revoked
            FROM credentials WHERE organization_id = %s ORDER BY created_at, id
            """,
            (organization_id,),
        )
        return await cursor.fetchall()


async def save_credential(conn: Connection, organization_id: UUID, credential: Credential) -> None:
    """Inserts it, or gives the one with its id the new name, secret and scopes. A revoked one stays revoked."""
    await conn.execute(
        """
        INSERT INTO credentials (organization_id, id, kind, name, secret_digest, scopes) VALUES (%s, %s, %s, %s, %s, %s)
        ON CONFLICT (organization_id, id) DO UPDATE SET
          name = excluded.name, secret_digest = excluded.secret_digest, scopes = excluded.scopes
        """,
        (
            organization_id,
            credential.id,
            credential.kind,
            credential.name,
            credential.secret_digest,
            credential.scopes,
        ),
    )


async def claim_revocation(conn: Connection, organization_id: UUID, credential_id: UUID) -> bool:
    """Revokes the credential; true for the one caller who did it."""
    cursor = await conn.execute(
        """
        UPDATE credentials SET revoked_at = now()
        WHERE organization_id = %s AND id = %s AND revoked_at IS NULL RETURNING id
        """,
        (organization_id, credential_id),
    )
    return await cursor.fetchone() is not None


async def get_currency(conn: Connection, organization_id: UUID) -> str:
    cursor = await conn.execute("SELECT o.currency FROM organizations o WHERE o.id = %s", (organization_id,))
    return str((await cursor.fetchall())[0][0])
