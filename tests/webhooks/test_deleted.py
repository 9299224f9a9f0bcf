"""What callers are told of deliveries that were kept for their time and deleted."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from carelane.kit.ids import uuid7
from carelane.processes.retention import Kind, delete_kind
from tests.detail.asking import create_case
from tests.own_clinic import make_clinic
from tests.webhooks import alerts
from tests.webhooks.cast import admin_headers, happen, until
from tests.webhooks.test_deliveries import DELIVERIES, URL, listed, settled, span

MONTHS = "UPDATE webhook_deliveries SET created_at = created_at - interval '40 days', delivered_at = delivered_at - interval '40 days' "


async def grow_old(owner, services, *ids):
    """Deliveries that arrived are as if they had done so long ago; then those are deleted whose time it is."""
    await owner(MONTHS + "WHERE id = ANY(%s::uuid[])", list(ids))
    await delete_kind(services, Kind("delivery", 30))


async def test_one_that_is_gone_is_shown_and_repeated_no_more(client, clinic, admin, hook, services, owner, tmp_path):
    hooked = await hook()
    await create_case(client, clinic)
    (delivery,) = await settled(client, admin, hooked, 1)
    url = f"{DELIVERIES}/{delivery['id']}"
    await grow_old(owner, services, delivery["id"])
    for answer in (await client.get(url, headers=admin), await client.post(f"{url}/replay", headers=admin)):
        assert answer.status_code == 404
        assert answer.json()["title"] == "No such delivery"
        assert answer.json()["detail"] == (
            "there is none of this id, or it arrived so long ago that it was deleted (CARELANE_KEEP_DELIVERIES_DAYS)"
        )
    never = await client.post(f"{DELIVERIES}/{uuid7()}/replay", headers=admin)
    # Of another clinic's it is not told whether there is or was one.
    other_clinic = await make_clinic(services, tmp_path)
    headers = await admin_headers(services, UUID(other_clinic.organization_id))
    others = await client.post(f"{url}/replay", headers=headers)
    assert [one.status_code for one in (never, others)] == [404, 404]
    assert never.json()["detail"] == others.json()["detail"] == answer.json()["detail"]
    assert (await listed(client, admin, hooked))["deliveries"] == []


async def test_a_range_repeats_what_is_left_of_it(client, clinic, admin, hook, services, owner, receiver):
    hooked = await hook()
    case_id = await create_case(client, clinic)
    await happen(services, UUID(clinic.organization_id), case_id, type="ESCALATE_CASE")
    young, old = await settled(client, admin, hooked, 2)
    await grow_old(owner, services, old["id"])
    since = (datetime.now(UTC) - timedelta(days=50)).isoformat()
    answer = await client.post(f"{URL}/{hooked.id}/replay", json=span(**{"from": since}), headers=admin)
    assert (answer.status_code, answer.json()["replayed"]) == (202, 1)
    (repeat, _) = await settled(client, admin, hooked, 2)
    assert repeat["replayOfId"] == young["id"]


async def test_a_list_goes_on_where_its_page_ended_though_that_delivery_is_gone(
    client, clinic, admin, hook, services, owner
):
    hooked = await hook()
    case_id = await create_case(client, clinic)
    await happen(services, UUID(clinic.organization_id), case_id, *[{"type": "ESCALATE_CASE"}] * 4)
    everything = await settled(client, admin, hooked, 5)
    first = await listed(client, admin, hooked, limit="2")
    ids = [one["id"] for one in everything]
    assert [one["id"] for one in first["deliveries"]] == ids[:2]
    await owner("DELETE FROM webhook_attempts WHERE delivery_id = %s", first["next"])
    await owner("DELETE FROM webhook_deliveries WHERE id = %s", first["next"])
    rest = await listed(client, admin, hooked, before=first["next"])
    # None is left out; of those that were made with it, which are told apart by nothing else, one may come again.
    assert [one["id"] for one in rest["deliveries"] if one["id"] not in ids[:2]] == ids[2:]


async def test_the_feed_goes_on_telling_of_what_was_delivered_long_ago(client, clinic, admin, hook, services, owner):
    hooked = await hook(events=["ESCALATE_CASE"])
    case_id = await create_case(client, clinic)
    await happen(services, UUID(clinic.organization_id), case_id, type="ESCALATE_CASE")
    (delivery,) = await settled(client, admin, hooked, 1)
    await grow_old(owner, services, delivery["id"])
    feed = await client.get("/api/v1/events", params={"after": "0", "limit": "100"}, headers=clinic.key)
    assert "ESCALATE_CASE" in [event["event"] for event in feed.json()["data"]["events"]]


async def test_a_storefront_finds_no_alert_that_is_gone(client, clinic, listen, told, attempts, services, owner):
    listener = await listen("PATIENT_CREATED")
    await alerts.create_patient(client, clinic)
    (first,) = await told(listener)
    alert_id = first.json["id"]

    async def arrived():
        (one,) = await attempts(listener)
        return one["deliveredDate"]

    await until(arrived)
    await grow_old(owner, services, alert_id)
    assert await attempts(listener) == []
    for path in (f"events/{alert_id}", f"events/{alert_id}/send"):
        assert (await client.get(f"{alerts.URL}/{path}", headers=clinic.billing)).status_code == 404


async def test_new_deliveries_have_ids_that_tell_their_time(client, clinic, admin, hook, owner):
    """And those that repeat one."""
    hooked = await hook()
    await create_case(client, clinic)
    (delivery,) = await settled(client, admin, hooked, 1)
    repeat = (await client.post(f"{DELIVERIES}/{delivery['id']}/replay", headers=admin)).json()
    for one in (delivery, repeat):
        assert (UUID(one["id"]).version, UUID(one["id"]).variant) == (7, "specified in RFC 4122")
        (row,) = await owner(
            "SELECT uuid7_moment(id) - created_at BETWEEN '-1 second' AND '5 seconds', id >= uuid7_at(uuid7_moment(id)), "
            "id < uuid7_at(uuid7_moment(id) + interval '1 ms') FROM webhook_deliveries WHERE id = %s", one["id"],
        )  # fmt: skip
        assert row == (True, True, True)
    assert repeat["id"] > delivery["id"]
