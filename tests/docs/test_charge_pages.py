"""The page of docs/api/ about charges that are sold without a cart, printed from a real conversation."""

from tests.docs.pages import DOCS, check_printed
from tests.docs.printer import ApiPage

PATIENTS, CHARGES, DESK = "/user/patient", "/billing/charge", "/billing/payment-terminal"

_ABOUT = """\
What is sold at a desk or in a shop without a [cart](carts-and-quotes.md). [Credentials, names and errors](billing.md) are those of the
dialect. Selling and changing what is written needs `billing:write`, adjusting and writing off `payments:write`, archiving
`payments:refund`; reading is `billing:read`.

- **Prices** are computed here as those of [carts](../design/pricing.md): discounts of lines and of the charge, taxes of `locationId` or
  else of the patient's primary location, less an item's exemptions. `totalOutstanding`, and `total` if it is not 0, must say the same:
  another number is refused, and the answer says what it would be.
- **A line** sells an item (`itemId`), a package (`packageId`), or something else by its `name` alone, on which only taxes on everything
  are raised. `price` is for one piece. `taxAmount` is ours, whatever is sent.
- **Adjustments** are signed: what is above nothing is owed more. They raise no tax, and `total` stays what it was sold for. No more is
  taken off than is outstanding; where a payment under way would take more than is left, it is canceled first.
- **A write-off** takes all that is outstanding, once.
- **Archiving** reverses what the charge posted in [the ledger](../design/ledger.md). Only a charge that nothing was paid on can be.

A charge that is over nothing is `PAID` at once; `mark-no-charge` takes only such. A tip has calls of its
own, `POST /billing/tips/create` among them; what a body says of tips, memberships, banked items or sold packages is refused."""


async def test_page_of_charges(client, clinic):
    page = ApiPage(client, clinic, "Charges")
    page.say(_ABOUT)
    headers = {"headers": clinic.billing}
    person = {"id": "pat_desk", "firstName": "Jane", "lastName": "Roe", "primaryLocationId": clinic.location_id}
    assert (await client.post(f"{PATIENTS}/create", json=person, **headers)).status_code == 200
    lines = [{"itemId": clinic.item_id, "quantity": 2, "price": 5_000, "discountPercentage": 10}]
    sale = {"id": "chg_desk", "patientId": "pat_desk", "creatorId": clinic.creator_id, "comment": "Paid on Friday"}
    body = sale | {"totalOutstanding": 9_000, "items": lines}
    wrong = await client.post(f"{DESK}/charge/create", json=body | {"totalOutstanding": -1}, **headers)
    body["totalOutstanding"] = int(wrong.json()["detail"][0]["msg"].split()[1].rstrip(","))
    await page.ask("Sell something", "", "POST", f"{DESK}/charge/create", 200, json=body, **headers)
    change = {"chargeId": "chg_desk", "amount": -500, "reason": "Came a second time"}
    await page.ask("Less is owed", "", "POST", "/billing/adjustment/create", 200, json=change, **headers)
    new = {"comment": "Moved away", "externalCreatedDate": "2026-01-15T17:30:00Z"}
    await page.ask("Write on it", "", "POST", f"{CHARGES}/update-details/chg_desk", 200, json=new, **headers)
    written = {"chargeId": "chg_desk", "reason": "Moved away"}
    await page.ask("Write it off", "", "POST", "/billing/write-off/create", 200, json=written, **headers)
    await page.ask("Whose is it?", "", "GET", f"{CHARGES}/patients-by-ids?charge_ids=chg_desk", 200, **headers)
    free = {
        "patientId": "pat_desk",
        "totalOutstanding": 0,
        "items": [{"name": "Second look", "quantity": 1, "price": 0}],
    }
    await page.ask("What costs nothing", "", "POST", f"{DESK}/mark-no-charge", 200, json=[free], **headers)
    await page.ask("Archive it", "", "DELETE", f"{CHARGES}/chg_desk", 200, **headers)
    page.say_errors("Beside those of [every request](billing.md#errors).")
    other = body | {"id": "chg_2", "totalOutstanding": 1}
    await page.ask("Another total", "", "POST", f"{DESK}/charge/create", 422, json=other, **headers)
    made = body | {"id": "chg_3"}
    assert (await client.post(f"{DESK}/charge/create", json=made, **headers)).status_code == 200
    more = change | {"chargeId": "chg_3", "amount": -1_000_000}
    await page.ask("More than is outstanding", "", "POST", "/billing/adjustment/create", 422, json=more, **headers)
    await page.ask("It is archived", "", "GET", f"{CHARGES}/get/chg_desk", 404, **headers)
    check_printed(DOCS / "api" / "charges.md", page.text())
