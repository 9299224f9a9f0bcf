"""The organization's current state as a file."""

import asyncio

from carelane.apply.errors import UnknownTenantError
from carelane.apply.export.access import read_standing
from carelane.apply.export.schemas import OrganizationFileOut
from carelane.apply.export.views import write
from carelane.kit.auth import Actor, system_actor
from carelane.organizations.queries import list_organizations
from carelane.permissions import ORGANIZATION_MANAGE, requires
from carelane.services import Services


@requires(ORGANIZATION_MANAGE)
async def export_organization(services: Services, actor: Actor, *, with_secrets: bool = True) -> OrganizationFileOut:
    """What `carelane apply` accepts without a difference. Secrets are variables; without them they are left out."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.reading(actor.organization_id, at_one_moment=True) as conn:
        standing = await read_standing(conn, actor.organization_id, data_key)
    return await asyncio.to_thread(write, standing, with_secrets=with_secrets)


async def export_tenant(services: Services, tenant: str | None, *, with_secrets: bool) -> str:
    """The text of the file, for the command line. Raises UnknownTenantError."""
    async with services.db.across() as conn:
        there = {name: organization_id for organization_id, name in await list_organizations(conn)}
    wanted = tenant or (next(iter(there)) if len(there) == 1 else "")
    if wanted not in there:
        raise UnknownTenantError(sorted(there))
    exported = await export_organization(services, system_actor(there[wanted]), with_secrets=with_secrets)
    return exported.text
