"""The worker's part: claims payments that something is to be done about, and does it."""

from collections.abc import Awaitable, Callable, Collection
from functools import partial
from typing import TypeAlias
from uuid import UUID

import structlog

from carelane.kit import failpoints
from carelane.kit.claims import ClaimRequest, Lease, Queue
from carelane.payments.gateways.errors import GatewayError
from carelane.payments.moving import looking, queries, refunding, trying
from carelane.payments.moving.queries import DuePayment
from carelane.payments.moving.task import Due, PaymentTask, put_off
from carelane.payments.settling.planning import Act
from carelane.services import Services

MAX_IN_FLIGHT = 64

# Verifies a payment that could not be verified at intake, and plans its next step (payments/intake).
Check: TypeAlias = Callable[[Services, UUID, UUID], Awaitable[None]]

log = structlog.get_logger()

_STEPS: dict[Act, Callable[[PaymentTask, Due], Awaitable[None]]] = {
    "HOLD": trying.send_due,
    "CHARGE": trying.send_due,
    "CAPTURE": trying.send_due,
    "RELEASE": trying.send_due,
    "LOOK_UP": looking.look_up,
    "FETCH": looking.fetch,
    "REFUND": refunding.send,
    "RETURN": refunding.grant_all,
}


def payment_queue(services: Services, check: Check | None = None) -> Queue[DuePayment]:
    return Queue(
        name="payment",
        claim=partial(claim, services),
        work=partial(work, services, check),
        renew=partial(renew, services),
        max_in_flight=MAX_IN_FLIGHT,
        lease_seconds=services.settings.claim_lease_seconds,
        look_seconds=services.settings.transmit_seconds,
    )


async def claim(services: Services, request: ClaimRequest) -> list[DuePayment]:
    async with services.db.across() as conn:
        return await queries.claim_payments(conn, request)


async def renew(services: Services, leases: list[Lease[DuePayment]]) -> Collection[UUID]:
    async with services.db.across() as conn:
        return await queries.update_leases(conn, leases, services.settings.claim_lease_seconds)


async def work(services: Services, check: Check | None, lease: Lease[DuePayment]) -> None:
    failpoints.reach("payment.claimed")
    await take_step(PaymentTask(services=services, lease=lease), check)


async def take_step(task: PaymentTask, check: Check | None = None) -> None:
    """One step of one payment: it is judged anew first, for time may have passed. What fails is due again after a while."""
    try:
        due = await task.next_step()
        if due is None:
            return
        if due.step.act != "CHECK":
            await _STEPS[due.step.act](task, due)
        elif check is not None:
            await check(task.services, task.organization_id, task.payment_id)
    except (GatewayError, LookupError) as error:
        log.warning("payment_step_failed", organization_id=str(task.organization_id), error=type(error).__name__)
        await put_off(task)
