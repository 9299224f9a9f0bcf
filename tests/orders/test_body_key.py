"""`idempotencyKey` in the body: once per organization, for good, also when 64 ask at the same moment."""

import asyncio
from collections import Counter
from uuid import uuid4

import httpx
import pytest

from tests.orders.bodies import order_body, put

CALLERS = 64
CONFLICT = {
    "status": 409,
    "success": False,
    "code": "IDEMPOTENCY_ERROR",
    "description": "A record with the provided idempotencyKey already exists for this organization.",
}
PREFER = "return=representation"


def new_key():
    return f"key-{uuid4().hex}"


async def test_the_same_request_again_is_the_pages_409(shop, case_id):
    body = order_body(new_key())
    await shop.placed(case_id, body)
    answer = await shop.place(case_id, body)
    assert answer.status_code == 409
    assert answer.json() == CONFLICT
    assert list(answer.json()) == list(CONFLICT)
    assert len(await shop.orders_of(case_id)) == 1


async def test_another_body_and_another_case_meet_the_same_409(shop, case_id):
    key = new_key()
    await shop.placed(case_id, order_body(key))
    assert (await shop.place(case_id, order_body(key, diagnosis="Other"))).json() == CONFLICT
    assert (await shop.place(await shop.approved_case(), order_body(key))).json() == CONFLICT
    assert (await shop.place(case_id, put(order_body(key), "order.prescriber.npi", "1"))).json() == CONFLICT


@pytest.mark.parametrize(
    "prefer", [PREFER, "Return=Representation", f"respond-async, {PREFER}", 'return="representation"']
)
async def test_who_prefers_a_representation_learns_the_order(shop, case_id, prefer):
    body = order_body(new_key())
    order_id = await shop.placed(case_id, body)
    answer = await shop.place(case_id, body, prefer=prefer)
    assert answer.status_code == 409
    assert answer.json() == CONFLICT | {"data": {"order": {"id": str(order_id)}}}


@pytest.mark.parametrize("prefer", ["return=minimal", "", "representation"])
async def test_who_prefers_something_else_does_not(shop, case_id, prefer):
    body = order_body(new_key())
    await shop.placed(case_id, body)
    assert (await shop.place(case_id, body, prefer=prefer)).json() == CONFLICT


async def test_a_refused_order_leaves_its_key_free(shop, case_id):
    key = new_key()
    assert (await shop.place(case_id, order_body(key, pharmacyId="unknown"))).status_code == 400
    await shop.placed(case_id, order_body(key))


async def test_without_a_key_every_request_is_an_order(shop, case_id):
    first, second = await shop.placed(case_id, order_body()), await shop.placed(case_id, order_body())
    assert first != second


@pytest.fixture
async def at_once(server, shop):
    """The answers to all (case, body) pairs, sent together."""
    limits = httpx.Limits(max_connections=CALLERS)
    async with httpx.AsyncClient(base_url=server.url, timeout=60, limits=limits, headers=shop.clinic.key) as crowd:

        async def send(pairs, **headers):
            posts = (crowd.post(f"/api/v1/cases/{case}", json=body, headers=headers) for case, body in pairs)
            return await asyncio.gather(*posts)

        yield send


@pytest.mark.parametrize("time", [1, 2])
async def test_64_at_once_make_one_order(at_once, shop, case_id, time):
    key = new_key()
    answers = await at_once([(case_id, order_body(key))] * CALLERS)
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: CALLERS - 1}
    assert all(answer.json() == CONFLICT for answer in answers if answer.status_code == 409)
    assert len(await shop.orders_of(case_id)) == 1
    assert await shop.ask("SELECT count(*) FROM events WHERE case_id = %s AND type = 'ORDER_CREATED'", case_id) == [
        (1,)
    ]


@pytest.mark.parametrize("time", [1, 2])
async def test_64_at_once_for_different_cases_make_one_order(at_once, shop, time):
    """Nothing but the unique index stands between these."""
    key = new_key()
    cases = [await shop.approved_case() for _ in range(8)]
    answers = await at_once([(cases[number % 8], order_body(key)) for number in range(CALLERS)], prefer=PREFER)
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: CALLERS - 1}
    assert len({answer.json()["data"]["order"]["id"] for answer in answers}) == 1
    ordered = await shop.ask("SELECT case_id FROM orders WHERE idempotency_key = %s", key)
    assert len(ordered) == 1
    moved = await shop.ask(
        "SELECT count(*) FROM case_product_requests r JOIN case_products k ON k.id = r.case_product_id "
        "WHERE r.status = 'ORDERED' AND k.case_id = ANY(%s)",
        cases,
    )
    assert moved == [(1,)]
    events = "SELECT count(*) FROM events WHERE type = 'ORDER_CREATED' AND case_id = ANY(%s)"
    assert await shop.ask(events, cases) == [(1,)]


async def test_64_different_keys_at_once_make_64_orders_with_events_in_sequence(at_once, shop, case_id):
    answers = await at_once([(case_id, order_body(new_key())) for _ in range(CALLERS)])
    assert {answer.status_code for answer in answers} == {200}
    rows = await shop.ask("SELECT case_sequence FROM events WHERE case_id = %s ORDER BY 1", case_id)
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
