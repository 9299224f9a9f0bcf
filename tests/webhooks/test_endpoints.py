"""Webhook endpoints in the staff API: who may, what is refused, what is kept."""

from uuid import UUID, uuid4

import pytest

from tests.own_clinic import make_clinic
from tests.webhooks.cast import admin_headers

URL = "/api/staff/webhook-endpoints"
DELIVERIES = "/api/staff/webhook-deliveries"
GOOD = {"name": "Storefront", "url": "http://127.0.0.1:9/hook"}


def routes(endpoint_id, delivery_id=None):
    """Every route with a body that is good."""
    span = {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"}
    named = delivery_id or uuid4()
    return [
        ("GET", URL, None),
        ("POST", URL, GOOD | {"name": f"{uuid4()}"}),
        ("GET", f"{URL}/{endpoint_id}", None),
        ("PATCH", f"{URL}/{endpoint_id}", {"name": f"{uuid4()}"}),
        ("DELETE", f"{URL}/{endpoint_id}", None),
        ("POST", f"{URL}/{endpoint_id}/enable", None),
        ("POST", f"{URL}/{endpoint_id}/rotate-secret", {}),
        ("POST", f"{URL}/{endpoint_id}/test", None),
        ("POST", f"{URL}/{endpoint_id}/replay", span),
        ("GET", f"{URL}/{endpoint_id}/deliveries", None),
        ("GET", f"{DELIVERIES}/{named}", None),
        ("POST", f"{DELIVERIES}/{named}/replay", None),
    ]


async def ask(client, route, headers):
    method, url, body = route
    return await client.request(method, url, json=body, headers=headers)


async def test_without_a_token_and_with_a_wrong_one_every_route_is_401(client, hook):
    hooked = await hook()
    for route in routes(hooked.id):
        for headers in ({}, {"authorization": "Bearer cvt_wrong"}, {"cv-api-key": "cvk_wrong"}):
            assert (await ask(client, route, headers)).status_code == 401, route


@pytest.mark.parametrize("role", ["CASEMANAGER", "CASEWORKER", "SUPPORT"])
async def test_only_who_manages_webhooks_may(client, clinic, hook, services, role):
    hooked = await hook()
    headers = await admin_headers(services, UUID(clinic.organization_id), role)
    for route in routes(hooked.id):
        assert (await ask(client, route, headers)).status_code == 403, route


async def test_another_clinics_endpoint_is_not_there(client, services, hook, tmp_path):
    hooked = await hook()
    other = await make_clinic(services, tmp_path)
    theirs = await admin_headers(services, UUID(other.organization_id))
    for route in routes(hooked.id):
        answer = await ask(client, route, theirs)
        assert answer.status_code == 404 or route[1] == URL, route
        assert hooked.id not in answer.text


async def test_an_unknown_id_and_what_is_none_are_404(client, admin):
    for unknown in (uuid4(), "nothing"):
        for route in routes(unknown, unknown):
            assert (await ask(client, route, admin)).status_code == 404 or route[1] == URL, route


async def test_an_endpoint_is_made_shown_changed_and_switched_off_and_on(client, admin):
    made = await client.post(URL, json=GOOD | {"events": ["CREATE_CASE"], "payload": "EVENT_ONLY"}, headers=admin)
    assert made.status_code == 201
    endpoint = made.json()
    assert endpoint.pop("secret").startswith("whsec_")
    assert (endpoint["documentFormat"], endpoint["payload"], endpoint["events"]) == (
        "URL",
        "EVENT_ONLY",
        ["CREATE_CASE"],
    )
    url = f"{URL}/{endpoint['id']}"
    assert (await client.get(url, headers=admin)).json() == endpoint
    assert (await client.get(URL, headers=admin)).json() == {"endpoints": [endpoint]}
    changed = (await client.patch(url, json={"events": [], "documentFormat": "BASE64"}, headers=admin)).json()
    assert changed == endpoint | {"events": [], "documentFormat": "BASE64", "updatedAt": changed["updatedAt"]}
    off = (await client.delete(url, headers=admin)).json()
    assert (off["disabledReason"], off["disabledAt"] is None) == ("BY_STAFF", False)
    on = (await client.post(f"{url}/enable", headers=admin)).json()
    assert (on["disabledReason"], on["disabledAt"]) == (None, None)


async def test_every_change_is_an_event_of_who_made_it(client, admin, services, clinic):
    made = (await client.post(URL, json=GOOD, headers=admin)).json()
    url = f"{URL}/{made['id']}"
    await client.patch(url, json={"name": "Other"}, headers=admin)
    for _ in range(2):
        await client.delete(url, headers=admin)
    await client.post(f"{url}/enable", headers=admin)
    await client.post(f"{url}/rotate-secret", json={}, headers=admin)
    async with services.db.reading(UUID(clinic.organization_id)) as conn:
        cursor = await conn.execute(
            "SELECT value_after FROM events WHERE target_id = %s AND type = 'WEBHOOK_ENDPOINT_CHANGED' AND actor_kind = 'staff'"
            " ORDER BY number",
            (made["id"],),
        )
        recorded = [row[0] for row in await cursor.fetchall()]
    assert recorded == ["CREATED", "CHANGED", "DISABLED", "ENABLED", "SECRET_ROTATED"]


@pytest.mark.parametrize(
    ("members", "status", "field"),
    [
        ({"name": None}, 400, "name"),
        ({"name": ""}, 400, "name"),
        ({"url": 7}, 400, "url"),
        ({"url": "http://127.0.0.1/" + "x" * 2_000}, 400, "url"),
        ({"payload": "HALF"}, 400, "payload"),
        ({"documentFormat": "base64"}, 400, "documentFormat"),
        ({"events": "CREATE_CASE"}, 400, "events"),
        ({"events": ["CREATE_CASE"] * 101}, 400, "events"),
        ({"secret": "short"}, 400, "secret"),
        ({"extra": 1}, 400, "extra"),
        ({"events": ["CREATE_CASE", "CREATE_CASF"]}, 422, "events[1]"),
        ({"events": ["WEBHOOK_TEST"]}, 422, "events[0]"),
        ({"secret": "whsec_this is no base64".replace(" ", "!")}, 422, "secret"),
        ({"url": "http://10.0.0.1/hook"}, 422, "url"),
        ({"url": "http://169.254.169.254/latest/meta-data"}, 422, "url"),
        ({"url": "http://[::1]/hook"}, 422, "url"),
        ({"url": "http://2130706433.invalid/"}, 422, "url"),
        ({"url": "ftp://shop.example/hook"}, 422, "url"),
        ({"url": "http://user:word@shop.example/hook"}, 422, "url"),
        ({"url": "http://0.0.0.0/hook"}, 422, "url"),
    ],
)
async def test_what_is_wrong_is_named(client, admin, members, status, field):
    answer = await client.post(URL, json=GOOD | members, headers=admin)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert [problem["field"] for problem in answer.json()["errors"]] == [field]
    assert (await client.get(URL, headers=admin)).json() == {"endpoints": []}


async def test_a_change_is_held_to_the_same_rules(client, admin, hook):
    hooked = await hook()
    for body, field in (({"url": "http://10.0.0.1/"}, "url"), ({"events": ["NOTHING"]}, "events[0]")):
        answer = await client.patch(f"{URL}/{hooked.id}", json=body, headers=admin)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


async def test_several_problems_are_told_at_once(client, admin):
    answer = await client.post(URL, json=GOOD | {"events": ["NOTHING"], "url": "http://10.1.1.1/"}, headers=admin)
    assert [problem["field"] for problem in answer.json()["errors"]] == ["events[0]", "url"]


async def test_a_name_is_taken_once(client, admin, hook):
    hooked = await hook()
    assert (await client.post(URL, json=GOOD | {"name": hooked.path}, headers=admin)).status_code == 409
    other = (await client.post(URL, json=GOOD, headers=admin)).json()
    answer = await client.patch(f"{URL}/{other['id']}", json={"name": hooked.path}, headers=admin)
    assert answer.status_code == 409


async def test_no_more_than_fifty_endpoints(client, admin):
    for number in range(50):
        assert (await client.post(URL, json=GOOD | {"name": f"{number}"}, headers=admin)).status_code == 201
    answer = await client.post(URL, json=GOOD, headers=admin)
    assert answer.status_code == 422
    assert "50" in answer.text


async def test_one_that_is_switched_off_frees_its_place(client, admin):
    async def make(name):
        return await client.post(URL, json=GOOD | {"name": name}, headers=admin)

    made = [(await make(f"{number}")).json()["id"] for number in range(50)]
    for endpoint_id in made:
        assert (await client.delete(f"{URL}/{endpoint_id}", headers=admin)).status_code == 200
    assert {(await make(f"again {number}")).status_code for number in range(50)} == {201}
    back = await client.post(f"{URL}/{made[0]}/enable", headers=admin)
    assert (back.status_code, back.json()["errors"][0]["field"]) == (422, "id")
    # Enabling one that is on changes nothing, and takes no place.
    on = (await client.get(URL, headers=admin)).json()["endpoints"][-1]["id"]
    assert (await client.post(f"{URL}/{on}/enable", headers=admin)).status_code == 200


async def test_a_body_that_is_no_json_is_400(client, admin, hook):
    hooked = await hook()
    for url in (URL, f"{URL}/{hooked.id}/rotate-secret", f"{URL}/{hooked.id}/replay"):
        answer = await client.post(url, content=b"{", headers=admin)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "body")


async def test_a_rotation_takes_no_span_beyond_a_week(client, admin, hook):
    hooked = await hook()
    answer = await client.post(
        f"{URL}/{hooked.id}/rotate-secret", json={"previousValidSeconds": 604_801}, headers=admin
    )
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "previousValidSeconds")
