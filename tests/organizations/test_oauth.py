"""`POST /oauth/token`, as RFC 6749 has it."""

import base64
from datetime import timedelta
from urllib.parse import quote_plus

import pytest

from carelane.kit import clock
from carelane.kit.auth import read_token
from carelane.kit.errors import WrongCredentialError

GRANT = {"grant_type": "client_credentials"}


def in_body(clinic, **more):
    return GRANT | {"client_id": clinic.client_id, "client_secret": clinic.client_secret} | more


def basic(client_id, secret):
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def assert_refused(answer, status, error):
    assert answer.status_code == status
    assert answer.json().keys() == {"error", "error_description"}
    assert answer.json()["error"] == error
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["pragma"] == "no-cache"
    if status == 401:
        assert answer.headers["www-authenticate"].startswith("Basic ")


async def test_client_gets_a_token_that_names_it(client, clinic, services):
    answer = await client.post("/oauth/token", data=in_body(clinic))

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["pragma"] == "no-cache"
    body = answer.json()
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 900
    assert body["scope"] == "cases:read cases:write catalog:read orders:write"
    actor = read_token(services.token_key, body["access_token"], None)
    assert (str(actor.organization_id), str(actor.id)) == (str(clinic.organization_id), str(clinic.client_id))


async def test_token_ends_after_fifteen_minutes(client, clinic, services):
    token = (await client.post("/oauth/token", data=in_body(clinic))).json()["access_token"]

    key = services.token_key
    with clock.moved(timedelta(seconds=890)):
        assert read_token(key, token, None).kind == "client"
    with clock.moved(timedelta(seconds=901)), pytest.raises(WrongCredentialError):
        read_token(key, token, None)


async def test_http_basic_is_accepted(client, clinic):
    answer = await client.post("/oauth/token", data=GRANT, headers=basic(clinic.client_id, clinic.client_secret))
    assert answer.status_code == 200


async def test_http_basic_may_repeat_its_own_client_id_but_no_other(client, clinic, other_clinic):
    headers = basic(clinic.client_id, clinic.client_secret)

    same = await client.post("/oauth/token", data=GRANT | {"client_id": clinic.client_id}, headers=headers)
    another = await client.post("/oauth/token", data=GRANT | {"client_id": other_clinic.client_id}, headers=headers)

    assert same.status_code == 200
    assert_refused(another, 400, "invalid_request")


async def test_scope_can_be_narrowed_and_not_widened(client, clinic):
    narrowed = await client.post("/oauth/token", data=in_body(clinic, scope="catalog:read cases:read"))
    widened = await client.post("/oauth/token", data=in_body(clinic, scope="catalog:read money:print"))

    assert narrowed.json()["scope"] == "cases:read catalog:read"
    assert_refused(widened, 400, "invalid_scope")


async def test_no_credentials(client):
    assert_refused(await client.post("/oauth/token", data=GRANT), 401, "invalid_client")


async def test_wrong_credentials(client, clinic):
    for client_id, secret in (
        (clinic.client_id, "wrong"),
        (clinic.client_id, clinic.api_key),
        ("not-a-uuid", clinic.client_secret),
        ("00000000-0000-0000-0000-000000000000", clinic.client_secret),
    ):
        answer = await client.post("/oauth/token", data=GRANT | {"client_id": client_id, "client_secret": secret})
        assert_refused(answer, 401, "invalid_client")
        answer = await client.post("/oauth/token", data=GRANT, headers=basic(client_id, secret))
        assert_refused(answer, 401, "invalid_client")


async def test_another_clinics_secret_does_not_open_this_client(client, clinic, other_clinic):
    form = GRANT | {"client_id": clinic.client_id, "client_secret": other_clinic.client_secret}
    assert_refused(await client.post("/oauth/token", data=form), 401, "invalid_client")


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic YWJj", "Bearer abc", "Basic /////w=="])
async def test_unreadable_authorization_header(client, header):
    answer = await client.post("/oauth/token", data=GRANT, headers={"Authorization": header})
    assert_refused(answer, 401, "invalid_client")


async def test_both_ways_of_authenticating_at_once(client, clinic):
    headers = basic(clinic.client_id, clinic.client_secret)
    assert_refused(await client.post("/oauth/token", data=in_body(clinic), headers=headers), 400, "invalid_request")


async def test_other_grant_types(client, clinic):
    answer = await client.post("/oauth/token", data=in_body(clinic, grant_type="password"))
    assert_refused(answer, 400, "unsupported_grant_type")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"grant_type=",
        b"grant_type=client_credentials&grant_type=client_credentials",
        b"grant_type=client_credentials&other=1&other=2",
        b"grant_type=%FF",
        b"\xff\xfe",
        b"no-equals-sign",
        b"&".join(b"p%d=1" % number for number in range(30)),
    ],
)
async def test_unreadable_forms(client, body):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert_refused(await client.post("/oauth/token", content=body, headers=headers), 400, "invalid_request")


async def test_only_forms_are_read(client, clinic):
    assert_refused(await client.post("/oauth/token", json=in_body(clinic)), 400, "invalid_request")


async def test_large_forms_are_refused(client, clinic):
    answer = await client.post("/oauth/token", data=in_body(clinic, padding="x" * 10_000))
    assert_refused(answer, 413, "invalid_request")


async def test_parameters_in_the_url_do_not_count(client, clinic):
    answer = await client.post("/oauth/token", params=in_body(clinic), data={"grant_type": "client_credentials"})
    assert_refused(answer, 401, "invalid_client")
