"""An order is for the person the case is about, whatever has been said under the same e-mail address since."""

import msgspec
import pytest

from tests.detail.asking import create_case
from tests.factories.cases import case_body
from tests.orders.bodies import order_body
from tests.orders.test_place import opened

OTHER = {"firstName": "Charles", "lastName": "Babbage", "dob": "1991-12-26", "gender": "MALE"}
PERSON = {"firstName": "Iris", "lastName": "Marker", "dateOfBirth": "1988-02-29", "gender": "FEMALE"}


async def printed(shop, case_id):
    patient = msgspec.to_builtins((await opened(shop, await shop.placed(case_id, order_body()))).patient)
    return {name: patient[name] for name in PERSON}


async def second_case(shop, body):
    await create_case(shop.client, shop.clinic, body | {"forceCreate": True})


async def abandoned_cart(shop, body):
    kept = {name: body["user"][name] for name in ("firstName", "lastName", "email", "gender", "dob")}
    await create_case(shop.client, shop.clinic, {"status": "ABANDONED", "user": kept, "products": body["products"]})


async def billing(shop, body):
    user = body["user"]
    patient = {"firstName": user["firstName"], "lastName": user["lastName"], "email": user["email"]}
    patient |= {"dateOfBirth": user["dob"], "gender": user["gender"]}
    answer = await shop.client.post("/user/patient/create", json=patient, headers=shop.clinic.billing)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("by", [second_case, abandoned_cart, billing])
@pytest.mark.parametrize("changed", [*(dict([pair]) for pair in OTHER.items()), OTHER], ids=str)
async def test_nobody_else_is_printed_on_the_first_case_s_order(shop, by, changed):
    body = case_body(shop.clinic.product_id)
    case_id = await shop.approved_case(**body)
    await by(shop, body | {"user": body["user"] | changed})
    assert await printed(shop, case_id) == PERSON


async def test_a_corrected_record_prints_the_decided_person_and_is_reached_as_it_says_now(shop):
    case_id = await shop.approved_case(**case_body(shop.clinic.product_id))
    ((patient_id,),) = await shop.ask("SELECT patient_id FROM cases WHERE id = %s", case_id)
    change = {"firstName": "Charles", "dateOfBirth": "1991-12-26", "gender": "male", "phoneNumber": "(212) 555-0177"}
    changed = await shop.client.put(f"/user/patient/{patient_id}", json=change, headers=shop.clinic.billing)
    assert changed.status_code == 200, changed.text
    prescription = await opened(shop, await shop.placed(case_id, order_body()))
    assert msgspec.to_builtins(prescription.patient).items() >= PERSON.items()
    assert prescription.patient.phone_number == "+12125550177"


@pytest.mark.parametrize("country", ["USA", "usa", "U.S.A.", "United States", "united states of america", " us "])
async def test_a_patient_s_country_is_one_however_it_is_written(shop, country):
    body = case_body(shop.clinic.product_id)
    body["user"]["shippingAddress"]["country"] = country
    case_id = await shop.approved_case(**body)
    order = order_body()
    del order["order"]["shippingAddress"]
    assert (await opened(shop, await shop.placed(case_id, order))).shipping_address.country == "US"
