"""Changing the organization's settings."""

import msgspec

from carelane.cases.review.queue.actions import order_anew
from carelane.clinic.organization.queries import get_organization
from carelane.clinic.organization.schemas import OrganizationSettingsIn, OrganizationSettingsOut, broken_rules
from carelane.clinic.organization.views import settings_out
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import refuse
from carelane.organizations.actions import save_organization
from carelane.organizations.queries import lock_organization
from carelane.permissions import ORGANIZATION_MANAGE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once
from carelane.web.versions import require_same


@requires(ORGANIZATION_MANAGE)
async def change_settings(
    services: Services, actor: Actor, body: OrganizationSettingsIn, request_key: RequestKey | None
) -> OrganizationSettingsOut:
    """As a whole; the tenant's name stays. Raises RuleBrokenError, ChangedMeanwhileError, and what `run_once` raises."""
    refuse(broken_rules(body))

    async def act(conn: Connection) -> OrganizationSettingsOut:
        await lock_organization(conn, actor.organization_id)
        before = await get_organization(conn, actor.organization_id)
        require_same(body.version, settings_out(before, services.settings).version)
        wanted = msgspec.structs.replace(before.plain(), **{name: getattr(body, name) for name in _WRITTEN})
        await save_organization(conn, actor, wanted, services.master_key)
        if before.answer_within_hours != body.answer_within_hours:
            await order_anew(conn, actor)
        return settings_out(await get_organization(conn, actor.organization_id), services.settings)

    return await run_once(services, actor, request_key, act)


_WRITTEN = tuple(name for name in OrganizationSettingsIn.__struct_fields__ if name != "version")
