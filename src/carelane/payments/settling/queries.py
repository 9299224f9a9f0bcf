"""Every SQL statement about what belongs to a payment: intents, attempts, refunds, disputes."""

from datetime import datetime
from typing import LiteralString, TypeVar
from uuid import UUID

import msgspec

from carelane.kit.db import Connection, Cursor
from carelane.kit.phi import Phi
from carelane.payments.gateways.protocol import DisputeStatus, IntentStatus
from carelane.payments.queries import PaymentRow, find_later, lock_later
from carelane.payments.states import ACCEPTED, AttemptKind, AttemptStatus, RefundStatus

OwnRowT = TypeVar("OwnRowT", "AttemptRow", "RefundRow")

_OF_PAYMENT: LiteralString = " WHERE organization_id = %(organization_id)s AND payment_id = %(payment_id)s ORDER BY "

_INTENTS: LiteralString = (
    """
SELECT organization_id, id, payment_id, gateway_account_id, gateway_id, status, amount_cents, currency, capturable_cents,
  captured_cents, refunded_cents, fee_cents, hold_ends_at, method_id, created_at, updated_at
FROM payment_intents"""
    + _OF_PAYMENT
    + "created_at, id"
)
_ATTEMPTS: LiteralString = (
    """
SELECT organization_id, id, payment_id, kind, refund_id, intent_id, gateway_account_id, amount_cents, currency, status,
  customer_id, method_id, gateway_id, decline_code, failure, sends, created_at, sent_at, settled_at
FROM payment_attempts"""
    + _OF_PAYMENT
    + "created_at, id"
)
_REFUNDS: LiteralString = (
    """
SELECT organization_id, id, payment_id, intent_id, amount_cents, currency, reason, status, gateway_id, failure,
  granted_by_staff_id, granted_at, sent_at, settled_at
FROM refunds"""
    + _OF_PAYMENT
    + "granted_at, id"
)
_DISPUTES: LiteralString = (
    """
SELECT organization_id, id, payment_id, gateway_account_id, gateway_id, amount_cents, fee_cents, currency, reason, status,
  opened_at, closed_at
FROM disputes"""
    + _OF_PAYMENT
    + "opened_at, id"
)

_AS_LIST: LiteralString = ", (SELECT coalesce(json_agg(r), '[]') FROM ("
_STANDING: LiteralString = (
    "SELECT json_build_object('intents'" + _AS_LIST + _INTENTS + ") r), 'attempts'" + _AS_LIST + _ATTEMPTS
    + ") r), 'refunds'" + _AS_LIST + _REFUNDS + ") r), 'disputes'" + _AS_LIST + _DISPUTES + ") r))::text"
)  # fmt: skip

# A row that another payment has stays that one's.
_SAVE_INTENT: LiteralString = """
INSERT INTO payment_intents (organization_id, id, payment_id, gateway_account_id, gateway_id, status, amount_cents, currency,
  capturable_cents, captured_cents, refunded_cents, fee_cents, hold_ends_at, method_id, created_at)
VALUES (%(organization_id)s, %(id)s, %(payment_id)s, %(gateway_account_id)s, %(gateway_id)s, %(status)s, %(amount_cents)s,
  %(currency)s, %(capturable_cents)s, %(captured_cents)s, %(refunded_cents)s, %(fee_cents)s, %(hold_ends_at)s,
  %(method_id)s, %(created_at)s)
ON CONFLICT (organization_id, id) DO UPDATE SET status = excluded.status, capturable_cents = excluded.capturable_cents,
  captured_cents = greatest(payment_intents.captured_cents, excluded.captured_cents),
  refunded_cents = excluded.refunded_cents, fee_cents = excluded.fee_cents, hold_ends_at = excluded.hold_ends_at,
  method_id = excluded.method_id, updated_at = now()
"""

_INSERT_ATTEMPT: LiteralString = """
INSERT INTO payment_attempts (organization_id, id, payment_id, kind, refund_id, intent_id, gateway_account_id, amount_cents,
  currency, status, customer_id, method_id, sends, created_at, sent_at)
VALUES (%(organization_id)s, %(id)s, %(payment_id)s, %(kind)s, %(refund_id)s, %(intent_id)s, %(gateway_account_id)s,
  %(amount_cents)s, %(currency)s, %(status)s, %(customer_id)s, %(method_id)s, %(sends)s, %(created_at)s, %(sent_at)s)
"""

# One that came to its end stays there.
_SAVE_ATTEMPT: LiteralString = """
UPDATE payment_attempts SET status = %(status)s, intent_id = %(intent_id)s, gateway_id = %(gateway_id)s,
  decline_code = %(decline_code)s, failure = %(failure)s, sends = %(sends)s, sent_at = %(sent_at)s,
  settled_at = %(settled_at)s
WHERE organization_id = %(organization_id)s AND id = %(id)s AND status NOT IN ('SUCCEEDED', 'FAILED')
"""

_SAVE_REFUND: LiteralString = """
INSERT INTO refunds (organization_id, id, payment_id, intent_id, amount_cents, currency, reason, status, gateway_id, failure,
  granted_by_staff_id, granted_at, sent_at, settled_at)
VALUES (%(organization_id)s, %(id)s, %(payment_id)s, %(intent_id)s, %(amount_cents)s, %(currency)s, %(reason)s, %(status)s,
  %(gateway_id)s, %(failure)s, %(granted_by_staff_id)s, %(granted_at)s, %(sent_at)s, %(settled_at)s)
ON CONFLICT (organization_id, id) DO UPDATE SET intent_id = excluded.intent_id, status = excluded.status,
  gateway_id = excluded.gateway_id, failure = excluded.failure, sent_at = excluded.sent_at,
  settled_at = excluded.settled_at
"""

_SAVE_DISPUTE: LiteralString = """
INSERT INTO disputes (organization_id, id, payment_id, gateway_account_id, gateway_id, amount_cents, fee_cents, currency,
  reason, status, opened_at, closed_at)
VALUES (%(organization_id)s, %(id)s, %(payment_id)s, %(gateway_account_id)s, %(gateway_id)s, %(amount_cents)s,
  %(fee_cents)s, %(currency)s, %(reason)s, %(status)s, %(opened_at)s, %(closed_at)s)
ON CONFLICT (organization_id, id) DO UPDATE SET fee_cents = excluded.fee_cents, status = excluded.status,
  closed_at = excluded.closed_at
"""

_FIND_OWNER: LiteralString = """
SELECT payment_id FROM payment_intents WHERE organization_id = %s AND gateway_account_id = %s AND gateway_id = %s
"""


class IntentRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A gateway's object that holds or has taken money for a payment. `refunded_cents`: as `Standing.given_cents`."""

    organization_id: UUID
    id: UUID
    payment_id: UUID
    gateway_account_id: UUID
    gateway_id: str
    status: IntentStatus
    amount_cents: int
    currency: str
    capturable_cents: int
    captured_cents: int
    refunded_cents: int
    fee_cents: int | None
    hold_ends_at: datetime | None
    method_id: str | None
    created_at: datetime
    updated_at: datetime


class AttemptRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """One try to move money. `intent_id`: what it acts on; of a CHARGE what it made. `customer_id` and `method_id`: the card of a
    CHARGE; the payment may have another since."""

    organization_id: UUID
    id: UUID
    payment_id: UUID
    kind: AttemptKind
    refund_id: UUID | None
    intent_id: UUID | None
    gateway_account_id: UUID
    amount_cents: int
    currency: str
    status: AttemptStatus
    customer_id: str | None
    method_id: str | None
    gateway_id: str | None
    decline_code: str | None
    failure: str | None
    sends: int
    created_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None


class RefundRow(msgspec.Struct, frozen=True, kw_only=True):
    """`granted_by_staff_id` is null of one that a decision made, or somebody in the gateway's own dashboard."""

    organization_id: UUID
    id: UUID
    payment_id: UUID
    intent_id: UUID | None
    amount_cents: int
    currency: str
    reason: str | None
    status: RefundStatus
    gateway_id: str | None
    failure: str | None
    granted_by_staff_id: UUID | None
    granted_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None


class DisputeRow(msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    payment_id: UUID
    gateway_account_id: UUID
    gateway_id: str
    amount_cents: int
    fee_cents: int
    currency: str
    reason: str | None
    status: DisputeStatus
    opened_at: datetime
    closed_at: datetime | None


class _Recorded(Phi, msgspec.Struct, frozen=True):
    intents: list[IntentRow]
    attempts: list[AttemptRow]
    refunds: list[RefundRow]
    disputes: list[DisputeRow]


class Standing(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A payment with all that is recorded of it: what every judgement about it is made from."""

    payment: PaymentRow
    intents: list[IntentRow] = []
    attempts: list[AttemptRow] = []
    refunds: list[RefundRow] = []
    disputes: list[DisputeRow] = []

    def with_attempt(self, after: AttemptRow) -> "Standing":
        return msgspec.structs.replace(self, attempts=_with(self.attempts, after))

    def with_refund(self, after: RefundRow) -> "Standing":
        return msgspec.structs.replace(self, refunds=_with(self.refunds, after))

    def given_cents(self, intent_id: UUID) -> int:
        """What the gateway has taken on to give back of an intent, as our refunds say."""
        return sum(one.amount_cents for one in self.refunds if one.intent_id == intent_id and one.status in ACCEPTED)


def _with(rows: list[OwnRowT], after: OwnRowT) -> list[OwnRowT]:
    """With the row as it is now in its place, or as the last one."""
    is_there = any(one.id == after.id for one in rows)
    kept = [after if one.id == after.id else one for one in rows]
    return kept if is_there else kept + [after]  # noqa: RUF005 - the type checker loses what it is


async def lock_standing(conn: Connection, organization_id: UUID, payment_id: UUID) -> Standing | None:
    """`lock_payment` and `list_standing` in one round trip: what is recorded is read once the locks are had."""
    locked = await lock_later(conn, organization_id, payment_id)
    recorded = await _query_recorded(conn, organization_id, payment_id)
    payment = await locked.fetchone()
    return await _standing(payment, recorded) if payment is not None else None


async def find_standing(conn: Connection, organization_id: UUID, payment_id: UUID) -> Standing | None:
    """The same without the locks."""
    found = await find_later(conn, organization_id, payment_id)
    recorded = await _query_recorded(conn, organization_id, payment_id)
    payment = await found.fetchone()
    return await _standing(payment, recorded) if payment is not None else None


async def list_standing(conn: Connection, payment: PaymentRow) -> Standing:
    return await _standing(payment, await _query_recorded(conn, payment.organization_id, payment.id))


async def _query_recorded(conn: Connection, organization_id: UUID, payment_id: UUID) -> Cursor:
    """One statement, for each step of a payment begins with it."""
    return await conn.execute(_STANDING, {"organization_id": organization_id, "payment_id": payment_id})


async def _standing(payment: PaymentRow, found: Cursor) -> Standing:
    row = await found.fetchone()
    assert row is not None
    recorded = msgspec.json.decode(row[0], type=_Recorded)
    return Standing(
        payment=payment,
        intents=recorded.intents,
        attempts=recorded.attempts,
        refunds=recorded.refunds,
        disputes=recorded.disputes,
    )


async def save_intent(conn: Connection, intent: IntentRow) -> None:
    await conn.execute(_SAVE_INTENT, msgspec.structs.asdict(intent))


async def insert_attempt(conn: Connection, attempt: AttemptRow) -> None:
    await conn.execute(_INSERT_ATTEMPT, msgspec.structs.asdict(attempt))


async def save_attempt(conn: Connection, attempt: AttemptRow) -> None:
    await conn.execute(_SAVE_ATTEMPT, msgspec.structs.asdict(attempt))


async def save_refund(conn: Connection, refund: RefundRow) -> None:
    await conn.execute(_SAVE_REFUND, msgspec.structs.asdict(refund))


async def save_dispute(conn: Connection, dispute: DisputeRow) -> None:
    await conn.execute(_SAVE_DISPUTE, msgspec.structs.asdict(dispute))


async def find_owner(conn: Connection, organization_id: UUID, gateway_account_id: UUID, gateway_id: str) -> UUID | None:
    """The payment that a gateway's intent belongs to, as far as is known."""
    cursor = await conn.execute(_FIND_OWNER, (organization_id, gateway_account_id, gateway_id))
    row = await cursor.fetchone()
    return row[0] if row else None
