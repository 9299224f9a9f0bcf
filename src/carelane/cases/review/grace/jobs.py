"""The worker's part: takes decisions whose grace is over, each as the member who sent it."""

from functools import partial

import structlog

from carelane.cases.review.grace import actions, queries
from carelane.cases.review.grace.queries import DueDecision
from carelane.kit import failpoints
from carelane.kit.auth import Actor, system_actor
from carelane.kit.claims import ClaimRequest, Lease, Queue
from carelane.kit.errors import CarelaneError, ScopeMissingError, UnavailableError
from carelane.permissions import OF_ROLE
from carelane.services import Services
from carelane.staff.queries import find_member

MAX_IN_FLIGHT = 8
# An error of ours that comes back every time must not keep a case from being decided for good.
MAX_TRIES = 5

log = structlog.get_logger()


def decision_queue(services: Services) -> Queue[DueDecision]:
    """Without renewal: the work is one transaction, which locks the case."""
    return Queue(
        name="decision",
        claim=partial(claim, services),
        work=partial(work, services),
        max_in_flight=MAX_IN_FLIGHT,
        lease_seconds=services.settings.claim_lease_seconds,
        look_seconds=services.settings.dispatch_seconds,
    )


async def claim(services: Services, request: ClaimRequest) -> list[DueDecision]:
    async with services.db.across() as conn:
        return await queries.claim_due(conn, request)


async def work(services: Services, lease: Lease[DueDecision]) -> None:
    """What a rule refuses now is over. Any other failure is tried again when the lease ends, a few times."""
    failpoints.reach("decision.claimed")
    due = lease.item
    try:
        await actions.take_held(services, await _actor_of(services, due), due)
    except Exception as error:
        if isinstance(error, UnavailableError):
            raise
        refusal = error if isinstance(error, CarelaneError) else CarelaneError()
        if refusal.status >= 500 and due.tries < MAX_TRIES:
            raise
        log.info("decision_not_taken", organization_id=str(due.organization_id), code=refusal.code)
        await actions.give_up(services, system_actor(due.organization_id), due, refusal)


async def _actor_of(services: Services, due: DueDecision) -> Actor:
    """The member, with what the role may do today. Raises ScopeMissingError when the account was closed."""
    async with services.db.reading(due.organization_id) as conn:
        member = await find_member(conn, due.organization_id, due.staff_id)
    if member is None or member.is_deactivated:
        raise ScopeMissingError("the account of the member who decided was closed")
    return Actor(due.organization_id, "staff", member.id, OF_ROLE[member.role])
