"""The limit as callers meet it: three headers on every answer, and 429 when nothing is left."""

import asyncio
from collections import Counter
from uuid import UUID

import httpx
import psycopg
import pytest

from tests.own_clinic import make_clinic
from tests.server import demo_data, prepared, running_server

LIST = "/admin/taxes"
CREATE = "/user/patient/create"
LIMIT, LEFT, RESET = "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"
# Requests; each on a connection of its own, so that both processes of the server get some.
MANY = 40
FEW = 5


def standing(answer):
    return {name: int(answer.headers[name]) for name in (LIMIT, LEFT, RESET)}


async def test_both_processes_together_let_seven_through(server, services, tmp_path):
    clinic = await make_clinic(services, tmp_path, requestsPerMinute=7)
    answers = await asyncio.gather(*(get_afresh(server.url, LIST, clinic.billing) for _ in range(MANY)))

    through = Counter(answer.headers[RESET] for answer in answers if answer.status_code == 200)
    refused = [answer for answer in answers if answer.status_code == 429]
    # Where a minute ended in between, each of the two has its seven.
    assert through
    assert set(through.values()) == {7}
    assert len(refused) + through.total() == MANY
    assert {answer.headers[LIMIT] for answer in answers} == {"7"}
    for answer in refused:
        seconds = int(answer.headers["retry-after"])
        assert 1 <= seconds <= 60
        assert answer.json() == {"detail": f"too many requests; ask again in {seconds} seconds"}
        assert answer.headers[LEFT] == "0"


async def get_afresh(url, path, headers):
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        return await client.get(path, headers=headers)


async def test_one_tenants_limit_is_not_anothers(client, services, tmp_path, other_clinic):
    clinic = await make_clinic(services, tmp_path, requestsPerMinute=1)
    statuses = {(await client.get(LIST, headers=clinic.billing)).status_code for _ in range(4)}
    assert statuses >= {429}
    assert (await client.get(LIST, headers=other_clinic.billing)).status_code == 200


async def test_the_care_dialect_has_no_part_in_it(client, services, tmp_path):
    clinic = await make_clinic(services, tmp_path, requestsPerMinute=1)
    for _ in range(4):
        await client.get(LIST, headers=clinic.billing)
    answer = await client.get("/api/v1/organization/bundles", headers=clinic.key)
    assert answer.status_code == 200
    assert LIMIT not in answer.headers


async def test_a_refused_request_did_nothing(client, services, tmp_path, owner_url):
    clinic = await make_clinic(services, tmp_path, requestsPerMinute=1)
    answers = [await client.post(CREATE, json={"firstName": "Ann"}, headers=clinic.billing) for _ in range(6)]
    made = sum(answer.status_code == 200 for answer in answers)
    with psycopg.connect(owner_url) as conn:
        counted = conn.execute(
            "SELECT count(*) FROM patients WHERE organization_id = %s AND first_name = 'Ann'", (clinic.organization_id,)
        ).fetchone()
    assert counted == (made,)
    assert made < 6


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("GET", LIST, {}, 200),
        ("GET", "/user/patient/none", {}, 404),
        ("POST", CREATE, {"json": {"email": "nobody"}}, 422),
        ("POST", CREATE, {"content": b"x" * 1_100_000}, 413),
        ("GET", "/admin/locations/list", {"params": {"page": "x"}}, 422),
        ("GET", "/admin/locations/list", {"params": {"city": "a\0"}}, 422),
    ],
)
async def test_every_answer_tells_the_limit_and_counts(client, services, tmp_path, method, path, options, status):
    clinic = await make_clinic(services, tmp_path, requestsPerMinute=40)
    first, second = [await client.request(method, path, headers=clinic.billing, **options) for _ in range(2)]
    assert (first.status_code, second.status_code) == (status, status)
    before, after = standing(first), standing(second)
    assert before[LIMIT] == after[LIMIT] == 40
    assert after[RESET] > before[RESET] or after[LEFT] < before[LEFT]


async def test_a_fault_of_ours_tells_the_limit_too(client, services, tmp_path, owner_url):
    clinic = await make_clinic(services, tmp_path)
    async with await psycopg.AsyncConnection.connect(owner_url, autocommit=True) as conn:
        await conn.execute(
            "DELETE FROM organization_data_keys WHERE organization_id = %s", (UUID(clinic.organization_id),)
        )
    answer = await client.post(CREATE, json={"firstName": "Ann"}, headers=clinic.billing)
    assert (answer.status_code, answer.json()) == (500, {"detail": "Internal server error"})
    assert standing(answer)[LIMIT] == 6_000


async def test_a_repeated_answer_tells_the_limit_too(client, clinic):
    headers = clinic.billing | {"Idempotency-Key": "limit-1"}
    first, again = [await client.post(CREATE, json={"firstName": "Ann"}, headers=headers) for _ in range(2)]
    assert first.content == again.content
    assert again.headers["idempotent-replayed"] == "true"
    assert standing(again)[LIMIT] == 6_000


@pytest.fixture(scope="module")
def narrow(tmp_path_factory):
    """A server whose limit is small, for those who have none of their own."""
    folder = prepared(tmp_path_factory.mktemp("narrow") / "data")
    with running_server(folder, workers="1", billing_requests_per_minute=str(FEW)) as running:
        yield running


async def test_strangers_have_the_limit_of_their_address(narrow):
    tenant = demo_data(narrow.data_dir)
    good = {"API-KEY": tenant["apiKey"], "TENANT": tenant["tenant"]}
    asks = [("GET", LIST), ("GET", "/billing/nothing"), ("DELETE", LIST), ("GET", "/inventory")]
    async with httpx.AsyncClient(base_url=narrow.url, timeout=30) as client:
        answers = [await client.request(*asks[number % len(asks)]) for number in range(3 * FEW)]
        known = await client.get(LIST, headers=good)
        elsewhere = await client.get("/no/such/route")
    through = Counter(answer.headers[RESET] for answer in answers if answer.status_code != 429)
    assert set(through.values()) <= {FEW}
    assert {answer.status_code for answer in answers} == {401, 404, 405, 429}
    assert {tuple(answer.json()) for answer in answers} == {("detail",)}
    # A good key is never refused for what others of the same address did.
    assert (known.status_code, standing(known)[LEFT]) == (200, FEW - 1)
    assert LIMIT not in elsewhere.headers
