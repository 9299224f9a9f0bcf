"""POST /billing/payment-terminal/charge/create and mark-no-charge: selling without a cart."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from tests.charges.selling import CREATE, MARK, problems
from tests.factories.rows import insert_link, insert_row, update_row
from tests.own_clinic import make_clinic


async def test_a_charge_is_made_without_a_cart_and_read_as_it_was_answered(sell, ask, till, money):
    body = {
        "patientId": till.patient_id,
        "totalOutstanding": 10_650,
        "total": 10_650,
        "description": "Friday",
        "comment": "Asked for a receipt",
        "externalId": "till-7",
        "externalCreatedDate": "2026-01-15T18:30:00+01:00",
        "creatorId": till.creator_id,
        "locationId": till.location_id,
        "eventId": "visit-9",
        "meta": {"till": 7},
        "discountAmount": 100,
        "items": [
            {
                "itemId": till.item_id, "quantity": 2, "price": 5_000, "discountPercentage": 10, "discountReason": "Friend",
                "description": "Blue", "soldByProviderId": till.creator_id,
            },
            {"name": "Taxi", "quantity": 1, "price": 1_750},
        ],
    }  # fmt: skip
    made = await sell(body)
    assert (made["total"], made["totalOutstanding"], made["status"]) == (10_650, 10_650, "OUTSTANDING")
    plain = {name: value for name, value in body.items() if name not in {"items", "externalCreatedDate"}}
    assert {name: made[name] for name in plain} == plain
    assert made["externalCreatedDate"] == "2026-01-15T17:30:00Z"
    first, second = made["items"]
    assert {name: first[name] for name in body["items"][0]} == body["items"][0]
    assert (second["itemId"], second["name"], second["price"], second["taxAmount"]) == (None, "Taxi", 1_750, 0)
    shown = (await ask(f"get/{made['id']}")).json()
    assert {name: shown[name] for name in made if name != "items"} == {
        name: value for name, value in made.items() if name != "items"
    }
    assert (shown["payments"], shown["adjustments"]) == ([], [])
    (row,) = (await ask("table", id=made["id"])).json()["data"]
    assert (row["comment"], row["externalCreatedDate"]) == ("Asked for a receipt", "2026-01-15T17:30:00Z")
    (entry,) = (await ask("timeline", charge_id=made["id"])).json()
    assert (entry["comment"], entry["creator"]["id"]) == ("Asked for a receipt", till.creator_id)
    sums = await money.sums(UUID(made["id"]))
    assert (sums.charged_cents, sums.outstanding_cents) == (10_650, 10_650)


async def test_what_is_said_of_people_is_sealed(sell, sale, money):
    body = sale(comment="Quillon came", meta={"who": "Quillon"}, description="Quillon's")
    body["items"][0] |= {"discountReason": "Quillon asked", "description": "For Quillon"}
    made = await sell(body)
    rows = await money.rows(
        "SELECT c.*::text, n.*::text FROM charges c JOIN charge_lines n ON n.charge_id = c.id WHERE c.id = %s",
        made["id"],
    )
    assert rows
    assert "Quillon" not in str(rows)
    assert b"Quillon".hex() not in str(rows)


async def test_a_sale_has_the_price_of_a_cart_with_the_taxes_of_the_place(client, services, tmp_path):
    clinic = await make_clinic(services, tmp_path)
    here = (services, UUID(clinic.organization_id))
    everywhere = await insert_row(*here, "taxes", name="State", percentage=7, scope="ALL")
    city = await insert_row(*here, "taxes", name="City", percentage=2.5, scope="ALL")
    branch = await insert_row(*here, "locations", name="Branch", timezone="America/New_York")
    await insert_link(*here, "tax_locations", tax_id=city, location_id=branch)
    await update_row(*here, "patients", UUID(clinic.patient_id), primary_location_id=branch)
    lines = [
        {"itemId": clinic.item_id, "quantity": 3, "price": 3_333, "discountAmount": 11, "discountPercentage": 5},
        {"packageId": clinic.package_id, "quantity": 1, "price": 999},
    ]
    asked = {"patientId": clinic.patient_id, "discountAmount": 77, "discountPercentage": 3.5}
    cart_lines = [{**line, "unitPrice": line["price"]} for line in lines]
    cart = (await client.post("/billing/cart", json=asked | {"items": cart_lines}, headers=clinic.billing)).json()
    body = asked | {"items": lines, "totalOutstanding": cart["total"]}
    answer = await client.post(CREATE, json=body, headers=clinic.billing)
    assert answer.status_code == 200, answer.text
    made = answer.json()
    assert made["total"] == cart["total"]
    assert [line["taxAmount"] for line in made["items"]] == [line["taxAmount"] for line in cart["items"]]
    assert made["locationId"] == str(branch)
    # Elsewhere the city's is not raised; and the item may be exempt from the other.
    other = await client.post(CREATE, json=body | {"locationId": clinic.location_id}, headers=clinic.billing)
    assert other.status_code == 422, other.text
    await insert_link(*here, "product_tax_exemptions", product_id=UUID(clinic.item_id), tax_id=everywhere)
    plain = {
        "patientId": clinic.patient_id, "locationId": clinic.location_id, "totalOutstanding": 1_000 + 107,
        "items": [{"itemId": clinic.item_id, "quantity": 1, "price": 1_000}, {"name": "Taxi", "quantity": 1, "price": 100}],
    }  # fmt: skip
    exempt = await client.post(CREATE, json=plain, headers=clinic.billing)
    assert exempt.status_code == 200, exempt.text
    assert [line["taxAmount"] for line in exempt.json()["items"]] == [0, 7]


@pytest.mark.parametrize(("currency", "price"), [("JPY", "1005"), ("KWD", "1.005")])
async def test_yen_and_dinars(client, services, tmp_path, currency, price):
    parts = {
        "products": [{"name": "Tablets", "price": price, "currency": currency}],
        "bundles": [{"name": "Plan", "price": price, "priceUnit": currency, "products": ["Tablets"]}],
    }
    clinic = await make_clinic(services, tmp_path, parts=parts, currency=currency)
    (item,) = (await client.get("/inventory/items/list", headers=clinic.billing)).json()["data"]
    line = {"itemId": item["id"], "quantity": 1, "price": item["price"], "discountPercentage": 7.5}
    body = {"patientId": clinic.patient_id, "totalOutstanding": 930, "items": [line]}
    made = (await client.post(CREATE, json=body, headers=clinic.billing)).json()
    assert made["total"] == 930
    reason = {"chargeId": made["id"], "reason": "Broken"}
    lowered = await client.post("/billing/adjustment/create", json=reason | {"amount": -29}, headers=clinic.billing)
    assert lowered.status_code == 200, lowered.text
    written = await client.post("/billing/write-off/create", json=reason, headers=clinic.billing)
    assert (written.status_code, written.json()["amount"]) == (200, -901)


async def test_names_in_either_case(sell, till):
    body = {
        "patient_id": till.patient_id, "total_outstanding": 5, "external_id": "x",
        "items": [{"item_id": till.item_id, "quantity": 1, "price": 5, "sold_by_provider_id": till.creator_id}],
    }  # fmt: skip
    made = await sell(body)
    assert (made["externalId"], made["items"][0]["soldByProviderId"]) == ("x", till.creator_id)


async def test_another_total_is_refused_and_told(sell, sale):
    answer = await sell(sale() | {"totalOutstanding": 9_999, "total": 1}, status=422)
    words = "expected 10000, which is what the lines come to with discounts and taxes"
    assert problems(answer) == {"totalOutstanding": words, "total": words}


async def test_a_charge_keeps_the_id_that_its_caller_gave_it(sell, sale, ask, client, till):
    made = await sell(sale(id="chg till 1"))
    assert (made["id"], made["items"][0]["chargeId"]) == ("chg till 1", "chg till 1")
    assert (await ask("get/chg till 1")).json()["id"] == "chg till 1"
    again = await sell(sale(id="chg till 1"), status=409)
    assert again["detail"] == "there is a charge chg till 1 already"
    both = await sell([sale(0, id="chg 2"), sale(0, id="chg 2")], MARK, status=422)
    assert problems(both) == {"1.id": "expected another id than those of the charges before it"}


async def test_of_many_that_take_an_id_at_once_one_has_it(client, till, sale):
    body = sale(id=f"chg_{uuid4().hex}")
    answers = await asyncio.gather(*(client.post(CREATE, json=body, headers=till.billing) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7


async def test_the_same_request_again_makes_no_second_charge(sell, sale, ask):
    key, external = {"Idempotency-Key": f"sale-{uuid4()}"}, uuid4().hex
    first, second = [await sell(sale(externalId=external), **key) for _ in range(2)]
    assert first == second
    assert (await ask("table", charge_external_id=external)).json()["total"] == 1
    nothing = [sale(0, externalId=external)]
    key = {"Idempotency-Key": f"sale-{uuid4()}"}
    assert await sell(nothing, MARK, **key) == await sell(nothing, MARK, **key)
    assert (await ask("table", charge_external_id=external)).json()["total"] == 2


# ---------------------------------------------------------------- mark-no-charge


async def test_what_costs_nothing_is_recorded(sell, sale, ask, till):
    free = sale(500, totalOutstanding=0, discountPercentage=100, comment="A present")
    made = await sell([free, sale(0)], MARK)
    assert [(one["total"], one["totalOutstanding"], one["status"]) for one in made] == [(0, 0, "PAID")] * 2
    assert (made[0]["comment"], made[0]["discountPercentage"], made[0]["payments"]) == ("A present", 100, [])
    assert (await ask(f"get/{made[0]['id']}")).json()["status"] == "PAID"


async def test_what_costs_something_is_not_free_and_none_is_made(sell, sale, ask):
    external = uuid4().hex
    answer = await sell([sale(0, externalId=external), sale(1, externalId=external)], MARK, status=422)
    words = "expected 0; a charge over something is made by charge/create"
    assert problems(answer) == {"1.totalOutstanding": words}
    assert (await ask("table", charge_external_id=external)).json()["total"] == 0
    assert (await sell([], MARK, status=422))["detail"]
    assert (await sell([sale(0)] * 51, MARK, status=422))["detail"]


async def test_a_sale_goes_to_whom_a_patient_was_merged_into(sell, sale, services, till, till_id):
    gone = {"merged_into_id": UUID(till.patient_id), "archived_at": datetime.now(UTC)}
    merged = await insert_row(services, till_id, "patients", email=f"{uuid4().hex}@x.example", **gone)
    assert (await sell(sale(patientId=str(merged))))["patientId"] == till.patient_id
