"""Every SQL statement about the customers that patients are at a gateway."""

from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.patients.queries import family
from carelane.payments.queries import PaymentRow

# The patient's own before that of a record that was merged into theirs.
_FIND_CUSTOMER: LiteralString = f"""
SELECT g.customer_id FROM gateway_customers g
WHERE g.organization_id = %(organization_id)s AND g.gateway_account_id = %(gateway_account_id)s
  AND g.patient_id = ANY({family("%(patient_id)s::uuid")})
ORDER BY g.patient_id = %(patient_id)s DESC, g.updated_at DESC LIMIT 1
"""
_CUSTOMER_OF: LiteralString = f"""
SELECT coalesce(%(customer_id)s, ({_FIND_CUSTOMER})) AS customer_id, p.email
FROM patients p
WHERE p.organization_id = %(organization_id)s AND p.id = %(patient_id)s
"""
_SAVE_CUSTOMER: LiteralString = """
INSERT INTO gateway_customers (organization_id, gateway_account_id, patient_id, customer_id, method_id)
VALUES (%(organization_id)s, %(gateway_account_id)s, %(patient_id)s, %(customer_id)s, %(method_id)s)
ON CONFLICT (organization_id, gateway_account_id, patient_id) DO UPDATE SET
  customer_id = excluded.customer_id, method_id = coalesce(excluded.method_id, gateway_customers.method_id), updated_at = now()
"""


class Customer(Phi, msgspec.Struct, frozen=True):
    """Whom the gateway knows the patient as."""

    customer_id: str | None
    email: str | None


async def find_customer_id(conn: Connection, organization_id: UUID, account_id: UUID, patient_id: UUID) -> str | None:
    """Whom the gateway knows the patient as."""
    values = {"organization_id": organization_id, "gateway_account_id": account_id, "patient_id": patient_id}
    row = await (await conn.execute(_FIND_CUSTOMER, values)).fetchone()
    return row[0] if row else None


async def find_customer(conn: Connection, payment: PaymentRow) -> Customer | None:
    """The payment's own, else the patient's."""
    async with conn.cursor(row_factory=class_row(Customer)) as cursor:
        await cursor.execute(_CUSTOMER_OF, msgspec.structs.asdict(payment))
        return await cursor.fetchone()


async def save_customer(conn: Connection, payment: PaymentRow, customer_id: str, method_id: str | None) -> None:
    values = msgspec.structs.asdict(payment) | {"customer_id": customer_id, "method_id": method_id}
    await conn.execute(_SAVE_CUSTOMER, values)
