"""Every SQL statement about cards that are kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.patients.queries import STANDS_FOR, family, living
from carelane.payments.gateways.protocol import CardDetails

_OWN: LiteralString = family("%(patient_id)s::uuid")
_METHOD: LiteralString = f"""
SELECT m.id, m.patient_id, coalesce(p.given_id, p.id::text) AS shown_patient_id, m.gateway_account_id, m.customer_id, m.method_id,
  m.brand, m.last4, m.exp_month, m.exp_year, m.looked_at, m.created_at, a.is_test, coalesce(g.method_id = m.method_id, false) AS is_default
FROM payment_methods m
JOIN gateway_accounts a ON a.organization_id = m.organization_id AND a.id = m.gateway_account_id
JOIN patients r ON r.organization_id = m.organization_id AND r.id = m.patient_id
{STANDS_FOR}
LEFT JOIN gateway_customers g ON g.organization_id = m.organization_id AND g.gateway_account_id = m.gateway_account_id
  AND g.patient_id = m.patient_id
WHERE m.organization_id = %(organization_id)s AND m.archived_at IS NULL
"""
_OF_PATIENT: LiteralString = (
    _METHOD + f" AND m.patient_id = ANY({_OWN}) ORDER BY m.created_at DESC, m.id DESC LIMIT %(most)s"
)
# Whoever charges a card shares its row with others who do, and not with who takes it away.
_FOR_USE: LiteralString = _METHOD + " AND m.id = %(id)s FOR SHARE OF m"
_FOR_CHANGE: LiteralString = _METHOD + " AND m.id = %(id)s FOR NO KEY UPDATE OF m"
_BY_GATEWAY: LiteralString = (
    _METHOD + " AND m.gateway_account_id = %(account_id)s AND m.method_id = %(method_id)s"
    " AND m.patient_id = %(patient_id)s"
)
_SET_CARD: LiteralString = """
UPDATE payment_methods SET brand = %(brand)s, last4 = %(last4)s, exp_month = %(exp_month)s, exp_year = %(exp_year)s, looked_at = now()
WHERE organization_id = %(organization_id)s AND id = %(id)s
"""
_ARCHIVE: LiteralString = """
UPDATE payment_methods SET archived_at = now() WHERE organization_id = %(organization_id)s AND id = %(id)s
"""
_FORGET: LiteralString = """
UPDATE gateway_customers SET method_id = NULL, updated_at = now()
WHERE organization_id = %(organization_id)s AND gateway_account_id = %(account_id)s AND patient_id = %(patient_id)s
  AND method_id = %(method_id)s
"""
_IS_AWAITED: LiteralString = f"""
SELECT EXISTS (SELECT FROM payments y
  WHERE y.organization_id = %(organization_id)s AND y.patient_id = ANY({_OWN}) AND y.method_id = %(method_id)s
    AND y.status = 'UNPAID' AND y.stage IN ('UNCHECKED', 'WAITING', 'DUE', 'NEEDS_PATIENT') AND y.deleted_at IS NULL)
  OR EXISTS (SELECT FROM payment_plans n
  WHERE n.organization_id = %(organization_id)s AND n.gateway_account_id = %(account_id)s AND n.method_id = %(method_id)s
    AND n.status = 'RUNNING')
"""
_OTHERS: LiteralString = f"""
SELECT EXISTS (SELECT FROM gateway_customers g
  WHERE g.organization_id = %(organization_id)s AND g.gateway_account_id = %(account_id)s AND g.customer_id = %(customer_id)s
    AND g.patient_id <> ALL({_OWN}))
"""
_PERSON: LiteralString = f"""
SELECT p.id, coalesce(p.email, ''), p.archived_at IS NOT NULL FROM patients p
WHERE p.organization_id = %(organization_id)s AND p.id = {living("%(patient_id)s")}
"""


class MethodRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A card that is kept. `patient_id`: for whom it was; `shown_patient_id`: who that is now."""

    id: UUID
    patient_id: UUID
    shown_patient_id: str
    gateway_account_id: UUID
    customer_id: str
    method_id: str
    brand: str | None
    last4: str | None
    exp_month: int | None
    exp_year: int | None
    looked_at: datetime | None
    created_at: datetime
    is_test: bool
    is_default: bool


class Person(Phi, msgspec.Struct, frozen=True):
    id: UUID
    email: str
    is_archived: bool


async def list_methods(conn: Connection, organization_id: UUID, patient_id: UUID, most: int) -> list[MethodRow]:
    """The newest first; those of records that were merged into the patient's too."""
    return await _many(conn, _OF_PATIENT, {"organization_id": organization_id, "patient_id": patient_id, "most": most})


async def lock_method(
    conn: Connection, organization_id: UUID, method_id: UUID, *, changes: bool = False
) -> MethodRow | None:
    """For use; `changes`: to take it away."""
    statement = _FOR_CHANGE if changes else _FOR_USE
    found = await _many(conn, statement, {"organization_id": organization_id, "id": method_id})
    return found[0] if found else None


async def get_kept(
    conn: Connection, organization_id: UUID, account_id: UUID, patient_id: UUID, method_id: str
) -> MethodRow:
    """By the gateway's id, of a card that was kept a moment ago."""
    values = {"account_id": account_id, "patient_id": patient_id, "method_id": method_id}
    return (await _many(conn, _BY_GATEWAY, {"organization_id": organization_id} | values))[0]


async def set_card(conn: Connection, organization_id: UUID, method_id: UUID, card: CardDetails) -> None:
    """What may be shown of it."""
    shown = {"brand": card.brand, "last4": card.last4, "exp_month": card.exp_month, "exp_year": card.exp_year}
    await conn.execute(_SET_CARD, {"organization_id": organization_id, "id": method_id} | shown)


async def set_archived(conn: Connection, organization_id: UUID, method: MethodRow) -> None:
    """Nothing new is paid with it. The row must be locked."""
    values = {"account_id": method.gateway_account_id, "patient_id": method.patient_id, "method_id": method.method_id}
    await conn.execute(_ARCHIVE, {"organization_id": organization_id, "id": method.id})
    await conn.execute(_FORGET, {"organization_id": organization_id} | values)


async def find_awaited(conn: Connection, organization_id: UUID, method: MethodRow) -> bool:
    """Whether a payment that is not made yet is to be made with it."""
    values = {"patient_id": method.patient_id, "method_id": method.method_id, "account_id": method.gateway_account_id}
    row = await (await conn.execute(_IS_AWAITED, {"organization_id": organization_id} | values)).fetchone()
    return bool(row and row[0])


async def find_other_owner(
    conn: Connection, organization_id: UUID, account_id: UUID, customer_id: str, patient_id: UUID
) -> bool:
    """Whether the gateway knows another patient as this customer."""
    values = {"account_id": account_id, "customer_id": customer_id, "patient_id": patient_id}
    row = await (await conn.execute(_OTHERS, {"organization_id": organization_id} | values)).fetchone()
    return bool(row and row[0])


async def find_person(conn: Connection, organization_id: UUID, patient_id: UUID) -> Person | None:
    """The patient whom the id stands for."""
    values = {"organization_id": organization_id, "patient_id": patient_id}
    row = await (await conn.execute(_PERSON, values)).fetchone()
    return Person(*row) if row else None


async def _many(conn: Connection, statement: LiteralString, values: Mapping[str, object]) -> list[MethodRow]:
    async with conn.cursor(row_factory=class_row(MethodRow)) as cursor:
        await cursor.execute(statement, values)
        return await cursor.fetchall()
