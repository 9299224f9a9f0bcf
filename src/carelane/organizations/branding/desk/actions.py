"""Changing the organization's name and branding by hand. The rows are written as `apply` writes them."""

from uuid import UUID, uuid5

import msgspec
from psycopg.errors import UniqueViolation

from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem, refuse
from carelane.kit.phi import MasterKey
from carelane.organizations.actions import save_organization
from carelane.organizations.branding import queries as rows
from carelane.organizations.branding.actions import save_branding
from carelane.organizations.branding.desk import queries
from carelane.organizations.branding.desk.schemas import BrandingIn, BrandingOut
from carelane.organizations.branding.desk.views import branding_version, show_branding
from carelane.organizations.branding.queries import Branding, ShownOrganization
from carelane.organizations.branding.schemas import Look
from carelane.organizations.logos.queries import list_logos
from carelane.organizations.logos.views import show_logos
from carelane.organizations.queries import lock_organization
from carelane.permissions import ORGANIZATION_MANAGE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once
from carelane.web.versions import require_same


@requires(ORGANIZATION_MANAGE)
async def change_branding(
    services: Services, actor: Actor, body: BrandingIn, request_key: RequestKey | None, base: str = ""
) -> BrandingOut:
    """Makes it when there is none. `base` is where addresses of ours begin. Raises ChangedMeanwhileError, RuleBrokenError, and what `run_once` raises."""

    async def act(conn: Connection) -> BrandingOut:
        shown = await _change(conn, actor, body, services.master_key)
        # Asking for it again brings the answer to what was sent before.
        logos = await list_logos(conn, actor.organization_id)
        return show_branding(shown.name, shown.branding, show_logos(logos, base))

    return await run_once(services, actor, request_key, act)


async def _change(conn: Connection, actor: Actor, body: BrandingIn, master_key: MasterKey) -> ShownOrganization:
    organization = await lock_organization(conn, actor.organization_id)
    before = await rows.lock_branding(conn, actor.organization_id)
    if organization is None:
        raise LookupError("the organization is gone")
    require_same(body.version, branding_version(organization.name, before))
    has_no_form, has_no_bundle = await queries.find_missing(
        conn, actor.organization_id, body.form_id, body.default_bundle_id
    )
    missing = (("formId", "a form", has_no_form), ("defaultBundleId", "a bundle", has_no_bundle))
    refuse(FieldProblem(field, f"expected {what} of this clinic") for field, what, is_missing in missing if is_missing)
    await save_organization(conn, actor, msgspec.structs.replace(organization, name=body.name), master_key)
    try:
        await save_branding(conn, actor, _row(_id_of(actor, before), body))
        return await rows.get_shown(conn, actor.organization_id)
    except UniqueViolation:
        refuse([FieldProblem("linkName", "another clinic goes by this name")])
        raise


def _id_of(actor: Actor, before: Branding | None) -> UUID:
    """A new one has the id that a file would give it."""
    return before.id if before else uuid5(actor.organization_id, f"branding:{actor.organization_id.hex}")


def _row(branding_id: UUID, body: BrandingIn) -> Branding:
    look = {field: getattr(body, field) for field in Look.__struct_fields__}
    return Branding(
        **look,
        id=branding_id,
        link_name=body.link_name,
        form_id=body.form_id,
        default_bundle_id=body.default_bundle_id,
    )
