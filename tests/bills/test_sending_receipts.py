"""POST /billing/payment/send-receipt, and the page that its link leads to."""

import io
import re
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from pypdf import PdfReader

from carelane.bills.proof.access import RECEIPTS, ReceiptLink, receipt_link, token_of
from carelane.kit import clock
from tests.bills.paid import closed_for_good, owing, paid
from tests.factories.rows import update_row
from tests.quote_page.cast import RIGHT, WRONG, text_of
from tests.quote_sending.world import until

URL = "/billing/payment/send-receipt"


async def send(world, paying, headers=None, **body):
    own = paying.clinic.billing if headers is None else headers
    return await world.client.post(URL, json=body, headers=own)


async def mail_of(world, paying):
    async def there():
        return [mail for mail in world.mails_to(paying) if "receipt" in str(mail["Subject"])]

    return (await until(there))[-1]


def path_in(text: str) -> str:
    (url,) = re.findall(rf"https?://\S+{RECEIPTS}/\S+", text)
    return urlsplit(url).path


def receipt_path(world, paying, payment_id) -> str:
    link = receipt_link(paying.organization_id, payment_id, clock.now())
    return f"{RECEIPTS}/{token_of(world.services.bill_link_key, link)}"


async def test_a_receipt_goes_by_mail_and_is_read(world, paying, patient):
    payment_id = await paid(world, paying, patient)
    answer = await send(world, paying, paymentId=str(payment_id), useEmail=True)
    assert (answer.status_code, answer.json()) == (200, True), answer.text
    mail = await mail_of(world, paying)
    assert mail["Subject"] == "Your receipt from Harbor & Sons"
    words = mail.get_payload(decode=True).decode()
    for secret in ("Tablets", "159", "Vale"):
        assert secret not in words
    path = path_in(words)
    shown = await patient.open(path)
    assert "Paid $159.00" in text_of(shown)
    for secret in ("Tablets", "Vale"):
        assert secret not in shown.text
    assert (await patient.open(f"{path}/receipt.pdf")).headers["Location"] == f"{path}/items"
    assert "Confirm who you are" in text_of(await patient.open(f"{path}/items"))
    wrong = await patient.press(f"{path}/verify", **WRONG)
    assert wrong.status_code == 422
    assert "4 more tries" in text_of(wrong)
    right = await patient.press(f"{path}/verify", **RIGHT)
    assert (right.status_code, right.headers["Location"]) == (303, path)
    full = text_of(await patient.open(path))
    assert "Tablets" in full
    assert "Robin Vale" in full
    printed = await patient.open(f"{path}/receipt.pdf")
    assert printed.headers["content-type"] == "application/pdf"
    assert "Tablets" in PdfReader(io.BytesIO(printed.content)).pages[0].extract_text()
    assert [row[0] for row in await world.events(paying, payment_id, "RECEIPT_SENT")] == ["RECEIPT_SENT"]
    reads = await world.rows(
        paying, "SELECT DISTINCT actor_kind FROM phi_reads WHERE organization_id = %s AND record_id = %s", payment_id
    )
    assert ("patient",) in reads


async def test_whoever_has_the_link_alone_sees_what_was_paid_and_nothing_of_the_charge(world, paying, patient):
    charge_id = await owing(world, paying)
    payment_id = await paid(world, paying, patient, charge_id)
    # Made dearer since.
    await update_row(world.services, paying.organization_id, "charges", charge_id, outstanding_cents=3_100)
    path = receipt_path(world, paying, payment_id)
    shown = text_of(await patient.open(path))
    for expected in ("Paid $159.00", "Card, online"):
        assert expected in shown
    for secret in ("31.00", "Still to pay", "Purchase", "Subtotal", "Tax", "Total"):
        assert secret not in shown, secret
    assert await readers(world, paying, payment_id) == {("patient", None)}
    await patient.press(f"{path}/verify", **RIGHT)
    assert "Still to pay $31.00" in text_of(await patient.open(path))
    assert await readers(world, paying, payment_id) == {("patient", None), ("patient", paying.clinic.patient_id)}


async def readers(world, paying, payment_id):
    """Who is written down to have read the receipt."""
    statement = "SELECT actor_kind, actor_id::text FROM phi_reads WHERE organization_id = %s AND record_id = %s"
    return set(await world.rows(paying, statement, payment_id))


async def test_a_receipt_goes_by_text_message_and_to_another_address(world, paying, patient):
    payment_id = await paid(world, paying, patient)
    assert (await send(world, paying, payment_id=str(payment_id), use_email=False)).status_code == 200

    async def texted():
        return [one for one in world.provider.texts if one.recipient == paying.phone and RECEIPTS in one.text]

    (text,) = await until(texted)
    assert "Paid $159.00" in text_of(await patient.open(path_in(text.text)))
    other = f"{uuid4().hex}@family.example"
    assert (await send(world, paying, paymentId=str(payment_id), useEmail=True, email=other)).status_code == 200

    async def mailed():
        return [mail for to, mail in world.sink.messages if to == other]

    assert await until(mailed)


async def test_a_repeat_sends_once(world, paying, patient):
    payment_id = await paid(world, paying, patient)
    headers = paying.clinic.billing | {"Idempotency-Key": uuid4().hex}
    for _ in range(2):
        assert (await send(world, paying, headers, paymentId=str(payment_id), useEmail=True)).json() is True
    kind = "SELECT count(*) FROM messages WHERE organization_id = %s AND record_id = %s AND kind = 'PAYMENT_RECEIPT'"
    assert await world.rows(paying, kind, payment_id) == [(1,)]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"useEmail": True, "email": "nobody"}, "email"),
        ({"useEmail": False, "email": "a@b.example"}, "email"),
        ({"useEmail": "maybe"}, "useEmail"),
        ({}, "useEmail"),
        ({"useEmail": True, "paymentId": 7}, "paymentId"),
        ({"useEmail": True, "isAutomatic": "no"}, "isAutomatic"),
    ],
)
async def test_a_wrong_field_is_named(world, paying, body, field):
    answer = await send(world, paying, **({"paymentId": str(uuid4())} | body))
    assert answer.status_code == 422, answer.text
    assert answer.json()["detail"][0]["loc"] == ["body", field]


async def test_who_cannot_be_reached_is_named(world, paying, patient):
    payment_id = await paid(world, paying, patient)
    own = UUID(paying.clinic.patient_id)
    await update_row(world.services, paying.organization_id, "patients", own, email=None, phone_e164=None)
    for by_mail in (True, False):
        answer = await send(world, paying, paymentId=str(payment_id), useEmail=by_mail)
        assert answer.status_code == 422
        assert answer.json()["detail"][0]["loc"] == ["body", "useEmail"]


async def test_strangers_send_nothing(world, paying, patient, tmp_path):
    payment_id = await paid(world, paying, patient)
    body = {"paymentId": str(payment_id), "useEmail": True}
    limited = paying.clinic.billing | {"API-KEY": paying.clinic.catalog_only_key}
    other = (await world.clinic(tmp_path)).clinic.billing
    statuses = [(await send(world, paying, headers, **body)).status_code for headers in ({}, limited, other)]
    assert statuses == [401, 403, 404]


async def test_forged_ended_and_guessed_links(world, paying, patient):
    payment_id = await paid(world, paying, patient)
    now = clock.now()
    good = receipt_link(paying.organization_id, payment_id, now)
    forged = f"{RECEIPTS}/{token_of(b'f' * 32, good)}"
    assert (await patient.open(forged)).status_code == 404
    old = ReceiptLink(paying.organization_id, payment_id, now - timedelta(seconds=1))
    ended = await patient.open(f"{RECEIPTS}/{token_of(world.services.bill_link_key, old)}")
    assert ended.status_code == 410
    assert "159" not in ended.text
    assert await readers(world, paying, payment_id) == set()
    path = f"{RECEIPTS}/{token_of(world.services.bill_link_key, good)}"
    statuses = [(await patient.press(f"{path}/verify", **WRONG)).status_code for _ in range(5)]
    assert statuses == [422] * 4 + [429]
    assert (await patient.press(f"{path}/verify", **RIGHT)).status_code == 303
    assert (await patient.open(f"{path}/items")).status_code == 429
    locks = await world.events(paying, UUID(paying.clinic.patient_id), "BILL_PAGE_LOCKED")
    assert [row[0] for row in locks] == ["BILL_PAGE_LOCKED"]


async def test_a_page_that_was_closed_for_good_opens_with_the_next_receipt(world, paying, patient):
    payment_id = await paid(world, paying, patient)
    path = receipt_path(world, paying, payment_id)
    await closed_for_good(world, paying)
    assert (await patient.open(f"{path}/items")).status_code == 403
    assert (await send(world, paying, paymentId=str(payment_id), useEmail=True)).status_code == 200
    right = await patient.press(f"{path}/verify", **RIGHT)
    assert (right.status_code, right.headers["Location"]) == (303, path)
    assert "Tablets" in text_of(await patient.open(path))
