"""Who may ask: a key and the tenant it belongs to. Everybody else is answered 401, whatever was asked."""

from uuid import UUID

import pytest

from carelane.kit.auth import new_secret, system_actor
from carelane.organizations import queries
from tests.own_clinic import make_clinic

CREATE = "/user/patient/create"
LIST = "/admin/taxes"
ASKS = [
    pytest.param("GET", LIST, {}, id="a list"),
    pytest.param("GET", "/billing/cart/none", {}, id="a record"),
    pytest.param("POST", CREATE, {"json": {"firstName": "Ann"}}, id="a good body"),
    pytest.param("POST", CREATE, {"json": {"firstName": 5}}, id="a bad body"),
    pytest.param("POST", CREATE, {"content": b"{", "headers": {"Idempotency-Key": "two words"}}, id="no body at all"),
    pytest.param("POST", CREATE, {"content": b"x" * 2_000_000}, id="a body that is too large"),
    pytest.param("GET", "/admin/locations/list", {"params": {"page": "x", "city": "\0"}}, id="a bad query"),
]


async def ask(client, method, path, options, credentials):
    headers = options.get("headers", {}) | credentials
    return await client.request(method, path, **(options | {"headers": headers}))


def is_refusal(answer, text):
    return answer.status_code == 401 and list(answer.json()) == ["detail"] and text in answer.json()["detail"]


@pytest.mark.parametrize(("method", "path", "options"), ASKS)
async def test_without_both_headers_nobody_comes_in(client, clinic, method, path, options):
    for credentials, missing in (
        ({}, "API-KEY is required"),
        ({"TENANT": clinic.tenant}, "API-KEY is required"),
        ({"API-KEY": "", "TENANT": clinic.tenant}, "API-KEY is required"),
        ({"API-KEY": clinic.api_key}, "TENANT is required"),
        ({"API-KEY": clinic.api_key, "TENANT": ""}, "TENANT is required"),
    ):
        assert is_refusal(await ask(client, method, path, options, credentials), missing)


@pytest.mark.parametrize(("method", "path", "options"), ASKS)
async def test_with_wrong_headers_nobody_comes_in(client, clinic, other_clinic, method, path, options):
    good = clinic.billing
    for wrong in (
        {"API-KEY": new_secret("cvk")},
        {"API-KEY": "ключ".encode()},
        {"API-KEY": clinic.api_key[:-1]},
        {"API-KEY": f"{clinic.api_key} x"},
        {"API-KEY": clinic.client_secret},
        {"API-KEY": other_clinic.api_key},
        {"API-KEY": "k" * 4_097},
        {"TENANT": other_clinic.tenant},
        {"TENANT": clinic.tenant.upper()},
        {"TENANT": clinic.organization_id},
    ):
        answer = await ask(client, method, path, options, good | wrong)
        assert is_refusal(answer, "API-KEY is unknown or does not belong to this TENANT"), wrong


async def test_the_credentials_of_the_other_dialect_open_nothing(client, clinic):
    for headers in (clinic.key, {"Authorization": f"Bearer {clinic.api_key}", "TENANT": clinic.tenant}):
        assert is_refusal(await client.get(LIST, headers=headers), "API-KEY is required")


async def test_a_key_and_its_tenant_open_the_door(client, clinic, other_clinic):
    for one in (clinic, other_clinic):
        assert (await client.get(LIST, headers=one.billing)).status_code == 200


async def test_the_names_of_the_headers_are_read_in_any_case(client, clinic):
    headers = {"api-key": clinic.api_key, "Tenant": clinic.tenant}
    assert (await client.get(LIST, headers=headers)).status_code == 200


async def test_a_revoked_key_opens_nothing(client, services, tmp_path):
    clinic = await make_clinic(services, tmp_path)
    organization_id = UUID(clinic.organization_id)
    async with services.db.transaction(system_actor(organization_id)) as conn:
        ids = {one.name: one.id for one in await queries.list_credentials(conn, organization_id)}
        assert await queries.claim_revocation(conn, organization_id, ids["Storefront"])
    assert is_refusal(await client.get(LIST, headers=clinic.billing), "unknown")


@pytest.mark.parametrize(
    ("method", "path", "options"),
    [
        ("POST", CREATE, {"json": {"firstName": "Ann"}}),
        ("POST", LIST, {"json": {"name": "Tax", "percentage": 5}}),
        ("GET", "/user/patient/none", {}),
        ("GET", "/billing/charge/list", {}),
        ("POST", "/billing/cart", {"json": {"patientId": "none"}}),
        ("GET", "/billing/cart", {}),
        ("POST", "/billing/quote/send", {"json": {"quoteId": "none", "method": "email"}}),
        ("GET", "/billing/quote/list", {}),
    ],
)
async def test_a_key_that_lacks_the_scope_is_refused(client, clinic, method, path, options):
    credentials = {"API-KEY": clinic.catalog_only_key, "TENANT": clinic.tenant}
    answer = await ask(client, method, path, options, credentials)
    assert answer.status_code == 403
    assert "the credential lacks the scope" in answer.json()["detail"]
    assert (await client.get(LIST, headers=credentials)).status_code == 200


async def test_every_operation_asks_for_a_scope(client, services, tmp_path, contract):
    """A key without any scope gets nowhere, with whatever method; a route that forgot to ask would let it in."""
    parts = {"keys": [{"name": "Nothing", "scopes": ["orders:write"], "secret": new_secret("cvk")}]}
    clinic = await make_clinic(services, tmp_path, parts=parts)
    headers = {"API-KEY": parts["keys"][0]["secret"], "TENANT": clinic.tenant}
    operations = [
        (method, path, operation)
        for path, found in contract.document["paths"].items()
        for method, operation in found.items()
        if [set(option) for option in operation.get("security", [])] == [{"apiKey", "tenant"}]
    ]
    assert len(operations) > 50
    for method, path, operation in operations:
        example = _example(operation)
        url = path.replace("{", "").replace("}", "")
        query = {
            one["name"]: _WORDS.get(one["name"], "x")
            for one in operation.get("parameters", [])
            if one["in"] == "query" and one["required"]
        }
        answer = await client.request(method.upper(), url, headers=headers, json=example, params=query)
        assert answer.status_code == 403, (method, path, answer.text)


# What a parameter is read as, where not any word will do.
_WORDS = {"amount": "1", "start_date": "2026-01-01", "end_date": "2026-01-31", "timezone": "UTC"}


def _example(operation):
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return next((one["value"] for one in content.get("examples", {}).values()), None)


async def test_no_cache_keeps_what_a_key_was_answered(client, clinic):
    for path in (LIST, "/billing/cart", "/billing/cart/none", "/billing/nowhere"):
        answer = await client.get(path, headers=clinic.billing)
        assert answer.headers["cache-control"] == "no-store", path
