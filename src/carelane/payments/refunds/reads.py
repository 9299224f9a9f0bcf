"""Refunds of all payments. The list names no patient."""

from carelane.kit.auth import Actor
from carelane.payments.refunds import queries
from carelane.payments.refunds.schemas import RefundFilter, RefundPageOut
from carelane.payments.refunds.views import show_listed
from carelane.permissions import PAYMENTS_READ, requires
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
