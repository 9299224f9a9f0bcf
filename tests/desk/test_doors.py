"""Who may see and move orders: every endpoint of the desk, asked by those who may not."""

from uuid import uuid4

import pytest

from tests.desk.counter import ORDERS
from tests.factories.rows import insert_row

INBOX = "/api/staff/pharmacy-inbox"
REASON = {"reason": "wrong drug"}


@pytest.fixture(scope="module")
async def doors(counter):
    """(method, path, good body) of every endpoint, with an order and a callback that exist."""
    order_id = await counter.order()
    callback_id = await waiting_callback(counter)
    return [
        ("GET", ORDERS, None),
        ("GET", f"{ORDERS}/{order_id}", None),
        ("GET", f"{ORDERS}/{order_id}/why", None),
        ("POST", f"{ORDERS}/{order_id}/cancel", REASON),
        ("POST", f"{ORDERS}/{order_id}/send", None),
        ("POST", f"{ORDERS}/{order_id}/replace", REASON),
        ("GET", INBOX, None),
        ("POST", f"{INBOX}/{callback_id}/match", {"orderId": str(order_id)}),
    ]


async def waiting_callback(counter, status="WAITING"):
    values = {"pharmacy_id": counter.pharmacy_id, "message_id": uuid4().hex, "status": status, "sealed": b"none"}
    return await insert_row(counter.services, counter.organization_id, "pharmacy_callbacks", **values)


async def test_nobody_gets_in_without_a_session(client, doors):
    for method, path, body in doors:
        answer = await client.request(method, path, json=body)
        assert answer.status_code == 401, path
        assert answer.headers["content-type"].startswith("application/problem+json")


async def test_nobody_gets_in_with_a_wrong_credential(client, counter, doors):
    wrong = [{"Authorization": "Bearer cvt_guessed"}, {"Authorization": "Basic YTpi"}, counter.clinic.key]
    for method, path, body in doors:
        for headers in wrong:
            assert (await client.request(method, path, json=body, headers=headers)).status_code == 401, path


async def test_support_sees_orders_and_moves_none(client, counter, doors):
    for method, path, body in doors:
        answer = await client.request(method, path, json=body, headers=counter.support)
        assert answer.status_code == (200 if method == "GET" else 403), path


async def test_another_clinic_finds_none_of_it(client, elsewhere, doors):
    for method, path, body in doors:
        answer = await client.request(method, path, json=body, headers=elsewhere.manager)
        if path in {ORDERS, INBOX}:
            assert answer.json()["next"] is None
            assert answer.json().get("orders", answer.json().get("callbacks")) == []
        else:
            assert answer.status_code == 404, path


async def test_what_cannot_be_an_id_is_not_found(client, counter):
    for path in (f"{ORDERS}/12", f"{ORDERS}/12/why"):
        assert (await client.get(path, headers=counter.support)).status_code == 404
    for path, body in (
        (f"{ORDERS}/12/cancel", REASON),
        (f"{ORDERS}/{uuid4()}/cancel", REASON),
        (f"{ORDERS}/12/send", None),
        (f"{ORDERS}/{uuid4()}/send", None),
        (f"{ORDERS}/12/replace", REASON),
        (f"{ORDERS}/{uuid4()}/replace", REASON),
        (f"{INBOX}/12/match", {"orderId": str(uuid4())}),
        (f"{INBOX}/{uuid4()}/match", {"orderId": str(uuid4())}),
    ):
        assert (await client.post(path, json=body, headers=counter.manager)).status_code == 404, path


BAD = [
    {},
    [],
    {"reason": ""},
    {"reason": " \n"},
    {"reason": 5},
    {"reason": "x" * 2_001},
    {"reason": "x", "because": "y"},
    {"reason": "a\0b"},
]


@pytest.mark.parametrize("body", BAD)
@pytest.mark.parametrize("name", ["cancel", "replace"])
async def test_a_bad_body_is_refused_and_the_field_named(counter, name, body):
    order_id = await counter.order()
    answer = await counter.act(order_id, name, body)
    assert answer.status_code == 400
    assert answer.json()["errors"]
    assert await counter.moves(order_id) == []


async def test_a_bad_filter_is_refused_and_named(counter):
    for query, field in (
        ({"status": "LOST"}, "status"),
        ({"pharmacyId": "pharmacy-123"}, "pharmacyId"),
        ({"caseId": "12"}, "caseId"),
        ({"needsAttention": "perhaps"}, "needsAttention"),
        ({"after": "x"}, "after"),
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
    ):
        answer = await counter.get(ORDERS, **query)
        assert answer.status_code == 400, query
        assert answer.json()["errors"][0]["field"] == field
    assert (await counter.get(INBOX, after="x")).status_code == 400
