"""One step of one payment, and what every step needs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import msgspec
from msgspec.structs import replace

from carelane.kit import clock
from carelane.kit.auth import Actor, system_actor
from carelane.kit.claims import Lease, retry_seconds
from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.payments.accounts.access import open_account
from carelane.payments.gateways.protocol import Gateway
from carelane.payments.moving.queries import DuePayment
from carelane.payments.queries import PaymentRow, lock_payment, save_payment
from carelane.payments.settling.judging import judge
from carelane.payments.settling.planning import Step, next_step
from carelane.payments.settling.queries import Standing, list_standing
from carelane.payments.settling.saving import Taken, save
from carelane.services import Services

# After an error of ours, or of a gateway that does not answer at all.
PUT_OFF_SECONDS = 60.0


class PaymentTask(Phi, msgspec.Struct, frozen=True, kw_only=True):
    services: Services
    lease: Lease[DuePayment]

    @property
    def organization_id(self) -> UUID:
        return self.lease.item.organization_id

    @property
    def payment_id(self) -> UUID:
        return self.lease.item.id

    @property
    def actor(self) -> Actor:
        return system_actor(self.organization_id)

    @property
    def retry(self) -> timedelta:
        return self.services.settings.payment_retry

    async def gateway(self, payment: PaymentRow) -> Gateway:
        """Not inside a transaction. Raises LookupError."""
        if payment.gateway_account_id is None:
            raise LookupError("the payment has no gateway")
        return await open_account(self.services, self.organization_id, payment.gateway_account_id)

    @asynccontextmanager
    async def locked(self) -> AsyncIterator[tuple[Connection, Standing]]:
        """A transaction with the payment and all that is recorded of it, as it is now."""
        async with self.services.db.transaction(self.actor) as conn:
            payment = await lock_payment(conn, self.organization_id, self.payment_id)
            if payment is None:
                raise LookupError("the payment is gone")
            yield conn, await list_standing(conn, payment)

    async def next_step(self) -> Step | None:
        """What is due now. Where nothing is, it is planned; a stage that time has changed is written down and told."""
        async with self.locked() as (conn, standing):
            if standing.payment.claim_id != self.lease.claim_id:
                # Somebody planned it anew since it was claimed.
                return None
            now, before = clock.now(), standing.payment
            after = judge(standing, now, self.retry)
            step = next_step(replace(standing, payment=after), now, self.retry)
            is_due = step is not None and step.at <= now and step.act != "JUDGE"
            if after.stage != before.stage or not is_due:
                await self.save(conn, before, Taken(standing=standing))
            return step if is_due and after.stage == before.stage else None

    async def save(self, conn: Connection, before: PaymentRow, taken: Taken) -> PaymentRow:
        return await save(conn, self.actor, before, taken, self.retry)


async def put_off(task: PaymentTask) -> None:
    """Later again, when nothing better is known."""
    async with task.services.db.transaction(task.actor) as conn:
        payment = await lock_payment(conn, task.organization_id, task.payment_id)
        if payment is not None and payment.claim_id == task.lease.claim_id:
            seconds = retry_seconds(1, PUT_OFF_SECONDS, PUT_OFF_SECONDS)
            await save_payment(conn, replace(payment, next_step_at=clock.now() + timedelta(seconds=seconds)))
