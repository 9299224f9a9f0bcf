"""A good order: what is answered, what is kept, what becomes of the case."""

from uuid import UUID

import msgspec

from carelane.orders.queries import ITEM, PRESCRIPTION
from carelane.pharmacies.schemas import Prescription, RxItem
from tests.factories.cases import case_body
from tests.factories.pharmacies import add_drug
from tests.factories.rows import insert_row
from tests.orders.bodies import drop, order_body, put


async def opened(shop, order_id) -> Prescription:
    """The prescription as it was kept."""
    ((sealed,),) = await shop.ask("SELECT sealed FROM orders WHERE id = %s", order_id)
    key = await shop.services.keyring.data_key(shop.id)
    return msgspec.json.decode(key.open(sealed, PRESCRIPTION, order_id), type=Prescription)


async def test_the_answer_is_the_pages(shop, case_id):
    answer = await shop.place(case_id, order_body())
    assert answer.status_code == 200
    order_id = answer.json()["data"]["order"]["id"]
    assert str(UUID(order_id)) == order_id
    assert answer.json() == {
        "status": 200,
        "success": True,
        "message": "Order created successfully",
        "data": {"order": {"id": order_id}},
    }


async def test_the_order_is_received_and_due_at_once(shop, case_id):
    order_id = await shop.placed(case_id, order_body("k-due"))
    ((status, is_due, pharmacy_id, key, document_id, external_id),) = await shop.ask(
        "SELECT status IN ('RECEIVED', 'SENDING', 'NEEDS_ATTENTION', 'SENT', 'ACCEPTED'), "
        "next_step_at IS NOT NULL OR status <> 'RECEIVED', "
        "pharmacy_id, idempotency_key, document_id, external_id FROM orders WHERE id = %s",
        order_id,
    )
    assert (status, is_due, pharmacy_id, key) == (True, True, shop.pharmacy_id, "k-due")
    assert document_id.version == 7
    assert external_id != order_id


async def test_everything_that_was_sent_is_kept_sealed(shop, case_id):
    body = order_body(
        dateSigned="2024-01-15T10:30:00Z", datePrescribed="2024-01-14", customFields={"gift": {"wrap": [1, True, None]}}
    )
    order_id = await shop.placed(case_id, put(body, "order.prescriber.dea", "AB1234563"))

    kept = await opened(shop, order_id)

    sent = body["order"]
    plain = msgspec.to_builtins(kept)
    assert plain["prescriber"] == {**sent["prescriber"], "dea": "AB1234563"} | {
        "address": sent["prescriber"]["address"] | {"addressLine2": None}
    }
    assert plain["shippingAddress"] == sent["shippingAddress"] | {"addressLine2": None}
    assert plain["patient"].items() >= sent["patientHealthInfo"].items()
    assert plain["patient"].items() >= {"firstName": "Iris", "lastName": "Marker", "dateOfBirth": "1988-02-29"}.items()
    assert (kept.diagnosis, kept.pharmacy_code, kept.organization_name) == (
        "Hypertension",
        "pharmacy-123",
        "Own Clinic",
    )
    assert (kept.date_written, kept.date_signed, kept.date_prescribed) == (
        "2024-01-15",
        "2024-01-15T10:30:00Z",
        "2024-01-14",
    )
    assert kept.custom_fields == {"gift": {"wrap": [1, True, None]}}
    (item,) = plain["items"]
    decision = item.pop("decision")
    assert item == sent["prescriptionItems"][0] | {"name": "Lisinopril 10 mg tablets", "ndc": "00000-0456-30"}
    assert (decision["firstName"], decision["lastName"], decision["npi"]) == ("John", "Smith", "1234567893")


async def test_the_detail_shows_the_order_with_its_items(shop, case_id):
    items = [{"drugId": "drug-456", "quantity": "30"}, {"drugId": "drug-456", "quantity": "60 tablets"}]
    order_id = await shop.placed(case_id, order_body(prescriptionItems=items))
    (shown,) = await shop.orders_of(case_id)
    assert shown["id"] == str(order_id)
    assert shown["pharmacyName"] == "Harbor Pharmacy"
    assert [(item["name"], item["quantity"]) for item in shown["items"]] == [
        ("Lisinopril 10 mg tablets", "30"),
        ("Lisinopril 10 mg tablets", "60 tablets"),
    ]


async def test_items_are_sealed_each_for_itself(shop, case_id):
    order_id = await shop.placed(case_id, order_body())
    ((item_id, name, quantity, sealed),) = await shop.ask(
        "SELECT id, name, quantity, sealed FROM order_items WHERE order_id = %s", order_id
    )
    key = await shop.services.keyring.data_key(shop.id)
    assert (name, quantity) == (None, None)
    item = msgspec.json.decode(key.open(sealed, ITEM, item_id), type=RxItem)
    assert (item.direction, item.refill_count, item.supply_days) == ("Take 1 tablet daily with food", 3, 30)


async def test_nothing_of_the_prescription_lies_in_the_clear(shop, case_id):
    body = order_body(diagnosis="zz-diagnosis-mark")
    for path in ("patientHealthInfo.allergies", "prescriptionItems[0].direction", "prescriber.lastName"):
        body = put(body, f"order.{path}", "zz-diagnosis-mark")
    order_id = await shop.placed(case_id, body)
    for statement in (
        "SELECT row_to_json(o)::text FROM orders o WHERE id = %s",
        "SELECT row_to_json(i)::text FROM order_items i WHERE order_id = %s",
        "SELECT row_to_json(e)::text FROM events e WHERE target_id = %s",
    ):
        ((row,),) = await shop.ask(statement, order_id)
        assert "zz-diagnosis-mark" not in row
        assert b"zz-diagnosis-mark".hex() not in row


async def test_one_event_tells_of_it(shop, case_id):
    order_id = await shop.placed(case_id, order_body())
    ((kind, actor, event_case),) = await shop.ask(
        "SELECT type, actor_kind, case_id FROM events WHERE target_id = %s AND type = 'ORDER_CREATED'", order_id
    )
    assert (kind, actor, event_case) == ("ORDER_CREATED", "key", case_id)


async def test_what_was_approved_is_ordered(shop, case_id):
    order_id = await shop.placed(case_id, order_body())
    requests = await shop.ask("SELECT order_id FROM case_product_requests WHERE status = 'ORDERED'")
    assert (order_id,) in requests


async def test_a_drug_of_another_product_orders_nothing_of_this_case(shop):
    ((product_id,),) = await shop.ask("SELECT id FROM products")
    await add_drug(shop.services, shop.id, "drug-of-product", product_id=product_id)
    other_id = await insert_row(shop.services, shop.id, "products", name="Other", price_cents=1, currency="USD")
    await add_drug(shop.services, shop.id, "drug-of-other", product_id=other_id)
    item = {"drugId": "drug-of-other", "quantity": "1"}
    case_id = await shop.approved_case()
    order_id = await shop.placed(case_id, order_body(prescriptionItems=[item]))
    assert (order_id,) not in await shop.ask("SELECT order_id FROM case_product_requests")
    order_id = await shop.placed(case_id, order_body(prescriptionItems=[item | {"drugId": "drug-of-product"}]))
    assert (order_id,) in await shop.ask("SELECT order_id FROM case_product_requests")


async def test_what_was_not_approved_is_not_ordered(shop):
    case_id = await shop.approved_case()
    await shop.placed(case_id, order_body())
    again = await shop.placed(case_id, order_body())
    assert (again,) not in await shop.ask("SELECT order_id FROM case_product_requests")


async def test_an_order_of_a_test_case_is_a_test(shop):
    case_id = await shop.approved_case(isTest=True)
    order_id = await shop.placed(case_id, order_body())
    assert await shop.ask("SELECT is_test FROM orders WHERE id = %s", order_id) == [(True,)]
    assert (await opened(shop, order_id)).is_test


async def test_the_country_becomes_upper_case(shop, case_id):
    body = put(order_body(), "order.shippingAddress.country", "us")
    kept = await opened(shop, await shop.placed(case_id, put(body, "order.prescriber.address.country", "uS")))
    assert (kept.shipping_address.country, kept.prescriber.address.country) == ("US", "US")


async def test_blank_optional_texts_are_none(shop, case_id):
    body = order_body(dateWritten="", patientHealthInfo={"allergies": " "})
    for path in (
        "shippingAddress.addressLine2",
        "prescriber.dea",
        "prescriber.title",
        "prescriptionItems[0].direction",
    ):
        body = put(body, f"order.{path}", "")
    kept = await opened(shop, await shop.placed(case_id, body))
    assert (kept.date_written, kept.patient.allergies, kept.items[0].direction) == (None, None, None)
    assert (kept.shipping_address.address_line2, kept.prescriber.dea, kept.prescriber.title) == (None, None, None)


async def test_without_an_address_it_goes_to_the_patients(shop, case_id):
    kept = await opened(shop, await shop.placed(case_id, drop(order_body(), "order.shippingAddress")))
    assert msgspec.to_builtins(kept.shipping_address) == {
        "addressLine1": "1 Pier Street",
        "addressLine2": "Apt 2",
        "city": "New York",
        "state": "NY",
        "country": "US",
        "postalCode": "10004",
    }


async def test_the_patients_long_zip_code_and_small_letters_are_put_right(shop):
    user = case_body(shop.clinic.product_id)["user"]
    address = user["shippingAddress"] | {"state": "ny", "postalCode": "10004-1234", "country": None}
    case_id = await shop.approved_case(user=user | {"shippingAddress": address})
    kept = await opened(shop, await shop.placed(case_id, order_body(shippingAddress=None)))
    assert (kept.shipping_address.state, kept.shipping_address.postal_code, kept.shipping_address.country) == (
        "NY",
        "10004",
        "US",
    )


async def test_the_pharmacy_may_be_named_by_its_id(shop, case_id):
    order_id = await shop.placed(case_id, order_body(pharmacyId=str(shop.pharmacy_id)))
    assert (await opened(shop, order_id)).pharmacy_code == "pharmacy-123"


async def test_what_is_not_known_is_left_alone(shop, case_id):
    await shop.placed(case_id, order_body(colour="red") | {"extra": 1})
