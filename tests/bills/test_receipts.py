"""GET /billing/payment/{payment_id}/receipt, its items and its PDF: against the field tables, and for whom."""

import io
from uuid import uuid4

import pytest
from psycopg.types.json import Jsonb
from pypdf import PdfReader

from carelane.kit.auth import system_actor
from carelane.organizations.logos.actions import remove_logo
from tests.factories.rows import insert_row
from tests.pictures import JPEG, png

PARTS = ("receipt", "receipt/items", "items/authenticated", "receipt.pdf")
parts = pytest.mark.parametrize("part", PARTS)


async def test_a_receipt_says_what_was_paid_and_for_what(till, ask):
    charge_id = await till.charge(10_000)
    payment_id, intent_id = await till.pay(charge_id, 10_000, card_brand="visa", card_last4="4242")
    await till.refund(payment_id, intent_id, 2_500)
    answer = await ask("GET", f"/billing/payment/{payment_id}/receipt")
    assert answer.status_code == 200, answer.text
    receipt = answer.json()
    assert receipt["id"] == str(payment_id)
    assert receipt["patient"] == {"id": till.clinic.patient_id, "firstName": "Robin", "lastName": "Vale"}
    assert (receipt["amount"], receipt["paymentMedium"], receipt["feeToPatient"]) == (10_000, "SAVED_PAYMENT_METHOD", 0)
    assert (receipt["hasItems"], receipt["hasPackages"]) == (True, False)
    assert receipt["paymentMethod"]["brand"] == "visa"
    assert (receipt["paymentMethod"]["last4"], receipt["paymentMethod"]["type"]) == ("4242", "CARD")
    (charge,) = receipt["charges"]
    assert (charge["id"], charge["total"], charge["totalOutstanding"], charge["taxTotal"]) == (
        str(charge_id),
        10_000,
        0,
        0,
    )
    (refund,) = receipt["refunds"]
    assert (refund["paymentId"], refund["amount"], refund["status"]) == (str(payment_id), 2_500, "SUCCEEDED")


async def test_the_items_are_the_lines_of_the_charge(till, ask):
    payment_id, _ = await till.pay(await till.charge(10_000), 10_000)
    both = [(await ask("GET", f"/billing/payment/{payment_id}/{part}")).json() for part in PARTS[1:3]]
    assert both[0] == both[1]
    (item,) = both[0]
    assert (item["itemName"], item["quantity"], item["pricePerItem"], item["taxAmount"]) == ("Tablets", 1, 10_000, 0)
    assert item["itemType"] == "PRODUCT"


async def test_the_pdf_says_it_in_words(till, ask):
    organization_id = till.id
    content = {"tagline": "Care by the sea", "contact_email": "help@harbor.example", "color_primary": "#884400"}
    existing = await till.rows("SELECT 1 FROM branding WHERE organization_id = %s", organization_id)
    if not existing:
        await insert_row(
            till.services, organization_id, "branding", link_name=f"own-{uuid4().hex[:8]}", content=Jsonb(content)
        )
    payment_id, intent_id = await till.pay(await till.charge(10_000), 10_000)
    await till.refund(payment_id, intent_id, 2_500)
    answers = [await ask("GET", f"/billing/payment/{payment_id}/receipt.pdf") for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert answers[0].headers["content-type"] == "application/pdf"
    text = " ".join(PdfReader(io.BytesIO(answers[0].content)).pages[0].extract_text().split())
    for expected in ("Own Clinic", "Care by the sea", "help@harbor.example", "Robin Vale", "Tablets", "$100.00", "Card on file",
                     "Given back on", "$25.00", "Kept", "$75.00", str(payment_id)):  # fmt: skip
        assert expected in text, expected


def pictures_of(page):
    return [one.get_object() for one in page["/Resources"].get("/XObject", {}).values()]


async def test_the_pdf_shows_the_logo_of_receipts(till, ask):
    payment_id, _ = await till.pay(await till.charge(10_000), 10_000)
    url = f"/billing/payment/{payment_id}/receipt.pdf"
    seen = []
    for upload, picture in (("upload-logo", png(1_800, 90)), ("upload-receipt-logo", JPEG)):
        uploaded = await ask("POST", f"/tenant/{upload}", files={"file": ("logo.png", picture)})
        assert uploaded.status_code == 200, uploaded.text
        page = PdfReader(io.BytesIO((await ask("GET", url)).content)).pages[0]
        assert "Own Clinic" in page.extract_text()
        seen += [(one["/Width"], one["/Height"]) for one in pictures_of(page)]
    for use in ("pages", "receipts"):
        await remove_logo(till.services, system_actor(till.id), use, None)
    assert pictures_of(PdfReader(io.BytesIO((await ask("GET", url)).content)).pages[0]) == []
    assert seen == [(1_800, 90), (24, 8)]


@parts
async def test_there_is_a_receipt_once_it_is_paid(till, ask, part):
    payment_id = await till.promise(await till.charge(10_000), 10_000)
    answer = await ask("GET", f"/billing/payment/{payment_id}/{part}")
    assert answer.status_code == 409
    assert "UNPAID" in answer.json()["detail"]


@parts
async def test_strangers_see_nothing(till, ask, clinic, other_clinic, part):
    payment_id, _ = await till.pay(await till.charge(10_000), 10_000)
    url = f"/billing/payment/{payment_id}/{part}"
    assert (await ask("GET", url, {})).status_code == 401
    limited = till.clinic.billing | {"API-KEY": till.clinic.catalog_only_key}
    assert (await ask("GET", url, limited)).status_code == 403
    theirs, unknown = (
        await ask("GET", url, other_clinic.billing),
        await ask("GET", f"/billing/payment/{uuid4()}/{part}"),
    )
    assert theirs.status_code == unknown.status_code == 404


@parts
async def test_each_read_is_recorded(till, ask, part):
    payment_id, _ = await till.pay(await till.charge(10_000), 10_000)
    await ask("GET", f"/billing/payment/{payment_id}/{part}")
    reads = "SELECT record_kind FROM phi_reads WHERE organization_id = %s AND record_id = %s"
    assert await till.rows(reads, till.id, payment_id) == [("payment",)]
