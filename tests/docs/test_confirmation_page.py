"""The page of docs/api/ about payments that were made elsewhere, printed from a real conversation."""

import pytest

from tests.detail.asking import create_case
from tests.docs.pages import DOCS, check_printed
from tests.docs.printer import WRONG_KEY, ApiPage
from tests.docs.stable import UNKNOWN_ID
from tests.own_clinic import make_clinic

URL = "/api/v1/customer-payment-confirmation"
_ABOUT = """\
Tells of a payment that no gateway of the clinic took: a check, another provider, an invoice. It is added to the case, stands in the
books, and opens the way of an order that waits for it. A card that was to be charged for the same case is not charged any more.

| status | what it does |
| --- | --- |
| `UNPAID` | announces a payment; of one that was told as paid, in the same amount: it was not paid after all, and paid once more it is another payment |
| `PAID` | adds one that was made, or says that the announced one of that amount was |
| `REFUND` | all or part of one that was `PAID` went back |
| `IN_DISPUTE`, `LOST_DISPUTE` | the patient's bank took it back, for now or for good; `PAID` again: the dispute was won |
| `CANCELED`, `ERROR` | an announced one will not be made; one that was `PAID` never was, and is owed again |

`REFUND` and disputes never come to more than was told as `PAID`. Of a case with no such payment they are written down, and move nothing.
`amount` is in the currency of the case. In place of `caseId`: `email` or `phoneNumber` of who submitted it, then the latest case."""


@pytest.fixture
async def clinic(services, tmp_path):
    return await make_clinic(services, tmp_path, casePrefix="HAR")


async def test_page_of_payment_confirmations(client, clinic):
    case_id = await create_case(client, clinic)
    page = ApiPage(client, clinic, "Payments made elsewhere")
    page.say(_ABOUT)
    post = {"method": "POST", "path": URL, "headers": clinic.key}
    body = {
        "caseId": str(case_id),
        "amount": 50,
        "description": "First month",
        "paymentDate": "2026-11-20",
        "status": "PAID",
        "validUntil": "2026-12-20",
        "idempotencyKey": "payment-1",
    }
    await page.ask("Paid", "An `idempotencyKey` is taken once.", status=200, json=body, **post)
    back = body | {"amount": 19.99, "status": "REFUND", "idempotencyKey": "payment-2"}
    await page.ask("Part of it went back", "", status=200, like=body, json=back, **post)
    page.say_errors()
    await page.ask("The key was used before", "Whatever the rest says.", status=409, like=body, json=body, **post)
    more = back | {"amount": 30.02, "idempotencyKey": "payment-3"}
    await page.ask("More than is left", "", status=400, like=body, json=more, **post)
    wrong = body | {"status": "DONE", "idempotencyKey": None}
    await page.ask("The body is not understood", "", status=400, like=body, json=wrong, **post)
    unknown = body | {"caseId": UNKNOWN_ID, "idempotencyKey": None}
    await page.ask("A case that is not there", "", status=404, like=body, json=unknown, **post)
    await page.ask("A wrong key", "", "POST", URL, 401, like=body, json=body, headers=WRONG_KEY)
    check_printed(DOCS / "api" / "payment-confirmation.md", page.text())
