"""Deleting beside everything else that may happen at the same moment, each forced at a locked row."""

import asyncio
import os
import signal
import subprocess
import sys
from datetime import timedelta
from functools import partial
from uuid import uuid4

import psycopg
import pytest

from carelane.kit import failpoints
from carelane.kit.auth import Actor, system_actor
from carelane.kit.errors import CarelaneError
from carelane.kit.ids import uuid7
from carelane.orders.errors import CallbackNotFoundError
from carelane.orders.inbox.actions import dismiss_callback
from carelane.orders.inbox.schemas import DismissIn
from carelane.permissions import OF_ROLE
from carelane.processes import retention
from carelane.webhooks.endpoints import actions
from carelane.webhooks.endpoints.errors import DeliveryNotFoundError
from carelane.webhooks.endpoints.queries import insert_replay, insert_replays
from carelane.webhooks.endpoints.schemas import ReplayRangeIn
from carelane.webhooks.sending.queries import AttemptResult, save_results
from tests.retention.world import NOW
from tests.sending.world import until

DAY = timedelta(days=1)
OLD = 31 * DAY
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
DELETE = "SELECT delete_old_deliveries('30 days', 1000)"


@pytest.fixture
def admin(here):
    return Actor(here.id, "staff", uuid7(), OF_ROLE["ADMIN"])


@pytest.fixture
async def deleting(owner_url):
    """A batch under way: its transaction is the test's to end."""
    async with await psycopg.AsyncConnection.connect(owner_url) as conn:
        yield conn


async def is_waiting(owner):
    (count,) = await (await owner.execute(WAITING)).fetchone()
    return count > 0


async def meanwhile(owner, deleting, act):
    """What becomes of an act that meets a row in the hand of a batch, once the batch is committed."""
    task = asyncio.create_task(act)
    await until(partial(is_waiting, owner))
    await deleting.commit()
    return await task


async def test_a_delivery_that_is_being_repeated_is_left_alone_and_kept_with_its_repeat(here, services, admin):
    row = await here.delivery(OLD)
    async with services.db.transaction(admin) as conn:
        repeat = await insert_replay(conn, here.id, row)
        assert await here.delete("delivery") == 0
    assert await here.delete("delivery") == 0
    assert await here.left("webhook_deliveries", row, repeat) == [True, True]


async def test_those_of_a_range_that_are_being_repeated_are_left_alone(here, services, admin, owner):
    rows = [await here.delivery(OLD) for _ in range(3)]
    since, until_ = await (await owner.execute("SELECT now() - interval '32 days', now()")).fetchone()
    async with services.db.transaction(admin) as conn:
        assert await insert_replays(conn, here.id, here.endpoint_id, since, until_, None, 10) == 3
        assert await here.delete("delivery") == 0
    assert await here.left("webhook_deliveries", *rows) == [True] * 3


async def test_a_repeat_that_comes_while_its_delivery_is_deleted_finds_none(here, services, admin, owner, deleting):
    row = await here.delivery(OLD)
    await deleting.execute(DELETE)
    with pytest.raises(DeliveryNotFoundError, match="deleted"):
        await meanwhile(owner, deleting, actions.replay_delivery(services, admin, str(row)))
    assert (
        await (
            await owner.execute("SELECT 1 FROM webhook_deliveries WHERE endpoint_id = %s", (here.endpoint_id,))
        ).fetchone()
        is None
    )


async def test_a_repeat_of_a_repeat_holds_the_first(here, services, admin, owner, deleting):
    event_id = await here.event()
    first = await here.delivery(OLD, event_id=event_id)
    repeat = await here.delivery(OLD, event_id=event_id, replay_of_id=first)
    await deleting.execute(DELETE)
    with pytest.raises(DeliveryNotFoundError):
        await meanwhile(owner, deleting, actions.replay_delivery(services, admin, str(repeat)))


async def test_a_range_that_is_repeated_while_some_of_it_is_deleted_is_the_rest(here, services, admin, owner, deleting):
    await here.delivery(OLD)
    young = await here.delivery(DAY)
    since, until_ = await (await owner.execute("SELECT now() - interval '32 days', now()")).fetchone()
    await deleting.execute(DELETE)
    body = ReplayRangeIn(since=since, until=until_)
    assert await meanwhile(owner, deleting, actions.replay_range(services, admin, str(here.endpoint_id), body)) == 1
    repeats = await owner.execute("SELECT replay_of_id FROM webhook_deliveries WHERE replay_of_id IS NOT NULL")
    assert await repeats.fetchall() == [(young,)]


async def test_what_was_committed_before_the_rows_were_held_is_seen(here, owner):
    """As if the repeat had come between finding the delivery and holding it."""
    row = await here.delivery(OLD)
    event = await (await owner.execute("SELECT event_id FROM webhook_deliveries WHERE id = %s", (row,))).fetchone()
    await here.delivery(NOW, "PENDING", event_id=event[0], replay_of_id=row)
    found = await owner.execute(
        "SELECT delete_deliveries(ARRAY[%s]::uuid[], ARRAY[%s]::uuid[], now() - interval '30 days', true)",
        (here.id, row),
    )
    assert await found.fetchone() == (0,)
    assert await here.left("webhook_deliveries", row) == [True]


async def test_a_result_that_comes_after_its_delivery_was_deleted_takes_no_other_with_it(here, services, owner):
    """Of a worker that stood still for a month."""
    gone, there = await here.delivery(OLD), await here.delivery(NOW, "PENDING", claim_id=uuid4())
    assert await here.delete("delivery") == 1
    (claim_id,) = await (
        await owner.execute("SELECT claim_id FROM webhook_deliveries WHERE id = %s", (there,))
    ).fetchone()
    results = [
        AttemptResult(
            organization_id=here.id, attempt_id=uuid7(), delivery_id=one, endpoint_id=here.endpoint_id, claim_id=claim_id,
            number=2, http_status=200, failure=None, duration_milliseconds=1, status="DELIVERED", wait_seconds=0, is_over=True,
        )
        for one in (gone, there)
    ]  # fmt: skip
    async with services.db.transaction(system_actor(here.id)) as conn:
        await save_results(conn, results)
    status = await owner.execute("SELECT status FROM webhook_deliveries WHERE id = %s", (there,))
    assert await status.fetchone() == ("DELIVERED",)
    assert await here.left("webhook_attempts", *[one.attempt_id for one in results]) == [False, True]


async def test_a_callback_that_is_laid_aside_while_it_is_deleted_is_not_there(here, services, admin, owner, deleting):
    row = await here.callback(OLD)
    await deleting.execute("SELECT delete_old_callbacks('30 days', 10)")
    with pytest.raises(CallbackNotFoundError):
        await meanwhile(owner, deleting, dismiss_callback(services, admin, str(row), DismissIn(reason="why"), None))


async def test_a_cart_that_is_being_offered_is_left_alone(here, owner, deleting):
    row = await here.cart(OLD)
    await deleting.execute("SELECT FROM carts WHERE id = %s FOR KEY SHARE", (row,))
    assert await here.delete("cart") == 0
    await deleting.rollback()
    assert await here.delete("cart") == 1


@pytest.mark.parametrize("kind", ["delivery", "order_attempt", "callback", "message", "cart"])
async def test_two_workers_delete_each_row_once(here, monkeypatch, kind):
    monkeypatch.setattr(retention, "MOST_ROWS", 2)
    rows = [await here.one_of(kind)(OLD) for _ in range(9)]
    gone = await asyncio.gather(*(here.delete(kind) for _ in range(4)))
    while left := await here.delete(kind):
        gone.append(left)
    assert sum(gone) == len(rows)


async def test_the_second_worker_leaves_a_kind_to_the_first(here, owner, deleting):
    row = await here.delivery(OLD)
    await deleting.execute("SELECT pg_advisory_xact_lock(hashtextextended('retention delivery', 0))")
    assert await here.delete("delivery") == 0
    assert await here.left("webhook_deliveries", row) == [True]
    # Another kind is not in its way.
    await here.callback(OLD)
    assert await here.delete("callback") == 1
    await deleting.rollback()
    assert await here.delete("delivery") == 1


_WORKER = """
import asyncio, sys
from pathlib import Path
from carelane.processes.retention import Kind, delete_kind
from carelane.services import open_services
from carelane.settings import read_settings

async def main():
    async with open_services(read_settings({}, data_dir=Path(sys.argv[1]), database_url=sys.argv[2])) as services:
        await delete_kind(services, Kind(sys.argv[3], 30))

asyncio.run(main())
"""


@pytest.mark.parametrize("kind", ["delivery", "webhook_attempt", "order_attempt", "callback", "message", "cart"])
async def test_after_kill_9_in_the_middle_of_a_batch_it_is_whole_and_goes_the_next_time(here, services, tmp_path, kind):
    rows = [await here.one_of(kind)(OLD) for _ in range(3)]
    armed = tmp_path / "armed"
    armed.write_text("retention.batch")
    settings = services.settings
    worker = [sys.executable, "-c", _WORKER, str(settings.data_dir), str(settings.database_url), kind]
    died = await asyncio.to_thread(
        subprocess.run, worker, env=os.environ | {failpoints.VARIABLE: str(armed)}, check=False
    )
    assert died.returncode == -signal.SIGKILL
    assert not armed.exists()
    table = {"delivery": "webhook_deliveries", "webhook_attempt": "webhook_attempts", "order_attempt": "order_attempts",
             "callback": "pharmacy_callbacks", "message": "messages", "cart": "carts"}[kind]  # fmt: skip
    assert await here.left(table, *rows) == [True] * 3

    async def deleted():
        """The dead worker's transaction may need a moment to end."""
        await here.delete(kind)
        return await here.left(table, *rows) == [False] * 3

    await until(deleted)


async def test_a_batch_that_takes_too_long_is_ended_and_nothing_of_it_is_left(here, services, owner, monkeypatch):
    """It meets a row that somebody holds: one of a repeat, which it does not step around."""
    monkeypatch.setattr(retention, "BATCH_SECONDS", 1.0)
    event_id = await here.event()
    first = await here.delivery(OLD, event_id=event_id)
    repeat = await here.delivery(OLD, event_id=event_id, replay_of_id=first)
    async with services.db.transaction(system_actor(here.id)) as conn:
        held = await conn.execute("SELECT 1 FROM webhook_deliveries WHERE id = %s FOR KEY SHARE", (repeat,))
        assert await held.fetchone() == (1,)
        with pytest.raises(CarelaneError):
            await here.delete("delivery")
    assert await here.left("webhook_deliveries", first, repeat) == [True, True]
    assert await here.delete("delivery") == 2


async def test_what_a_run_has_no_time_for_is_left_to_the_next(here, monkeypatch):
    monkeypatch.setattr(retention, "MOST_ROWS", 2)
    monkeypatch.setattr(retention, "RUN_SECONDS", 0.0)
    for _ in range(5):
        await here.delivery(OLD)
    assert [await here.delete("delivery") for _ in range(4)] == [2, 2, 1, 0]
