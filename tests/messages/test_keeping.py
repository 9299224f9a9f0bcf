"""What messages said is kept for a while after they were settled, and their rows for longer."""

from datetime import timedelta
from uuid import UUID

from carelane.kit import clock
from carelane.messages.jobs import CONTENT_KEPT_DAYS, KEPT_DAYS, remove_old
from tests.factories.rows import update_row
from tests.messages.cast import new_message, queue_message

LEFT = "SELECT id, content_sealed IS NOT NULL FROM messages WHERE organization_id = %s"


async def test_contents_go_first_and_rows_later_and_what_waits_stays(world, own, admin):
    days_ago = {"fresh": CONTENT_KEPT_DAYS - 1, "old": CONTENT_KEPT_DAYS + 1, "older": KEPT_DAYS + 1, "waiting": None}
    ids = {}
    for name, days in days_ago.items():
        due_at = clock.now() + timedelta(days=1)
        (ids[name],) = await queue_message(world.services, own, new_message(due_at=due_at))
        if days is not None:
            settled = {"status": "SENT", "due_at": None, "settled_at": clock.now() - timedelta(days=days)}
            await update_row(world.services, UUID(own.organization_id), "messages", ids[name], **settled)
    await remove_old(world.services)
    assert dict(await world.rows(own, LEFT)) == {ids["fresh"]: True, ids["old"]: False, ids["waiting"]: True}
    listed = (await world.client.get("/api/staff/messages", headers=admin)).json()["messages"]
    assert [one["recipient"] for one in listed if one["id"] == str(ids["old"])] == [None]
