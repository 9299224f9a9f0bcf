"""Pages of docs/api/ about orders as a storefront and a pharmacy see them, printed from real conversations."""

import time
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from carelane.kit.auth import system_actor
from carelane.processes import dispatcher
from carelane.services import Services
from carelane.surfaces.docs.examples import PLACE_ORDER
from carelane.web import idempotency
from carelane.web.idempotency import RequestKey
from tests.cast import Clinic
from tests.detail.asking import create_case
from tests.docs.pages import DOCS, check_printed
from tests.docs.printer import WRONG_KEY, ApiPage
from tests.docs.stable import UNKNOWN_ID
from tests.factories.orders import place_order
from tests.factories.pharmacies import add_pharmacy
from tests.inbox.calling import signature
from tests.orders.bodies import drop, order_body, put
from tests.orders.shop import open_shop
from tests.own_clinic import make_clinic

CASE = "/api/v1/cases/123e4567-e89b-12d3-a456-426614174000"
EVENTS = "/api/v1/events"

_ABOUT_ORDERS = """\
A storefront orders what a clinician approved. 200 says that the order is on disk; the worker sends it to the pharmacy a moment
later, and [events](events.md) or [webhooks](../howto/webhooks.md) tell how it goes.
`?includeOrders=true` on the [case detail](case-detail.md) shows where it is.

- `pharmacyId` and `drugId` are the codes of the [organization file](../howto/apply.md).
- Without `shippingAddress` the order goes to the patient's address. Country codes are kept in capital letters.
- `customFields` (16 kB of JSON at most) go to the pharmacy as they are.
- 1 to 50 `prescriptionItems`; `refillCount` 0 to 99, `supplyDays` 1 to 366. `quantity` is a number above 0, at most 99999, and
  perhaps what is counted: `30`, `2.5`, `60 tablets`.
- `dateWritten`, `dateSigned` and `datePrescribed` are days or instants from the year 2000 to now. The prescription shows the
  day that it was where the prescriber is; the pharmacy gets them as they were sent.
- Drugs with a schedule (controlled substances) cannot be ordered, nor can anything for an archived case or an abandoned cart.

**The order is bound to the decision.** A drug of the organization file may name its product, and what holds for it is the last
decision on that product in the case. No profile lets pass:

- a drug whose product was rejected, or on which the clinician could not decide
- a decision that has not begun or has ended: its first and its last day count in the state the parcel goes to
- more fills than it approved. An order is one fill and its refills; all orders of the case count that were not canceled or
  rejected, and a replacement counts in the place of what it replaces.

What `compat` only warns of, `strict` refuses:

- a drug that belongs to no approved product of the case, and a case that is not `APPROVED`
- `direction`, `quantity` or `supplyDays` beyond what the decision's `medInfo` states. Of directions, numbers and intervals are
  compared: "1 tablet daily" is within "one tablet each day", "2 tablets daily" is not.
- a prescriber whose NPI is neither that of the clinician who decided nor that of another prescriber of the organization, or who
  has no licence in the state the parcel goes to. A licence is good until the end of its last day there.
- an NPI or DEA number whose check digit is wrong, a telephone number that cannot be, a ZIP code outside its state

Warnings are told by the dry run, kept with the order, and shown to staff under
[why](staff-orders.md). The prescription says "Electronically prescribed by" only if the prescriber, by NPI and name, is who
signed in here and decided on all of its items; else "Prescriber as given by" the clinic. It names each decision and its day."""

_ABOUT_KEYS = """\
The header `Idempotency-Key` (1 to 255 visible ASCII characters) works on every POST under `/api/v1`. The same request with the
same key is answered with the same bytes for 30 days, and nothing is done a second time. Errors are not kept."""


async def test_page_of_place_order(client, clinic, services, tmp_path):
    page = ApiPage(client, clinic, "Place an order")
    page.say(_ABOUT_ORDERS)
    post = {"method": "POST", "path": CASE, "headers": clinic.key, "json": PLACE_ORDER}
    await page.ask("Place", "", status=200, **post)
    await _ask_for_keys(page, clinic)
    await _ask_for_dry_runs(page, clinic)
    page.say_errors("`errors` names every field that is wrong. Only the 409 of `idempotencyKey` has another shape.")
    await page.ask(
        "The `idempotencyKey` was used",
        "By any order of the organization, whatever it held. Of many at the same moment exactly one passes.",
        status=409,
        like=PLACE_ORDER,
        **post,
    )
    prefer = clinic.key | {"Prefer": "return=representation"}
    text = "`Prefer: return=representation` asks for the id of the order that used it."
    await page.ask("Which order used it?", text, like=PLACE_ORDER, status=409, **(post | {"headers": prefer}))
    await _ask_for_order_errors(page, clinic)
    await _ask_for_header_errors(page, clinic, services)
    await _ask_a_strict_clinic(page, await make_clinic(services, tmp_path, validationProfile="strict"), services)
    check_printed(DOCS / "api" / "place-order.md", page.text())


async def _ask_for_keys(page: ApiPage, clinic: Clinic) -> None:
    headers = clinic.key | {"Idempotency-Key": "order-of-march"}
    post = {
        "method": "POST",
        "path": CASE,
        "status": 200,
        "headers": headers,
        "json": order_body(),
        "like": PLACE_ORDER,
    }
    await page.ask("Place, safely repeated", _ABOUT_KEYS, **post)
    await page.ask("The same again", "", **post)


async def _ask_for_dry_runs(page: ApiPage, clinic: Clinic) -> None:
    post = {"method": "POST", "path": f"{CASE}?dryRun=true", "status": 200, "headers": clinic.key, "like": PLACE_ORDER}
    text = "Runs every check and writes nothing. `warn`: such an order is created, and the finding kept on it."
    await page.ask("Try without placing", text, json=order_body(), **post)
    bad = put(order_body(pharmacyId="pharmacy-999"), "order.prescriptionItems[0].drugId", "drug-controlled")
    await page.ask(
        "Try what would be refused",
        "`refuse`: such an order is answered 400.",
        json=drop(bad, "order.diagnosis"),
        **post,
    )


async def _ask_for_order_errors(page: ApiPage, clinic: Clinic) -> None:
    good, post = order_body(), {"method": "POST", "path": CASE, "like": PLACE_ORDER}
    drug, address = "order.prescriptionItems[0].drugId", "order.shippingAddress"
    bodies = {
        "A field is missing": drop(good, "order.prescriber.firstName"),
        "Another action": put(good, "action", "CANCEL_ORDER"),
        "A pharmacy that is none": order_body(pharmacyId="pharmacy-999"),
        "A drug that is none": put(good, drug, "drug-999"),
        "A controlled substance": put(good, drug, "drug-controlled"),
        "Values break rules": put(put(good, f"{address}.state", "California"), f"{address}.postalCode", "94105-1234"),
    }
    for heading, body in bodies.items():
        await page.ask(heading, "", status=400, json=body, headers=clinic.key, **post)
    await page.ask("No key", "", status=400, json=good, **post)
    await page.ask("A wrong key", "", status=401, headers=WRONG_KEY, json=good, **post)
    await page.ask("A key without the scope", "", status=403, headers=clinic.catalog_only, json=good, **post)
    unknown = post | {"path": f"/api/v1/cases/{UNKNOWN_ID}", "headers": clinic.key}
    text = "Another organization's case answers the same."
    await page.ask("A case that is not there", text, status=403, json=good, **unknown)


async def _ask_for_header_errors(page: ApiPage, clinic: Clinic, services: Services) -> None:
    used = clinic.key | {"Idempotency-Key": "order-of-march"}
    post = {"method": "POST", "path": CASE, "json": order_body(diagnosis="Migraine"), "like": PLACE_ORDER}
    await page.ask("The header's key was used for another request", "", status=422, headers=used, **post)
    async with _in_hand(services, clinic, "order-of-april"):
        text = "The first request with this key has not been answered yet."
        busy = clinic.key | {"Idempotency-Key": "order-of-april"}
        await page.ask("The request is in hand", text, status=409, headers=busy, **post)


@asynccontextmanager
async def _in_hand(services: Services, clinic: Clinic, key: str) -> Any:
    """Another request with this key that has not come to its end."""
    organization_id = UUID(clinic.organization_id)
    data_key = await services.keyring.data_key(organization_id)
    async with services.db.transaction(system_actor(organization_id)) as conn:
        await idempotency.begin(conn, organization_id, data_key, RequestKey(key, CASE, b"{}"))
        yield


async def _ask_a_strict_clinic(page: ApiPage, strict: Clinic, services: Services) -> None:
    page.hide(strict.api_key, "THE_KEY_OF_A_STRICT_ORGANIZATION")
    shop = await open_shop(page.client, services, strict)
    case_id = await shop.approved_case()
    doubtful = put(order_body(), "order.shippingAddress.postalCode", "10001")
    text = "The NPI of this page's example has a wrong check digit, too."
    post = {"method": "POST", "path": f"/api/v1/cases/{case_id}", "headers": strict.key, "like": PLACE_ORDER}
    await page.ask("What `strict` refuses", text, status=400, json=doubtful, **post)


async def test_page_of_events(client, clinic, services):
    page = ApiPage(client, clinic, "Events")
    page.say(
        "What happened, in one order without gaps: the same events as [webhooks](../howto/webhooks.md) carry, with `payload` "
        "`EVENT_ONLY`, for callers who would rather ask.\n\n"
        "Ask with the `after` of the answer before; 0 is the beginning. `limit` is 1 to 100, usually 50. An event never "
        "appears below a position that was shown. `sequence` counts the events of one case. Each case that is shown is "
        "recorded as read."
    )
    await _dispatch(services)
    start = await page.ask("Begin at the end", "", "GET", f"{EVENTS}?after=latest", 200, headers=clinic.key)
    case_id = await create_case(client, clinic)
    await client.post(f"/api/v1/cases/{case_id}", headers=clinic.key, json=order_body())
    await _dispatch(services)
    after = f"{EVENTS}?after={start['data']['after']}"
    text = "`hasMore` says that the next page can be asked for at once."
    first = await page.ask("What came since, one at a time", text, "GET", f"{after}&limit=1", 200, headers=clinic.key)
    await page.ask("Go on", "", "GET", f"{EVENTS}?after={first['data']['after']}", 200, headers=clinic.key)
    page.say_errors()
    await page.ask("No such place", "", "GET", f"{EVENTS}?after=yesterday&limit=0", 400, headers=clinic.key)
    await page.ask("No key", "", "GET", EVENTS, 401)
    await page.ask("A wrong key", "", "GET", EVENTS, 401, headers=WRONG_KEY)
    await page.ask("A key without the scope", "", "GET", EVENTS, 403, headers=clinic.catalog_only)
    check_printed(DOCS / "api" / "events.md", page.text())


async def _dispatch(services: Services) -> None:
    """What the worker does every 0.2 seconds; these pages' server has none."""
    while await dispatcher.dispatch(services):
        pass


_ABOUT_CALLBACKS = """\
A pharmacy tells how an order goes by a signed message to `/pharmacies/{id}/callbacks`. What stands in it, and how the signature is
made, is on the page [pharmacies](../howto/pharmacies.md#callbacks); a pharmacy that speaks FHIR sends a Bundle to the same place.

A message is kept before it is judged. Any 2xx says that it need not be sent again."""


@pytest.fixture
async def pharmacy(services, clinic):
    """A pharmacy that speaks our JSON protocol, and what it calls an order that it has."""
    organization_id = UUID(clinic.organization_id)
    pharmacy_id = await add_pharmacy(
        services, organization_id, f"p-{uuid4().hex}", adapter="http", url="https://pharmacy.example"
    )
    case_id = UUID(CASE.rpartition("/")[2])
    external_id = uuid4()
    await place_order(
        services, organization_id, case_id, status="SENT", external_id=external_id, pharmacy_id=pharmacy_id
    )
    return f"/pharmacies/{pharmacy_id}/callbacks", str(external_id)


async def test_page_of_pharmacy_callbacks(client, clinic, pharmacy):
    path, external_id = pharmacy
    page = ApiPage(client, clinic, "Pharmacy callbacks")
    page.say(_ABOUT_CALLBACKS)

    async def call(heading: str, text: str, status: int, message: Any, **options: Any) -> None:
        await page.ask(heading, text, "POST", path, status, **_signed(message, **options))

    parcel = {
        "trackingId": "1Z999",
        "carrierName": "Parcel Service",
        "status": "IN_TRANSIT",
        "at": "2026-11-20T12:00:00Z",
    }
    shipped = {"messageId": "m-2", "externalId": external_id, "status": "SHIPPED", "shipments": [parcel]}
    accepted = {"messageId": "m-1", "externalId": external_id, "status": "ACCEPTED", "pharmacyOrderId": "RX-20417"}
    await call("The order moved on", "", 200, shipped)
    await call("The same message again", "", 200, shipped)
    await call("An older message comes late", "It is kept, and the order stays SHIPPED.", 200, accepted)
    unknown = accepted | {"messageId": "m-3", "externalId": UNKNOWN_ID, "pharmacyOrderId": "RX-20418"}
    text = "It waits until the order appears; [staff](staff-orders.md) see it meanwhile."
    await call("An order that is not known", text, 200, unknown)
    page.say_errors()
    await call(
        "A wrong signature",
        "An old one and an unknown pharmacy answer the same.",
        401,
        shipped,
        secret=b"another secret",
    )
    await page.ask("No signature", "", "POST", path, 401, json=shipped)
    nameless = {"messageId": "m-4", "status": "SHIPPED"}
    await call("No order is named", "The message is kept, for people to look at.", 400, nameless)
    check_printed(DOCS / "api" / "pharmacy-callbacks.md", page.text())


def _signed(message: Any, **options: Any) -> dict[str, Any]:
    body = msgspec.json.encode(message)
    signed = signature(body, second=int(time.time()), **options)
    return {"content": body, "headers": {"content-type": "application/json", "carelane-signature": signed}}
