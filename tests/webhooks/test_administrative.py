"""Events of the organization's own administration: in the log, and told only to whoever asks for them by name."""

from uuid import UUID, uuid4

import pytest

from carelane import event_names, events
from carelane.apply.actions import apply_file
from carelane.kit.auth import system_actor
from tests.detail.asking import create_case
from tests.own_clinic import make_clinic
from tests.webhooks.test_feed import ask, dispatched


async def administer(services, clinic):
    """One event of each kind, and last one that everybody is told."""
    actor = system_actor(UUID(clinic.organization_id))
    kinds = [*sorted(event_names.ADMINISTRATIVE), "CATALOG_CHANGED"]
    async with services.db.transaction(actor) as conn:
        made = (events.new_event(actor, kind, None, target_id=UUID(int=7), value_after="item") for kind in kinds)
        await events.record(conn, *made)


async def test_who_wants_all_events_is_not_told_of_them(hook, services, clinic, receiver):
    hooked = await hook()
    await administer(services, clinic)
    await hooked.gets("CATALOG_CHANGED")
    assert set(receiver.events_at(hooked.path)) == {"CATALOG_CHANGED"}


@pytest.mark.parametrize("kind", sorted(event_names.ADMINISTRATIVE))
async def test_who_asks_for_them_by_name_is(hook, services, clinic, kind):
    hooked = await hook(events=[kind])
    await administer(services, clinic)
    [told] = await hooked.gets(kind)
    noun = kind.split("_")[0].lower()
    assert told.json["payload"][noun] == {"id": str(UUID(int=7))}
    assert set(told.json["payload"]) == {noun, "activity"}


async def test_the_feed_leaves_them_out(client, services, clinic):
    await administer(services, clinic)
    await create_case(client, clinic)
    feed = await dispatched(client, clinic, 2)
    assert [event["event"] for event in feed] == ["CATALOG_CHANGED", "CREATE_CASE"]


async def test_a_first_apply_floods_nobody(client, services, tmp_path):
    """What was there from the beginning is no news: not in the feed, and not to the endpoint that came along with it."""
    products = [{"id": str(uuid4()), "name": f"Item {number}", "price": "1"} for number in range(50)]
    file = {"products": products, "bundles": [], "webhooks": [{"name": "Shop", "url": "https://shop.example/hook"}]}
    clinic = await make_clinic(services, tmp_path, product_id=products[0]["id"], parts=file)
    organization_id = UUID(clinic.organization_id)
    async with services.db.reading(organization_id) as conn:
        cursor = await conn.execute("SELECT count(*) FROM events WHERE type = 'CATALOG_CHANGED'")
        assert await cursor.fetchone() == (50,)
    await create_case(client, clinic)
    assert [event["event"] for event in await dispatched(client, clinic, 1)] == ["CREATE_CASE"]
    async with services.db.reading(organization_id) as conn:
        cursor = await conn.execute(
            "SELECT DISTINCT e.type FROM webhook_deliveries d JOIN events e ON e.id = d.event_id"
        )
        assert await cursor.fetchall() == [("CREATE_CASE",)]


async def test_what_a_later_apply_changes_is_told(client, services, tmp_path):
    clinic = await make_clinic(services, tmp_path)
    path = tmp_path / f"{clinic.tenant}.yaml"
    path.write_text(path.read_text().replace("159.00", "160.00"))
    await apply_file(services, path, False, {})
    feed = await dispatched(client, clinic, 1)
    assert [(event["event"], event["payload"]["item"]) for event in feed] == [
        ("CATALOG_CHANGED", {"id": clinic.product_id})
    ]
    assert (await ask(client, clinic, after=0))["hasMore"] is False
