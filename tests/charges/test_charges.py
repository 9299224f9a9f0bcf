"""One charge: written, shown, read, and who may see it."""

from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from carelane.charges.queries import find_charge
from carelane.charges.views import show_charge
from tests.catalog.events import told_of
from tests.factories.charges import line, make_charge
from tests.factories.rows import update_row

PATHS = ["table", "list", "get/{}", "timeline?charge_id={}"]


@pytest.fixture
async def charge_id(services, till):
    """50.00 less 10 % of a package and a half of an item, less 2.00, with tax."""
    lines = (
        line(
            "Plan", 5000, bundle_id=UUID(till.package_id), quantity=1, total_cents=4500, tax_cents=300,
            discount_percentage=Decimal(10),
        ),
        line(
            "Tablets", 7950, product_id=UUID(till.item_id), description="half of 159.00", tax_cents=12,
            discount_amount_cents=50, total_cents=7900,
        ),
    )  # fmt: skip
    values = {
        "description": "Spring", "external_id": "inv-1", "appointment_id": "visit 3",
        "creator_id": UUID(till.creator_id), "location_id": UUID(till.location_id),
        "discount_amount_cents": 200, "discount_cents": 200,
    }  # fmt: skip
    return await make_charge(services, till, *lines, **values)


async def test_a_charge_is_shown_with_all_its_members(ask, till, charge_id):
    shown = (await ask(f"get/{charge_id}")).json()
    patient, items = shown.pop("patient"), shown.pop("items")
    created = shown.pop("createdDate")
    assert shown == {
        "id": str(charge_id), "patientId": till.patient_id, "total": 12512, "totalOutstanding": 12512,
        "description": "Spring", "status": "OUTSTANDING", "discountAmount": 200, "discountPercentage": 0.0,
        "externalId": "inv-1", "externalCreatedDate": None, "ruleSetId": None, "creatorId": till.creator_id,
        "tips": [], "locationId": till.location_id, "eventId": "visit 3", "memberId": None, "comment": None,
        "meta": None, "merchantAccountId": None, "payments": [], "adjustments": [],
    }  # fmt: skip
    assert (patient["id"], patient["lastName"]) == (till.patient_id, "Vale")
    assert {(one["locationId"], one["locationName"], one["saleDate"], one["chargeId"]) for one in items} == {
        (till.location_id, "Main Street", created, str(charge_id))
    }


async def test_its_lines_are_shown_as_they_were_sold(ask, services, till, till_id, charge_id):
    await update_row(services, till_id, "products", UUID(till.item_id), name="Pills", price_cents=1)
    package, item = (await ask(f"get/{charge_id}")).json()["items"]
    await update_row(services, till_id, "products", UUID(till.item_id), name="Tablets", price_cents=15900)
    unused = [
        "discountReason", "soldPackageId", "bankedQuantity", "bankedItemId", "issuedDiscountId", "soldByProviderId",
        "pricingId", "shipmentIds",
    ]  # fmt: skip
    assert {package[name] for name in unused} == {item.get(name) for name in unused if name != "shipmentIds"} == {None}
    numbers = ["quantity", "price", "discountAmount", "discountPercentage", "taxAmount"]
    assert [package["itemId"], package["item"], package["name"], *(package[name] for name in numbers)] == [
        None, None, "Plan", 1, 5000, 0, 10.0, 300,
    ]  # fmt: skip
    assert [item["itemId"], item["description"], item["name"], *(item[name] for name in numbers)] == [
        till.item_id, "half of 159.00", "Tablets", 1, 7950, 50, 0.0, 12,
    ]  # fmt: skip
    assert (item["item"]["id"], item["item"]["name"], item["item"]["price"]) == (till.item_id, "Pills", 1)


async def test_conversion_is_answered_without_the_items_themselves(services, till, till_id, ask, charge_id):
    data_key = await services.keyring.data_key(till_id)
    async with services.db.reading(till_id) as conn:
        row = await find_charge(conn, till_id, charge_id)
        assert await find_charge(conn, till_id, uuid4()) is None
    assert row is not None
    shown = show_charge(data_key, row)
    assert (shown.id, shown.total_outstanding, shown.description) == (str(charge_id), 12512, "Spring")
    assert [hasattr(one, "item") for one in shown.items] == [False, False]
    assert [one.tax_amount for one in shown.items] == [300, 12]
    assert "Spring" not in repr(shown) + repr(shown.items)


async def test_lines_stay_in_their_order(services, till, ask):
    lines = [line(f"Line {n}", n, product_id=UUID(till.item_id)) for n in range(12)]
    charge_id = await make_charge(services, till, *lines)
    shown = (await ask(f"get/{charge_id}")).json()["items"]
    assert [one["name"] for one in shown] == [f"Line {n}" for n in range(12)]


async def test_what_people_wrote_is_sealed(services, till_id, charge_id):
    async with services.db.reading(till_id) as conn:
        cursor = await conn.execute(
            "SELECT c.description_sealed, n.description_sealed FROM charges c JOIN charge_lines n ON n.charge_id = c.id"
            " WHERE c.id = %s AND n.description_sealed IS NOT NULL",
            (charge_id,),
        )
        [(whole, of_line)] = await cursor.fetchall()
    assert b"Spring" not in bytes(whole)
    assert b"half of 159.00" not in bytes(of_line)


async def test_a_charge_is_told_of_once(services, till, charge_id):
    assert await told_of(services, till, charge_id) == [("CHARGE_CREATED", "12512")]


async def test_the_timeline_is_as_yet_the_charge_itself(ask, till, charge_id):
    response = await ask("timeline", charge_id=str(charge_id))
    [entry] = response.json()
    assert [one["name"] for one in entry.pop("items")] == ["Plan", "Tablets"]
    creator = {
        "id": till.creator_id, "firstName": "Ada", "lastName": "Berg", "phoneNumber": None, "type": "PROVIDER",
        "email": entry["creator"]["email"], "locationId": None,
    }  # fmt: skip
    assert entry == {
        "id": str(charge_id), "type": "CHARGE", "amount": 12512, "date": entry["date"], "paymentMethod": None,
        "paymentMedium": None, "status": "OUTSTANDING", "comment": None, "description": "Spring", "refundReason": None,
        "discountAmount": 200, "creator": creator, "feeToPatient": None, "tips": [],
    }  # fmt: skip


async def test_the_timeline_must_be_of_something(ask, charge_id):
    response = await ask("timeline")
    assert response.status_code == 422
    assert response.json()["detail"] == [
        {"loc": ["query", "charge_id"], "msg": "charge_id or payment_id is required", "type": "missing"}
    ]
    for params in ({"payment_id": "pay_1"}, {"payment_id": "pay_1", "charge_id": str(charge_id)}):
        unknown = await ask("timeline", **params)
        assert (unknown.status_code, unknown.json()) == (404, {"detail": "no payment pay_1 here"})


@pytest.mark.parametrize("name", ["chg_1", "x" * 199])
async def test_an_unknown_charge_is_not_there(ask, name):
    for response in (await ask(f"get/{name}"), await ask("timeline", charge_id=name)):
        assert (response.status_code, response.json()) == (404, {"detail": f"no charge {name} here"})


async def test_another_clinics_charge_is_not_there(ask, other_clinic, charge_id):
    for path in (f"get/{charge_id}", f"timeline?charge_id={charge_id}"):
        response = await ask(path, headers=other_clinic.billing)
        assert (response.status_code, response.json()) == (404, {"detail": f"no charge {charge_id} here"})
    listed = (await ask("list", headers=other_clinic.billing)).json()
    assert str(charge_id) not in {one["id"] for one in listed}
    assert (await ask("table", headers=other_clinic.billing, id=str(charge_id))).json() == {"data": [], "total": 0}


@pytest.mark.parametrize("path", PATHS)
async def test_without_a_good_credential_is_401(ask, till, other_clinic, charge_id, path):
    for headers in (
        {},
        {"API-KEY": "cvk_wrong", "TENANT": till.tenant},
        {"API-KEY": till.api_key, "TENANT": other_clinic.tenant},
    ):
        assert (await ask(path.format(charge_id), headers=headers)).status_code == 401
    scope = {"API-KEY": till.catalog_only_key, "TENANT": till.tenant}
    assert (await ask(path.format(charge_id), headers=scope)).status_code == 403


@pytest.mark.parametrize(("path", "kind"), list(zip(PATHS, ["charges", "charges", "charge", "charge"], strict=True)))
async def test_reading_is_recorded(ask, services, till_id, charge_id, path, kind):
    read = {"charges": till_id, "charge": charge_id}[kind]

    async def count():
        async with services.db.reading(till_id) as conn:
            cursor = await conn.execute(
                "SELECT count(*) FROM phi_reads WHERE organization_id = %s AND record_kind = %s AND record_id = %s",
                (till_id, kind, read),
            )
            return (await cursor.fetchall())[0][0]

    before = await count()
    assert (await ask(path.format(charge_id))).status_code == 200
    assert await count() == before + 1
