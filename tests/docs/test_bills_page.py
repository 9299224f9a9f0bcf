"""The page of docs/api/ about receipts, links and invoices, printed from a real conversation."""

from tests.docs.pages import DOCS, check_printed
from tests.docs.printer import ApiPage
from tests.gateway_simulator.world import running_gateway
from tests.payment_page.world import running_world
from tests.quote_sending.world import until

_ABOUT = """\
What patients are sent of money: receipts of what they paid, links to what they owe, and invoices that bring those links. Needs a key
with `billing:write`, for reading `billing:read`; [credentials, names and errors](billing.md) are those of the dialect, amounts are cents. In
which order a clinic does it says [at the front desk](../howto/front-desk.md).

- **A receipt** is there for each payment that was made, as JSON, and as a PDF at `GET /billing/payment/{payment_id}/receipt.pdf`.
  `send-receipt` sends a link to a page with both, good for a year.
- **Links** hold who is meant, with a signature: nobody can guess one, and nothing of them is stored. A bill's page, and on a receipt's
  page what was sold, is shown to whoever proves to be the patient: last name and date of birth. After five wrong answers nothing is
  right for fifteen minutes, then longer, after thirty never: the next message brings a new link.
- **Paying** happens on the gateway's own page, one charge at a time. `return_url` is where the page leads afterwards: an address at
  one of the clinic's storefront origins.
- **An invoice** is a message, by `EMAIL` or `SMS`, with the link to what is owed. It is `PAID` once nothing of its charges is outstanding,
  however they were paid. It says nothing about treatment and no amount; `message` is the clinic's own words. The vendor's sets of
  invoices hold exactly one here: both have the same id. There are no rules that send them by themselves.
- Messages need what [sending quotes](../howto/send-quotes.md#what-it-takes) needs; the worker sends them, eight times at most, and the
  answer does not wait for it. Records that were merged have their invoices together."""

_LINKS, _INVOICES = "/billing/payment-link", "/billing/invoice"


async def test_page_of_bills(contract, tmp_path):
    with running_gateway() as gateway:
        async with running_world(tmp_path / "data", contract, gateway) as world:
            paying = await world.clinic(tmp_path)
            page = ApiPage(world.client, paying.clinic, "Receipts, links and invoices")
            page.hide(paying.email, "robin.vale@patient.example")
            page.hide(paying.clinic.tenant, "your-clinic")
            page.hide(paying.phone, "+12125550123")
            page.say(_ABOUT)
            await _receipts(page, world, paying)
            await _links(page, paying)
            await _invoices(page, world, paying)
            await _errors(page, paying)
            check_printed(DOCS / "api" / "bills.md", page.text())


async def _receipts(page, world, paying):
    own = {"headers": paying.clinic.billing}
    sale = {"id": "chg_bill", "patientId": paying.clinic.patient_id, "totalOutstanding": 12_000, "items": [
        {"name": "Visit", "quantity": 1, "price": 12_000}]}  # fmt: skip
    made = await world.client.post("/billing/payment-terminal/charge/create", json=sale, **own)
    assert made.status_code == 200, made.text
    (row,) = (await world.client.get("/billing/charge/table?id=chg_bill", **own)).json()["data"]
    cash = {name: row[name] for name in ("id", "total", "status", "createdDate")}
    cash |= {"totalOutstanding": 5_000, "patient": {"id": paying.clinic.patient_id}}
    paid = (await world.client.post("/billing/payment/cash/create", json=cash, **own)).json()
    path = f"/billing/payment/{paid['id']}/receipt"
    await page.ask("A receipt", "Of 50.00 in cash, for a visit of 120.00.", "GET", path, 200, **own)
    await page.ask("What it is for", "", "GET", f"{path}/items", 200, **own)
    await page.ask("Send it", "Without `useEmail`, by text message.", "POST", "/billing/payment/send-receipt", 200,
                   json={"paymentId": paid["id"], "useEmail": True}, **own)  # fmt: skip


async def _links(page, paying):
    own, patient_id = {"headers": paying.clinic.billing}, paying.clinic.patient_id
    await page.ask("What a patient owes", "One for each charge.", "GET", f"{_LINKS}/{patient_id}", 200, **own)
    await page.ask("What is owed under a phone number", "", "GET", "/billing/payment-links", 200,
                   params={"phone_number": paying.phone}, **own)  # fmt: skip
    said = {"patientId": patient_id, "lastName": "Vale", "phoneNumber": paying.phone, "dateOfBirth": "1985-03-27"}
    await page.ask("A patient says who they are", "", "POST", f"{_LINKS}/verify-patient", 200, json=said, **own)
    path = f"/billing/embed-payment/{patient_id}?charge_id=chg_bill"
    await page.ask("A payment to embed", "Of all that is outstanding of the charge.", "POST", path, 200, **own)


async def _invoices(page, world, paying):
    own = {"headers": paying.clinic.billing}
    words = {"patientId": paying.clinic.patient_id, "message": "Thank you for coming.", "invoiceMethod": "EMAIL"}
    body = words | {"charges": [{"id": "chg_bill"}]}
    made = await page.ask("Ask for it", "Without `charges`, for all that is outstanding.", "POST", f"{_INVOICES}/create", 200,
                          json=body, **own)  # fmt: skip
    await _sent(world, own)
    await page.ask("The table, once it is sent", "", "GET", f"{_INVOICES}/table?status=ACTIVE", 200, **own)
    other = {"invoiceSetId": made["id"], "method": "SMS"}
    await page.ask("By another method", "", "PUT", f"{_INVOICES}/retry-method", 200, json=other, **own)
    await _sent(world, own)


async def _sent(world, own):
    async def is_sent():
        listed = (await world.client.get(f"{_INVOICES}/table", **own)).json()
        return listed["data"][0]["invoices"][0]["status"] == "SENT"

    await until(is_sent)


async def _errors(page, paying):
    own, patient_id = {"headers": paying.clinic.billing}, paying.clinic.patient_id
    page.say_errors("Beside those of [every request](billing.md#errors).")
    said = {"patientId": patient_id, "lastName": "Vale", "phoneNumber": paying.phone, "dateOfBirth": "1985-03-28"}
    await page.ask("Somebody else", "", "POST", f"{_LINKS}/verify-patient", 404, json=said, **own)
    away = f"{_LINKS}/{patient_id}?return_url=https://elsewhere.example/thanks"
    await page.ask("Back to another site", "", "GET", away, 422, **own)
    words = {"patientId": patient_id, "message": "", "invoiceMethod": "EMAIL"}
    paid = words | {"charges": [{"id": "chg_other"}]}
    await page.ask("Nothing is owed of it", "", "POST", f"{_INVOICES}/create", 422, json=paid, **own)
    call = words | {"invoiceMethod": "CALL"}
    await page.ask("Nobody calls", "", "POST", f"{_INVOICES}/create", 422, json=call, **own)
    wrong = {"paymentId": "pay_none", "useEmail": True}
    await page.ask("No such payment", "", "POST", "/billing/payment/send-receipt", 404, json=wrong, **own)
