"""What staff see of payments. A comment tells of a patient, so whoever is shown one is on record."""

from carelane import events
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.payments.desk import queries, views
from carelane.payments.desk.schemas import (
    MOST_COUNTED,
    PaymentDetailOut,
    PaymentFilter,
    PaymentPageOut,
    PaymentQuery,
    PaymentRowOut,
    PaymentWhyOut,
)
from carelane.payments.desk.why import explain
from carelane.payments.errors import PaymentNotFoundError
from carelane.payments.refunds.queries import list_refunds
from carelane.payments.settling.access import get_standing
from carelane.permissions import PAYMENTS_READ, PAYMENTS_REFUND, PAYMENTS_SEND, requires
from carelane.services import Services


@requires(PAYMENTS_READ)
async def list_payments(services: Services, actor: Actor, query: PaymentQuery) -> PaymentPageOut:
    """Raises InvalidRequestError."""
    wanted, limit = query.filter(), query.limit
    async with services.db.reading(actor.organization_id) as conn:
        found = await queries.list_payments(conn, actor.organization_id, wanted, limit + 1)
    return PaymentPageOut(
        payments=[views.show_row(row) for row in found[:limit]],
        next=found[limit - 1].id if len(found) > limit else None,
    )


@requires(PAYMENTS_READ)
async def count_failed(services: Services, actor: Actor) -> int:
    """Payments that failed until somebody acts; no more than MOST_COUNTED are counted."""
    async with services.db.reading(actor.organization_id) as conn:
        return await queries.count_failed(conn, actor.organization_id, MOST_COUNTED)


@requires(PAYMENTS_READ)
async def list_failed(services: Services, actor: Actor, most: int) -> list[PaymentRowOut]:
    """The newest of them."""
    async with services.db.reading(actor.organization_id) as conn:
        found = await queries.list_payments(conn, actor.organization_id, PaymentFilter(has_failed=True), most)
    return [views.show_row(row) for row in found]


@requires(PAYMENTS_READ)
async def get_payment(services: Services, actor: Actor, ref: str) -> PaymentDetailOut:
    """Raises PaymentNotFoundError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        standing = await get_standing(conn, actor, ref)
        row = await queries.find_record(conn, actor.organization_id, standing.payment.id)
        if row is None:
            raise PaymentNotFoundError
        refunds = await list_refunds(conn, actor.organization_id, row.id)
        shown = views.show_detail(data_key, actor, row, standing, refunds)
        if shown.resolution is not None or any(refund.comment is not None for refund in shown.refunds):
            await events.record_read(conn, actor, "payment", row.id, "payment with its comments")
    return shown


@requires(PAYMENTS_REFUND)
async def get_payment_to_refund(services: Services, actor: Actor, ref: str) -> PaymentDetailOut:
    """For whoever is about to grant or take back a refund of it. Raises PaymentNotFoundError."""
    return await get_payment(services, actor, ref)


@requires(PAYMENTS_SEND)
async def get_payment_to_send(services: Services, actor: Actor, ref: str) -> PaymentDetailOut:
    """For whoever is about to send what was granted of it. Raises PaymentNotFoundError."""
    return await get_payment(services, actor, ref)


@requires(PAYMENTS_READ)
async def explain_payment(services: Services, actor: Actor, ref: str) -> PaymentWhyOut:
    """Raises PaymentNotFoundError."""
    retry = services.settings.payment_retry
    async with services.db.reading(actor.organization_id) as conn:
        standing = await get_standing(conn, actor, ref)
        payment = standing.payment
        since = await queries.find_updated_at(conn, actor.organization_id, payment.id)
    return explain(standing, since or payment.created_at, clock.now(), retry)
