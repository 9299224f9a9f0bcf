"""The tenant walk's part about payments at the desk, refunds, and what storefronts tell of payments made elsewhere."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

from carelane.services import Services
from tests.factories.payments import add_gateway, add_intent, charge
from tests.factories.rows import insert_row

PAYMENTS = "/api/staff/payments"
REFUNDS = "/api/staff/refunds"
CHARGES = "/api/staff/charges"
CONFIRMATION = "/api/v1/customer-payment-confirmation"


class Paid(NamedTuple):
    """A payment of the victim that needs a person, and a refund of it that was granted."""

    payment_id: UUID
    refund_id: UUID


async def pay_marked(services: Services, organization_id: UUID, case_id: UUID, mark: str) -> Paid:
    """Each text holds the mark."""
    here = (services, organization_id)
    account_id = await add_gateway(*here, is_test=False)
    stands = {"method": "GATEWAY", "policy": "charge_on_approval", "stage": "NEEDS_STAFF", "status": "UNPAID"}
    told = {"failure": mark, "decline_code": mark, "gateway_account_id": account_id, "captured_cents": 5}
    payment_id = await charge(*here, case_id, 10, **(stands | told))
    await add_intent(*here, payment_id, account_id, 5, gateway_id=mark, captured_cents=5, status="succeeded")
    named = {"payment_id": payment_id, "amount_cents": 1, "currency": "USD", "failure": mark}
    return Paid(payment_id, await insert_row(*here, "refunds", **named))


def walk_payments(
    paid: Paid, case_id: UUID, email: str, key: dict[str, str], headers: dict[str, str]
) -> Iterator[tuple[str, tuple[str, str, dict[str, Any]]]]:
    """(route, (method, url, options)) pairs: what the other clinic's staff and storefront may try."""
    seen = {"headers": headers}
    for query in ({}, {"caseId": str(case_id)}, {"chargeId": str(paid.payment_id)}, {"after": str(paid.payment_id)}):
        yield f"GET {PAYMENTS}", ("GET", PAYMENTS, seen | {"params": query})
    one = f"{PAYMENTS}/{paid.payment_id}"
    for end in ("", "/why", "/refundable-items"):
        yield f"GET {PAYMENTS}/{{payment_id}}{end}", ("GET", one + end, seen)
    acts: dict[str, Any] = {
        "retry": None,
        "resolve": {"outcome": "GIVE_UP", "comment": "Stolen"},
        "refunds": {"amount": "0.01"},
    }
    for name, body in acts.items():
        yield f"POST {PAYMENTS}/{{payment_id}}/{name}", ("POST", f"{one}/{name}", seen | {"json": body})
    items = {"items": [{"id": str(paid.refund_id)}]}
    yield f"POST {PAYMENTS}/{{payment_id}}/refunds", ("POST", f"{one}/refunds", seen | {"json": items})
    for name in ("send", "cancel"):
        yield f"POST {REFUNDS}/{{refund_id}}/{name}", ("POST", f"{REFUNDS}/{paid.refund_id}/{name}", seen)
    told = {"amount": 1, "status": "PAID", "paymentDate": "2026-11-20"}
    for named in ({"caseId": str(case_id)}, {"email": email}, {"caseId": str(case_id), "email": email}):
        yield f"POST {CONFIRMATION}", ("POST", CONFIRMATION, {"headers": key, "json": told | named})


def walk_charges(charge_id: str, headers: dict[str, str]) -> Iterator[tuple[str, tuple[str, str, dict[str, Any]]]]:
    """(route, (method, url, options)) pairs: what the other clinic's staff may try with what is owed to the victim."""
    for name in ("void", "write-off"):
        asked = {"headers": headers, "json": {"reason": "Stolen"}}
        yield f"POST {CHARGES}/{{charge_id}}/{name}", ("POST", f"{CHARGES}/{charge_id}/{name}", asked)
