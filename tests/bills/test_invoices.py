"""/billing/invoice: making one, sending it again, and the table; it follows its message and its money."""

import asyncio
import re
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest

from carelane.bills.proof.access import PATH
from carelane.kit.auth import system_actor
from tests.bills.news import alerts, changes, shown_to_listeners
from tests.bills.paid import TOTAL_CENTS, bill_path, owing, paid
from tests.factories.charges import line
from tests.factories.rows import insert_row, update_row
from tests.quote_page.cast import text_of
from tests.quote_sending.world import until

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND %s::uuid IS NOT NULL"
CREATE, TABLE = "/billing/invoice/create", "/billing/invoice/table"


async def ask(world, paying, method, path, headers=None, **options):
    own = paying.clinic.billing if headers is None else headers
    return await world.client.request(method, path, headers=own, **options)


def body_of(paying, **values):
    return {"patientId": paying.clinic.patient_id, "message": "Thank you for coming", "invoiceMethod": "EMAIL"} | values


async def create(world, paying, headers=None, **values):
    return await ask(world, paying, "POST", CREATE, headers, json=body_of(paying, **values))


async def table(world, paying, **params):
    answer = await ask(world, paying, "GET", TABLE, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def until_status(world, paying, invoice_id, status):
    async def there():
        found = [one for one in (await table(world, paying))["data"] if one["id"] == invoice_id]
        return found[0] if found[0]["invoices"][0]["status"] == status else None

    return await until(there)


async def test_an_invoice_goes_by_mail_is_paid_and_says_so(world, paying, patient):
    charge_id = await owing(world, paying)
    answer = await create(world, paying)
    assert answer.status_code == 200, answer.text
    invoice = answer.json()
    assert (invoice["method"], invoice["amount"], invoice["rule"]) == ("EMAIL", TOTAL_CENTS, None)
    sent = await until_status(world, paying, invoice["id"], "SENT")
    assert (sent["status"], sent["totalOutstanding"], sent["chargeIds"]) == ("ACTIVE", TOTAL_CENTS, [str(charge_id)])
    assert [one[0] for one in sent["invoices"][0]["methodsAttempted"]] == ["EMAIL"]
    (mail,) = world.mails_to(paying)
    words = mail.get_payload(decode=True).decode()
    assert mail["Subject"] == "A bill from Harbor & Sons"
    assert "Thank you for coming" in words
    assert "159" not in words
    (url,) = re.findall(rf"https?://\S+{PATH}/\S+", words)
    assert urlsplit(url).path == bill_path(world, paying)
    assert "Confirm who you are" in text_of(await patient.open(urlsplit(url).path))
    await paid(world, paying, patient, charge_id)
    (row,) = (await table(world, paying, status="PAID"))["data"]
    assert (row["id"], row["totalOutstanding"]) == (invoice["id"], 0)
    assert row["paidDate"] is not None
    for path in (f"/billing/invoice/{invoice['id']}/send-now", f"/billing/invoice/{invoice['id']}/retry-send"):
        assert (await ask(world, paying, "PUT", path)).status_code == 409
    kinds = [row[0] for row in await world.events(paying, UUID(invoice["id"]))]
    assert kinds == ["INVOICE_CREATED", "INVOICE_SENT", "INVOICE_STATUS_CHANGED"]
    assert await alerts(world, paying, invoice["id"]) == ["INVOICE_STATUS_UPDATE", "INVOICE_STATUS_UPDATE"]
    # What a listener is told of it is what the table shows.
    (shown,) = await shown_to_listeners(world, paying, "invoice", invoice["id"])
    assert shown == row


async def test_a_charge_is_sent_by_whatever_reaches_the_patient(world, paying):
    own = UUID(paying.clinic.patient_id)
    await update_row(world.services, paying.organization_id, "patients", own, email=None, phone_e164=paying.phone)
    charge_id = await owing(world, paying)
    path = "/billing/invoice/create-from-charge/"
    answer = await ask(world, paying, "POST", path, params={"charge_id": str(charge_id)})
    assert answer.status_code == 200, answer.text
    assert answer.json()["method"] == "SMS"
    await until_status(world, paying, answer.json()["id"], "SENT")
    (text,) = [one for one in world.provider.texts if one.recipient == paying.phone and PATH in one.text]
    assert "asks you to pay here" in text.text
    await update_row(world.services, paying.organization_id, "patients", own, phone_e164=None)
    assert (await ask(world, paying, "POST", path, params={"charge_id": str(charge_id)})).status_code == 409
    assert (await ask(world, paying, "POST", path, params={"charge_id": str(uuid4())})).status_code == 404
    assert (await ask(world, paying, "POST", path)).status_code == 422


async def test_one_that_fails_is_tried_again_and_by_another_method(world, paying):
    own = UUID(paying.clinic.patient_id)
    await update_row(world.services, paying.organization_id, "patients", own, phone_e164=paying.phone)
    await owing(world, paying)
    world.sink.refused[paying.email] = "550 no such mailbox"
    invoice_id = (await create(world, paying)).json()["id"]
    failed = await until_status(world, paying, invoice_id, "FAILED")
    assert failed["status"] == "FAILED"
    assert failed["invoices"][0]["failedReason"]
    del world.sink.refused[paying.email]
    again = await ask(world, paying, "PUT", f"/billing/invoice/{invoice_id}/retry-send")
    assert again.status_code == 200, again.text
    sent = await until_status(world, paying, invoice_id, "SENT")
    assert (sent["status"], len(sent["invoices"][0]["methodsAttempted"])) == ("ACTIVE", 2)
    assert (await ask(world, paying, "PUT", f"/billing/invoice/{invoice_id}/retry-send")).status_code == 409
    other = {"invoiceSetId": invoice_id, "method": "SMS"}
    by_text = await ask(world, paying, "PUT", "/billing/invoice/retry-method", json=other)
    assert [one["method"] for one in by_text.json()] == ["SMS"]
    sent = await until_status(world, paying, invoice_id, "SENT")
    assert [one[0] for one in sent["invoices"][0]["methodsAttempted"]] == ["EMAIL", "EMAIL", "SMS"]
    assert (await ask(world, paying, "PUT", f"/billing/invoice/{invoice_id}/send-now")).status_code == 200
    kinds = [row[0] for row in await world.events(paying, UUID(invoice_id), "INVOICE_NOT_DELIVERED")]
    assert kinds == ["INVOICE_NOT_DELIVERED"]
    ways = await changes(world, paying, "INVOICE_UPDATED", invoice_id)
    assert ways == [("EMAIL", "EMAIL"), ("EMAIL", "SMS"), ("SMS", "SMS")]
    assert "INVOICE_UPDATED" in await alerts(world, paying, invoice_id)


async def test_callers_see_the_ids_that_they_gave(world, paying):
    sale = {"id": "chg_own", "patientId": paying.clinic.patient_id, "totalOutstanding": 700, "items": [
        {"name": "Visit", "quantity": 1, "price": 700}]}  # fmt: skip
    made = await ask(world, paying, "POST", "/billing/payment-terminal/charge/create", json=sale)
    assert made.status_code == 200, made.text
    assert (await create(world, paying, charges=[{"id": "chg_own"}])).status_code == 200
    assert [row["chargeIds"] for row in (await table(world, paying))["data"]] == [["chg_own"]]
    (link,) = (await ask(world, paying, "GET", f"/billing/payment-link/{paying.clinic.patient_id}")).json()
    assert (link["id"], link["charges"][0]["id"]) == ("chg_own", "chg_own")
    (row,) = (await ask(world, paying, "GET", "/billing/charge/table?id=chg_own")).json()["data"]
    cash = {name: row[name] for name in ("id", "total", "totalOutstanding", "status", "createdDate")}
    cash |= {"patient": {"id": paying.clinic.patient_id}}
    paid_id = (await ask(world, paying, "POST", "/billing/payment/cash/create", json=cash)).json()["id"]
    receipt = (await ask(world, paying, "GET", f"/billing/payment/{paid_id}/receipt")).json()
    assert [one["id"] for one in receipt["charges"]] == ["chg_own"]
    items = (await ask(world, paying, "GET", f"/billing/payment/{paid_id}/receipt/items")).json()
    assert [one["chargeId"] for one in items] == ["chg_own"]


async def test_a_repeat_makes_one(world, paying):
    await owing(world, paying)
    headers = paying.clinic.billing | {"Idempotency-Key": uuid4().hex}
    answers = [await create(world, paying, headers) for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert (await table(world, paying))["total"] == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"invoiceMethod": "CALL"}, ["invoiceMethod"]),
        ({"invoiceMethod": "PIGEON"}, ["invoiceMethod"]),
        ({"message": 7}, ["message"]),
        ({"patientId": None}, ["patientId"]),
        ({"charges": []}, ["charges"]),
        ({"charges": [{"id": "none"}]}, ["charges", 0, "id"]),
        ({"charges": [{"id": "one"}, {"id": "one"}]}, ["charges", 1, "id"]),
    ],
)
async def test_a_wrong_field_is_named(world, paying, values, field):
    await owing(world, paying)
    answer = await create(world, paying, **values)
    assert answer.status_code == 422, answer.text
    assert answer.json()["detail"][0]["loc"] == ["body", *field]
    assert (await table(world, paying))["total"] == 0


async def test_who_owes_nothing_or_cannot_be_reached_is_not_asked(world, paying):
    assert (await create(world, paying)).status_code == 409
    await owing(world, paying)
    own = UUID(paying.clinic.patient_id)
    await update_row(world.services, paying.organization_id, "patients", own, phone_number=None, phone_e164=None)
    answer = await create(world, paying, invoiceMethod="SMS")
    assert answer.json()["detail"][0]["loc"] == ["body", "invoiceMethod"]
    for name, method in (("method", "MAIL"), ("invoiceSetId", None)):
        sent = {"invoiceSetId": str(uuid4()), "method": method}
        retried = await ask(
            world, paying, "PUT", "/billing/invoice/retry-method", json=sent | ({} if method else {name: 7})
        )
        assert retried.status_code == 422


async def test_two_charges_paid_at_once_make_it_paid(world, paying):
    """Both transactions lower their charge before either is committed: the second waits for the invoice, and sees the first."""
    first = await owing(world, paying)
    second = await owing(world, paying, line("Plan", 2_000, bundle_id=UUID(paying.clinic.bundle_id)))
    invoice_id = (await create(world, paying)).json()["id"]
    lower = "UPDATE charges SET outstanding_cents = 0 WHERE organization_id = %s AND id = %s RETURNING id"
    actor = system_actor(paying.organization_id)

    async def pay_second():
        async with world.services.db.transaction(actor) as conn:
            await (await conn.execute(lower, (paying.organization_id, second))).fetchall()

    async with world.services.db.transaction(actor) as conn:
        # Fetched, because what nobody waits for is not sent at once.
        await (await conn.execute(lower, (paying.organization_id, first))).fetchall()
        waiting = asyncio.create_task(pay_second())

        async def is_waiting():
            # Asked in a transaction of its own: within one, what others wait for is read once.
            assert not waiting.done(), waiting
            return (await world.rows(paying, WAITING))[0][0]

        await until(is_waiting)
    await waiting
    (row,) = (await table(world, paying, status="PAID"))["data"]
    assert row["id"] == invoice_id


async def test_the_table_filters_and_sorts(world, paying):
    other = await insert_row(
        world.services, paying.organization_id, "patients", first_name="Kit", last_name="Quill",
        first_name_key="kit", last_name_key="quill", email=f"{uuid4().hex}@patient.example",
    )  # fmt: skip
    here = UUID(paying.clinic.location_id)
    small = await owing(world, paying, line("Plan", 2_000, bundle_id=UUID(paying.clinic.bundle_id)), location_id=here)
    large = await owing(world, paying)
    theirs = await owing(world, paying, line("Plan", 500, bundle_id=UUID(paying.clinic.bundle_id)), patient_id=other)
    ids = []
    for values in ({"charges": [{"id": str(small)}]}, {"charges": [{"id": str(large)}]}, {"patientId": str(other)}):
        ids.append((await create(world, paying, **values)).json()["id"])
        await until_status(world, paying, ids[-1], "SENT")
    assert theirs

    async def found(**params):
        return [ids.index(one["id"]) for one in (await table(world, paying, **params))["data"]]

    assert await found() == [2, 1, 0]
    assert await found(sort_by="created_date", sort_direction="asc") == [0, 1, 2]
    assert await found(sort_by="amount") == [1, 0, 2]
    assert await found(sort_by="status", sort_direction="asc") == [0, 1, 2]
    assert await found(amount=[400, 2_000]) == [2, 0]
    assert await found(search_term="quill") == [2]
    assert await found(location_id=str(here)) == [0]
    assert await found(status="ACTIVE") == [2, 1, 0]
    assert await found(status=["PAID", "FAILED"]) == []
    assert await found(rule_set_id="any") == []
    assert await found(created_date="2020-01-01") == []
    assert await found(send_time=["2020-01-01", "2099-01-01"], tz="America/New_York") == [2, 1, 0]
    page = await table(world, paying, per_page=1, page=2)
    assert ([ids.index(one["id"]) for one in page["data"]], page["total"]) == ([1], 3)
    for name, value in {"sort_by": "color", "amount": 1, "tz": "Nowhere", "status": "GONE"}.items():
        answer = await ask(world, paying, "GET", TABLE, params={name: value})
        assert answer.status_code == 422
        assert answer.json()["detail"][0]["loc"][:2] == ["query", name]


async def test_strangers_do_nothing(world, paying, tmp_path):
    await owing(world, paying)
    invoice_id = (await create(world, paying)).json()["id"]
    other = (await world.clinic(tmp_path)).clinic.billing
    limited = paying.clinic.billing | {"API-KEY": paying.clinic.catalog_only_key}
    charge = str(await owing(world, paying))
    steps = [
        ("POST", CREATE, {"json": body_of(paying)}),
        ("POST", "/billing/invoice/create-from-charge/", {"params": {"charge_id": charge}}),
        ("PUT", f"/billing/invoice/{invoice_id}/send-now", {}),
        ("PUT", f"/billing/invoice/{invoice_id}/retry-send", {}),
        ("PUT", "/billing/invoice/retry-method", {"json": {"invoiceSetId": invoice_id, "method": "EMAIL"}}),
        ("GET", TABLE, {}),
    ]
    for method, path, options in steps:
        statuses = [
            (await ask(world, paying, method, path, headers, **options)).status_code for headers in ({}, limited, other)
        ]
        assert statuses == [401, 403, 200 if path == TABLE else 404], path
    assert (await ask(world, paying, "GET", TABLE, other)).json() == {"data": [], "total": 0}
