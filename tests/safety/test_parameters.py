"""A write whose query holds a name that its route does not know is refused: what was asked for would not be done."""

import re
from uuid import UUID, uuid4

import pytest

from tests.contract import Contract
from tests.factories.accounts import bearer, open_account
from tests.factories.cases import case_body
from tests.orders.bodies import order_body
from tests.orders.shop import open_shop
from tests.own_clinic import make_clinic
from tests.portal.cast import enroll, enter

CASES = "/api/v1/cases"
WRITES = {"post", "put", "patch", "delete"}
# RFC 6749, section 3.2: what the token endpoint does not know, it must pass over.
APART = {"/oauth/token"}


def problem_of(answer) -> tuple[str, str]:
    """The only one, whichever dialect tells it."""
    body = answer.json()
    if "errors" not in body:
        name, _, message = body["detail"].partition(": ")
        return name, message
    (problem,) = body["errors"]
    if "field" not in problem:
        # GraphQL has one text for both.
        name, _, message = problem["message"].partition(": ")
        return name, message
    return problem["field"], problem["message"]


@pytest.fixture(scope="module")
async def shop(client, services, tmp_path_factory):
    return await open_shop(client, services, await make_clinic(services, tmp_path_factory.mktemp("shop")))


@pytest.fixture(scope="module")
async def credentials(services, shop):
    account = await open_account(services, shop.clinic, "ADMIN")
    return shop.clinic.key | shop.clinic.billing | await bearer(services, UUID(shop.clinic.organization_id), account.id)


def writes() -> list[tuple[str, str, dict[str, object]]]:
    paths = Contract().document["paths"].items()
    return [
        (method, path, operation)
        for path, operations in paths
        for method, operation in operations.items()
        if method in WRITES and path not in APART
    ]


@pytest.fixture(scope="module")
async def patient(client, services, shop):
    return await enter(client, services, shop.clinic, await enroll(services, shop.clinic))


async def test_every_write_refuses_what_it_does_not_know(client, credentials, patient):
    missing = []
    for method, path, operation in writes():
        url = re.sub(r"\{[^}]+\}", str(uuid4()), path)
        headers = (
            credentials
            if "bearerToken" not in str(operation.get("security"))
            else {"cv-api-key": credentials["cv-api-key"]}
        )
        if "patientToken" in str(operation.get("security")):
            headers = patient
        answer = await client.request(method, f"{url}?un_known=1", headers=headers)
        if answer.status_code != 400 or problem_of(answer)[0] != "un_known":
            missing.append((method, path, answer.status_code, answer.text))
    assert missing == []


async def test_every_write_takes_what_it_knows(client, credentials):
    """No declared parameter is refused as unknown, whatever else is wrong with the request."""
    known = [
        (method, path, parameter["name"])
        for method, path, operation in writes()
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "query"
    ]
    assert ("post", "/api/v1/cases/{case_id}", "dryRun") in known
    for method, path, name in known:
        url = re.sub(r"\{[^}]+\}", str(uuid4()), path)
        answer = await client.request(method, url, params={name: "1"}, headers=credentials)
        assert "unknown" not in answer.text, (path, name)


@pytest.mark.parametrize(
    "query",
    [
        "dryrun=true",
        "dry_run=true",
        "dry-run=true",
        "DRYRUN=true",
        "DryRun",
        "dryRunn=true",
        "%64ryrun=1",
        "dryRun%00=1",
    ],
)
async def test_a_misspelled_dry_run_places_nothing_and_names_the_right_one(shop, query):
    case_id = await shop.approved_case()
    answer = await shop.place(case_id, order_body(), query=f"?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"].endswith("unknown; expected dryRun")
    assert await shop.orders_of(case_id) == []


@pytest.mark.parametrize("query", ["dryRun=true&dryRun=false", "dryRun=false&dryRun=true", "dryRun=true&dryrun=true"])
async def test_a_dry_run_that_is_asked_for_twice_places_nothing(shop, query):
    case_id = await shop.approved_case()
    assert (await shop.place(case_id, order_body(), query=f"?{query}")).status_code == 400
    assert await shop.orders_of(case_id) == []


@pytest.mark.parametrize(
    "query", ["dryRun", "dryRun=", "dryRun=yes", "dryRun=1", "dryRun=TRUE", "dryRun=true;", "dryRun=%20true"]
)
async def test_a_dry_run_is_true_or_false(shop, query):
    case_id = await shop.approved_case()
    answer = await shop.place(case_id, order_body(), query=f"?{query}")
    assert problem_of(answer) == ("dryRun", "expected `true` or `false`")
    assert await shop.orders_of(case_id) == []


@pytest.mark.parametrize("name", ["dryRun", "dry_run", "DRYRUN"])
async def test_a_dry_run_in_the_body_places_nothing(shop, name):
    case_id = await shop.approved_case()
    answer = await shop.place(case_id, order_body() | {name: True})
    assert (answer.status_code, problem_of(answer)) == (
        400,
        (name, "unknown in the body; expected dryRun in the query"),
    )
    assert await shop.orders_of(case_id) == []


async def test_who_may_not_ask_learns_no_names(client):
    assert (await client.post(f"{CASES}?dryrun=true", json={})).status_code == 401
    assert (await client.post("/billing/cart?x=1", json={})).status_code == 401


async def test_many_and_long_names_make_a_small_answer(client, clinic):
    query = "&".join(f"{number}{'k' * 40}" for number in range(300))
    answer = await client.post(f"{CASES}?{query}&{'z' * 3_000}=1", json={}, headers=clinic.key)
    assert answer.status_code == 400
    assert len(answer.json()["errors"]) == 100
    long = await client.post(f"{CASES}?{'z' * 3_000}=1", json={}, headers=clinic.key)
    assert len(long.content) < 1_000


async def test_a_read_passes_over_what_it_does_not_know(client, clinic):
    answer = await client.get("/api/v1/organization/bundles?un_known=1", headers=clinic.key)
    assert answer.status_code == 200


async def test_without_a_query_a_case_is_created_as_ever(client, clinic):
    assert (await client.post(f"{CASES}?", json=case_body(clinic.product_id), headers=clinic.key)).status_code == 200
