"""Pages of docs/api/ about the billing dialect, printed from real conversations."""

from typing import Any

from carelane.surfaces.docs.billing_examples import CREATE_PATIENT
from tests.cast import Clinic
from tests.docs.pages import DOCS, check_printed
from tests.docs.printer import ApiPage

PATIENTS, CARTS, QUOTES = "/user/patient", "/billing/cart", "/billing/quote"
FAR = "2099-01-31T00:00:00Z"

_ABOUT_THE_DIALECT = """\
Everything under `/billing`, `/inventory`, `/user`, `/admin`, `/tenant` and `/webhook` speaks this dialect. It works on the same patients, products and
bundles as the care API: an item is a product, a package is a bundle.

- **Credentials.** Every request names the key in the header `API-KEY` and the organization it belongs to in `TENANT`. If
  either is wrong the answer is 401. Keys come from the [organization file](../howto/credentials.md); each scope opens a part:
  `patients:read`, `patients:write`, `patients:merge`, `catalog:read`, `catalog:write`, `billing:read`, `billing:write`, `payments:write`, `payments:refund`, and `webhooks:manage` for [webhooks](billing-webhooks.md).
- **Names.** Answers have camelCase names. Bodies may have either camelCase or snake_case; where both are sent, camelCase counts.
  What is unknown is ignored. In answers every member is there, as `null` where there is nothing.
- **Ids** are opaque. Whoever creates a record may give it one of up to 128 characters (`id`); the name is the organization's
  own, so another may use the same. A name that is taken is a 409. An id of somebody else is not found, like one of nobody.
- **Amounts** are integers of the smallest unit that the currency has: cents of a dollar, whole yen, thousandths of a Kuwaiti dinar.
  Percentages are numbers from 0 to 100; they and quantities are rounded to six decimals. [How a cart is
  priced](../design/pricing.md).
- **Dates** are answered in UTC with a `Z`. A moment without a zone counts as UTC, a day as its midnight.
- **What is read.** `""` where nothing need be said is nothing. Numbers may be texts of digits (`"2"`, never `"1_0"` or `"1e2"`), whole
  ones may have a point (`500.0`), and words such as `draft`, `DESC` or `createdDate` may be in any case, with underscores or without.
  A body of which no member is known is refused: it is misspelled.
- **Success** is 200. Deleting answers `true` and archives: the record is not found any more, what points to it stays.
- **Sending again.** `Idempotency-Key` works on every POST and on whatever moves money, as in [place an order](place-order.md).
- **Limits.** An organization may send 6,000 requests in a minute, or what its file says (`requestsPerMinute`). Every answer has
  `X-RateLimit-Limit`, `X-RateLimit-Remaining` and `X-RateLimit-Reset` (when the next minute begins, in Unix seconds). Beyond it
  the answer is 429, and `Retry-After` says in how many seconds to come again.

All operations with their members are in the OpenAPI document; a running server shows it at `/docs`."""

_ABOUT_SALES = """\
A cart is priced when it is written, a quote offers it to the patient, and either becomes a charge, once. Needs a key with
`billing:write`, for reading `billing:read`; [credentials, names and errors](billing.md) are those of the dialect.

| | moves |
| --- | --- |
| cart | `DRAFT` to `ACCEPTED`, `REJECTED`, `CONVERTED`, `EXPIRED` or `ABANDONED`; `ACCEPTED` to `CONVERTED` |
| quote | `DRAFT` to `SENT`, `VIEWED`, then `ACCEPTED` or `DECLINED`; `EXPIRED` before that; `ACCEPTED` to `CONVERTED` |

Only drafts change. From the moment a quote of it was sent a cart is locked for good.

A charge is `OUTSTANDING` until it is paid (`PAID`, or `EXTERNAL_SETTLEMENT` where it was paid elsewhere); then `REFUNDED` when all that
was paid went back, `CHARGEBACK` when a dispute was lost. Staff make it `VOID` while nothing was paid, or `WRITE_OFF` what is outstanding
(`POST /api/staff/charges/{id}/void` and `/write-off`, with a `reason`). It shows its payments with their refunds, and its adjustments,
negative where they lower it; [selling without a cart, adjusting and archiving](charges.md) has a page of its own.
`GET /billing/charge/timeline` has all of it in order, tries that failed too. What is outstanding follows from [the ledger](../design/ledger.md)."""


async def test_page_of_the_billing_dialect(client, clinic):
    page = ApiPage(client, clinic, "The billing dialect")
    page.say(_ABOUT_THE_DIALECT)
    post = {"method": "POST", "path": f"{PATIENTS}/create", "headers": clinic.billing}
    known = CREATE_PATIENT | {"id": "pat_dialect", "email": "dialect@example.com"}
    await page.ask("Create a patient", "", status=200, json=known, **post)
    snake = {"first_name": "Ida", "address_line_two": "Top floor", "shoe_size": 39}
    await page.ask("The same in snake_case", "What is unknown is ignored.", status=200, json=snake, **post)
    archive = {"method": "POST", "path": f"{PATIENTS}/archive", "headers": clinic.billing}
    await page.ask("Archive", "", status=200, json={"patientIds": ["pat_dialect"]}, **archive)
    page.say_errors(
        "422 lists all that is wrong: `loc` is the place, `msg` what would be accepted. All others have one text."
    )
    wrong = {"credit_balance": "5_0", "patientSource": "PARENTS", "dateOfBirth": "1990-02-30", "meta": []}
    await page.ask(
        "Values of the wrong type", "Named as on the wire, however they were sent.", status=422, json=wrong, **post
    )
    await page.ask("A value breaks a rule", "", status=422, json=known | {"id": "pat_2", "email": "jane"}, **post)
    await page.ask("The body is no JSON", "", status=422, content=b'{"firstName": "Jan', **post)
    await page.ask("A wrong query", "", "GET", f"{CARTS}?page=-1&size=500", 422, headers=clinic.billing)
    await page.ask("No key", "", "GET", CARTS, 401)
    stolen = clinic.billing | {"TENANT": "juniper-care"}
    await page.ask("Another organization's name", "", "GET", CARTS, 401, headers=stolen)
    narrow = clinic.billing | {"API-KEY": clinic.catalog_only_key}
    await page.ask("A key without the scope", "", "GET", CARTS, 403, headers=narrow)
    await page.ask("Not there", "Another organization's answers the same.", "GET", f"{PATIENTS}/pat_none", 404,
                   headers=clinic.billing)  # fmt: skip
    await page.ask("A wrong URL", "", "GET", "/billing/basket", 404, headers=clinic.billing)
    await page.ask("A wrong method", "", "DELETE", CARTS, 405, headers=clinic.billing)
    check_printed(DOCS / "api" / "billing.md", page.text())


async def test_page_of_carts_and_quotes(client, clinic):
    page = ApiPage(client, clinic, "Carts, quotes and charges")
    page.say(_ABOUT_SALES)
    await _sell(page, clinic)
    page.say_errors("Beside those of [every request](billing.md#errors).")
    post = {"method": "POST", "headers": clinic.billing}
    await page.ask(
        "The cart is no draft any more", "", path=f"{CARTS}/cart_1/items", status=409,
        json={"itemId": clinic.item_id}, **post,
    )  # fmt: skip
    lines: list[dict[str, Any]] = [{"itemId": "itm_1", "quantity": -1}, {"quantity": 1}]
    body = {"patientId": "pat_sale", "discountPercentage": 120, "items": lines}
    await page.ask("Lines that cannot be priced", "", path=CARTS, status=422, json=body, **post)
    unknown = {"patientId": "pat_none", "creatorId": "prov_none", "items": [{"packageId": "pkg_none"}]}
    await page.ask("Names that are not there", "All of them are told.", path=CARTS, status=404, json=unknown, **post)
    await page.ask(
        "The name is taken", "", path=CARTS, status=409, json={"patientId": "pat_sale", "id": "cart_1"}, **post
    )
    check_printed(DOCS / "api" / "carts-and-quotes.md", page.text())


async def _sell(page: ApiPage, clinic: Clinic) -> None:
    """From a cart to its charge, as a storefront does it."""
    headers = {"headers": clinic.billing}
    person = {"id": "pat_sale", "firstName": "Jane", "lastName": "Roe", "primaryLocationId": clinic.location_id}
    made = await page.client.post(f"{PATIENTS}/create", json=person, **headers)
    assert made.status_code == 200, made.text
    lines = [{"itemId": clinic.item_id, "quantity": 1.5, "discountPercentage": 10}, {"packageId": clinic.package_id}]
    cart = {
        "id": "cart_1",
        "patientId": "pat_sale",
        "creatorId": clinic.creator_id,
        "discountAmount": 500,
        "items": lines,
    }
    text = (
        "Prices are the catalogue's unless a line says `unitPrice`; taxes are those of the patient's location. "
        "`discountAmount` of the answer is all that the cart's own discount came to."
    )
    await page.ask("Create a cart", text, "POST", CARTS, 200, json=cart, **headers)
    quote = {"id": "quo_1", "cartId": "cart_1", "patientId": "pat_sale", "creatorId": clinic.creator_id}
    words = {"title": "Your treatment plan", "validUntilDate": FAR, "requiresPatientVerification": True}
    await page.ask("Make a quote of it", "", "POST", QUOTES, 200, json=quote | words, **headers)
    sent = "Here by other means; [sending it](../howto/send-quotes.md) by e-mail or text message is `POST /billing/quote/send`."
    await page.ask("Hand it over", sent, "PUT", f"{QUOTES}/quo_1", 200, json={"status": "SENT"}, **headers)
    seen = "The first look stamps `viewedDate`, unless `update_viewed_date=false`."
    await page.ask("What the patient sees", seen, "GET", f"{QUOTES}/public/quo_1", 200, **headers)
    answer = {"quoteId": "quo_1", "response": "accept"}
    await page.ask("Answer for the patient", "", "POST", f"{QUOTES}/respond", 200, json=answer, **headers)
    sale = {"quoteId": "quo_1", "externalId": "shop-4711"}
    once = "However often, and by however many at once, it is asked for: there is one charge, and everybody gets it."
    await page.ask("Make the charge", once, "POST", f"{QUOTES}/convert-to-charge", 200, json=sale, **headers)
    await page.ask("The cart afterwards", "", "GET", f"{CARTS}/cart_1", 200, **headers)
