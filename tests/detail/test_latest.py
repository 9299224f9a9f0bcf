"""GET /api/v1/customer-latest-case-id, in the page's own words."""

import pytest

from tests.cases.bodies import case_body, new_email, with_user
from tests.detail.asking import create_case

PATH = "/api/v1/customer-latest-case-id"


def problem(text):
    return {"status": 400, "success": False, "message": "Invalid case data", "error": text, "code": "CASE_ERROR"}


async def told(client, key, **query):
    answer = await client.get(PATH, params=query, headers=key)
    body = answer.json()
    body.pop("requestId", None)
    assert answer.status_code == body["status"]
    return body


@pytest.fixture
async def two(client, juniper):
    body = with_user(case_body(juniper.product_id), email=new_email(), phoneNumber="+14155550171")
    return body, [await create_case(client, juniper, body | {"forceCreate": True}) for _ in range(2)]


async def test_the_newest_case(client, juniper, two):
    body, (_, newest) = two
    found = {"status": 200, "success": True, "case": {"id": str(newest)}}
    assert await told(client, juniper.key, email=body["user"]["email"]) == found
    assert await told(client, juniper.key, email=body["user"]["email"].upper(), phoneNumber="+1") == found
    assert await told(client, juniper.key, phoneNumber="+14155550171") == found
    assert await told(client, juniper.key, phoneNumber=" 14155550171") == found


@pytest.mark.parametrize("query", [{}, {"email": ""}, {"email": " ", "phoneNumber": ""}])
async def test_nobody_is_named(client, juniper, query):
    assert await told(client, juniper.key, **query) == problem("Email id not provided!")


@pytest.mark.parametrize(
    "query", [{"email": "nobody@example.com"}, {"email": "nobody"}, {"phoneNumber": "+1"}, {"phoneNumber": "x"}]
)
async def test_no_case(client, juniper, query):
    assert await told(client, juniper.key, **query) == problem("No Case found for provided details!")


async def test_another_clinics(client, harbor, two):
    body, _ = two
    for query in ({"email": body["user"]["email"]},):
        assert await told(client, harbor.key, **query) == problem("No Case found for provided details!")


async def test_credentials(client, clinic):
    email = {"email": "a@example.com"}
    assert await told(client, {}, **email) == problem("Secret key not provided!")
    wrong = {"cv-api-key": "cvk_wrong"}
    assert await told(client, wrong, **email) == problem("Organization with [CV-Api-Key-Hash] not found!")
    assert (await client.get(PATH, params=email, headers=clinic.catalog_only)).status_code == 403
