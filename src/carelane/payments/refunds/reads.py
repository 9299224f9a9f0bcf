"""Refunds of all payments, which name no patient, and what of one payment can go back by line, which says what was bought."""

from carelane import events
from carelane.kit.auth import Actor
from carelane.payments.lines.queries import list_lines
from carelane.payments.lines.rows import worths
from carelane.payments.lines.schemas import RefundableItemsOut
from carelane.payments.lines.views import show_item
from carelane.payments.refunds import queries
from carelane.payments.refunds.schemas import RefundFilter, RefundPageOut
from carelane.payments.refunds.views import show_listed
from carelane.payments.settling.access import get_standing
from carelane.permissions import BILLING_READ, PAYMENTS_READ, requires
from carelane.services import Services
from carelane.web.paging import Place

# Counting goes no further.
MOST_COUNTED = 1_000


@requires(PAYMENTS_READ)
async def list_all_refunds(services: Services, actor: Actor, wanted: RefundFilter, limit: int) -> RefundPageOut:
    """Those granted last first."""
    async with services.db.reading(actor.organization_id) as conn:
        found = await queries.list_all(conn, actor.organization_id, wanted, limit + 1)
    shown = found[:limit]
    onward = Place(shown[-1].granted_at, shown[-1].id).text if len(found) > limit else None
    return RefundPageOut(refunds=[show_listed(row) for row in shown], next=onward)


@requires(PAYMENTS_READ)
async def count_granted(services: Services, actor: Actor) -> int:
    """Granted, and not sent yet; no more than MOST_COUNTED are counted."""
    async with services.db.reading(actor.organization_id) as conn:
        return await queries.count_refunds(conn, actor.organization_id, "GRANTED", MOST_COUNTED)


@requires(BILLING_READ)
async def list_refundable_items(services: Services, actor: Actor, ref: str) -> RefundableItemsOut:
    """The lines of the charges that a payment paid. Raises PaymentNotFoundError."""
    async with services.db.transaction(actor) as conn:
        payment = (await get_standing(conn, actor, ref)).payment
        found = worths(await list_lines(conn, actor.organization_id, payment.id))
        await events.record_read(conn, actor, "payment", payment.id, "what a payment paid for")
    return RefundableItemsOut(items=[show_item(one, payment.currency) for one in found])
