"""docs/api/desk-money.md: payments at the desk and credit, printed from real conversations."""

from tests.docs.pages import DOCS, check_printed
from tests.docs.printer import ApiPage

_ABOUT = """\
A front desk sells ([charges](carts-and-quotes.md)), takes money for it, gives credit and gives back. Needs a key with `billing:write`, for
reading `billing:read`, for refunds `payments:refund`; [credentials, names and errors](billing.md) are those of the dialect, amounts
are cents. How all of it stands in the books says [the ledger](../design/ledger.md).

- **Mediums.** `CASH`, `CHECK` and `CARE_CREDIT` were settled outside, and so were a clinic's own. A charge that nothing else paid is
  `EXTERNAL_SETTLEMENT` then.
- **Paying a charge** takes the charge as `GET /billing/charge/table` shows it; `totalOutstanding` is what is paid. What is more than is
  outstanding is refused, unless `credit_overpayment_amount` says, to the cent, that it becomes the patient's credit.
- **Selling and paying at once**: `create-cash-settled` and `create-patient-credit-settled` make all charges, and one payment for them, or
  nothing. The first charge is paid first; what is not paid of them stays outstanding.
- **Credit** is spent oldest first, or by `credit_ids`; never more than there is, whoever spends at once. What has expired cannot be
  spent, and what payments took of a credit cannot be taken from it. Records that were merged have theirs together.
- **Refunds** go back the way that the payment came: to the card when somebody sends them (at once, if the key holds `payments:send`; else
  they stay `CREATED`), in cash and to the same credits at once. `destination` says otherwise: `CASH`, or `PATIENT_CREDIT`. Of a
  payment for several charges each gets its part back, to the cent. What was paid over goes back first, as far as it was not spent.
- **Payment plans**: `POST /billing/payment-plan/create-with-charges` makes charges, or takes those of `chargeIds`, and takes what is
  outstanding of them from a kept card: `initialAmount` at once, then an instalment at nine in the morning of its day, in the
  location's time zone, UTC without one. Without `startDate` the first is a period from today; what starts on a month's last day stays
  there. The last takes the rest: less than another, or more by the cents that do not divide; amounts that do not fit are a 422 that
  says what would. One is open at a time; one whose card says no is `FAILED`, and the plan waits for another card. Paying otherwise
  makes the plan shorter from its end; nothing outstanding, a void or a write-off ends it, a refund does not.
  `DELETE /billing/payment-plan/{charge_id}` ends it for all its charges. `plannedPayments` are those of the whole plan.
- **Archiving** says that a payment was not made: what it paid is owed again. Only of what was settled outside or came from credit, and
  before a part of it was refunded."""


async def test_page_of_the_desk(client, clinic):
    page, own = ApiPage(client, clinic, "Money at the desk"), {"headers": clinic.billing}
    page.say(_ABOUT)
    person = {"id": "pat_till", "firstName": "Dora", "lastName": "Roe"}
    assert (await client.post("/user/patient/create", json=person, **own)).status_code == 200
    sale = {"id": "chg_till", "patientId": "pat_till", "totalOutstanding": 12_000, "items": [
        {"name": "Visit", "quantity": 1, "price": 12_000}]}  # fmt: skip
    assert (await client.post("/billing/payment-terminal/charge/create", json=sale, **own)).status_code == 200
    credit = "/user/patient/pat_till/credit"
    told = {"amount": 2_500, "comment": "For the wait", "expiryDate": "2099-01-31T00:00:00Z"}
    await page.ask("Give credit", "Nothing is paid for it: it is a discount.", "POST", credit, 200, json=told, **own)
    await page.ask("What can be spent", "", "GET", f"{credit}/available", 200, **own)
    (row,) = (await client.get("/billing/charge/table", params={"id": "chg_till"}, **own)).json()["data"]
    shown = {name: row[name] for name in ("id", "total", "totalOutstanding", "status", "createdDate")}
    asked = shown | {"patient": {"id": "pat_till"}}
    spent = {"path": "/billing/payment/patient-credit/create", "json": asked | {"totalOutstanding": 2_500}}
    await page.ask(
        "Pay a part from credit", "Of the row, these members must be there.", "POST", status=200, **spent, **own
    )
    cash = asked | {"totalOutstanding": 10_000}
    over = "/billing/payment/cash/create?payment_medium=CASH&credit_overpayment_amount=500"
    paid = await page.ask("Pay the rest in cash, and a little more", "", "POST", over, 200, json=cash, **own)
    back = {"paymentId": paid["id"], "providerId": clinic.creator_id, "amount": 4_000, "reason": "OTHER"}
    await page.ask("Give back a part as credit", "", "POST", "/billing/payment/refund", 200,
                   json=back | {"destination": "PATIENT_CREDIT"}, **own)  # fmt: skip
    await page.ask("The credit afterwards", "", "GET", credit, 200, **own)
    page.say_errors("Beside those of [every request](billing.md#errors).")
    await page.ask(
        "More than is left", "", "POST", "/billing/payment/refund", 422, json=back | {"amount": 9_000}, **own
    )
    await page.ask("Nothing is outstanding", "", "POST", "/billing/payment/cash/create", 409, json=cash, **own)
    await page.ask("A part of it went back", "", "DELETE", f"/billing/payment/{paid['id']}", 409, **own)
    check_printed(DOCS / "api" / "desk-money.md", page.text())
