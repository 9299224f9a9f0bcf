"""What messages said is kept for a while after they were settled, and their rows for longer."""

from datetime import timedelta
from uuid import UUID

from carelane.kit import clock
from carelane.processes.retention import delete_kind, kinds
from tests.factories.rows import update_row
from tests.messages.cast import new_message, queue_message

LEFT = "SELECT id, content_sealed IS NOT NULL FROM messages WHERE organization_id = %s"


async def test_contents_go_first_and_rows_later_and_what_waits_stays(world, own, admin):
    days_ago = {"fresh": 29, "old": 31, "older": 401, "waiting": None}
    ids = {}
    for name, days in days_ago.items():
        due_at = clock.now() + timedelta(days=1)
        (ids[name],) = await queue_message(world.services, own, new_message(due_at=due_at))
        if days is not None:
            settled = {"status": "SENT", "due_at": None, "settled_at": clock.now() - timedelta(days=days)}
            await update_row(world.services, UUID(own.organization_id), "messages", ids[name], **settled)
    for kind in kinds(world.services.settings):
        if kind.name in {"message", "message_content"}:
            await delete_kind(world.services, kind)
    assert dict(await world.rows(own, LEFT)) == {ids["fresh"]: True, ids["old"]: False, ids["waiting"]: True}
    listed = (await world.client.get("/api/staff/messages", headers=admin)).json()["messages"]
    assert [one["recipient"] for one in listed if one["id"] == str(ids["old"])] == [None]
