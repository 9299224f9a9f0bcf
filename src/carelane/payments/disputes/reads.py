"""Reads of disputes. The list names no patient; the evidence does, and is on record."""

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.ids import parse_uuid
from carelane.payments.disputes import queries
from carelane.payments.disputes.schemas import DisputeFilter, DisputePageOut, EvidenceOut
from carelane.payments.disputes.views import show_dispute, show_evidence
from carelane.permissions import BILLING_READ, PAYMENTS_READ, requires
from carelane.services import Services
from carelane.web.paging import Place

# Counting goes no further.
MOST_COUNTED = 1_000


@requires(PAYMENTS_READ)
async def list_disputes(services: Services, actor: Actor, wanted: DisputeFilter, limit: int) -> DisputePageOut:
    """Those opened last first."""
    async with services.db.reading(actor.organization_id) as conn:
        found = await queries.list_disputes(conn, actor.organization_id, wanted, limit + 1)
    shown = found[:limit]
    onward = Place(shown[-1].opened_at, shown[-1].id).text if len(found) > limit else None
    return DisputePageOut(disputes=[show_dispute(row) for row in shown], next=onward)


@requires(PAYMENTS_READ)
async def count_open(services: Services, actor: Actor) -> int:
    """No more than MOST_COUNTED are counted."""
    async with services.db.reading(actor.organization_id) as conn:
        return await queries.count_disputes(conn, actor.organization_id, "OPEN", MOST_COUNTED)


@requires(BILLING_READ)
async def get_evidence(services: Services, actor: Actor, ref: str) -> EvidenceOut:
    """Raises RecordNotFoundError."""
    dispute_id = parse_uuid(ref)
    async with services.db.transaction(actor) as conn:
        found = (
            await queries.list_disputes(conn, actor.organization_id, DisputeFilter(), 1, dispute_id)
            if dispute_id is not None
            else []
        )
        if not found:
            raise RecordNotFoundError(f"no dispute {ref} here")
        evidence = await queries.get_evidence(conn, actor.organization_id, found[0].payment_id)
        await events.record_read(conn, actor, "payment", found[0].payment_id, "evidence for a dispute")
    return show_evidence(actor, found[0], evidence)
