"""What an order for the case would say, from what was decided; and what would be wrong with one."""

from carelane import events
from carelane.cases.review.access import get_case
from carelane.kit.auth import Actor
from carelane.orders.actions import try_out
from carelane.orders.drafting import queries
from carelane.orders.drafting.rows import items_to_order, last_order, prescriber_of
from carelane.orders.drafting.schemas import OrderDraftOut, StaffOrderIn, TriedOut, as_sent
from carelane.orders.preflight.access import find_grounds
from carelane.orders.queries import Named
from carelane.permissions import CASES_READ, ORDERS_WORK, requires
from carelane.services import Services
from carelane.staff.queries import find_member


@requires(CASES_READ, ORDERS_WORK)
async def draft_order(services: Services, actor: Actor, ref: str) -> OrderDraftOut:
    """Raises CaseNotFoundError."""
    key, organization_id = await services.keyring.data_key(actor.organization_id), actor.organization_id
    async with services.db.transaction(actor) as conn:
        case = await get_case(conn, actor, ref)
        choices = await queries.find_choices(conn, organization_id, case.id)
        assert choices is not None
        named = Named(pharmacy=None, pharmacy_id=None, drugs=[drug.code for drug in choices.drugs], npi=None, key=None)
        grounds = await find_grounds(conn, organization_id, case.id, named, key, locks=False)
        assert grounds is not None
        member = None if case.closed_by is None else await find_member(conn, organization_id, case.closed_by.id)
        items = list(items_to_order(grounds.rulings, choices.drugs))
        last = last_order(choices.earlier, items, choices.drugs, key)
        shown = [case.id] if last is None or last.case_id == case.id else [case.id, last.case_id]
        await events.record_reads(conn, actor, "case", shown, "draft of an order")
    return OrderDraftOut(
        pharmacies=choices.pharmacies,
        drugs=choices.drugs,
        prescriber=None if member is None else prescriber_of(member),
        items=items,
        last_order=last,
    )


@requires(CASES_READ, ORDERS_WORK)
async def try_staff_order(services: Services, actor: Actor, ref: str, body: StaffOrderIn) -> TriedOut:
    """What placing it would find. Raises CaseNotFoundError."""
    async with services.db.reading(actor.organization_id) as conn:
        await get_case(conn, actor, ref)
    tried = await try_out(services, actor, ref, as_sent(body), None)
    return TriedOut(would_create=tried.data.would_create, findings=tried.data.findings)
