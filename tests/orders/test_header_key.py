"""The header Idempotency-Key, on place order and on create case."""

import asyncio
from collections import Counter
from uuid import uuid4

import psycopg
import pytest

from carelane.processes.retention import Kind, delete_kind
from carelane.web.idempotency import KEPT_DAYS, RequestKey
from tests.factories.cases import case_body
from tests.orders.bodies import order_body
from tests.orders.shop import open_shop
from tests.own_clinic import make_clinic

REPLAYED = "idempotent-replayed"


def new_key():
    return f"header-{uuid4().hex}"


async def create(shop, body, key):
    headers = shop.clinic.key | {"Idempotency-Key": key}
    return await shop.client.post("/api/v1/cases", json=body, headers=headers)


async def test_the_same_request_is_answered_again_byte_for_byte(shop, case_id):
    key, body = new_key(), order_body(new_key())
    first = await shop.place(case_id, body, key=key)
    assert REPLAYED not in first.headers
    for _ in range(2):
        again = await shop.place(case_id, body, key=key)
        assert (again.status_code, again.content) == (200, first.content)
        assert again.headers["content-type"] == first.headers["content-type"]
        assert again.headers[REPLAYED] == "true"
    assert len(await shop.orders_of(case_id)) == 1


async def test_create_case_too(shop):
    key, body = new_key(), case_body(shop.clinic.product_id)
    first, again = await create(shop, body, key), await create(shop, body, key)
    assert first.status_code == 200
    assert (again.status_code, again.content, again.headers[REPLAYED]) == (200, first.content, "true")
    emails = "SELECT count(*) FROM cases c JOIN patients p ON p.id = c.patient_id WHERE p.mailbox = lower(%s)"
    assert await shop.ask(emails, body["user"]["email"]) == [(1,)]


async def test_a_repetition_leaves_no_file_behind(client, services, server, tmp_path):
    clinic = await make_clinic(services, tmp_path)
    file = {"question": "Labs", "type": "FILE", "answer": {"name": "labs.png", "data": "iVBORw0KGgo="}}
    body = case_body(clinic.product_id, products=[{"id": clinic.product_id, "form": {"questions": [file]}}])
    headers = clinic.key | {"Idempotency-Key": new_key()}
    folder = server.data_dir / "documents" / clinic.organization_id
    for _ in range(2):
        answer = await client.post("/api/v1/cases", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        assert len([path for path in folder.rglob("*") if path.is_file()]) == 1
    assert answer.headers[REPLAYED] == "true"


async def test_another_body_is_422_in_the_pages_shape(shop, case_id):
    key = new_key()
    await shop.placed(case_id, order_body(), key=key)
    answer = await shop.place(case_id, order_body(diagnosis="Other"), key=key)
    assert answer.status_code == 422
    assert answer.json().items() >= {"status": 422, "success": False, "message": "Invalid request"}.items()
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
    assert len(await shop.orders_of(case_id)) == 1


async def test_another_body_of_create_case_is_422_in_that_pages_shape(shop):
    key = new_key()
    await create(shop, case_body(shop.clinic.product_id), key)
    answer = await create(shop, case_body(shop.clinic.product_id), key)
    assert answer.status_code == 422
    assert list(answer.json())[:2] == ["success", "message"]
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"


async def test_another_path_is_422(shop, case_id):
    key, body = new_key(), order_body()
    await shop.placed(case_id, body, key=key)
    answer = await shop.place(await shop.approved_case(), body, key=key)
    assert answer.status_code == 422


async def test_an_error_is_not_kept(shop, case_id):
    key = new_key()
    assert (await shop.place(case_id, order_body(pharmacyId="unknown"), key=key)).status_code == 400
    assert (await shop.place(case_id, order_body(), key=key)).status_code == 200


async def test_another_organizations_key_is_another_key(shop, client, services, tmp_path):
    other = await open_shop(client, services, await make_clinic(services, tmp_path))
    key = new_key()
    first = await shop.place(await shop.approved_case(), order_body(), key=key)
    second = await other.place(await other.approved_case(), order_body(), key=key)
    assert (first.status_code, second.status_code) == (200, 200)
    assert REPLAYED not in second.headers
    assert first.content != second.content


@pytest.mark.parametrize("key", ["", "with space", "x" * 256, "tab\tinside"])
async def test_what_is_no_key_is_400(shop, case_id, key):
    answer = await shop.place(case_id, order_body(), key=key)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
    assert (await create(shop, case_body(shop.clinic.product_id), key)).status_code == 400


async def test_the_longest_key_is_good(shop, case_id):
    await shop.placed(case_id, order_body(), key=new_key().ljust(255, "~"))


@pytest.fixture
async def locked(shop, owner_url):
    """Holds a key as a request that is still in hand does."""
    data_key = await shop.services.keyring.data_key(shop.id)
    async with await psycopg.AsyncConnection.connect(owner_url) as conn:

        async def hold(key):
            digest = RequestKey(key, "", b"").key_digest(data_key)
            number = int.from_bytes(digest[:8], "big", signed=True)
            await conn.execute("SELECT pg_advisory_xact_lock(%s)", (number,))
            return conn

        yield hold


async def test_in_flight_is_409_until_the_first_has_ended(shop, case_id, locked):
    key = new_key()
    holder = await locked(key)
    answer = await shop.place(case_id, order_body(), key=key)
    assert answer.status_code == 409
    assert answer.json().items() >= {"status": 409, "success": False, "message": "Invalid request"}.items()
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
    assert (await create(shop, case_body(shop.clinic.product_id), key)).status_code == 409
    await holder.rollback()
    assert (await shop.place(case_id, order_body(), key=key)).status_code == 200
    assert len(await shop.orders_of(case_id)) == 1


async def test_an_answer_that_is_kept_is_given_to_many_who_ask_at_once(shop, case_id, locked):
    key, body = new_key(), order_body()
    first = await shop.place(case_id, body, key=key)
    await locked(key)
    again = await shop.place(case_id, body, key=key)
    assert (again.status_code, again.content) == (200, first.content)
    assert (await shop.place(case_id, order_body(diagnosis="Other"), key=key)).status_code == 422


async def test_a_second_that_comes_while_the_first_waits_is_409(shop, case_id, owner_url):
    """The first is really in hand: it waits for the case, which somebody else holds."""
    key, body = new_key(), order_body()
    async with await psycopg.AsyncConnection.connect(owner_url) as conn:
        await conn.execute("SELECT FROM cases WHERE id = %s FOR UPDATE", (case_id,))
        first = asyncio.create_task(shop.place(case_id, body, key=key))
        await until_somebody_waits_for(conn)
        assert (await shop.place(case_id, body, key=key)).status_code == 409
        await conn.rollback()
    answered = await first
    assert answered.status_code == 200
    assert (await shop.place(case_id, body, key=key)).content == answered.content


async def until_somebody_waits_for(conn) -> None:
    question = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
    async with asyncio.timeout(20):
        while True:
            if (await (await conn.execute(question)).fetchone())[0]:
                return
            await asyncio.sleep(0.02)


async def test_64_at_once_make_one_order(shop, case_id):
    key, body = new_key(), order_body()
    answers = await asyncio.gather(*(shop.place(case_id, body, key=key) for _ in range(64)))
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) <= {200, 409}
    assert len({answer.content for answer in answers if answer.status_code == 200}) == 1
    assert sum(REPLAYED not in answer.headers for answer in answers if answer.status_code == 200) == 1
    assert len(await shop.orders_of(case_id)) == 1


async def test_neither_the_key_nor_the_answer_lies_in_the_clear(shop, case_id):
    key = new_key()
    order_id = await shop.placed(case_id, order_body(), key=key)
    rows = await shop.ask("SELECT row_to_json(i)::text, answer_sealed FROM idempotency_keys i")
    assert rows
    for text, sealed in rows:
        assert key not in text
        assert key.encode().hex() not in text
        assert str(order_id).encode() not in bytes(sealed)


async def test_answers_are_forgotten_after_thirty_days(shop, case_id, owner_url, services):
    key, old_key = new_key(), new_key()
    await shop.placed(case_id, order_body(), key=key)
    await shop.placed(case_id, order_body(), key=old_key)
    data_key = await services.keyring.data_key(shop.id)
    digest = RequestKey(old_key, "", b"").key_digest(data_key)
    async with await psycopg.AsyncConnection.connect(owner_url, autocommit=True) as conn:
        aged = "UPDATE idempotency_keys SET created_at = now() - interval '30 days 1 minute' WHERE key_digest = %s"
        await conn.execute(aged, (digest,))
    await delete_kind(services, Kind("answer", KEPT_DAYS))
    assert REPLAYED in (await shop.place(case_id, order_body(), key=key)).headers
    assert REPLAYED not in (await shop.place(case_id, order_body(), key=old_key)).headers


async def test_what_the_query_asks_for_is_part_of_the_request(shop, client):
    """The same body under the same key, but another question."""
    key, path = new_key(), "/billing/cart/expire-old"
    headers = shop.clinic.billing | {"Idempotency-Key": key}
    first = await client.post(f"{path}?days_old=30", headers=headers)
    again = await client.post(f"{path}?days_old=30", headers=headers)
    other = await client.post(f"{path}?days_old=31", headers=headers)
    without = await client.post(path, headers=headers)
    assert (first.status_code, again.status_code, REPLAYED in again.headers) == (200, 200, True)
    assert (other.status_code, without.status_code) == (422, 422)


async def test_a_dry_run_asks_about_the_request_that_it_tries(shop, case_id):
    key, body = new_key(), order_body()
    await shop.placed(case_id, body, key=key)
    again = await shop.place(case_id, body, key=key, query="?dryRun=false")
    assert (again.status_code, REPLAYED in again.headers) == (200, True)
    tried = (await shop.place(case_id, body, key=key, query="?dryRun=true")).json()["data"]
    assert "its answer would be given again" in str(tried["findings"])
