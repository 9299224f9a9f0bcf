"""The board, what became of orders, and callbacks that are read and laid aside: the staff API, over HTTP."""

from uuid import uuid4

import pytest

from carelane.kit import clock
from carelane.pharmacies.adapters import Report, Shipment
from tests.desk.counter import ORDERS, open_counter
from tests.factories.orders import add_call, add_callback

BOARD = "/api/staff/order-board"
PHARMACIES = "/api/staff/pharmacies"
INBOX = "/api/staff/pharmacy-inbox"
FOUND_OUT = {"happened": "SHIPPED", "note": "Mara of the pharmacy says so.", "trackingId": "1Z999"}


@pytest.fixture
async def desk(client, services, tmp_path):
    """One of its own: the board counts everything."""
    return await open_counter(client, services, tmp_path)


async def columns(desk, headers=None, **query):
    answer = await desk.client.get(BOARD, headers=headers or desk.manager, params=query)
    assert answer.status_code == 200, answer.text
    return {column["name"]: column for column in answer.json()["columns"]}


@pytest.fixture(scope="module")
async def doors(counter):
    """(method, path, good body) of every endpoint here, and whether it shows health information."""
    order_id = await counter.order("NEEDS_ATTENTION")
    callback_id = await add_callback(counter.services, counter.organization_id, counter.pharmacy_id, "Q-1")
    return [
        ("GET", BOARD, None, False),
        ("GET", f"{BOARD}/ATTENTION", None, False),
        ("GET", PHARMACIES, None, False),
        ("GET", f"{ORDERS}/{order_id}/contents", None, True),
        ("GET", f"{INBOX}/{callback_id}", None, True),
        ("POST", f"{ORDERS}/{order_id}/resolve", FOUND_OUT, True),
        ("POST", f"{ORDERS}/{order_id}/story", {"story": "SHIP"}, True),
        ("POST", f"{INBOX}/{callback_id}/dismiss", {"reason": "Not ours."}, True),
    ]


async def test_nobody_gets_in_without_a_good_credential(client, counter, doors):
    for method, path, body, _ in doors:
        for headers in ({}, {"Authorization": "Bearer cvt_guessed"}, counter.clinic.key):
            assert (await client.request(method, path, json=body, headers=headers)).status_code == 401, path


async def test_support_sees_where_orders_are_and_no_health_information(client, counter, doors):
    for method, path, body, is_health in doors:
        answer = await client.request(method, path, json=body, headers=counter.support)
        assert answer.status_code == (403 if is_health else 200), path
    ticket = (await columns(counter, counter.support))["ATTENTION"]["orders"][0]
    assert (ticket["patientName"], ticket["products"]) == (None, None)


async def test_another_clinic_finds_none_of_it(client, counter, elsewhere, doors):
    for method, path, body, is_health in doors:
        answer = await client.request(method, path, json=body, headers=elsewhere.manager)
        assert answer.status_code == (404 if is_health else 200), path
        assert str(counter.pharmacy_id) not in answer.text


@pytest.mark.parametrize(
    "query",
    ["pharmacyId=harbor", "isTest=maybe", "pharmacy=x"],
)
async def test_a_query_that_cannot_be_read_is_refused(client, counter, query):
    for path in (BOARD, f"{BOARD}/SENT"):
        answer = await client.get(f"{path}?{query}", headers=counter.manager)
        assert answer.status_code == 400, path
        assert query.partition("=")[0] in answer.text


async def test_a_column_that_there_is_not_is_refused(client, counter):
    answer = await client.get(f"{BOARD}/LOST", headers=counter.manager)
    assert answer.status_code in {400, 404}
    assert (await client.get(f"{BOARD}/SENT?limit=101", headers=counter.manager)).status_code == 400
    assert (await client.get(f"{BOARD}/SENT?after=x", headers=counter.manager)).status_code == 400


async def test_each_order_stands_in_its_column_whoever_waits_longest_first(desk):
    placed = {status: [str(await desk.order(status)) for _ in range(2)] for status in ("RECEIVED", "SENT", "SHIPPED")}
    sending = str(await desk.order("SENDING"))
    stuck = str(await desk.order("NEEDS_ATTENTION", failure="no answer in time", attempts=4))
    refused = str(await desk.order("REJECTED"))
    told_otherwise = str(await desk.order("CANCELED", failure="the pharmacy says that it is SHIPPED"))
    await desk.order("CANCELED")
    await desk.order("DELIVERED")
    found = await columns(desk)
    ids = {name: [order["id"] for order in column["orders"]] for name, column in found.items()}
    assert ids == {
        "ATTENTION": [stuck, refused, told_otherwise],
        "TO_SEND": [*placed["RECEIVED"], sending],
        "SENT": placed["SENT"],
        "ACCEPTED": [],
        "SHIPPED": placed["SHIPPED"],
    }
    assert {name: column["count"] for name, column in found.items()} == {name: len(one) for name, one in ids.items()}
    ended = (await desk.client.get(BOARD, headers=desk.manager)).json()["ended"]
    assert {end["name"]: end["count"] for end in ended} == {"DELIVERED": 1, "REFUSED": 1, "CANCELED": 2}
    assert found["SENT"]["orders"][0]["patientName"].strip()


async def test_tests_stand_apart_and_a_pharmacy_can_be_asked_for(desk):
    real, test = await desk.order("SENT"), await desk.order("SENT", is_test=True)
    assert [order["id"] for order in (await columns(desk))["SENT"]["orders"]] == [str(real)]
    assert [order["id"] for order in (await columns(desk, isTest="true"))["SENT"]["orders"]] == [str(test)]
    assert (await columns(desk, pharmacyId=str(uuid4())))["SENT"]["count"] == 0
    assert (await columns(desk, pharmacyId=str(desk.pharmacy_id)))["SENT"]["count"] == 1


async def test_a_column_is_read_page_by_page(desk):
    waiting = [str(await desk.order(status)) for status in ("RECEIVED", "SENDING", "RECEIVED", "SENDING", "RECEIVED")]
    seen, after = [], None
    while True:
        query = {"limit": 2} | ({"after": after} if after else {})
        page = (await desk.client.get(f"{BOARD}/TO_SEND", headers=desk.manager, params=query)).json()
        assert page["count"] == 5
        seen += [order["id"] for order in page["orders"]]
        after = page["next"]
        if after is None:
            break
    assert seen == waiting


async def test_what_a_person_found_out_moves_the_order_and_is_kept_sealed(desk):
    order_id = await desk.order("NEEDS_ATTENTION", failure="no answer in time")
    done = await desk.client.post(f"{ORDERS}/{order_id}/resolve", headers=desk.manager, json=FOUND_OUT)
    assert (done.status_code, done.json()["status"]) == (200, "SHIPPED"), done.text
    stands = (await desk.client.get(f"{ORDERS}/{order_id}", headers=desk.manager)).json()
    assert (stands["trackingId"], stands["failure"]) == ("1Z999", None)
    assert stands["shippedAt"]
    contents = (await desk.client.get(f"{ORDERS}/{order_id}/contents", headers=desk.manager)).json()
    assert contents["resolution"] == FOUND_OUT["note"]
    async with desk.services.db.reading(desk.organization_id) as conn:
        row = "SELECT (o.*)::text FROM orders o WHERE id = %s"
        assert FOUND_OUT["note"] not in (await (await conn.execute(row, (order_id,))).fetchone())[0]
        told = "SELECT type, value_after FROM events WHERE target_id = %s ORDER BY number"
        acts = await (await conn.execute(told, (order_id,))).fetchall()
    assert acts == [("ORDER_STATUS_CHANGED", "SHIPPED"), ("ORDER_RESOLVED", "SHIPPED")]


async def test_an_order_is_resolved_once_and_leaves_the_board(desk):
    order_id = await desk.order("REJECTED")
    dealt = {"happened": "UNCHANGED", "note": "The patient has it from elsewhere."}
    assert (await columns(desk))["ATTENTION"]["count"] == 1
    first = await desk.client.post(f"{ORDERS}/{order_id}/resolve", headers=desk.manager, json=dealt)
    assert (first.status_code, first.json()["status"]) == (200, "REJECTED")
    assert (await columns(desk))["ATTENTION"]["count"] == 0
    again = await desk.client.post(f"{ORDERS}/{order_id}/resolve", headers=desk.manager, json=dealt)
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("status", "body", "answer", "named"),
    [
        ("NEEDS_ATTENTION", {"happened": "UNCHANGED", "note": "x"}, 422, "happened"),
        ("REJECTED", {"happened": "DELIVERED", "note": "x"}, 422, "happened"),
        ("NEEDS_ATTENTION", {"happened": "DELIVERED", "note": "x", "trackingId": "1Z"}, 422, "trackingId"),
        ("NEEDS_ATTENTION", {"happened": "LOST", "note": "x"}, 400, "happened"),
        ("NEEDS_ATTENTION", {"happened": "DELIVERED", "note": "  "}, 400, "note"),
        ("NEEDS_ATTENTION", {"happened": "DELIVERED"}, 400, "note"),
        ("SENT", {"happened": "DELIVERED", "note": "x"}, 409, "SENT"),
        ("NEEDS_ATTENTION", {"happened": "DELIVERED", "note": "x", "seenStatus": "SENT"}, 409, "NEEDS_ATTENTION"),
    ],
)
async def test_what_cannot_be_is_refused(counter, status, body, answer, named):
    order_id = await counter.order(status)
    refused = await counter.client.post(f"{ORDERS}/{order_id}/resolve", headers=counter.manager, json=body)
    assert (refused.status_code, named in refused.text) == (answer, True), refused.text
    assert (await counter.stands(order_id))["status"] == status


async def test_an_order_that_is_replaced_needs_nobody(desk):
    order_id = await desk.order("REJECTED")
    await desk.client.post(f"{ORDERS}/{order_id}/replace", headers=desk.manager, json={"reason": "Other pharmacy"})
    assert str(order_id) not in str((await columns(desk))["ATTENTION"])


async def test_a_callback_is_read_with_the_orders_it_may_be_about(desk):
    organization_id = desk.organization_id
    maybe = await desk.order("SENT", sending_began_at=clock.now())
    await desk.order("SENT", sending_began_at=clock.now(), pharmacy_order_id="known")
    parcel = Shipment(tracking_id="1ZX4", carrier_name="Post", at=clock.now())
    report = Report(status="SHIPPED", pharmacy_order_id="Q-7", message="Left at the door", shipments=[parcel])
    callback_id = await add_callback(desk.services, organization_id, desk.pharmacy_id, "Q-7", report)
    read = (await desk.client.get(f"{INBOX}/{callback_id}", headers=desk.manager)).json()
    assert (read["reportedStatus"], read["message"], read["trackingIds"]) == ("SHIPPED", "Left at the door", ["1ZX4"])
    assert [one["id"] for one in read["candidates"]] == [str(maybe)]
    async with desk.services.db.reading(organization_id) as conn:
        looks = "SELECT count(*) FROM phi_reads WHERE record_id = %s"
        assert await (await conn.execute(looks, (callback_id,))).fetchone() == (1,)


async def test_a_callback_is_dismissed_once_with_its_reason(counter):
    for number in ("Q-2", None):
        callback_id = await add_callback(counter.services, counter.organization_id, counter.pharmacy_id, number)
        path = f"{INBOX}/{callback_id}/dismiss"
        assert (await counter.client.post(path, headers=counter.manager, json={"reason": " "})).status_code == 400
        done = await counter.client.post(path, headers=counter.manager, json={"reason": "Another clinic's"})
        assert (done.status_code, done.json()["status"]) == (200, "DISMISSED"), done.text
        assert (await counter.client.post(path, headers=counter.manager, json={"reason": "x"})).status_code == 409
        inbox = (await counter.client.get(INBOX, headers=counter.manager)).json()["callbacks"]
        assert str(callback_id) not in str(inbox)


async def test_pharmacies_show_their_last_answers_and_whether_they_fail(desk):
    order_id = await desk.order("SENT")
    for outcome in ("done", "unknown", "retry"):
        await add_call(desk.services, desk.organization_id, order_id, "status", outcome, http_status=503)
    (found,) = (await desk.client.get(PHARMACIES, headers=desk.manager)).json()["pharmacies"]
    assert (found["failures"], found["lastOutcome"], found["underWay"]) == (2, "retry", 1)


async def test_only_tests_at_a_simulator_have_stories(counter):
    path = f"{ORDERS}/{await counter.order('SENT')}/story"
    refused = await counter.client.post(path, headers=counter.manager, json={"story": "SHIP"})
    assert (refused.status_code, "story" in refused.text) == (422, True)
    bad = await counter.client.post(path, headers=counter.manager, json={"story": "VANISH"})
    assert bad.status_code == 400
