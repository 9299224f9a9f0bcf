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
from carelane.kit.ids import uuid7
from carelane.kit.phi import Phi
from carelane.payments.accounts.access import gateway_of
from carelane.payments.accounts.queries import GatewayAccount, find_account
from carelane.payments.gateways.protocol import Gateway
from carelane.payments.moving.instalments import fit_instalment
from carelane.payments.moving.queries import DuePayment
from carelane.payments.queries import PaymentRow, lock_payment, save_payment
from carelane.payments.settling.judging import judge
from carelane.payments.settling.planning import Act, Step, next_step
from carelane.payments.settling.queries import AttemptRow, RefundRow, Standing, insert_attempt, lock_standing
from carelane.payments.settling.saving import Taken, save
from carelane.payments.states import OF_CARD, AttemptKind
from carelane.services import Services

# After an error of ours, or of a gateway that does not answer at all.
PUT_OFF_SECONDS = 60.0

# The steps that are one call of the gateway's, and nothing before it.
_TRIES: dict[Act, AttemptKind] = {"HOLD": "HOLD", "CHARGE": "CHARGE", "CAPTURE": "CAPTURE", "RELEASE": "RELEASE"}


class Due(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A step that is due, with all that it was judged from. `attempt`: the try of it, whose row is committed."""

    step: Step
    standing: Standing
    account: GatewayAccount | None
    attempt: AttemptRow | None = None


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

    async def gateway(self, due: Due) -> Gateway:
        """Not inside a transaction. Raises LookupError."""
        if due.account is None:
            raise LookupError("the payment has no gateway")
        return await gateway_of(self.services, due.account)

    @asynccontextmanager
    async def locked(self) -> AsyncIterator[tuple[Connection, Standing]]:
        """A transaction with the payment and all that is recorded of it, as it is now."""
        async with self.services.db.transaction(self.actor) as conn:
            standing = await lock_standing(conn, self.organization_id, self.payment_id)
            if standing is None:
                raise LookupError("the payment is gone")
            yield conn, standing

    async def next_step(self) -> Due | None:
        """What is due now; that the gateway is about to be called is committed with it. Where nothing is, it is planned; a stage
        that time has changed is written down and told."""
        async with self.locked() as (conn, standing):
            if standing.payment.claim_id != self.lease.claim_id:
                # Somebody planned it anew since it was claimed.
                return None
            now, before = clock.now(), standing.payment
            after = judge(standing, now, self.retry)
            step = next_step(replace(standing, payment=after), now, self.retry)
            if step is None or step.at > now or step.act == "JUDGE" or after.stage != before.stage:
                await self.save(conn, before, Taken(standing=standing))
                return None
            if step.act == "CHARGE" and before.policy == "instalment" and not await self._fits(conn, standing):
                return None
            return await self._begun(conn, standing, step)

    async def _fits(self, conn: Connection, standing: Standing) -> bool:
        """Whether an instalment may be taken now: the charges are locked until the try of it is committed."""
        payment, verdict = standing.payment, await fit_instalment(conn, self.actor, standing.payment)
        if verdict == "WAIT":
            await save_payment(conn, replace(payment, next_step_at=clock.now() + timedelta(seconds=PUT_OFF_SECONDS)))
        elif verdict == "WITHDRAW":
            withdrawn = replace(payment, wanted="RETURN")
            await self.save(conn, payment, Taken(standing=replace(standing, payment=withdrawn)))
        return verdict == "TAKE"

    def is_next(self, standing: Standing, step: Step) -> bool:
        """Whether a step that was due is so still."""
        now = clock.now()
        current = next_step(replace(standing, payment=judge(standing, now, self.retry)), now, self.retry)
        return current is not None and (current.act, current.id) == (step.act, step.id) and current.at <= now

    async def _begun(self, conn: Connection, standing: Standing, step: Step) -> Due:
        attempt, kind, account_id = None, _TRIES.get(step.act), standing.payment.gateway_account_id
        if kind is not None:
            attempt = attempt_of(standing.payment, kind, intent_id=step.id)
            await insert_attempt(conn, attempt)
            standing = standing.with_attempt(attempt)
        account = await find_account(conn, self.organization_id, account_id) if account_id else None
        return Due(step=step, standing=standing, account=account, attempt=attempt)

    async def save(self, conn: Connection, before: PaymentRow, taken: Taken) -> PaymentRow:
        return await save(conn, self.actor, before, taken, self.retry)


def attempt_of(
    payment: PaymentRow, kind: AttemptKind, *, intent_id: UUID | None, refund: RefundRow | None = None
) -> AttemptRow:
    """A try that is sent now. Raises LookupError."""
    now = clock.now()
    if payment.gateway_account_id is None:
        raise LookupError("the payment has no gateway")
    return AttemptRow(
        organization_id=payment.organization_id,
        id=uuid7(),
        payment_id=payment.id,
        kind=kind,
        refund_id=refund.id if refund else None,
        intent_id=intent_id,
        gateway_account_id=payment.gateway_account_id,
        amount_cents=refund.amount_cents if refund else payment.amount_cents,
        currency=payment.currency,
        status="SENT",
        customer_id=payment.customer_id if kind in OF_CARD else None,
        method_id=payment.method_id if kind in OF_CARD else None,
        gateway_id=None,
        decline_code=None,
        failure=None,
        sends=1,
        created_at=now,
        sent_at=now,
        settled_at=None,
    )


async def put_off(task: PaymentTask) -> None:
    """Later again, when nothing better is known."""
    async with task.services.db.transaction(task.actor) as conn:
        payment = await lock_payment(conn, task.organization_id, task.payment_id)
        if payment is not None and payment.claim_id == task.lease.claim_id:
            seconds = retry_seconds(1, PUT_OFF_SECONDS, PUT_OFF_SECONDS)
            await save_payment(conn, replace(payment, next_step_at=clock.now() + timedelta(seconds=seconds)))
