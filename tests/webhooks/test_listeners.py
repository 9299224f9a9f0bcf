"""Listeners that a storefront manages with its key: who may, what is refused, what is kept."""

from typing import get_args
from uuid import UUID, uuid4

import pytest

from carelane.webhooks.billing.schemas import SENT, AlertType
from carelane.webhooks.endpoints.actions import MAX_ENDPOINTS
from tests.own_clinic import make_clinic

URL, CONFIG = "/webhook/decoda", "/tenant/webhook-config"
HERE = "http://127.0.0.1:9/hook"
GOOD = {"subscriptions": ["PATIENT_CREATED"], "url": HERE}


def routes(webhook_id, attempt_id):
    """Every route with a body that is good."""
    return [
        ("POST", f"{URL}/create", GOOD),
        ("GET", f"{URL}/list", None),
        ("GET", f"{URL}/get/{webhook_id}", None),
        ("PUT", f"{URL}/update/{webhook_id}", {"url": HERE}),
        ("GET", f"{URL}/{webhook_id}/delivery-attempts/list", None),
        ("GET", f"{URL}/events/{attempt_id}", None),
        ("GET", f"{URL}/events/{attempt_id}/send", None),
        ("DELETE", f"{URL}/delete/{webhook_id}", None),
        ("GET", CONFIG, None),
        ("PUT", CONFIG, {"webhookUrl": HERE, "webhookEnabled": True, "webhookSubscriptions": ["CHARGE_CREATED"]}),
    ]


OF_NO_RECORD = {f"{URL}/create", f"{URL}/list", CONFIG}


async def ask(client, route, headers):
    method, url, body = route
    return await client.request(method, url, json=body, headers=headers)


async def create(client, clinic, **members):
    answer = await client.post(f"{URL}/create", json=GOOD | members, headers=clinic.billing)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def listed(client, clinic, **query):
    return (await client.get(f"{URL}/list", params=query, headers=clinic.billing)).json()


async def test_without_a_key_and_with_a_wrong_one_every_route_is_401(client, clinic):
    for route in routes(uuid4(), uuid4()):
        for headers in ({}, {"API-KEY": "cvk_wrong", "TENANT": clinic.tenant}, clinic.key):
            assert (await ask(client, route, headers)).status_code == 401, route


async def test_a_key_needs_the_scope(client, clinic):
    for route in routes(uuid4(), uuid4()):
        answer = await ask(client, route, clinic.billing | {"API-KEY": clinic.catalog_only_key})
        assert answer.status_code == 403, route
        assert "webhooks:manage" in answer.text


async def test_another_tenants_webhook_is_not_there(client, clinic, services, tmp_path):
    made = await create(client, clinic)
    other = await make_clinic(services, tmp_path)
    for route in routes(made["id"], uuid4()):
        answer = await ask(client, route, other.billing)
        assert answer.status_code == 404 or route[1] in OF_NO_RECORD, route
        assert made["id"] not in answer.text or route[1] not in OF_NO_RECORD
    assert await listed(client, clinic) == [made]


async def test_an_unknown_id_and_what_is_none_are_404(client, clinic):
    for unknown in (uuid4(), "nothing"):
        for route in routes(unknown, unknown):
            assert (await ask(client, route, clinic.billing)).status_code == 404 or route[1] in OF_NO_RECORD, route


async def test_what_staff_made_is_not_the_storefronts(client, clinic, hook):
    hooked = await hook()
    for route in routes(hooked.id, uuid4()):
        assert (await ask(client, route, clinic.billing)).status_code == 404 or route[1] in OF_NO_RECORD, route


async def test_a_webhook_is_made_shown_changed_and_archived(client, clinic):
    made = await create(client, clinic, notificationEmail="ops@shop.example")
    assert set(made) == {
        "id",
        "subscriptions",
        "url",
        "createdDate",
        "updatedDate",
        "secret",
        "notificationEmail",
        "isArchived",
    }
    assert made["secret"].startswith("whsec_")
    assert (made["subscriptions"], made["updatedDate"], made["isArchived"]) == (["PATIENT_CREATED"], None, False)
    get = {"url": f"{URL}/get/{made['id']}", "headers": clinic.billing}
    assert (await client.get(**get)).json() == made
    update = {"url": f"{URL}/update/{made['id']}", "headers": clinic.billing}
    changed = (await client.put(json={"subscriptions": ["CHARGE_CREATED", "CHARGE_CREATED"]}, **update)).json()
    assert changed == made | {"subscriptions": ["CHARGE_CREATED"], "updatedDate": changed["updatedDate"]}
    assert changed["updatedDate"] is not None
    silent = (await client.put(json={"notificationEmail": None, "url": None}, **update)).json()
    assert (silent["notificationEmail"], silent["url"]) == (None, HERE)
    gone = await client.delete(f"{URL}/delete/{made['id']}", headers=clinic.billing)
    assert (gone.status_code, gone.json()) == (200, True)
    assert await listed(client, clinic) == []
    (archived,) = await listed(client, clinic, include_archived="true")
    assert (archived["id"], archived["isArchived"]) == (made["id"], True)
    assert (await client.get(**get)).json()["isArchived"] is True
    assert (await client.put(json={"url": HERE}, **update)).status_code == 404
    assert (await client.delete(f"{URL}/delete/{made['id']}", headers=clinic.billing)).status_code == 404


async def test_snake_case_and_words_in_any_case_are_read(client, clinic):
    body = {"subscriptions": ["patient_created"], "url": HERE, "notification_email": "ops@shop.example"}
    made = (await client.post(f"{URL}/create", json=body, headers=clinic.billing)).json()
    assert (made["subscriptions"], made["notificationEmail"]) == (["PATIENT_CREATED"], "ops@shop.example")


async def test_every_alert_of_the_dialect_can_be_subscribed_to(client, clinic):
    made = await create(client, clinic, subscriptions=list(get_args(AlertType)))
    assert made["subscriptions"] == list(get_args(AlertType))


async def test_what_is_said_to_be_sent_is_what_the_database_has_a_word_for(owner):
    (definition,) = (await owner("SELECT pg_get_functiondef('alert_type'::regproc)"))[0]
    for name in get_args(AlertType):
        is_named = f"'{name}'" in definition or name.startswith("ITEM_")
        assert is_named == (name in SENT), name


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"subscriptions": None}, "subscriptions"),
        ({"subscriptions": ["CASE_CREATED"]}, "subscriptions"),
        ({"url": None}, "url"),
        ({"url": "ftp://shop.example/"}, "url"),
        ({"url": "http://10.0.0.7/"}, "url"),
        ({"url": "https://user:word@shop.example/"}, "url"),
        ({"url": "https://shop.example/" + "x" * 2_000}, "url"),
        ({"notificationEmail": "nobody"}, "notificationEmail"),
        ({"notificationEmail": 7}, "notificationEmail"),
    ],
)
@pytest.mark.parametrize("is_new", [True, False])
async def test_what_breaks_a_rule_is_named(client, clinic, members, field, is_new):
    if is_new:
        answer = await client.post(f"{URL}/create", json=GOOD | members, headers=clinic.billing)
    elif None in members.values():
        return
    else:
        made = await create(client, clinic)
        answer = await client.put(f"{URL}/update/{made['id']}", json=members, headers=clinic.billing)
    assert answer.status_code == 422, answer.text
    assert field in [str(step) for problem in answer.json()["detail"] for step in problem["loc"]]
    assert len(await listed(client, clinic)) == (0 if is_new else 1)


async def test_the_same_request_makes_one_webhook(client, clinic):
    headers = clinic.billing | {"Idempotency-Key": str(uuid4())}
    answers = [await client.post(f"{URL}/create", json=GOOD, headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len(await listed(client, clinic)) == 1


async def test_webhooks_take_places_among_all_endpoints_and_archived_ones_none(client, clinic, hook, admin):
    await hook()
    made = [await create(client, clinic) for _ in range(MAX_ENDPOINTS - 1)]
    full = await client.post(f"{URL}/create", json=GOOD, headers=clinic.billing)
    assert (full.status_code, str(MAX_ENDPOINTS) in full.text) == (422, True)
    await client.delete(f"{URL}/delete/{made[0]['id']}", headers=clinic.billing)
    await create(client, clinic)


async def test_every_change_is_an_event_of_the_key(client, clinic, owner):
    made = await create(client, clinic)
    await client.put(f"{URL}/update/{made['id']}", json={"url": HERE}, headers=clinic.billing)
    await client.delete(f"{URL}/delete/{made['id']}", headers=clinic.billing)
    recorded = await owner(
        "SELECT value_after, actor_kind FROM events WHERE target_id = %s ORDER BY number", made["id"]
    )
    assert [value for value, _ in recorded] == ["CREATED", "CHANGED", "ARCHIVED"]
    assert {kind for _, kind in recorded} == {"key"}


async def test_staff_see_it_and_cannot_say_what_it_is_told(client, clinic, admin):
    made = await create(client, clinic)
    url = f"/api/staff/webhook-endpoints/{made['id']}"
    shown = (await client.get(url, headers=admin)).json()
    assert (shown["dialect"], shown["subscriptions"], shown["events"]) == ("BILLING", ["PATIENT_CREATED"], [])
    refused = await client.patch(url, json={"events": []}, headers=admin)
    assert (refused.status_code, "storefront" in refused.text) == (422, True)
    assert made["secret"] not in (await client.get(url, headers=admin)).text


async def test_what_staff_switched_off_stays_off(client, clinic, admin):
    made = await create(client, clinic)
    url = f"/api/staff/webhook-endpoints/{made['id']}"
    await client.delete(url, headers=admin)
    await client.put(f"{URL}/update/{made['id']}", json={"url": HERE}, headers=clinic.billing)
    assert (await client.get(url, headers=admin)).json()["disabledReason"] == "BY_STAFF"


async def test_one_that_failed_for_days_is_on_again_when_it_is_changed(client, clinic, admin, owner):
    made = await create(client, clinic)
    await owner(
        "UPDATE webhook_endpoints SET disabled_at = now(), disabled_reason = 'FAILING' WHERE id = %s", made["id"]
    )
    await client.put(f"{URL}/update/{made['id']}", json={"url": HERE}, headers=clinic.billing)
    shown = (await client.get(f"/api/staff/webhook-endpoints/{made['id']}", headers=admin)).json()
    assert (shown["disabledAt"], shown["disabledReason"]) == (None, None)


async def test_the_tenants_own_webhook(client, clinic):
    ask = {"url": CONFIG, "headers": clinic.billing}
    empty = {"webhookUrl": None, "webhookEnabled": False, "webhookSubscriptions": [], "webhookSecret": None}
    assert (await client.get(**ask)).json() == empty
    on = {"webhookUrl": HERE, "webhookEnabled": True, "webhookSubscriptions": ["CHARGE_CREATED"]}
    shown = (await client.put(json=on, **ask)).json()
    assert shown == on | {"webhookSecret": shown["webhookSecret"]}
    assert (await client.get(**ask)).json() == shown
    (webhook,) = await listed(client, clinic)
    assert (webhook["url"], webhook["secret"]) == (HERE, shown["webhookSecret"])
    off = (await client.put(json={"webhookUrl": HERE}, **ask)).json()
    assert off == shown | {"webhookEnabled": False, "webhookSubscriptions": []}
    assert (await client.put(json=on, **ask)).json() == shown
    # Archived among the others, it can still be set.
    await client.delete(f"{URL}/delete/{webhook['id']}", headers=clinic.billing)
    assert (await client.get(**ask)).json()["webhookEnabled"] is False
    assert (await client.put(json=on, **ask)).json() == shown


async def test_the_tenants_webhook_needs_a_url_to_be_on(client, clinic, admin):
    ask = {"url": CONFIG, "headers": clinic.billing}
    for body, field in (
        ({"webhookEnabled": True}, "webhookUrl"),
        ({"webhookUrl": "http://10.0.0.7/"}, "webhookUrl"),
        ({"webhookUrl": HERE, "webhookSubscriptions": ["NOTHING"]}, "webhookSubscriptions"),
        ({"webhookEnabled": "perhaps"}, "webhookEnabled"),
    ):
        answer = await client.put(json=body, **ask)
        assert answer.status_code == 422
        assert field in answer.text
    assert (await client.get(**ask)).json()["webhookSecret"] is None
    off = {"webhookUrl": None, "webhookEnabled": False, "webhookSubscriptions": ["CHARGE_CREATED"]}
    assert (await client.put(json=off, **ask)).json()["webhookUrl"] is None
    on = {"webhookUrl": HERE, "webhookEnabled": True}
    await client.put(json=on, **ask)
    (webhook,) = await listed(client, clinic)
    await client.delete(f"/api/staff/webhook-endpoints/{webhook['id']}", headers=admin)
    assert (await client.put(json=on, **ask)).status_code == 409
    assert UUID(webhook["id"])
