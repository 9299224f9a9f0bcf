"""Money of the full clinic: charges, a cart, a quote, credit and a dispute, all of the patient of the first case."""

from uuid import UUID

import httpx
import msgspec

from carelane.kit import clock
from carelane.kit.auth import system_actor
from carelane.payments.credits.actions import create_credit
from carelane.payments.credits.schemas import CreditIn
from carelane.services import Services
from tests.cast import Clinic
from tests.factories.carts import item, make_cart
from tests.factories.charges import line, make_charge
from tests.factories.payments import add_gateway, add_intent, charge
from tests.factories.quotes import make_quote
from tests.factories.rows import insert_link, insert_row, update_row


async def make_billing(
    services: Services, client: httpx.AsyncClient, clinic: Clinic, ids: dict[str, str], count: int
) -> dict[str, str]:
    """`count` charges; of everything else one."""
    organization_id, case_id = UUID(clinic.organization_id), UUID(ids["case_id"])
    theirs = msgspec.structs.replace(clinic, patient_id=ids["patient_id"])
    charges = [
        await make_charge(services, theirs, line(product_id=UUID(clinic.item_id)), patient_id=UUID(ids["patient_id"]))
        for _ in range(count)
    ]
    cart = await make_cart(client, theirs, item(clinic, quantity=2), notes="For the summer")
    quote_id = await make_quote(services, theirs, status="DRAFT")
    body = CreditIn(amount=2_000, comment="For the long wait")
    credit = await create_credit(services, system_actor(organization_id), ids["patient_id"], body, None)
    account_id = await add_gateway(services, organization_id, is_test=False)
    card = {
        "gateway_account_id": account_id,
        "patient_id": UUID(ids["patient_id"]),
        "customer_id": "cus_1",
        "method_id": "pm_1",
    }
    shown = {"brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2031, "looked_at": clock.now()}
    method_id = await insert_row(services, organization_id, "payment_methods", **card, **shown)
    of_gateway = {"method": "GATEWAY", "stage": "DONE", "gateway_account_id": account_id, "captured_cents": 15900}
    taken = {"patient_id": UUID(ids["patient_id"]), "charge_id": charges[0], "disputed_cents": 15900}
    disputed = await charge(services, organization_id, case_id, 15900, **of_gateway, **taken)
    dispute = {"payment_id": disputed, "gateway_account_id": account_id, "gateway_id": "dp_1", "amount_cents": 15900}
    dispute |= {"fee_cents": 1500, "currency": "USD", "reason": "product_not_received", "status": "OPEN"}
    dispute_id = await insert_row(services, organization_id, "disputes", **dispute)
    asked = {"patient_id": UUID(ids["patient_id"]), "amount_cents": 15900, "currency": "USD", "is_test": False}
    sent = {"method": "EMAIL", "status": "FAILED", "failure": "550"}
    invoice_id = await insert_row(services, organization_id, "invoices", **asked, **sent)
    of_charge = {"invoice_id": invoice_id, "charge_id": charges[-1], "amount_cents": 15900}
    await insert_link(services, organization_id, "invoice_charges", **of_charge)
    await _let_refund(services, theirs, UUID(ids["payment_id"]), account_id)
    return {
        "invoice_id": str(invoice_id),
        "charge_id": str(charges[-1]),
        "line_id": str(cart["items"][0]["id"]),
        "item_id": clinic.item_id,
        "cart_id": str(cart["id"]),
        "quote_id": str(quote_id),
        "credit_id": credit.id,
        "method_id": str(method_id),
        "dispute_id": str(dispute_id),
    }


async def _let_refund(services: Services, clinic: Clinic, payment_id: UUID, account_id: UUID) -> None:
    """The payment was by card, for several of one thing and one of another, and can be given back."""
    organization_id, item_id = UUID(clinic.organization_id), UUID(clinic.item_id)
    lines = [line("Boxes", 9_000, product_id=item_id, quantity=3), line("Visit", 6_900, product_id=item_id)]
    charge_id = await make_charge(services, clinic, *lines, patient_id=UUID(clinic.patient_id))
    paid = {"method": "GATEWAY", "stage": "DONE", "gateway_account_id": account_id, "captured_cents": 15_900}
    await update_row(services, organization_id, "payments", payment_id, charge_id=charge_id, **paid)
    taken = {"status": "succeeded", "captured_cents": 15_900}
    await add_intent(services, organization_id, payment_id, account_id, 15_900, **taken)
