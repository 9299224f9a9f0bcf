"""Two workers, one of them killed with -9 in the middle of its work, or stopped: the other takes it over within ten seconds."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import httpx
import psutil
import pytest

from tests.forked import start
from tests.processes.commands import environment_with
from tests.processes.waiting import until
from tests.receiver import Behaviour
from tests.scenarios.world import ARRIVE_SECONDS, HURRIED, World, require_invariants, running_world
from tests.server import STOP_SECONDS

TAKEN_OVER_SECONDS = 10.0
# A slow pharmacy takes 30 seconds to answer, which is longer than it gets.
SETTINGS = {"claim_lease_seconds": "8", "webhook_timeout_seconds": "30", "pharmacy_timeout_seconds": "12"}
_CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'carelane'"
_PENDING = """
SELECT (SELECT count(*) FROM webhook_deliveries WHERE status = 'PENDING')
  + (SELECT count(*) FROM events WHERE dispatched_at IS NULL)
"""
_CLAIM = "SELECT claim_id FROM orders WHERE case_id = %s"
_CALLS = "SELECT call FROM order_attempts a JOIN orders o ON o.id = a.order_id WHERE o.case_id = %s ORDER BY a.created_at, a.id"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Without a worker of its own."""
    with running_world(tmp_path_factory.mktemp("takeover"), "--no-worker", **SETTINGS) as made:
        yield made


@contextmanager
def a_worker(world: World) -> Iterator[psutil.Process]:
    """One more `carelane worker`, once it is connected. Nobody told it our address, so pharmacies do not call back."""
    settings = HURRIED | SETTINGS | {"pharmacy_simulator_url": world.simulator_url}
    folder = world.server.data_dir.parent
    before = world.ask(_CONNECTIONS)[0][0]
    log = folder / "workers.log"
    process = start(("worker", "--data-dir", str(world.server.data_dir)), environment_with(settings), log, log, folder)
    assert process.pid is not None
    try:
        until(lambda: world.ask(_CONNECTIONS)[0][0] > before, 30)
        yield psutil.Process(process.pid)
    finally:
        if process.is_alive():
            os.kill(process.pid, signal.SIGCONT)
            process.terminate()
        process.join(STOP_SECONDS)
        assert process.exitcode is not None


@pytest.fixture
def first(world: World) -> Iterator[psutil.Process]:
    """A worker that has done all there was to do."""
    with a_worker(world) as worker:
        until(lambda: world.ask(_PENDING) == [(0,)], ARRIVE_SECONDS)
        yield worker


@contextmanager
def two_more(world: World, end_the_first: Callable[[], None]) -> Iterator[float]:
    """Another worker beside the first, which then meets its end; yields the moment of that."""
    with ExitStack() as stack:
        stack.enter_context(a_worker(world))
        end_the_first()
        yield time.monotonic()


def received_count(world: World, external_id: str) -> int:
    return httpx.get(f"{world.simulator_url}/_simulator/orders/{external_id}", timeout=10).json()["receivedCount"]


def calls(world: World, case_id: str) -> list[str]:
    return [call for (call,) in world.ask(_CALLS, case_id)]


def at_the_pharmacy(world: World, scenario: str) -> tuple[str, str]:
    """A case whose order is being handed over: the pharmacy has it, and has not answered yet."""
    case_id = world.new_case()
    assert world.place(case_id, scenario).status_code == 200
    external_id = str(world.ask("SELECT external_id FROM orders WHERE case_id = %s", case_id)[0][0])
    until(lambda: received_count(world, external_id) == 1)
    assert calls(world, case_id) == []
    return case_id, external_id


def attempts(world: World, webhook_id: str) -> int:
    return sum(request.headers["webhook-id"] == webhook_id for request in list(world.receiver.received))


def a_slow_delivery(world: World, seconds: float) -> str:
    """The id of an event that has reached its receiver, which does not answer yet."""
    world.receiver.behave("/", Behaviour(delay_seconds=seconds))
    before = len(world.receiver.received)
    world.new_case()
    until(lambda: len(world.receiver.received) > before)
    return world.receiver.received[before].headers["webhook-id"]


def test_a_delivery_of_a_killed_worker_is_sent_by_the_other(world: World, first: psutil.Process):
    webhook_id = a_slow_delivery(world, 60)
    with two_more(world, first.kill) as killed_at:
        until(lambda: attempts(world, webhook_id) == 2, TAKEN_OVER_SECONDS)
        assert time.monotonic() - killed_at < TAKEN_OVER_SECONDS
        until(lambda: world.ask(_PENDING) == [(0,)], ARRIVE_SECONDS)


def test_an_order_of_a_killed_worker_is_taken_over_asked_about_and_never_sent_twice(
    world: World, first: psutil.Process
):
    case_id, external_id = at_the_pharmacy(world, "slow")
    ((claim,),) = world.ask(_CLAIM, case_id)
    with two_more(world, first.kill) as killed_at:
        until(lambda: world.ask(_CLAIM, case_id) != [(claim,)], TAKEN_OVER_SECONDS)
        assert time.monotonic() - killed_at < TAKEN_OVER_SECONDS
        until(lambda: calls(world, case_id), ARRIVE_SECONDS)
        assert calls(world, case_id)[0] == "status"
        require_invariants(world, case_id, "DELIVERED")
    assert "new_rx" not in calls(world, case_id)
    assert received_count(world, external_id) == 1


def test_a_worker_that_was_suspended_neither_sends_nor_writes_what_is_no_longer_its_own(
    world: World, first: psutil.Process
):
    case_id, external_id = at_the_pharmacy(world, "slow")
    with two_more(world, first.suspend):
        until(lambda: "status" in calls(world, case_id), ARRIVE_SECONDS)
        first.resume()
        require_invariants(world, case_id, "DELIVERED")
    # What the pharmacy said is on record, whoever heard it.
    assert set(calls(world, case_id)) >= {"status"}
    assert received_count(world, external_id) == 1


def test_a_worker_that_is_alive_keeps_what_it_has_for_longer_than_a_lease(world: World, first: psutil.Process):
    webhook_id = a_slow_delivery(world, TAKEN_OVER_SECONDS + 2)
    with a_worker(world):
        until(lambda: world.ask(_PENDING) == [(0,)], ARRIVE_SECONDS)
    assert attempts(world, webhook_id) == 1
    assert first.is_running()
