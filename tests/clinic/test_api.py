"""The staff API's settings: who may, once for what is sent twice, and what is refused."""

from uuid import UUID

import pytest

from tests.own_clinic import make_clinic
from tests.review.people import employ

API = "/api/staff/settings"


@pytest.fixture
async def own(services, tmp_path):
    return await make_clinic(services, tmp_path)


@pytest.mark.parametrize("path", ["organization", "organization-file", "changed-elsewhere", "credentials", "roles"])
async def test_the_api_wants_an_administrator(own, client, services, path):
    assert (await client.get(f"{API}/{path}")).status_code == 401
    helper = await employ(services, own, "Sam", role="CASEMANAGER")
    assert (await client.get(f"{API}/{path}", headers=helper.headers)).status_code == 403
    admin = await employ(services, own, "Ada", role="ADMIN")
    assert (await client.get(f"{API}/{path}", headers=admin.headers)).status_code == 200


async def test_the_api_makes_once_what_is_sent_twice_and_refuses_what_is_wrong(own, client, services):
    admin = await employ(services, own, "Ada", role="ADMIN")
    body = {"kind": "client", "name": "Nightly", "scopes": ["catalog:read"]}
    headers = admin.headers | {"Idempotency-Key": "nightly-1"}
    first = await client.post(f"{API}/credentials", json=body, headers=headers)
    again = await client.post(f"{API}/credentials", json=body, headers=headers)
    assert first.json() == again.json()
    # What it answers holds a secret, so the key is nobody else's.
    other = await employ(services, own, "Eve", role="ADMIN")
    foreign = await client.post(
        f"{API}/credentials", json=body, headers=other.headers | {"Idempotency-Key": "nightly-1"}
    )
    assert foreign.status_code == 422
    assert first.json()["secret"] not in foreign.text
    unknown = await client.post(f"{API}/credentials", json=body | {"scopes": ["all"]}, headers=admin.headers)
    assert unknown.status_code == 422
    for method, path in (("PUT", "credentials"), ("PUT", "members")):
        body = (
            {"name": "A", "scopes": ["catalog:read"]}
            if path == "credentials"
            else {"firstName": "A", "lastName": "B", "role": "ADMIN"}
        )
        missing = await client.request(method, f"{API}/{path}/{UUID(int=7)}", json=body, headers=admin.headers)
        assert missing.status_code == 404
