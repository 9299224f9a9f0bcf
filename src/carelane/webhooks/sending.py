"""The loop that sends what is due: claim, send outside any transaction, write down what came of it.

A claim moves the delivery's next attempt by a lease, so what a dead worker held is sent again by another: a receiver may
get an event twice, under the same `webhook-id`, and never not at all. Slow receivers hold only their own few places.
"""

import asyncio
import time
from uuid import UUID, uuid4

import structlog

from carelane.kit import failpoints
from carelane.kit.errors import UnavailableError
from carelane.kit.http import NotSentError, OutcomeUnknownError, TargetRefusedError
from carelane.services import Services
from carelane.webhooks import actions, queries, states
from carelane.webhooks.actions import Message, Read
from carelane.webhooks.queries import Claimed, Settled

# In hand at once, in all and for one endpoint.
MOST_AT_ONCE = 64
MOST_EACH = 16
# Organizations read from at a time: the database's connections are shared with everything else the worker does.
READERS = 4
# When one has ended, the others that are about to are waited for this long: a claim for several costs as much as for one.
GATHER_SECONDS = 0.015
# What a receiver answers is not read beyond this; nobody needs it.
MAX_ANSWER_BYTES = 1_048_576

log = structlog.get_logger()


async def run(services: Services) -> None:
    """Sends until cancelled; then what is in hand gets `settings.stop_seconds` to end."""
    sender = _Sender(services)
    try:
        await sender.run()
    finally:
        await sender.finish()


class _Sender:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._busy: dict[asyncio.Task[None], UUID] = {}
        self._reader = _Reader(services)
        self._book = _Book(services)

    async def run(self) -> None:
        while True:
            began = len(self._busy)
            if began < MOST_AT_ONCE:
                await self._begin(MOST_AT_ONCE - began)
            if len(self._busy) == began or len(self._busy) >= MOST_AT_ONCE:
                await self._rest()

    async def finish(self) -> None:
        if self._busy:
            await asyncio.wait(self._busy, timeout=self._services.settings.stop_seconds)
        for task in list(self._busy):
            task.cancel()
        await asyncio.gather(*self._busy, return_exceptions=True)

    async def _begin(self, room: int) -> None:
        claim_id, lease_seconds = uuid4(), self._services.settings.claim_lease_seconds
        async with self._services.db.across() as conn:
            claimed = await queries.claim_due(
                conn, room, MOST_EACH, list(self._busy.values()), lease_seconds, states.PATIENT_ATTEMPTS, claim_id
            )
        if claimed:
            failpoints.reach("webhook.claimed")
        for delivery in claimed:
            task = asyncio.create_task(self._deliver(delivery, claim_id))
            self._busy[task] = delivery.endpoint_id
            task.add_done_callback(self._busy.pop)

    async def _rest(self) -> None:
        """Until something in hand ends, or it is time to look again."""
        seconds = self._services.settings.transmit_seconds
        if self._busy:
            await asyncio.wait(self._busy, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(min(GATHER_SECONDS, seconds))
        else:
            await asyncio.sleep(seconds)

    async def _deliver(self, delivery: Claimed, claim_id: UUID) -> None:
        """Whatever goes wrong in here, the delivery is taken up again when its lease ends."""
        try:
            started = time.monotonic()
            outcome = await self._send(delivery)
            failpoints.reach("webhook.sent")
            milliseconds = int((time.monotonic() - started) * 1000)
            first_wait = self._services.settings.webhook_retry_seconds
            await self._book.enter(actions.settled(delivery, claim_id, outcome, first_wait, milliseconds))
            failpoints.reach("webhook.committed")
        except Exception as error:
            log.warning("webhook_attempt_lost", error=type(error).__name__)

    async def _send(self, delivery: Claimed) -> states.Outcome:
        try:
            message = await actions.write_message(self._services, await self._reader.read(delivery))
        except UnavailableError:
            raise
        except Exception as error:
            log.error("webhook_body_failed", error=type(error).__name__)
            return states.Outcome(failure="no body")
        return await send_message(self._services, message)


async def send_message(services: Services, message: Message) -> states.Outcome:
    """Sends once and says what came of it."""
    try:
        answer = await services.http.send(
            "POST",
            message.url,
            headers=message.headers,
            body=message.body,
            timeout_seconds=services.settings.webhook_timeout_seconds,
            most_bytes=MAX_ANSWER_BYTES,
        )
    except TargetRefusedError:
        return states.Outcome(failure="private address")
    except NotSentError:
        return states.Outcome(failure="no connection")
    except OutcomeUnknownError:
        return states.Outcome(failure="no answer")
    return states.judge(answer.status, answer.headers)


class _Reader:
    """Reads what messages are written from; deliveries that come while one transaction runs are read together in the next."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._readers = asyncio.Semaphore(READERS)
        self._waiting: dict[UUID, list[tuple[Claimed, asyncio.Future[Read]]]] = {}
        self._locks: dict[UUID, asyncio.Lock] = {}

    async def read(self, delivery: Claimed) -> Read:
        found: asyncio.Future[Read] = asyncio.get_running_loop().create_future()
        organization_id = delivery.organization_id
        self._waiting.setdefault(organization_id, []).append((delivery, found))
        async with self._locks.setdefault(organization_id, asyncio.Lock()), self._readers:
            waiting = self._waiting.pop(organization_id, [])
            # Empty: whoever had the lock before has taken this delivery along.
            if waiting:
                await self._read(organization_id, waiting)
        return await found

    async def _read(self, organization_id: UUID, waiting: list[tuple[Claimed, asyncio.Future[Read]]]) -> None:
        read: list[Read | Exception]
        try:
            read = await actions.read_all(self._services, organization_id, [delivery for delivery, _ in waiting])
        except Exception as error:
            read = [error] * len(waiting)
        for (_, found), one in zip(waiting, read, strict=True):
            if found.done():
                continue
            if isinstance(one, Exception):
                found.set_exception(one)
            else:
                found.set_result(one)


class _Book:
    """Writes results down, those that arrive while one transaction runs together in the next."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._waiting: dict[UUID, list[Settled]] = {}
        self._locks: dict[UUID, asyncio.Lock] = {}

    async def enter(self, result: Settled) -> None:
        """Returns once the result is committed."""
        organization_id = result.organization_id
        self._waiting.setdefault(organization_id, []).append(result)
        async with self._locks.setdefault(organization_id, asyncio.Lock()):
            results = self._waiting.pop(organization_id, [])
            # Empty: whoever had the lock before has taken this result along.
            if results:
                await actions.settle(self._services, results)
