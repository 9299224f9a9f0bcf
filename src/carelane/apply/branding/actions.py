"""Branding of a file: compared with what is there, and handed to its own action."""

from collections.abc import Mapping
from uuid import UUID

import msgspec

from carelane.apply.branding.schemas import BrandingEntry
from carelane.apply.states import Comparison
from carelane.apply.views import Change
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.organizations.branding.actions import save_branding
from carelane.organizations.branding.queries import Branding, lock_branding
from carelane.permissions import ORGANIZATION_MANAGE, requires

Ids = Mapping[str, UUID]


@requires(ORGANIZATION_MANAGE)
async def apply_branding(
    conn: Connection,
    actor: Actor,
    entry: BrandingEntry | None,
    bundle_ids: Ids,
    form_ids: Ids,
    comparison: Comparison,
) -> list[Change]:
    """There is one of an organization. A file without it leaves it as it is."""
    if entry is None:
        return []
    there = await lock_branding(conn, actor.organization_id)
    branding_id = there.id if there else comparison.derived("branding", actor.organization_id.hex)
    said = msgspec.structs.asdict(entry)
    form, bundle = said.pop("form"), said.pop("default_bundle")
    wanted = Branding(
        id=branding_id,
        form_id=form_ids[form] if form else None,
        default_bundle_id=bundle_ids[bundle] if bundle else None,
        **said,
    )
    rows, changes = comparison.merge_rows("branding", [wanted], {there.id: there} if there else {})
    await save_branding(conn, actor, rows[0])
    return changes
