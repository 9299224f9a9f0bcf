"""The worker's part: claims deliveries that are due, sends them, and has the results written down in batches."""

import time
from collections.abc import Collection, Sequence
from uuid import UUID

import structlog

from carelane.kit import failpoints
from carelane.kit.auth import system_actor
from carelane.kit.batches import Batches
from carelane.kit.claims import ClaimRequest, Lease, Queue
from carelane.kit.errors import UnavailableError
from carelane.kit.http import NotSentError, OutcomeUnknownError, TargetRefusedError
from carelane.services import Services
from carelane.webhooks.actions import Message, Read, read_all, write_message
from carelane.webhooks.sending import queries, states, views
from carelane.webhooks.sending.actions import result_of, save_results
from carelane.webhooks.sending.queries import AttemptResult, DueDelivery

# In flight at once, in all and for one endpoint.
MAX_IN_FLIGHT = 128
MAX_EACH = 16
# Organizations read from, and written for, at a time: the database's connections are shared with all that the worker does.
MAX_READING = 3
MAX_SAVING = 2

log = structlog.get_logger()


def delivery_queue(services: Services) -> Queue[DueDelivery]:
    sender = Sender(services)
    return Queue(
        name="delivery",
        claim=sender.claim,
        work=sender.deliver,
        renew=sender.renew,
        share_key=lambda delivery: delivery.endpoint_id,
        max_in_flight=MAX_IN_FLIGHT,
        lease_seconds=services.settings.claim_lease_seconds,
        look_seconds=services.settings.transmit_seconds,
    )


class Sender:
    """All organizations' deliveries, as the worker sees them."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._reading: Batches[DueDelivery, Read] = Batches(self._read, MAX_READING)
        self._saving: Batches[AttemptResult, None] = Batches(self._save, MAX_SAVING)

    async def claim(self, request: ClaimRequest) -> list[DueDelivery]:
        async with self._services.db.across() as conn:
            claimed = await queries.claim_due(conn, request, MAX_EACH, states.PATIENT_ATTEMPTS)
        if claimed:
            failpoints.reach("webhook.claimed")
        return claimed

    async def renew(self, leases: list[Lease[DueDelivery]]) -> Collection[UUID]:
        async with self._services.db.across() as conn:
            return await queries.update_leases(conn, leases, self._services.settings.claim_lease_seconds)

    async def deliver(self, lease: Lease[DueDelivery]) -> None:
        """One attempt. Raises UnavailableError when the database went away; the delivery is due again when its lease ends."""
        began, delivery = time.monotonic(), lease.item
        outcome = await self._send(lease)
        if outcome is None:
            return
        failpoints.reach("webhook.sent")
        milliseconds = int((time.monotonic() - began) * 1000)
        first_wait_seconds = self._services.settings.webhook_retry_seconds
        data_key = await self._services.keyring.data_key(delivery.organization_id)
        result = result_of(data_key, delivery, lease.claim_id, outcome, first_wait_seconds, milliseconds)
        await self._saving.add(delivery.organization_id, result)
        failpoints.reach("webhook.committed")

    async def _send(self, lease: Lease[DueDelivery]) -> states.Outcome | None:
        """None: another worker has it by now."""
        try:
            read = await self._reading.add(lease.item.organization_id, lease.item)
            message = await write_message(self._services, read)
        except UnavailableError:
            raise
        except Exception as error:
            log.error("webhook_body_failed", error=type(error).__name__)
            return states.Outcome(failure="no body")
        return await send_message(self._services, message) if lease.is_held() else None

    async def _read(self, organization_id: UUID, deliveries: list[DueDelivery]) -> Sequence[Read | Exception]:
        return await read_all(self._services, system_actor(organization_id), deliveries)

    async def _save(self, organization_id: UUID, results: list[AttemptResult]) -> Sequence[None]:
        await save_results(self._services, organization_id, results)
        return [None] * len(results)


async def send_message(services: Services, message: Message) -> states.Outcome:
    """Sends once and says what came of it."""
    try:
        answer = await services.http.send(
            "POST",
            message.url,
            headers=message.headers,
            body=message.body,
            timeout_seconds=services.settings.webhook_timeout_seconds,
            # Its status says it all, whatever its body does; what it says is kept for people.
            glance_bytes=views.MOST_READ_BYTES,
        )
    except TargetRefusedError:
        return states.Outcome(failure="private address")
    except NotSentError:
        return states.Outcome(failure="no connection")
    except OutcomeUnknownError:
        return states.Outcome(failure="no answer")
    return states.judge(answer.status, answer.headers, answer.body)
