"""The worker's part: what is due is sent outside any transaction, and what came of it is written down.

A message is claimed under a lease, which is renewed while it is being sent; what a dead worker had is sent by another.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from uuid import UUID

import msgspec

from carelane.kit import clock, failpoints
from carelane.kit.auth import Actor, system_actor
from carelane.kit.claims import (
    FIRST_RETRY_SECONDS,
    LONGEST_RETRY_SECONDS,
    ClaimRequest,
    Lease,
    Queue,
    retry_seconds,
)
from carelane.kit.db import Connection
from carelane.kit.errors import UnavailableError
from carelane.kit.phi import Phi
from carelane.messages import mail, queries, sms
from carelane.messages.actions import missing_setting
from carelane.messages.errors import SendError
from carelane.messages.mail import mail_server
from carelane.messages.queries import CONTENT, DueMessage, MessageRow
from carelane.messages.schemas import Channel, Content, Kind
from carelane.messages.sms import sms_gateway
from carelane.messages.states import MAX_ATTEMPTS, Outcome, outcome_of
from carelane.messages.views import open_content
from carelane.services import Services
from carelane.settings import Settings

# One organization alone gets half of them: mail servers take only so many connections from one sender.
MAX_IN_FLIGHT = 16
LOOK_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 3_600.0
# About 10 seconds in all, and as long again where the pool waits for a connection.
_MOST_SETTLING = 7


class Hooks(msgspec.Struct, frozen=True, kw_only=True):
    """What a feature does about its messages, each in a transaction of the worker that has locked the message.

    `write(services, conn, message, queued)`: what leaves, decided as it leaves; None: it is no longer wanted. Raises
    SendError. Without it, what was queued leaves.
    `settled(conn, actor, message, failure)`: what follows when it was sent (None) or given up.
    """

    write: Callable[[Services, Connection, MessageRow, Content], Awaitable[Content | None]] | None = None
    settled: Callable[[Connection, Actor, MessageRow, SendError | None], Awaitable[None]] | None = None


_NO_HOOKS = Hooks()


class Opened(Phi, msgspec.Struct, frozen=True):
    channel: Channel
    content: Content


def message_queue(services: Services, hooks: Mapping[Kind, Hooks]) -> Queue[DueMessage]:
    """For `kit.claims.run`. `hooks` are those of the features, by kind."""
    outbox = Outbox(services, hooks)
    return Queue(
        name="message",
        claim=outbox.claim,
        work=outbox.send,
        renew=outbox.renew,
        max_in_flight=MAX_IN_FLIGHT,
        lease_seconds=services.settings.claim_lease_seconds,
        look_seconds=LOOK_SECONDS,
    )


class Outbox:
    """All organizations' messages, as the worker sees them."""

    def __init__(self, services: Services, hooks: Mapping[Kind, Hooks]) -> None:
        self._services = services
        self._hooks = hooks

    async def claim(self, request: ClaimRequest) -> list[DueMessage]:
        async with self._services.db.across() as conn:
            claimed = await queries.claim_due(conn, request)
        if claimed:
            failpoints.reach("message.claimed")
        return claimed

    async def renew(self, leases: list[Lease[DueMessage]]) -> Collection[UUID]:
        async with self._services.db.across() as conn:
            return await queries.update_leases(conn, leases, self._services.settings.claim_lease_seconds)

    async def send(self, lease: Lease[DueMessage]) -> None:
        """One attempt. Whatever else goes wrong in here, the message is due again when its lease ends."""
        failure = None
        try:
            opened = await self._open(lease)
            if opened is None or not lease.is_held():
                return
            failpoints.reach("message.written")
            await _hand_over(self._services, lease.item.id, opened)
            failpoints.reach("message.sent")
        except SendError as error:
            failure = error
        await self._settle_in_the_end(lease, failure)

    async def _open(self, lease: Lease[DueMessage]) -> Opened | None:
        """What is to be sent. None: nothing, or not by us. Raises SendError when it cannot be sent, now or ever."""
        organization_id, message_id = lease.item.organization_id, lease.item.id
        data_key = await self._services.keyring.data_key(organization_id)
        async with self._services.db.transaction(system_actor(organization_id)) as conn:
            message = await queries.lock_claimed(conn, organization_id, message_id, lease.claim_id)
            if message is None:
                return None
            _require_sendable(self._services.settings, message)
            queued = open_content(data_key, message)
            if queued is None:
                raise SendError("what it said was removed", is_final=True)
            write = self._hooks_of(message).write
            content = await write(self._services, conn, message, queued) if write else queued
            if content is None:
                await queries.set_outcome(conn, message, Outcome("CANCELED"))
                return None
            if content.recipient != queued.recipient:
                reached = msgspec.json.encode(msgspec.structs.replace(queued, recipient=content.recipient))
                sealed = data_key.seal(reached, CONTENT, message_id)
                await queries.set_content(conn, organization_id, message_id, sealed)
        return Opened(message.channel, content)

    async def _settle_in_the_end(self, lease: Lease[DueMessage], failure: SendError | None) -> None:
        """Also when the database is away for a moment: what was sent and not written down would be sent again."""
        for tries in range(1, _MOST_SETTLING + 1):
            try:
                await self._settle(lease, failure)
                return
            except UnavailableError:
                if tries == _MOST_SETTLING:
                    raise
                await asyncio.sleep(retry_seconds(tries, FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS))

    async def _settle(self, lease: Lease[DueMessage], failure: SendError | None) -> None:
        actor = system_actor(lease.item.organization_id)
        async with self._services.db.transaction(actor) as conn:
            message = await queries.lock_claimed(conn, actor.organization_id, lease.item.id, lease.claim_id)
            if message is None:
                return
            first_wait = self._services.settings.message_retry_seconds
            wait_seconds = retry_seconds(message.attempts, first_wait, LONGEST_WAIT_SECONDS)
            outcome = outcome_of(failure, message.attempts, message.expires_at, clock.now(), wait_seconds)
            await queries.set_outcome(conn, message, outcome)
            settled = self._hooks_of(message).settled
            if settled is not None and outcome.due_at is None:
                await settled(conn, actor, message, failure)

    def _hooks_of(self, message: MessageRow) -> Hooks:
        return self._hooks.get(message.kind, _NO_HOOKS)


def _require_sendable(settings: Settings, message: MessageRow) -> None:
    """Raises SendError."""
    if message.attempts > MAX_ATTEMPTS:
        raise SendError("every attempt ended before its outcome was known", is_final=True)
    if message.expires_at is not None and message.expires_at <= clock.now():
        raise SendError("it was of use until a moment that has passed", is_final=True)
    if missing := missing_setting(settings, message.channel):
        raise SendError(f"{missing} is not set")


async def _hand_over(services: Services, message_id: UUID, opened: Opened) -> None:
    """Returns once the message was taken. Raises SendError. Never called inside a transaction."""
    content = opened.content
    if opened.channel == "MAIL":
        server = mail_server(services.settings)
        assert server is not None, "looked at before"
        await mail.send(server, content, str(message_id))
        return
    gateway = sms_gateway(services.settings)
    assert gateway is not None, "looked at before"
    http = services.simulator_http if services.settings.sms_simulator_url else services.http
    await sms.send(http, gateway, content.recipient, content.text)
