"""The invariants of money, held against the books of whatever clinics a test or a file of tests had.

Where the clinics are the file's own, once at its end:

@pytest_asyncio.fixture(autouse=True, scope="module", loop_scope="session")
async def money_is_in_order(services):
    async with kept_in_order(services):
        yield

What is found names the invariant that is broken, and the record.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from uuid import UUID

from carelane.kit.auth import system_actor
from carelane.organizations.queries import list_organizations
from carelane.payments.invariants.reads import check_money
from carelane.payments.invariants.schemas import Finding
from carelane.services import Services

# What is on its way when the test ends may arrive.
QUIET_SECONDS = 10.0


@asynccontextmanager
async def kept_in_order(services: Services, *, asks_gateways: bool = True) -> AsyncIterator[None]:
    """Of the organizations that are made meanwhile. Not `asks_gateways`: nobody is behind their accounts."""
    before = await _organizations(services)
    yield
    made = [each for each in await _organizations(services) if each not in before]
    await require_order(services, made, asks_gateways=asks_gateways)


async def require_order(
    services: Services,
    organization_ids: Collection[UUID] | None = None,
    seconds: float = QUIET_SECONDS,
    *,
    asks_gateways: bool = True,
) -> None:
    """Of these organizations, or of all: nothing is found, at the latest once what was under way has come to its end."""
    deadline = time.monotonic() + seconds
    for organization_id in await _organizations(services) if organization_ids is None else organization_ids:
        actor = system_actor(organization_id)
        while found := await check_money(services, actor, asks_gateways=asks_gateways):
            assert time.monotonic() < deadline, "\n".join(finding.line() for finding in found)
            await asyncio.sleep(0.2)


async def findings_of(services: Services, organization_id: UUID) -> list[Finding]:
    return await check_money(services, system_actor(organization_id))


async def _organizations(services: Services) -> list[UUID]:
    async with services.db.across() as conn:
        return [organization_id for organization_id, _ in await list_organizations(conn)]
