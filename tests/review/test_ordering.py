"""The order of a case as staff place it: drafted from the decision, tried, placed; over the API and on its page."""

import asyncio
from uuid import UUID, uuid4

import pytest

from tests.detail.asking import create_case
from tests.factories.cases import case_body
from tests.factories.pharmacies import add_drug, add_pharmacy
from tests.review.people import Desk, decision

MEDICINE = {
    "medicine": "zephyrol 5 mg",
    "dosage": "1 tablet",
    "dosingFrequency": "daily",
    "refillCount": 1,
    "quantity": "30 tablets",
    "treatmentPeriod": "30 days",
}
PRESCRIBER = {
    "firstName": "Ada", "lastName": "Berg", "npi": "1234567893", "email": "ada@clinic.example",
    "phoneNumber": "+12125550123",
    "address": {"addressLine1": "1 Main St", "city": "New York", "state": "NY", "country": "US", "postalCode": "10001"},
}  # fmt: skip

# Neither which of the drugs, nor how much.
UNCLEAR = {"medicine": "Zephyrol", "dosage": "1 tablet", "dosingFrequency": "daily", "refillCount": 1}


@pytest.fixture
async def drugs(services, pier):
    """Two strengths of a drug that no other test has."""
    name = "Zephyrol " + uuid4().hex.translate(str.maketrans("0123456789", "ghijklmnop"))
    return {
        strength: (await _add(services, pier, f"{name} {strength}"), f"{name} {strength}")
        for strength in ("5 mg", "10 mg")
    }


async def _add(services, pier, name):
    code = f"drug-{uuid4()}"
    await add_drug(services, UUID(pier.organization_id), name=name, product_id=UUID(pier.product_id), code=code)
    return code


@pytest.fixture
async def ordered(approved, once_more, drugs, ada):
    """A case of the patient with an order: the case, the order's id, the pharmacy's code."""
    first = await once_more(medInfo=[MEDICINE | {"medicine": drugs["5 mg"][1]}])
    draft = await draft_of(first, ada)
    assert draft["items"][0]["drugId"] == drugs["5 mg"][0]
    placed = await first.done(ada, "orders", order_of(draft, direction="With water"))
    return first, placed["id"], draft["pharmacies"][0]["code"]


@pytest.fixture
def once_more(client, pier, approved, ada, look):
    """Another case of the same patient, decided."""

    async def make(**members):
        ((email,),) = await look(
            "SELECT p.email FROM patients p JOIN cases c ON c.patient_id = p.id WHERE c.id = %s", approved.case_id
        )
        case = Desk(client, await create_case(client, pier, case_body(pier.product_id, email, forceCreate=True)))
        await case.done(ada, "start")
        await case.done(ada, "decide", {"decisions": [decision(pier.product_id, **members)]})
        return case

    return make


@pytest.fixture
async def approved(services, pier, started, ada):
    """Approved, with a pharmacy and two drugs of the product."""
    organization_id = UUID(pier.organization_id)
    code = f"drug-{uuid4()}"
    await add_pharmacy(services, organization_id, f"pharmacy-{uuid4()}")
    for name, over in (("Zephyrol 5 mg", {"code": code}), ("Zephyrol 10 mg", {"code": f"drug-{uuid4()}"})):
        await add_drug(services, organization_id, name=name, product_id=UUID(pier.product_id), **over)
    await started.done(ada, "decide", {"decisions": [decision(pier.product_id, medInfo=[MEDICINE])]})
    return started


async def draft_of(desk, person):
    answer = await desk.client.get(f"/api/staff/cases/{desk.case_id}/order-draft", headers=person.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def order_of(draft, **over):
    item = {name: value for name, value in draft["items"][0].items() if name != "medicine"}
    item["drugId"] = item["drugId"] or draft["drugs"][0]["code"]
    return {"order": {
        "prescriber": PRESCRIBER, "diagnosis": "Zephyritis", "pharmacyId": draft["pharmacies"][0]["code"],
        "prescriptionItems": [item | over],
    }}  # fmt: skip


async def test_the_draft_says_what_was_decided(approved, ada):
    draft = await draft_of(approved, ada)
    (item,) = draft["items"]
    assert (item["medicine"], item["direction"], item["quantity"]) == ("zephyrol 5 mg", "1 tablet daily", "30 tablets")
    assert (item["refillCount"], item["supplyDays"]) == (1, 30)
    assert (draft["prescriber"]["npi"], draft["prescriber"]["lastName"]) == ("1234567893", "Berg")
    assert {"Zephyrol 5 mg", "Zephyrol 10 mg"} <= {drug["name"] for drug in draft["drugs"]}


async def test_it_is_tried_placed_and_then_there_is_nothing_left(approved, ada):
    draft = await draft_of(approved, ada)
    tried = (await approved.act(ada, "orders/try", order_of(draft, quantity="60 tablets", refillCount=5))).json()
    assert tried["wouldCreate"] is False
    found = {finding["field"]: finding["severity"] for finding in tried["findings"]}
    assert found["order.prescriptionItems[0].refillCount"] == "refuse"
    assert "order.prescriptionItems[0].quantity" in found
    refused = await approved.act(ada, "orders", order_of(draft, refillCount=5))
    assert refused.status_code == 400
    assert [one["field"] for one in refused.json()["errors"]] == ["order.prescriptionItems[0].refillCount"]
    assert (await approved.act(ada, "orders/try", order_of(draft))).json()["wouldCreate"] is True
    placed = await approved.done(ada, "orders", order_of(draft))
    case = await approved.read(ada)
    assert [order["id"] for order in case["orders"]] == [placed["id"]]
    assert (await draft_of(approved, ada))["items"] == []
    again = await approved.act(ada, "orders", order_of(draft))
    assert again.status_code == 400


async def test_who_may(approved, ada, cleo, dan, stranger):
    body = order_of(await draft_of(approved, ada))
    for person, status in ((dan, 403), (stranger, 404)):
        url = f"/api/staff/cases/{approved.case_id}/order-draft"
        draft_status = (await approved.client.get(url, headers=person.headers)).status_code
        assert draft_status == status
    # SUPPORT works on no order.
    for act in ("orders/try", "orders"):
        assert (await approved.act(dan, act, body)).status_code == 403
        assert (await approved.act(stranger, act, body)).status_code == 404
        assert (await approved.client.post(f"/api/staff/cases/{approved.case_id}/{act}", json=body)).status_code == 401
        wrong = await approved.act(ada, act, {"order": {"diagnosis": 7}})
        assert (wrong.status_code, "order.diagnosis" in wrong.text) == (400, True)
    assert (await approved.act(cleo, "orders", body)).status_code == 200


async def test_the_page_is_filled_in_tried_and_placed(approved, ada, reading):
    page = await reading(approved, ada)
    assert f'href="{page.path}/order"' in await page.open()
    html = await page.open("/order")
    for text in ('value="30 tablets"', "1 tablet daily", 'value="1234567893"', "Zephyrol 10 mg"):
        assert text in html
    draft = await draft_of(approved, ada)
    flat = _flat(order_of(draft))
    tried = await page.press("order/place", act="try", **flat | {"order.prescriptionItems[0].refillCount": "5"})
    assert tried.status_code == 422
    assert 'id="e-order.prescriptionItems[0].refillCount"' in tried.text
    assert "1 stops the order" in tried.text
    fine = await page.press("order/place", act="try", **flat)
    assert (fine.status_code, "Nothing stops this order" in fine.text) == (200, True), fine.text
    assert "orders" not in await approved.read(ada) or (await approved.read(ada))["orders"] == []
    missing = await page.press("order/place", act="place", **flat | {"order.diagnosis": ""})
    assert (missing.status_code, 'id="e-order.diagnosis"' in missing.text) == (422, True)
    placed = await page.press("order/place", act="place", **flat)
    assert (placed.status_code, placed.headers["Location"]) == (303, f"{page.path}?done=ordered#money")
    assert len((await approved.read(ada))["orders"]) == 1
    assert "There is nothing to order" in await page.open("/order")


async def test_the_last_order_of_the_patient_is_known(ordered, once_more, drugs, ada, look):
    first, order_id, pharmacy_id = ordered
    again = await once_more(medInfo=[UNCLEAR])
    draft = await draft_of(again, ada)
    assert (draft["items"][0]["drugId"], draft["items"][0]["quantity"]) == (None, None)
    last = draft["lastOrder"]
    assert (last["id"], last["caseId"]) == (order_id, str(first.case_id))
    assert (last["pharmacyId"], last["diagnosis"]) == (pharmacy_id, "Zephyritis")
    (item,) = last["items"]
    assert item == {
        "drugId": drugs["5 mg"][0],
        "direction": "With water",
        "quantity": "30 tablets",
        "refillCount": 1,
        "supplyDays": 30,
    }
    query = "SELECT count(*) FROM phi_reads WHERE actor_id = %s AND record_id = %s AND reason = 'draft of an order'"
    assert await look(query, ada.id, again.case_id) == [(1,)]
    assert await look(query, ada.id, first.case_id) == [(2,)]


async def test_what_is_another_drug_or_came_to_nothing_is_no_last_order(ordered, once_more, drugs, ada):
    first, order_id, _ = ordered
    # As it is named, in other words, and as one of two.
    for medicines in ([drugs["10 mg"][1]], ["zephyrol, 10mg"], ["Zephyrol", "Zephyrol"]):
        other = await once_more(medInfo=[UNCLEAR | {"medicine": medicine} for medicine in medicines])
        assert (await draft_of(other, ada))["lastOrder"] is None, medicines
    same = await once_more(medInfo=[UNCLEAR | {"medicine": drugs["5 mg"][1]}])
    assert (await draft_of(same, ada))["lastOrder"]["id"] == order_id
    url = f"/api/staff/orders/{order_id}/cancel"
    canceled = await first.client.post(url, json={"reason": "A mistake"}, headers=ada.headers)
    assert canceled.status_code == 200, canceled.text
    assert (await draft_of(same, ada))["lastOrder"] is None


async def test_nobody_elses_order_is_copied(ordered, client, pier, ada):
    other = Desk(client, await create_case(client, pier))
    await other.done(ada, "start")
    await other.done(ada, "decide", {"decisions": [decision(pier.product_id, medInfo=[UNCLEAR])]})
    assert (await draft_of(other, ada))["lastOrder"] is None


async def test_the_page_copies_the_last_order_into_what_is_empty(approved, ordered, once_more, drugs, ada, reading):
    page = await reading(await once_more(medInfo=[UNCLEAR]), ada)
    assert "Copy the last order" in await page.open("/order")
    item = "order.prescriptionItems[0]"
    typed = {f"{item}.quantity": "", f"{item}.direction": "At night", "order.diagnosis": " ", f"{item}.drugId": ""}
    copied = await page.press("order/place", act="copy", **typed)
    assert copied.status_code == 200, copied.text
    assert "Nothing is placed yet" in copied.text
    for text in (
        'value="30 tablets"',
        f'value="{drugs["5 mg"][0]}" selected',
        "At night</textarea>",
        "Zephyritis</textarea>",
    ):
        assert text in copied.text
    kept = await page.press("order/place", act="copy", **typed | {f"{item}.drugId": drugs["10 mg"][0]})
    assert 'value="30 tablets"' not in kept.text
    assert f'value="{drugs["10 mg"][0]}" selected' in kept.text
    assert "Zephyritis</textarea>" in kept.text
    html = await page.open("/order")
    assert "Zephyritis</textarea>" not in html


async def test_without_an_earlier_order_there_is_nothing_to_copy(approved, ada, reading):
    page = await reading(approved, ada)
    assert "Copy the last order" not in await page.open("/order")
    typed = {"order.diagnosis": "Mine", "order.prescriptionItems[0].quantity": "30"}
    pressed = await page.press("order/place", act="copy", **typed)
    assert (pressed.status_code, "Mine</textarea>" in pressed.text) == (200, True)
    assert "is filled in as in the order" not in pressed.text


async def test_an_order_is_canceled_and_replaced_on_the_page_of_its_case(approved, ada, reading, look):
    order_id = (await approved.done(ada, "orders", order_of(await draft_of(approved, ada))))["id"]
    page = await reading(approved, ada)
    assert f'id="cancel-{order_id}"' in await page.open()
    nothing = await page.press("cancel-order", orderId=order_id, reason=" ")
    assert nothing.status_code == 422
    done = await page.press("cancel-order", orderId=order_id, reason="Sent twice")
    assert done.headers["Location"] == f"{page.path}?done=order-canceled#money"
    # A worker may just have had it in hand.
    for _ in range(100):
        status = await look("SELECT status FROM orders WHERE id = %s", order_id)
        if status == [("CANCELED",)]:
            break
        await asyncio.sleep(0.1)
    assert status == [("CANCELED",)]
    late = await page.press("cancel-order", orderId=order_id, reason="Sent twice")
    assert (late.status_code, "the order is CANCELED" in late.text) == (409, True)
    html = await page.open()
    assert f'id="cancel-{order_id}"' not in html
    assert f'id="replace-{order_id}"' in html
    done = await page.press("replace-order", orderId=order_id, reason="It was right after all")
    assert done.headers["Location"] == f"{page.path}?done=order-replaced#money"
    assert len((await approved.read(ada))["orders"]) == 2
    twice = await page.press("replace-order", orderId=order_id, reason="Once more")
    assert twice.status_code == 409
    assert (await page.press("cancel-order", orderId=str(uuid4()), reason="x")).status_code == 404


def _flat(value, place=""):
    if isinstance(value, dict):
        parts = [(f"{place}.{name}" if place else name, inner) for name, inner in value.items()]
    elif isinstance(value, list):
        parts = [(f"{place}[{index}]", inner) for index, inner in enumerate(value)]
    else:
        return {} if value is None else {place: str(value)}
    return {name: text for at, inner in parts for name, text in _flat(inner, at).items()}
