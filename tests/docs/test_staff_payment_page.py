"""The page of docs/api/ about what staff see of payments and do about them, printed from real conversations."""

from uuid import UUID

import pytest

from carelane.kit import clock
from tests.detail.asking import create_case
from tests.docs.pages import DOCS, check_printed
from tests.docs.printer import ApiPage
from tests.docs.stable import UNKNOWN_ID
from tests.docs.test_staff_pages import EVERYWHERE
from tests.factories.payments import add_gateway, add_intent, charge
from tests.own_clinic import make_clinic
from tests.review.people import employ

PAYMENTS = "/api/staff/payments"
REFUNDS = "/api/staff/refunds"

_ABOUT = """\
Where payments stand, what they wait for, and what people do about it. Amounts are decimal strings in the payment's currency. What
people wrote is shown to those who may read cases; nothing else here is health information.

    UNCHECKED → WAITING → DUE → DONE      NEEDS_PATIENT · NEEDS_CARD · NEEDS_STAFF · RELEASING      UNVERIFIED

No act moves money: the worker does what the payment then wants. A refund is granted with one right and sent with another. What can be
refunded is what was captured, less what went back, is in dispute or was granted before."""


@pytest.fixture
async def clinic(services, tmp_path):
    """A clinic of the page's own: nothing but the page's payments is in its lists."""
    return await make_clinic(services, tmp_path, casePrefix="HAR")


async def test_page_of_staff_payments(client, services, clinic):
    organization_id = UUID(clinic.organization_id)
    manager, admin, support = [
        await employ(services, clinic, name, role=role, npi=None, licenses={})
        for name, role in (("Tomas", "CASEMANAGER"), ("Ines", "ADMIN"), ("Vera", "SUPPORT"))
    ]
    account_id = await add_gateway(services, organization_id, is_test=False)
    case_id = await create_case(client, clinic)
    here = (services, organization_id)
    of_gateway = {
        "method": "GATEWAY",
        "policy": "charge_on_approval",
        "gateway_account_id": account_id,
        "wanted": "TAKE",
    }
    paid = {"status": "PAID", "stage": "DONE", "captured_cents": 15900, "paid_at": clock.now()}
    paid_id = await charge(*here, case_id, 15900, **(of_gateway | paid))
    taken = {"gateway_id": "pi_3QExample", "status": "succeeded", "captured_cents": 15900}
    await add_intent(*here, paid_id, account_id, 15900, **taken)
    stopped = {"status": "UNPAID", "stage": "NEEDS_CARD", "failure": "DECLINED", "decline_code": "stolen_card"}
    stopped_id, other_id = [await charge(*here, case_id, 4900, **(of_gateway | stopped)) for _ in range(2)]

    page = ApiPage(client, clinic, "Staff: payments")
    page.say(f"{_ABOUT}\n\n{EVERYWHERE}")
    get, post = {"method": "GET", "headers": manager.headers}, {"method": "POST", "headers": manager.headers}
    text = "Newest first. `stage` may be repeated; `caseId` and `chargeId` narrow, `after` and `limit` (1 to 100) page."
    await page.ask("List", text, path=f"{PAYMENTS}?caseId={case_id}&stage=NEEDS_CARD", status=200, **get)
    text = "With the gateway's intents, our attempts, refunds and disputes."
    await page.ask("One payment", text, path=f"{PAYMENTS}/{paid_id}", status=200, **get)
    text = "What it waits for, since when, what failed, what comes next and when, and who can move it."
    await page.ask("Why does it stand there?", text, path=f"{PAYMENTS}/{stopped_id}/why", status=200, **get)
    text = (
        "`reason` is told to the gateway and is one of its words: `duplicate`, `fraudulent` or `requested_by_customer`; `comment` stays "
        "here. Both may be left out. Without `amount`, everything that can be refunded is. Nothing moves until the refund is sent. "
        "One that nobody granted has the reason `not_owed`: what was not owed any more when it came goes back by itself."
    )
    body = {"json": {"amount": "50.00", "reason": "requested_by_customer", "comment": "The parcel came broken."}}
    granted = await page.ask("Grant a refund", text, path=f"{PAYMENTS}/{paid_id}/refunds", status=200, **body, **post)
    text = (
        "The items of the charges that the payment paid, each at its part of the charge's total. Their ids may be `items` of a refund, "
        '`[{"id": …, "quantity": 1}]`, in place of its amount; each piece goes back once.'
    )
    await page.ask("What can go back by item?", text, path=f"{PAYMENTS}/{paid_id}/refundable-items", status=200, **get)
    other = await client.post(f"{PAYMENTS}/{paid_id}/refunds", json={"amount": 9}, headers=manager.headers)
    text = "Takes back a refund that was granted and not sent."
    await page.ask("Cancel a refund", text, path=f"{REFUNDS}/{other.json()['id']}/cancel", status=200, **post)
    text = "The worker gives it to the gateway within moments. Whoever grants needs another right than whoever sends; an ADMIN has both."
    send = f"{REFUNDS}/{granted['id']}/send"
    sending = await page.ask("Send a refund", text, "POST", send, 200, headers=admin.headers)
    assert sending["status"] == "SENDING"
    text = "`LOOK_UP` asks the gateway once more. `GIVE_UP` releases what is held and ends the payment. `PAID_ELSEWHERE`: the patient paid in full."
    ended = {"json": {"outcome": "PAID_ELSEWHERE", "comment": "Paid by check."}}
    await page.ask("Say how it ended", text, path=f"{PAYMENTS}/{other_id}/resolve", status=200, **ended, **post)
    page.say_errors()
    retry = f"{PAYMENTS}/{stopped_id}/retry"
    await page.ask("A card that was declined for good", "", path=retry, status=409, **post)
    bad = {"json": {"amount": 1000}}
    await page.ask("More than is left", "", path=f"{PAYMENTS}/{paid_id}/refunds", status=400, **bad, **post)
    await page.ask("A refund that was sent", "", "POST", send, 409, headers=admin.headers)
    await page.ask("A payment that is not there", "", path=f"{PAYMENTS}/{UNKNOWN_ID}", status=404, **get)
    await page.ask("A role without the scope", "", "POST", retry, 403, headers=support.headers)
    await page.ask("No session", "", "GET", PAYMENTS, 401)
    check_printed(DOCS / "api" / "staff-payments.md", page.text())
