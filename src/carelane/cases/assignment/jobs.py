"""The worker's part: one batch at a time for each organization that has cases to assign."""

from functools import partial
from uuid import UUID

import msgspec

from carelane.cases.assignment import actions, queries
from carelane.kit.auth import system_actor
from carelane.kit.claims import ClaimRequest, Lease, Queue
from carelane.services import Services

# Organizations at a time.
MAX_IN_FLIGHT = 4


class UnassignedCases(msgspec.Struct, frozen=True):
    organization_id: UUID

    @property
    def id(self) -> UUID:
        return self.organization_id


def assignment_queue(services: Services) -> Queue[UnassignedCases]:
    """Without renewal: the work is one transaction, which locks what it works on."""
    return Queue(
        name="assignment",
        claim=partial(claim, services),
        work=partial(work, services),
        max_in_flight=MAX_IN_FLIGHT,
        lease_seconds=services.settings.claim_lease_seconds,
        look_seconds=services.settings.dispatch_seconds,
    )


async def claim(services: Services, request: ClaimRequest) -> list[UnassignedCases]:
    async with services.db.across() as conn:
        return [UnassignedCases(found) for found in await queries.claim_organizations(conn, request)]


async def work(services: Services, lease: Lease[UnassignedCases]) -> None:
    await actions.assign_waiting(services, system_actor(lease.item.organization_id))
