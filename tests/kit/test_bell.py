"""A queue that has nothing to do rests until something is due for it, and looks for itself all the same."""

import asyncio
import time
from uuid import UUID, uuid4

import msgspec
import pytest

from carelane.kit import bell as bells
from carelane.kit import claims
from carelane.kit.bell import Bell
from carelane.kit.claims import Queue


class Thing(msgspec.Struct, frozen=True):
    id: UUID
    organization_id: UUID | None = None


@pytest.fixture
def due():
    """The names of the queues that have anything due."""
    return set()


@pytest.fixture
def bell(due):
    async def list_due():
        return list(due)

    return Bell(list_due)


@pytest.fixture
async def claimed(due, bell):
    """Tells of each claim of queue "one", what it brought; it gets an item while there is any due for it."""
    asked = asyncio.Queue()

    async def claim(request):
        found = [Thing(uuid4())] if "one" in due else []
        asked.put_nowait(len(found))
        return found

    async def work(lease):
        due.discard("one")

    queue = Queue(name="one", claim=claim, work=work, max_in_flight=4, lease_seconds=30, look_seconds=0.02)
    running = asyncio.create_task(claims.run(queue, 1.0, bell))
    yield asked
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_nothing_is_claimed_until_it_rings(claimed, due, bell):
    assert await claimed.get() == 0
    due.add("another")
    await bell.look()
    await asyncio.sleep(0.2)
    assert claimed.empty()
    due.add("one")
    await bell.look()
    async with asyncio.timeout(2):
        assert await claimed.get() == 1


async def test_a_queue_looks_for_itself_when_nobody_rings(monkeypatch, claimed):
    monkeypatch.setattr(bells, "LONGEST_REST_SECONDS", 0.05)
    async with asyncio.timeout(8):
        assert [await claimed.get() for _ in range(3)] == [0, 0, 0]


async def test_a_rest_is_never_shorter_than_it_should_be(bell, due):
    due.add("one")
    began = time.monotonic()
    resting = asyncio.create_task(bell.rest("one", 0.2))
    await asyncio.sleep(0.01)
    await bell.look()
    await resting
    assert time.monotonic() - began >= 0.2


async def test_what_rang_before_the_rest_is_not_taken_for_new(bell, due):
    due.add("one")
    await bell.look()
    resting = asyncio.create_task(bell.rest("one", 0))
    await asyncio.sleep(0.1)
    assert not resting.done()
    await bell.look()
    async with asyncio.timeout(2):
        await resting
