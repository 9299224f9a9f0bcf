"""Changing the organization's settings."""

import msgspec

from carelane.cases.review.queue.actions import order_anew
from carelane.clinic.errors import SettingsChangedError
from carelane.clinic.organization.queries import get_organization
from carelane.clinic.organization.schemas import OrganizationSettingsIn, OrganizationSettingsOut, broken_rules
from carelane.clinic.organization.views import settings_out
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import refuse
from carelane.organizations.actions import save_organization
from carelane.organizations.queries import Organization, lock_organization
from carelane.permissions import ORGANIZATION_MANAGE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once


@requires(ORGANIZATION_MANAGE)
async def change_settings(
    services: Services, actor: Actor, body: OrganizationSettingsIn, request_key: RequestKey | None
) -> OrganizationSettingsOut:
    """As a whole; the tenant's name stays. Raises RuleBrokenError, SettingsChangedError, and what `run_once` raises."""
    refuse(broken_rules(body))

    async def act(conn: Connection) -> OrganizationSettingsOut:
        there = await lock_organization(conn, actor.organization_id)
        before = await get_organization(conn, actor.organization_id)
        if there is None or body.version not in (None, before.updated_at.isoformat()):
            raise SettingsChangedError("load it again to see what changed")
        wanted = msgspec.structs.asdict(there) | {name: getattr(body, name) for name in _WRITTEN}
        await save_organization(conn, actor, Organization(**wanted), services.master_key)
        if there.answer_within_hours != body.answer_within_hours:
            await order_anew(conn, actor)
        return settings_out(await get_organization(conn, actor.organization_id), services.settings)

    return await run_once(services, actor, request_key, act)


_WRITTEN = tuple(name for name in OrganizationSettingsIn.__struct_fields__ if name != "version")
