"""Mail to the people an organization named: one message each, queued with the event, and none where nobody is to be told."""

from datetime import timedelta
from uuid import UUID, uuid4

import psycopg

from carelane.kit import clock
from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.messages.actions import new_row
from carelane.messages.notices.actions import move_old_notifications, queue_notices
from carelane.messages.notices.queries import insert_notices
from tests.detail.asking import create_case
from tests.factories.rows import insert_row
from tests.messages.cast import new_message, row_of
from tests.own_clinic import make_clinic
from tests.quote_sending.world import until

MESSAGES = "SELECT id, kind, status FROM messages WHERE organization_id = %s AND record_id = %s"
EVENT = "SELECT id, dispatched_at FROM events WHERE organization_id = %s AND case_id = %s AND type = 'CREATE_CASE'"
OLD = "SELECT status, failure FROM notifications WHERE organization_id = %s"


async def told_clinic(world, folder, count=2):
    addresses = [f"{uuid4().hex}@clinic.example" for _ in range(count)]
    return await make_clinic(world.services, folder, notificationEmails=addresses), addresses


async def dispatched(world, clinic, case_id):
    """The event of the case's creation, once it was taken up."""

    async def look():
        ((event_id, dispatched_at),) = await world.rows(clinic, EVENT, case_id)
        return event_id if dispatched_at else None

    return await until(look)


async def test_everybody_who_was_named_is_told_of_a_new_case_once(world, worker, tmp_path):
    clinic, addresses = await told_clinic(world, tmp_path)
    case_id = await create_case(world.client, clinic)

    async def all_sent():
        found = await world.rows(clinic, MESSAGES, case_id)
        return [(kind, status) for _, kind, status in found] == [("CASE_CREATED", "SENT")] * 2

    await until(all_sent)
    for address in addresses:
        (text,) = world.mails_to(address)
        assert text.startswith("Own Clinic has a new case: OWN-")
        assert "Marker" not in text
    event_id = await dispatched(world, clinic, case_id)
    async with worker.db.across() as conn:
        await queue_notices(worker, conn, [(UUID(clinic.organization_id), event_id, "CREATE_CASE")])
    assert len(await world.rows(clinic, MESSAGES, case_id)) == 2


async def test_where_nobody_was_named_there_is_no_message(world, tmp_path):
    clinic, _ = await told_clinic(world, tmp_path, count=0)
    case_id = await create_case(world.client, clinic)
    await dispatched(world, clinic, case_id)
    assert await world.rows(clinic, MESSAGES, case_id) == []


async def test_without_a_mail_server_there_is_no_message(client, services, tmp_path):
    clinic = await make_clinic(services, tmp_path, notificationEmails=["cases@clinic.example"])
    case_id = await create_case(client, clinic)
    asked = "SELECT count(*) FROM events WHERE case_id = %s AND dispatched_at IS NULL"

    async def taken_up():
        async with services.db.reading(UUID(clinic.organization_id)) as conn:
            return await (await conn.execute(asked, (case_id,))).fetchone() == (0,)

    await until(taken_up)
    async with services.db.reading(UUID(clinic.organization_id)) as conn:
        assert await (await conn.execute("SELECT count(*) FROM messages")).fetchone() == (0,)


async def test_a_notice_needs_an_event_of_its_own_organization(world, worker, tmp_path):
    """The dispatcher's transaction is of no organization: what it may write is bound to the events."""
    clinic, _ = await told_clinic(world, tmp_path)
    stranger, _ = await told_clinic(world, tmp_path)
    case_id = await create_case(world.client, clinic)
    event_id = await dispatched(world, clinic, case_id)
    organization_id = UUID(stranger.organization_id)
    row = new_row(organization_id, await worker.keyring.data_key(organization_id), new_message())
    async with worker.db.across() as conn:
        await queue_notices(worker, conn, [(organization_id, event_id, "CREATE_CASE")])
        await insert_notices(conn, [row | {"event_id": event_id}])
    assert await world.rows(stranger, "SELECT id FROM messages WHERE organization_id = %s") == []


async def test_what_waited_in_the_table_of_before_is_sent(world, worker, tmp_path):
    clinic, (address,) = await told_clinic(world, tmp_path, count=1)
    case_id = await create_case(world.client, clinic)
    event_id = await dispatched(world, clinic, case_id)
    await until(lambda: _mails(world, address, 1))
    with psycopg.connect(EmbeddedPostgres(worker.settings.data_dir).owner_url) as conn:
        conn.execute("DELETE FROM messages WHERE organization_id = %s", (clinic.organization_id,))
    waiting = {"event_id": event_id, "created_at": clock.now() - timedelta(minutes=6)}
    here = (world.services, UUID(clinic.organization_id), "notifications")
    await insert_row(*here, recipient=address, **waiting)
    await insert_row(*here, recipient=f"x{address}", **waiting, status="SENT")
    await insert_row(*here, recipient=f"y{address}", **waiting, status="SENDING", claimed_at=clock.now())
    for _ in range(2):
        await move_old_notifications(worker)
    await until(lambda: _mails(world, address, 2))
    old = await world.rows(clinic, OLD)
    assert sorted(old) == [("FAILED", "moved to messages"), ("SENDING", None), ("SENT", None)]
    ((message_id, *_),) = await world.rows(clinic, MESSAGES, case_id)
    assert (await row_of(world, clinic, message_id))[2] is None


async def _mails(world, address, count):
    return len(world.mails_to(address)) == count
