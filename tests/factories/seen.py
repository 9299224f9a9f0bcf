"""What a gateway says of a payment, settled as if it had been heard: ledger, rows and events are those of the product."""

from typing import Any
from uuid import UUID, uuid4

from carelane.kit import clock
from carelane.kit.auth import system_actor
from carelane.payments.gateways.protocol import Dispute, Intent, Refund
from carelane.payments.queries import PaymentRow, find_payment
from carelane.payments.settling.settle import Seen, settle
from carelane.services import Services


def captured_intent(payment: PaymentRow, cents: int, **values: Any) -> Intent:
    """Taken, and nothing of it went back."""
    usual = {
        "id": payment.reference_id or f"pi_{uuid4().hex}", "status": "succeeded", "is_test": payment.is_test, "amount_cents": cents,
        "capturable_cents": 0, "captured_cents": cents, "refunded_cents": 0, "is_disputed": False, "fee_cents": 59,
        "currency": payment.currency, "customer_id": payment.customer_id, "method_id": payment.method_id, "hold_ends_at": None,
        "decline_code": None, "failed_method_id": None, "cancellation_reason": None, "action_url": None, "client_secret": None,
        "attempt_id": None, "payment_id": payment.id, "created_at": clock.now(),
    }  # fmt: skip
    return Intent(**(usual | values))


def refund_of(intent_id: str, cents: int, currency: str = "USD", **values: Any) -> Refund:
    """Made in the gateway's dashboard."""
    usual = {
        "id": f"re_{uuid4().hex}", "status": "succeeded", "amount_cents": cents, "currency": currency, "intent_id": intent_id,
        "failure": None, "attempt_id": None, "created_at": clock.now(),
    }  # fmt: skip
    return Refund(**(usual | values))


def dispute_of(intent_id: str, cents: int, currency: str = "USD", **values: Any) -> Dispute:
    """The bank took the money; the gateway no fee."""
    usual = {
        "id": f"dp_{uuid4().hex}", "status": "OPEN", "intent_id": intent_id, "amount_cents": cents, "taken_cents": cents, "fee_cents": 0,
        "currency": currency, "reason": "fraudulent", "created_at": clock.now(),
    }  # fmt: skip
    return Dispute(**(usual | values))


async def hear(services: Services, organization_id: UUID, payment_id: UUID, seen: Seen) -> PaymentRow:
    """The payment after it."""
    await settle(services, system_actor(organization_id), payment_id, seen)
    return await payment_row(services, organization_id, payment_id)


async def payment_row(services: Services, organization_id: UUID, payment_id: UUID) -> PaymentRow:
    async with services.db.reading(organization_id) as conn:
        found = await find_payment(conn, organization_id, payment_id)
    assert found is not None
    return found


async def take(services: Services, organization_id: UUID, payment_id: UUID, cents: int, **values: Any) -> Intent:
    """The payment's money is captured."""
    intent = captured_intent(await payment_row(services, organization_id, payment_id), cents, **values)
    await hear(services, organization_id, payment_id, intent)
    return intent
