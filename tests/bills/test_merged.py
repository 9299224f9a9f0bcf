"""Invoices and links of two records of one person, once they are merged and when that is undone."""

from uuid import UUID, uuid4

import pytest

from tests.bills.paid import bill_path, owing
from tests.factories.charges import line
from tests.factories.rows import insert_row
from tests.quote_page.cast import WRONG, text_of
from tests.review.people import employ


@pytest.fixture
async def other(world, paying):
    """A second record of somebody, under another name, who owes something."""
    patient_id = await insert_row(
        world.services, paying.organization_id, "patients", first_name="Kit", last_name="Quill",
        first_name_key="kit", last_name_key="quill", email=f"{uuid4().hex}@patient.example", date_of_birth="1985-03-27",
    )  # fmt: skip
    await owing(world, paying, line("Plan", 500, bundle_id=UUID(paying.clinic.bundle_id)), patient_id=patient_id)
    return str(patient_id)


@pytest.fixture
async def staff(world, paying):
    manager = await employ(world.services, paying.clinic, "Ada", role="CASEMANAGER")

    async def send(path, **body):
        answer = await world.client.post(f"/api/staff/{path}", json=body, headers=manager.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return send


async def ask(world, paying, method, path, **options):
    answer = await world.client.request(method, path, headers=paying.clinic.billing, **options)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def invoice(world, paying, patient_id):
    body = {"patientId": patient_id, "message": "", "invoiceMethod": "EMAIL"}
    return (await ask(world, paying, "POST", "/billing/invoice/create", json=body))["id"]


async def found(world, paying, name):
    page = await ask(
        world, paying, "GET", "/billing/invoice/table", params={"search_term": name, "sort_by": "created_date"}
    )
    return [(one["id"], one["patient"]["id"]) for one in page["data"]]


async def test_invoices_follow_and_go_back_and_the_old_name_finds_them(world, paying, other, staff):
    kept = paying.clinic.patient_id
    invoice_id = await invoice(world, paying, other)
    assert await found(world, paying, "quill") == [(invoice_id, other)]
    merged = await staff(f"patients/{kept}/merge", otherId=other)
    assert merged["moved"]["invoices"] == 1
    assert await found(world, paying, "quill") == [(invoice_id, kept)]
    since = await invoice(world, paying, other)
    assert await found(world, paying, "quill") == [(since, kept), (invoice_id, kept)]
    await staff(f"patient-merges/{merged['id']}/undo")
    assert await found(world, paying, "quill") == [(invoice_id, other)]
    owner = "SELECT patient_id::text FROM invoices WHERE organization_id = %s AND id = %s"
    assert await world.rows(paying, owner, UUID(since)) == [(kept,)]


@pytest.mark.parametrize("table", ["/billing/charge/table?patient_name=quill", "/billing/payment/table?payer=quill"])
async def test_the_old_name_finds_charges_and_payments_too(world, paying, other, staff, table):
    charge = (await ask(world, paying, "GET", "/billing/charge/table?patient_name=quill"))["data"][0]
    paid = {name: charge[name] for name in ("id", "total", "totalOutstanding", "status", "createdDate")}
    await ask(world, paying, "POST", "/billing/payment/cash/create", json=paid | {"patient": {"id": other}})
    await staff(f"patients/{paying.clinic.patient_id}/merge", otherId=other)
    page = await ask(world, paying, "GET", table)
    assert len(page.get("items", page)["data"]) == 1


async def test_who_guessed_at_one_bill_has_guessed_at_the_other(world, paying, other, staff, patient):
    """Five wrong tries with the one's link: a merge gives nobody five more, and undoing it takes none back."""
    old = bill_path(world, paying, patient_id=other)
    for _ in range(5):
        await patient.press(f"{old}/verify", **WRONG)
    assert "Confirm who you are" in text_of(await patient.open(bill_path(world, paying)))
    merged = await staff(f"patients/{paying.clinic.patient_id}/merge", otherId=other)
    for path in (bill_path(world, paying), old):
        assert "Confirm who you are" not in text_of(await patient.open(path))
    await staff(f"patient-merges/{merged['id']}/undo")
    assert "Confirm who you are" not in text_of(await patient.open(old))
