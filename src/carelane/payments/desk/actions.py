"""What staff do about a payment that does not go on. Each act locks the case's row, then the payment's; none calls a gateway."""

from msgspec.structs import replace

from carelane import events
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.phi import DataKey
from carelane.payments.confirmations.actions import record_confirmation
from carelane.payments.confirmations.queries import Details, lock_case
from carelane.payments.confirmations.schemas import ConfirmationIn
from carelane.payments.desk import queries, states, views
from carelane.payments.desk.errors import PaymentStateError
from carelane.payments.desk.queries import RESOLUTION
from carelane.payments.desk.schemas import PaymentRowOut, ResolveIn
from carelane.payments.errors import PaymentNotFoundError
from carelane.payments.queries import PaymentRow
from carelane.payments.settling.access import lock_standing
from carelane.payments.settling.planning import open_attempt
from carelane.payments.settling.queries import Standing, save_attempt
from carelane.payments.settling.saving import Taken, payment_event, save
from carelane.permissions import PAYMENTS_WRITE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once


@requires(PAYMENTS_WRITE)
async def retry_payment(services: Services, actor: Actor, ref: str, request_key: RequestKey | None) -> PaymentRowOut:
    """Raises PaymentNotFoundError, PaymentStateError, and what `run_once` raises."""

    async def act(conn: Connection) -> PaymentRowOut:
        standing = await lock_standing(conn, actor, ref)
        if (why := states.retry_refusal(standing)) is not None:
            raise PaymentStateError(why)
        await _save(services, conn, actor, standing, states.tried_again(standing.payment, clock.now()))
        return await _shown(conn, actor, standing.payment)

    return await run_once(services, actor, request_key, act)


@requires(PAYMENTS_WRITE)
async def resolve_payment(
    services: Services, actor: Actor, ref: str, body: ResolveIn, request_key: RequestKey | None
) -> PaymentRowOut:
    """Raises PaymentNotFoundError, PaymentStateError, and what `run_once` raises."""
    data_key = await services.keyring.data_key(actor.organization_id)

    async def act(conn: Connection) -> PaymentRowOut:
        standing = await lock_standing(conn, actor, ref)
        payment = standing.payment
        if (why := states.resolve_refusal(standing, body.outcome)) is not None:
            raise PaymentStateError(why)
        sealed = data_key.seal(body.comment.encode(), RESOLUTION, payment.id)
        await queries.set_resolution(conn, actor.organization_id, payment.id, sealed, actor.id)
        if body.outcome == "LOOK_UP":
            await _save(services, conn, actor, standing, replace(payment, stage="WAITING", failure=None))
        else:
            await _end(services, conn, actor, data_key, standing, is_paid=body.outcome == "PAID_ELSEWHERE")
        return await _shown(conn, actor, payment)

    return await run_once(services, actor, request_key, act)


async def _end(
    services: Services, conn: Connection, actor: Actor, data_key: DataKey, standing: Standing, *, is_paid: bool
) -> None:
    standing = await _without_open_try(conn, standing)
    if is_paid:
        # Which takes the gateway out of it, too.
        await _pay_elsewhere(services, conn, actor, data_key, standing.payment)
    else:
        await _save(services, conn, actor, standing, states.given_up(standing.payment, clock.now()))


async def _without_open_try(conn: Connection, standing: Standing) -> Standing:
    """A person says that it came to nothing. Should the gateway know better, it is settled as whatever it tells."""
    attempt = open_attempt(standing)
    if attempt is None:
        return standing
    ended = replace(attempt, status="FAILED", failure="RESOLVED", settled_at=clock.now())
    await save_attempt(conn, ended)
    return standing.with_attempt(ended)


async def _pay_elsewhere(
    services: Services, conn: Connection, actor: Actor, data_key: DataKey, payment: PaymentRow
) -> None:
    assert payment.case_id is not None
    case, today = await lock_case(conn, actor.organization_id, payment.case_id), clock.now().date()
    body = ConfirmationIn(amount=0, payment_date=today, status="PAID")
    details = Details(
        amount_cents=payment.amount_cents,
        description=None,
        payment_date=today,
        valid_until=None,
        decision_id=payment.decision_id,
        canceled_at=None,
    )
    # In the payment's own currency and, where it is owed already, for its own charge.
    case = replace(case, currency=payment.currency, charge_id=payment.charge_id or case.charge_id)
    await record_confirmation(services, conn, actor, data_key, case, body, details)


async def _save(services: Services, conn: Connection, actor: Actor, standing: Standing, after: PaymentRow) -> None:
    """That somebody did it is told even where the stage stays."""
    before = standing.payment
    retry = services.settings.payment_retry
    saved = await save(conn, actor, before, Taken(standing=replace(standing, payment=after)), retry)
    if saved.stage == before.stage:
        same = payment_event(actor, saved, "PAYMENT_UPDATED", value_before=before.stage, value_after=saved.stage)
        await events.record(conn, same)


async def _shown(conn: Connection, actor: Actor, payment: PaymentRow) -> PaymentRowOut:
    row = await queries.find_record(conn, actor.organization_id, payment.id)
    if row is None:
        raise PaymentNotFoundError
    return views.show_row(row)
