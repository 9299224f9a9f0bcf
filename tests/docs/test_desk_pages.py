"""Pages of docs/api/ about what staff do to orders and webhooks, printed from real conversations."""

import time
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from carelane.processes import dispatcher
from tests.docs.pages import DOCS, check_printed
from tests.docs.printer import ApiPage
from tests.docs.stable import UNKNOWN_ID
from tests.docs.test_staff_pages import EVERYWHERE
from tests.factories.accounts import bearer
from tests.factories.orders import place_order
from tests.factories.pharmacies import add_pharmacy
from tests.factories.staff import hire
from tests.inbox.calling import signature
from tests.orders.bodies import order_body
from tests.orders.shop import Shop, open_shop
from tests.own_clinic import make_clinic
from tests.review.people import Person, employ

ORDERS = "/api/staff/orders"
INBOX = "/api/staff/pharmacy-inbox"
ENDPOINTS = "/api/staff/webhook-endpoints"
DELIVERIES = "/api/staff/webhook-deliveries"


@pytest.fixture
async def shop(client, services, tmp_path) -> Shop:
    """A clinic of the page's own: nothing but the page's cases and orders is in its lists."""
    clinic = await make_clinic(services, tmp_path, casePrefix="HAR")
    return await open_shop(client, services, clinic)


@pytest.fixture
async def manager(services, shop) -> Person:
    return await employ(services, shop.clinic, "Tomas", role="CASEMANAGER", npi=None, licenses={})


@pytest.fixture
async def admin(services, shop) -> Person:
    return await employ(services, shop.clinic, "Ines", role="ADMIN", npi=None, licenses={})


_ABOUT_ORDERS = """\
Where orders are, what they wait for, and what people do about it. None of these answers holds health information, so a SUPPORT
may read them.

    RECEIVED → SENDING → SENT → ACCEPTED → SHIPPED → DELIVERED      REJECTED · CANCELED · NEEDS_ATTENTION

An order is NEEDS_ATTENTION when it was tried often enough; `failure` and `why` say what is wrong. A person then sends it on, cancels
it or replaces it. Whenever the pharmacy may have an order, it is asked before anything is sent again."""


async def test_page_of_staff_orders(client, services, shop, manager):
    page = ApiPage(client, shop.clinic, "Staff: orders")
    page.say(f"{_ABOUT_ORDERS}\n\n{EVERYWHERE}")
    case_id = await shop.approved_case()
    order = f"{ORDERS}/{await shop.placed(case_id, order_body())}"
    get, post = {"method": "GET", "headers": manager.headers}, {"method": "POST", "headers": manager.headers}
    text = (
        "Newest first. `status` may be repeated; `needsAttention=true` shows those that a person must look at; `pharmacyId` and "
        "`caseId` narrow, `after` and `limit` (1 to 100) page."
    )
    await page.ask("List", text, path=f"{ORDERS}?caseId={case_id}", status=200, **get)
    await page.ask("One order", "With our calls, its callbacks and its parcels.", path=order, status=200, **get)
    text = "What it waits for, since when, the last failure, what comes next and when, and who can move it."
    await page.ask("Why does it stand there?", text, path=f"{order}/why", status=200, **get)
    text = "200: it had not left us, and is canceled. 202: the pharmacy may have it and is asked; `why` tells how that goes."
    cancel = {"json": {"reason": "The patient moved."}}
    await page.ask("Cancel", text, path=f"{order}/cancel", status=200, **cancel, **post)
    text = "Another order with the same prescription; `pharmacyId` (the UUID) and `shippingAddress` may differ. Once per order."
    replace = {"json": {"reason": "The parcel goes elsewhere."}}
    await page.ask("Replace", text, path=f"{order}/replace", status=200, **replace, **post)
    failed = await _failed_order(shop, case_id)
    await page.ask("Send on", "For an order that is NEEDS_ATTENTION.", path=f"{failed}/send", status=200, **post)
    waiting = await _ask_for_inbox(page, services, shop, manager)
    page.say_errors()
    await page.ask("The state does not allow it", "", path=f"{order}/cancel", status=409, **cancel, **post)
    await page.ask("It was replaced before", "", path=f"{order}/replace", status=409, **replace, **post)
    bad = {"json": {"reason": " ", "pharmacyId": "pharmacy-123"}}
    await page.ask("The body is not understood", "", path=f"{order}/replace", status=400, **bad, **post)
    other = {"json": {"orderId": order.rpartition("/")[2]}}
    await page.ask("The order is another pharmacy's", "", path=f"{INBOX}/{waiting}/match", status=422, **other, **post)
    await page.ask("An order that is not there", "", path=f"{ORDERS}/{UNKNOWN_ID}", status=404, **get)
    support = await hire(services, shop.id, "Vera", "Lund", role="SUPPORT")
    support_headers = await bearer(services, shop.id, support)
    await page.ask("A role without the scope", "", "POST", f"{order}/cancel", 403, headers=support_headers, **cancel)
    await page.ask("No session", "", "GET", ORDERS, 401)
    check_printed(DOCS / "api" / "staff-orders.md", page.text())


async def _failed_order(shop: Shop, case_id: UUID) -> str:
    given_up = {"status": "NEEDS_ATTENTION", "failure": "the pharmacy is not active", "pharmacy_id": shop.pharmacy_id}
    return f"{ORDERS}/{await place_order(shop.services, shop.id, case_id, **given_up)}"


async def _ask_for_inbox(page: ApiPage, services: Any, shop: Shop, manager: Person) -> str:
    """The id of a message that still waits in the end."""
    pharmacy_id = await add_pharmacy(services, shop.id, "pharmacy-pier", adapter="http", url="https://pharmacy.example")
    order_id = await place_order(services, shop.id, await shop.approved_case(), status="SENT", pharmacy_id=pharmacy_id)
    for number in (1, 2):
        body = msgspec.json.encode(
            {
                "messageId": f"m-{number}",
                "externalId": str(uuid4()),
                "status": "ACCEPTED",
                "pharmacyOrderId": f"RX-{number}",
            }
        )
        headers = {"content-type": "application/json", "carelane-signature": signature(body, second=int(time.time()))}
        taken = await shop.client.post(f"/pharmacies/{pharmacy_id}/callbacks", content=body, headers=headers)
        assert taken.json() == {"status": "waiting"}
    text = "Messages of pharmacies that name no order we know (`WAITING`) or that cannot be read (`UNREADABLE`)."
    found = await page.ask("The inbox", text, "GET", INBOX, 200, headers=manager.headers)
    newest, oldest = (callback["id"] for callback in found["callbacks"])
    text = (
        "Lets the message act on an order of the same pharmacy. What waits is matched by itself when its order appears."
    )
    match = {"headers": manager.headers, "json": {"orderId": str(order_id)}}
    await page.ask("Match a message with its order", text, "POST", f"{INBOX}/{oldest}/match", 200, **match)
    return str(newest)


_ABOUT_WEBHOOKS = """\
An ADMIN manages the clinic's webhook endpoints and looks at what became of each delivery. What a receiver gets, how it checks the
signature, and what follows which answer is on the page [webhooks](../howto/webhooks.md)."""

RECEIVER = "203.0.113.10"


async def test_page_of_staff_webhooks(client, services, shop, admin, manager):
    page = ApiPage(client, shop.clinic, "Staff: webhooks")
    page.hide(RECEIVER, "shop.example")
    page.say(f"{_ABOUT_WEBHOOKS}\n\n{EVERYWHERE}")
    post, get = {"method": "POST", "headers": admin.headers}, {"method": "GET", "headers": admin.headers}
    body = {"name": "Storefront", "url": f"https://{RECEIVER}/hooks", "events": ["CREATE_CASE", "ORDER_STATUS_CHANGED"]}
    made = await page.ask(
        "Add an endpoint", "The secret is shown this once.", path=ENDPOINTS, status=201, json=body, **post
    )
    one = f"{ENDPOINTS}/{made['id']}"
    await page.ask("List endpoints", f"`GET {ENDPOINTS}/{{id}}` gives one.", path=ENDPOINTS, status=200, **get)
    change = {"method": "PATCH", "headers": admin.headers, "json": {"events": [], "payload": "EVENT_ONLY"}}
    await page.ask("Change an endpoint", "What is absent stays as it is.", path=one, status=200, **change)
    text = "The one before stays good for `previousValidSeconds`: a day unless you say otherwise."
    await page.ask("Rotate the secret", text, path=f"{one}/rotate-secret", status=200, json={}, **post)
    tried = await page.ask("Send a test event", "", path=f"{one}/test", status=202, **post)
    await shop.approved_case()
    while await dispatcher.dispatch(services):
        pass
    text = "`status`, `limit` and `before` narrow and page. No bodies."
    await page.ask("List deliveries", text, path=f"{one}/deliveries?limit=1", status=200, **get)
    delivery = f"{DELIVERIES}/{tried['id']}"
    await page.ask("One delivery with its attempts", "", path=delivery, status=200, **get)
    text = "The body as it would be sent now. Health information: that it was read is on record."
    await page.ask("What it says, and what was answered", text, path=f"{delivery}/contents", status=200, **get)
    await page.ask("Repeat a delivery", "", path=f"{delivery}/replay", status=202, **post)
    span = {"from": "2026-01-01T00:00:00Z", "to": "2099-01-01T00:00:00Z", "status": "FAILED"}
    text = "All that were made in that time, or those of one status; 10,000 at most."
    await page.ask("Repeat the deliveries of a time", text, path=f"{one}/replay", status=202, json=span, **post)
    await page.ask("Switch it on again", "Whoever switched it off.", path=f"{one}/enable", status=200, **post)
    await page.ask("Switch it off", "Cancels what it waits for.", "DELETE", one, 200, headers=admin.headers)
    await _ask_for_webhook_errors(page, one, body, admin, manager)
    check_printed(DOCS / "api" / "staff-webhooks.md", page.text())


async def _ask_for_webhook_errors(
    page: ApiPage, one: str, body: dict[str, Any], admin: Person, manager: Person
) -> None:
    page.say_errors()
    post = {"method": "POST", "headers": admin.headers}
    private = body | {"name": "Inside", "url": "http://10.0.0.7/hooks", "events": ["CASE_LOST"]}
    await page.ask("A private address, an unknown event", "", path=ENDPOINTS, status=422, json=private, **post)
    await page.client.post(ENDPOINTS, json=body, headers=admin.headers)
    taken = "By one that is switched on."
    await page.ask("The name is taken", taken, path=ENDPOINTS, status=409, json=body, **post)
    await page.ask("It was taken meanwhile", "", path=f"{one}/enable", status=409, **post)
    await page.ask("A field is missing", "", path=ENDPOINTS, status=400, json={"name": "Storefront"}, **post)
    await page.ask("The endpoint is switched off", "", path=f"{one}/test", status=409, **post)
    unknown = f"{ENDPOINTS}/{UNKNOWN_ID}"
    await page.ask("An endpoint that is not there", "", "GET", unknown, 404, headers=admin.headers)
    await page.ask("A delivery that is not there", "", "GET", f"{DELIVERIES}/{UNKNOWN_ID}", 404, headers=admin.headers)
    await page.ask("A role without the scope", "", "GET", ENDPOINTS, 403, headers=manager.headers)
    await page.ask("No session", "", "GET", ENDPOINTS, 401)
