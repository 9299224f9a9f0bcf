"""Every SQL statement about credit as it is shown and changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.charges.schemas import UserOut
from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.ledger.schemas import Books
from carelane.patients.queries import living
from carelane.payments.credits.schemas import CreditFilter, CreditListedOut
from carelane.web.paging import Page, asked_for

# What a sealed comment is bound to.
COMMENT = "patient_credits.comment_sealed"

_SHOWN: LiteralString = """
SELECT json_build_object('id', k.id, 'amount_cents', k.amount_cents, 'spent_cents', k.spent_cents, 'currency', k.currency,
  'is_test', k.is_test, 'expires_at', k.expires_at,
  'comment', encode(k.comment_sealed, 'hex'), 'member_id', k.member_id, 'created_at', k.created_at, 'updated_at', k.updated_at,
  'patient_id', (SELECT coalesce(p.given_id, p.id::text) FROM patients p
    WHERE p.organization_id = k.organization_id AND p.id = k.patient_id),
  'creator', (SELECT json_build_object('id', coalesce(s.given_id, s.id::text), 'firstName', s.first_name,
      'lastName', s.last_name, 'phoneNumber', s.phone_number, 'email', s.email, 'type', 'PROVIDER')
    FROM staff s WHERE s.organization_id = k.organization_id AND s.id = k.created_by_staff_id))::text
FROM patient_credits k WHERE k.organization_id = %(organization_id)s AND k.deleted_at IS NULL
"""
_OF_PATIENT: LiteralString = " AND k.patient_id = %(patient_id)s"
_UNEXPIRED: LiteralString = " AND (k.expires_at IS NULL OR k.expires_at > now())"
_UNUSED: LiteralString = " AND k.spent_cents < k.amount_cents"
_PAGE: LiteralString = " ORDER BY k.created_at DESC, k.id DESC LIMIT %(limit)s OFFSET %(offset)s"
_COUNT: LiteralString = (
    "SELECT count(*) FROM patient_credits k WHERE k.organization_id = %(organization_id)s AND k.deleted_at IS NULL"
)
_ONE: LiteralString = _SHOWN + " AND k.id = %(credit_id)s"
_AVAILABLE: LiteralString = (
    _SHOWN
    + _OF_PATIENT
    + _UNEXPIRED
    + _UNUSED
    + " AND k.currency = %(currency)s AND k.is_test = %(is_test)s ORDER BY k.created_at, k.id"
)
_PATIENT: LiteralString = f"""
SELECT p.id, p.archived_at IS NOT NULL AS is_archived FROM patients p
WHERE p.organization_id = %(organization_id)s AND p.id = {living("%(patient_id)s")}
"""
_BOOKS: LiteralString = """
SELECT o.currency, coalesce((SELECT bool_and(a.is_test) FROM gateway_accounts a
  WHERE a.organization_id = o.id AND a.is_active), false) AS is_test
FROM organizations o WHERE o.id = %s
"""
_NET_SPENT: LiteralString = """
SELECT coalesce(sum(s.amount_cents - s.returned_cents), 0)::bigint FROM credit_spends s
WHERE s.organization_id = %s AND s.credit_id = %s
"""
_SAVE: LiteralString = """
UPDATE patient_credits SET amount_cents = %(amount_cents)s, spent_cents = %(spent_cents)s,
  expires_at = coalesce(%(expires_at)s, expires_at), comment_sealed = coalesce(%(comment_sealed)s, comment_sealed),
  updated_at = now()
WHERE organization_id = %(organization_id)s AND id = %(credit_id)s
"""
# Of all patients: the page is cut off an index before anything is looked up for it.
_LISTED: LiteralString = """
SELECT k.id, k.patient_id, nullif(concat_ws(' ', p.first_name, p.last_name), '') AS patient_name, k.amount_cents AS amount,
  k.amount_cents - k.spent_cents AS amount_remaining, k.currency, k.is_test, k.expires_at AS expiry_date,
  k.created_at AS created_date, (SELECT concat_ws(' ', s.first_name, s.last_name) FROM staff s
    WHERE s.organization_id = k.organization_id AND s.id = k.created_by_staff_id) AS creator
FROM (SELECT * FROM patient_credits k WHERE k.organization_id = %(organization_id)s AND k.deleted_at IS NULL{further}
  ORDER BY k.created_at DESC, k.id DESC LIMIT %(limit)s) k
JOIN patients p ON p.organization_id = k.organization_id AND p.id = k.patient_id
ORDER BY k.created_at DESC, k.id DESC
"""
_CONDITIONS: dict[str, LiteralString] = {
    "created_from": "k.created_at >= %(created_from)s",
    "created_until": "k.created_at < %(created_until)s",
    "after_id": "(k.created_at, k.id) < (%(after_at)s, %(after_id)s)",
    "LEFT": "k.spent_cents < k.amount_cents AND (k.expires_at IS NULL OR k.expires_at > now())",
    "EXPIRED": "k.spent_cents < k.amount_cents AND k.expires_at <= now()",
    "USED": "k.spent_cents = k.amount_cents",
}


class CreditShown(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A credit; `comment` is still sealed, in hex."""

    id: UUID
    patient_id: str
    amount_cents: int
    spent_cents: int
    currency: str
    is_test: bool
    expires_at: datetime | None
    comment: str | None
    member_id: str | None
    created_at: datetime
    updated_at: datetime | None
    creator: UserOut | None


class KnownPatient(msgspec.Struct, frozen=True):
    """The patient whom an id stands for."""

    id: UUID
    is_archived: bool


async def find_patient(conn: Connection, organization_id: UUID, patient_id: UUID) -> KnownPatient | None:
    async with conn.cursor(row_factory=class_row(KnownPatient)) as cursor:
        await cursor.execute(_PATIENT, {"organization_id": organization_id, "patient_id": patient_id})
        return await cursor.fetchone()


async def get_books(conn: Connection, organization_id: UUID) -> Books:
    """Those in which the organization charges now: its currency, of test money while it has a gateway for test money only."""
    ((currency, is_test),) = await (await conn.execute(_BOOKS, (organization_id,))).fetchall()
    return Books(currency, is_test)


async def list_credits(
    conn: Connection,
    organization_id: UUID,
    patient_id: UUID,
    page: Page,
    *,
    include_expired: bool,
    include_used: bool,
) -> tuple[list[CreditShown], int]:
    """A page, newest first, and how many there are on all."""
    conditions: LiteralString = (
        _OF_PATIENT + ("" if include_expired else _UNEXPIRED) + ("" if include_used else _UNUSED)
    )
    values = {"organization_id": organization_id, "patient_id": patient_id} | msgspec.structs.asdict(page)
    count = await conn.execute(_COUNT + conditions, values)
    rows = await _many(conn, _SHOWN + conditions + _PAGE, values)
    return rows, int((await count.fetchall())[0][0])


async def list_available(conn: Connection, organization_id: UUID, patient_id: UUID, books: Books) -> list[CreditShown]:
    values = {"organization_id": organization_id, "patient_id": patient_id} | msgspec.structs.asdict(books)
    return await _many(conn, _AVAILABLE, values)


async def list_all(conn: Connection, organization_id: UUID, wanted: CreditFilter, limit: int) -> list[CreditListedOut]:
    """Of all patients, newest first."""
    after = wanted.after
    values: dict[str, object] = {
        "organization_id": organization_id,
        "created_from": wanted.created_from,
        "created_until": wanted.created_until,
        "after_at": after.at if after else None,
        "after_id": after.id if after else None,
        "limit": limit,
    }
    asked = values | ({wanted.standing: True} if wanted.standing else {})
    async with conn.cursor(row_factory=class_row(CreditListedOut)) as cursor:
        await cursor.execute(_LISTED.replace("{further}", asked_for(_CONDITIONS, asked)), values)
        return await cursor.fetchall()


async def get_credit(conn: Connection, organization_id: UUID, credit_id: UUID) -> CreditShown:
    """One that is there."""
    return (await _many(conn, _ONE, {"organization_id": organization_id, "credit_id": credit_id}))[0]


async def get_net_spent(conn: Connection, organization_id: UUID, credit_id: UUID) -> int:
    """What payments took of a credit and did not give back."""
    return int((await (await conn.execute(_NET_SPENT, (organization_id, credit_id))).fetchall())[0][0])


async def save_credit(
    conn: Connection,
    organization_id: UUID,
    credit_id: UUID,
    *,
    amount_cents: int,
    spent_cents: int,
    expires_at: datetime | None,
    comment_sealed: bytes | None,
) -> None:
    """Without `expires_at` and `comment_sealed` these stay as they are."""
    values = {
        "organization_id": organization_id,
        "credit_id": credit_id,
        "amount_cents": amount_cents,
        "spent_cents": spent_cents,
        "expires_at": expires_at,
        "comment_sealed": comment_sealed,
    }
    await conn.execute(_SAVE, values)


async def _many(conn: Connection, statement: LiteralString, values: Mapping[str, object]) -> list[CreditShown]:
    cursor = await conn.execute(statement, values)
    return [msgspec.json.decode(row[0], type=CreditShown) for row in await cursor.fetchall()]
