"""docs/api/staff-billing.md: the clinic's money for its people, printed from real conversations."""

from uuid import UUID

import pytest

from tests.docs.pages import DOCS, check_printed
from tests.docs.printer import ApiPage
from tests.docs.stable import UNKNOWN_ID
from tests.docs.test_staff_pages import EVERYWHERE
from tests.factories.charges import line, make_charge
from tests.factories.payments import add_gateway, charge
from tests.factories.rows import insert_row, update_row
from tests.own_clinic import make_clinic
from tests.review.people import employ

BILLING = "/api/staff/billing"

_ABOUT = """\
What the console's pages of billing show and do. Lists of charges, payments, quotes, carts and credit name patients, and are on record;
those of refunds, disputes and postings name none.

- **Own routes**: `charges`, `refunds`, `disputes`, `credits`, `ledger`, `books` and `exports`. Days are `from` and `until`, both of
  them whole, in the time zone `tz` or UTC. A page that is not the last says `next`, which is sent as `after`.
- **Routes of the billing dialect**, with the same bodies and answers in cents: `payment/table`, `payment/cash/create`,
  `payment/patient-credit/create`, `payment/methods`, `payment-plan/create-with-charges`, `payment-plan/{charge_id}` (ends one),
  `adjustment/create`, `charge/{charge_id}` (archives), `patient/{patient_id}/credit`, `cart`, `quote`, `quote/send`,
  `payment-link/{patient_id}`, `invoice/create`, `invoice/table`, `invoice/{invoice_id}/send-now` and `…/retry-send`.
  [Money at the desk](desk-money.md), [carts and quotes](carts-and-quotes.md) and [bills](bills.md) tell of them; errors are those of this API.
- **Before a payment plan is agreed on**, `charges/{charge_id}/payment-plan` says what it would take when, to the cent: `planned` has
  `dueOn`, `dueAt` and `amount` of each instalment, 0 being what is taken at once. Send `installments`, `frequency` (`WEEKLY`, `BIWEEKLY`,
  `MONTHLY`), and if you like `initialAmount`, `startDate`, and `also` for each further charge of the patient's; agree with the
  `installmentAmount`, the `startDate` and the `chargeIds` of the answer.
- **A quote** that nobody has answered is changed by `quote/{quote_id}` and `quote/{quote_id}/items/…`; `quote/{quote_id}/editable` gives the
  ids of its lines, which these take.
- Voiding and writing off are [`/api/staff/charges/{charge_id}/void` and `/write-off`](staff-payments.md); refunds are granted and sent
  [there](staff-payments.md), too.
- **Exports** are CSV, sent as they are read. A text that a spreadsheet would calculate, as it begins with `=`, `+`, `-` or `@`, has an
  apostrophe before it."""


@pytest.fixture
async def clinic(services, tmp_path):
    """A clinic of the page's own: nothing but the page's records is in its lists."""
    return await make_clinic(services, tmp_path, casePrefix="HAR")


async def test_page_of_staff_billing(client, services, clinic):
    here = (services, UUID(clinic.organization_id))
    admin = await employ(services, clinic, "Ines", role="ADMIN", npi=None, licenses={})
    support = await employ(services, clinic, "Vera", role="SUPPORT", npi=None, licenses={})
    await update_row(*here, "patients", UUID(clinic.patient_id), email="robin.vale@patient.example")
    sold = await make_charge(services, clinic, line(product_id=UUID(clinic.item_id)))
    account_id = await add_gateway(*here, is_test=False)
    taken = {"method": "GATEWAY", "gateway_account_id": account_id, "captured_cents": 15900, "charge_id": sold}
    payment_id = await charge(*here, None, 15900, **taken, patient_id=UUID(clinic.patient_id))
    dispute = {"payment_id": payment_id, "gateway_account_id": account_id, "gateway_id": "dp_3QExample"}
    told = {
        "amount_cents": 15900,
        "fee_cents": 1500,
        "currency": "USD",
        "status": "OPEN",
        "reason": "product_not_received",
    }
    dispute_id = await insert_row(*here, "disputes", **dispute, **told)
    granted = {"payment_id": payment_id, "amount_cents": 5000, "currency": "USD", "status": "GRANTED"}
    await insert_row(*here, "refunds", **granted, granted_by_staff_id=admin.id)

    page = ApiPage(client, clinic, "Staff: billing")
    page.say(f"{_ABOUT}\n\n{EVERYWHERE}")
    own = {"headers": admin.headers}
    text = "Newest first, by `status`, `patientId`, `name`, `total`, `outstanding` and days. Amounts are cents of the charge's `currency`."
    await page.ask("List charges", text, "GET", f"{BILLING}/charges?status=OUTSTANDING&limit=1", 200, **own)
    text = "With everything that happened to it, oldest first."
    await page.ask("One charge", text, "GET", f"{BILLING}/charges/{sold}", 200, **own)
    body = {"chargeId": str(sold), "amount": -900, "reason": "The wait was long"}
    await page.ask(
        "Adjust it",
        "In cents: with a minus less is owed.",
        "POST",
        f"{BILLING}/adjustment/create",
        200,
        json=body,
        **own,
    )
    credit = f"{BILLING}/patient/{clinic.patient_id}/credit"
    await page.ask("Give credit", "", "POST", credit, 200, json={"amount": 2000, "comment": "For the wait"}, **own)
    text = "`standing` is `LEFT`, `EXPIRED` or `USED`."
    await page.ask("Credit of all patients", text, "GET", f"{BILLING}/credits?standing=LEFT", 200, **own)
    text = "`GRANTED` are those that wait for somebody who may send them."
    await page.ask("Refunds", text, "GET", f"{BILLING}/refunds?status=GRANTED", 200, **own)
    await page.ask("Disputes", "", "GET", f"{BILLING}/disputes?status=OPEN", 200, **own)
    text = "What was sold, decided, shipped and told. An empty list says what is missing."
    await page.ask(
        "What a dispute is answered with", text, "GET", f"{BILLING}/disputes/{dispute_id}/evidence", 200, **own
    )
    text = "Each posting with the record that it is about, and who did that. `account` and `chargeId` narrow."
    await page.ask("The ledger", text, "GET", f"{BILLING}/ledger?account=discounts", 200, **own)
    text = "Debits less credits by kind of account; `differences` counts what the gateway's own list has otherwise."
    await page.ask("The books", text, "GET", f"{BILLING}/books", 200, **own)
    days = "from=2026-01-01&until=2035-12-31"
    await page.ask("How long an export is", "", "GET", f"{BILLING}/exports/ledger/count?{days}", 200, **own)
    text = await client.get(f"{BILLING}/exports/ledger/rows.csv?{days}", headers=admin.headers)
    assert text.text.splitlines()[0] == (
        "happened_at,posting_id,act,debit,credit,amount,currency,is_test,charge_id,source_id,reverses_id"
    )
    page.say_errors()
    await page.ask("Another export", "", "GET", f"{BILLING}/exports/people/count?{days}", 404, **own)
    await page.ask(
        "Days the wrong way round", "", "GET", f"{BILLING}/refunds?from=2026-02-02&until=2026-02-01", 400, **own
    )
    await page.ask("A charge that is not there", "", "GET", f"{BILLING}/charges/{UNKNOWN_ID}", 404, **own)
    plan = f"{BILLING}/charges/{sold}/payment-plan?installments=3&frequency=MONTHLY"
    shown = (await client.get(plan, headers=admin.headers)).json()
    assert [one["amount"] for one in shown["planned"]] == [5000, 5000, 5000]
    await page.ask("A plan that takes all at once", "", "GET", f"{plan}&initialAmount=15000", 400, **own)
    body = {"amount": 0}
    await page.ask("Credit over nothing", "", "POST", credit, 400, json=body, **own)
    await page.ask("A role without the scope", "", "GET", f"{BILLING}/charges", 403, headers=support.headers)
    await page.ask("No session", "", "GET", f"{BILLING}/ledger", 401)
    check_printed(DOCS / "api" / "staff-billing.md", page.text())
