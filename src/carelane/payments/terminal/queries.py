"""Every SQL statement about card payments at the desk."""

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.charges.plans.schemas import PaymentPlanIn
from carelane.kit.db import Connection, to_json, uuid_array
from carelane.kit.phi import Phi

# Plans ask for it here.
from carelane.payments.shares.queries import find_under_way as find_under_way  # noqa: PLC0414
from carelane.payments.terminal.schemas import PaymentMedium

_CHARGES: LiteralString = """
SELECT c.id, c.patient_id, c.currency, c.is_test, c.outstanding_cents, c.location_id, c.case_id, c.voided_at IS NOT NULL AS is_voided,
  c.archived_at IS NOT NULL AS is_archived
FROM charges c WHERE c.organization_id = %s AND c.id = ANY(%s::uuid[])
"""
_INSERT_CONFIG: LiteralString = """
INSERT INTO payin_configs (organization_id, id, medium, saves_method, location_id, creator_id, gateway_account_id, shares, plan)
VALUES (%(organization_id)s, %(id)s, %(medium)s, %(saves_method)s, %(location_id)s, %(creator_id)s, %(gateway_account_id)s, %(shares)s, %(plan)s)
"""
_LOCK_CONFIG: LiteralString = """
SELECT id, medium, saves_method, location_id, creator_id, gateway_account_id, shares::text AS shares, plan::text AS plan, payment_id,
  created_at
FROM payin_configs WHERE organization_id = %s AND id = %s FOR NO KEY UPDATE
"""
_SET_METADATA: LiteralString = """
UPDATE payin_configs SET medium = %s, saves_method = %s WHERE organization_id = %s AND id = %s
"""
_SET_PAYMENT: LiteralString = "UPDATE payin_configs SET payment_id = %s WHERE organization_id = %s AND id = %s"
_INSERT_PAYMENT: LiteralString = """
INSERT INTO payments (organization_id, id, charge_id, patient_id, amount_cents, currency, status, method, policy, stage, wanted,
  decided_at, gateway_account_id, customer_id, method_id, is_test, medium, location_id, created_by_staff_id, card_brand, card_last4,
  claim_id, next_step_at, due_at)
VALUES (%(organization_id)s, %(id)s, %(charge_id)s, %(patient_id)s, %(amount_cents)s, %(currency)s, 'UNPAID', 'GATEWAY', 'at_desk',
  'DUE', 'TAKE', now(), %(gateway_account_id)s, %(customer_id)s, %(method_id)s, %(is_test)s, %(medium)s, %(location_id)s,
  %(creator_id)s, %(brand)s, %(last4)s, %(claim_id)s, %(next_step_at)s, now())
"""


class Share(msgspec.Struct, frozen=True):
    """What is to be paid of a charge."""

    charge_id: UUID
    amount_cents: int


class ChargeRow(msgspec.Struct, frozen=True, kw_only=True):
    """A charge as it is looked at before anything is locked, or after."""

    id: UUID
    patient_id: UUID
    currency: str
    is_test: bool
    outstanding_cents: int
    location_id: UUID | None
    case_id: UUID | None
    is_voided: bool
    is_archived: bool


class NewConfig(msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    medium: str
    saves_method: bool
    location_id: UUID | None
    creator_id: UUID | None
    # Whoever asked for one.
    gateway_account_id: UUID | None
    shares: list[Share]
    plan: PaymentPlanIn | None


class ConfigRow(msgspec.Struct, frozen=True, kw_only=True):
    """A config whose row is locked. `payment_id`: it was charged, or is being charged, and never again."""

    id: UUID
    medium: PaymentMedium
    saves_method: bool
    location_id: UUID | None
    creator_id: UUID | None
    gateway_account_id: UUID | None
    shares: str
    plan: str | None
    payment_id: UUID | None
    created_at: datetime

    @property
    def parts(self) -> list[Share]:
        return msgspec.json.decode(self.shares, type=list[Share])

    @property
    def terms(self) -> PaymentPlanIn | None:
        return msgspec.json.decode(self.plan, type=PaymentPlanIn) if self.plan else None

    @property
    def charge_ids(self) -> list[UUID]:
        """Those that are paid now, and those whose turn comes by the plan."""
        terms = self.terms
        return [UUID(one) for one in terms.charge_ids] if terms else [part.charge_id for part in self.parts]


class NewCardPayment(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A payment that whoever holds the claim is about to make. `charge_id`: of one charge alone."""

    organization_id: UUID
    id: UUID
    charge_id: UUID | None
    patient_id: UUID
    amount_cents: int
    currency: str
    is_test: bool
    gateway_account_id: UUID
    customer_id: str
    method_id: str
    medium: str
    location_id: UUID | None
    creator_id: UUID | None
    brand: str | None
    last4: str | None
    claim_id: UUID
    next_step_at: datetime


async def list_charges(conn: Connection, organization_id: UUID, ids: Sequence[UUID]) -> dict[UUID, ChargeRow]:
    async with conn.cursor(row_factory=class_row(ChargeRow)) as cursor:
        await cursor.execute(_CHARGES, (organization_id, uuid_array(ids)))
        return {row.id: row for row in await cursor.fetchall()}


async def insert_config(conn: Connection, config: NewConfig) -> None:
    plan = to_json(config.plan) if config.plan else None
    values = msgspec.structs.asdict(config) | {"shares": to_json(config.shares), "plan": plan}
    await conn.execute(_INSERT_CONFIG, values)


async def lock_config(conn: Connection, organization_id: UUID, config_id: UUID) -> ConfigRow | None:
    async with conn.cursor(row_factory=class_row(ConfigRow)) as cursor:
        await cursor.execute(_LOCK_CONFIG, (organization_id, config_id))
        return await cursor.fetchone()


async def set_metadata(
    conn: Connection, organization_id: UUID, config_id: UUID, medium: str, *, saves_method: bool
) -> None:
    await conn.execute(_SET_METADATA, (medium, saves_method, organization_id, config_id))


async def set_payment(conn: Connection, organization_id: UUID, config_id: UUID, payment_id: UUID) -> None:
    await conn.execute(_SET_PAYMENT, (payment_id, organization_id, config_id))


async def insert_payment(conn: Connection, payment: NewCardPayment) -> None:
    await conn.execute(_INSERT_PAYMENT, msgspec.structs.asdict(payment))
